// Package genairollupconnector is the connector gen_ai_rollup: the books of
// the exporter of the same type, handed to the next pipeline as metrics, and
// the changes of alerts as logs.
package genairollupconnector

//go:generate go tool -modfile=../../tools/mdatagen.mod mdatagen metadata.yaml
