package main

import (
	"context"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"

	"github.com/spanledger/spanledger/processor/genaienricherprocessor"
)

// waitStage holds calls until their attempts are decided. Each measurement has
// a processor of its own and ends with its shutdown, which decides and sends
// on all that is held, so that the whole way of a span is in the figure.
func waitStage(ctx context.Context) stage {
	type ending struct{}
	var p processor.Traces
	return stage{
		name: "gen_ai_enricher, wait: 10s",
		only: "100 % LLM spans",
		prepare: func(c *corpus, n int) []any {
			var err error
			p, err = newProcessor(ctx, genaienricherprocessor.NewFactory(), map[string]any{"attempts": map[string]any{"wait": "10s"}})
			if err == nil {
				err = p.Start(ctx, componenttest.NewNopHost())
			}
			if err != nil {
				panic(err) // a configuration of ours
			}
			return append(fresh(c, n), ending{})
		},
		ready: func(w any) any {
			if _, end := w.(ending); end {
				return w
			}
			return decoded(w)
		},
		run: func(w any) error {
			if _, end := w.(ending); end {
				return p.Shutdown(ctx)
			}
			return p.ConsumeTraces(ctx, w.(ptrace.Traces))
		},
	}
}
