package main

import (
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

// ledgerStage books records that are already read; its figures are per span
// of the corpus that is a call.
func ledgerStage(stamped func(*corpus, int) []any) stage {
	ledger, err := rollup.New(rollup.Config{Dimensions: []string{"spanledger.model.vendor", "spanledger.model.platform", "spanledger.model.id"}}, "bench", time.Now())
	if err != nil {
		panic(err)
	}
	reader, err := llmspan.NewReader(llmspan.Options{})
	if err != nil {
		panic(err)
	}
	return stage{
		name: "ledger, records already read",
		only: "100 % LLM spans",
		prepare: func(c *corpus, n int) []any {
			work := stamped(c, n)
			for i, w := range work {
				work[i] = records(reader, w.(ptrace.Traces))
			}
			return work
		},
		run: func(w any) error {
			ledger.Add(w.([]rollup.Record), time.Now())
			return nil
		},
	}
}

func records(reader *llmspan.Reader, td ptrace.Traces) []rollup.Record {
	var out []rollup.Record
	for _, rs := range td.ResourceSpans().All() {
		res := llmspan.ReadResource(rs)
		for _, ss := range rs.ScopeSpans().All() {
			scope := llmspan.ReadScope(ss)
			for _, sp := range ss.Spans().All() {
				call, st := &llm.Call{}, &stamp.Stamp{}
				if reader.Read(&res, &scope, sp, call) && llmspan.ReadStamp(sp, st) {
					out = append(out, rollup.Record{Call: call, Stamp: st, Weight: 1, Dims: []string{st.Model.Vendor, st.Model.Platform, st.Model.ID}})
				}
			}
		}
	}
	return out
}
