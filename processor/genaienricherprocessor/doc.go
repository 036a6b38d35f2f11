// Package genaienricherprocessor is the processor gen_ai_enricher: it stamps
// cost, model fleet, attempt, route and owners on spans of LLM calls and passes
// everything else on untouched.
package genaienricherprocessor

//go:generate go tool -modfile=../../tools/mdatagen.mod mdatagen metadata.yaml
