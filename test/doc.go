// Package test is a module of its own: what tests and benchmarks need beyond
// the product (the built binary, peers, an embedded Prometheus) is not
// inherited by those who import a component.
package test
