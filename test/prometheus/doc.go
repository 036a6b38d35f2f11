// Package prometheus holds what is shipped for Prometheus against the real
// thing: the PromQL parser and engine, the rule format and the tsdb.
package prometheus
