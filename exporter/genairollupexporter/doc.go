// Package genairollupexporter is the exporter gen_ai_rollup: it folds stamped
// spans into the books, pushes them as OTLP metrics, serves them to Prometheus
// and shows them on a page of its own.
package genairollupexporter

//go:generate go tool -modfile=../../tools/mdatagen.mod mdatagen metadata.yaml
