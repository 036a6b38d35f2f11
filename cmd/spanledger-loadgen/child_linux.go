package main

import "syscall"

// childAttributes put the collector into a group of its own, so that Ctrl-C
// reaches us first and we stop it in order, and end it with us whatever ends us.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
