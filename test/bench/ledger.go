package main

import (
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

// ledgerStage books records that were just read, into memory that is used
// again, as the exporter does: reading is not timed. The ledger is one by
// default, with two SLOs a route and receipts.
func ledgerStage(stamped func(any) any) stage {
	ledger, err := rollup.New(rollup.DefaultConfig(), "bench", time.Now())
	if err != nil {
		panic(err)
	}
	reader, err := llmspan.NewReader(llmspan.Options{})
	if err != nil {
		panic(err)
	}
	read := newRecords(reader)
	return stage{
		name:    "ledger, records already read",
		only:    "100 % LLM spans",
		prepare: fresh,
		ready:   func(w any) any { return read.all(stamped(w).(ptrace.Traces)) },
		run: func(w any) error {
			ledger.Add(w.([]rollup.Record), time.Now())
			return nil
		},
	}
}

// records are those of one batch.
type records struct {
	reader *llmspan.Reader
	calls  []llm.Call
	stamps []stamp.Stamp
	dims   []string
	recs   []rollup.Record
}

func newRecords(reader *llmspan.Reader) *records {
	return &records{reader: reader, calls: make([]llm.Call, batchSize), stamps: make([]stamp.Stamp, batchSize), dims: make([]string, 3*batchSize)}
}

func (r *records) all(td ptrace.Traces) []rollup.Record {
	r.recs = r.recs[:0]
	for _, rs := range td.ResourceSpans().All() {
		res := llmspan.ReadResource(rs)
		for _, ss := range rs.ScopeSpans().All() {
			scope := llmspan.ReadScope(ss)
			for _, sp := range ss.Spans().All() {
				n := len(r.recs)
				call, st, dims := &r.calls[n], &r.stamps[n], r.dims[3*n:3*n+3]
				if r.reader.Read(&res, &scope, sp, call) && llmspan.ReadStamp(sp, st) {
					dims[0], dims[1], dims[2] = st.Model.Vendor, st.Model.Platform, st.Model.ID
					r.recs = append(r.recs, rollup.Record{Call: call, Stamp: st, Weight: 1, Dims: dims})
				}
			}
		}
	}
	return r.recs
}
