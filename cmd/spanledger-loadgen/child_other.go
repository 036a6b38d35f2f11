//go:build !linux

package main

import "syscall"

// childAttributes: elsewhere the collector shares our group and gets Ctrl-C
// with us.
func childAttributes() *syscall.SysProcAttr { return nil }
