package attempt

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

// books folds verdicts as the processor stamps them and a ledger reads them.
func books(t *rapid.T, batches []*Batch) *rollup.Snapshot {
	l, err := rollup.New(rollup.Config{ReportingCurrency: "USD", Settle: time.Minute}, "books", t0)
	if err != nil {
		t.Fatal(err)
	}
	m, now := NewMemory(Config{}), t0
	for _, b := range batches {
		var recs []rollup.Record
		for i, v := range m.Observe(b, now, nil) {
			c := b.Calls[i]
			if c.Role == llm.RoleTransport && v.Attempt.Evidence == stamp.EvidenceNone {
				continue // not stamped
			}
			st := &stamp.Stamp{Route: "r", Attempt: v.Attempt, Call: v.Call, Error: c.Failure.Class}
			switch v.Bill.Status {
			case Billed:
				st.Cost.Status = stamp.StatusNoUsage
			case Duplicate:
				st.Cost.Status, st.Cost.DuplicateOf = stamp.StatusDuplicate, v.Bill.Of
			default:
				st.Cost.Status = stamp.StatusNotBillable
			}
			recs = append(recs, rollup.Record{Call: c, Stamp: st, Weight: 1})
		}
		l.Add(recs, now)
		now = now.Add(time.Second)
	}
	return l.Cut(now.Add(5 * time.Minute))
}

// One call, told at up to three layers: a framework's span, the SDK's, those of
// its HTTP requests, with a step between or none. Whatever the order and the
// batches, forward mode makes one call of it, with no more attempts than were
// made, and fails it once or not at all, as the whole trace does.
func TestOneCallIsOneHoweverItArrives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flip := func(label string) bool { return rapid.Bool().Draw(t, label) }
		class := []llm.ErrorClass{llm.ErrNone, llm.ErrRateLimited, llm.ErrServer}[rapid.IntRange(0, 2).Draw(t, "class")]
		var tr Trace
		parent := llm.SpanID{99}
		call := func(id byte, start, end int64, scope string) {
			c := &llm.Call{
				Trace: llm.TraceID{1}, Span: llm.SpanID{id}, Parent: parent, Start: base + start*ms, End: base + end*ms,
				Role: llm.RoleInference, Operation: llm.OpChat, Scope: scope, Ref: llm.ModelRef{Provider: "openai", Request: "m"},
			}
			if c.Failure.Class = class; class == llm.ErrNone {
				c.Usage.Known = true
				c.Usage.Tokens[llm.Input], c.Usage.Tokens[llm.Output] = 10, 5
			}
			tr.Calls = append(tr.Calls, c)
			parent = c.Span
		}
		step := func(id byte, start, end int64) {
			tr.Skeletons = append(tr.Skeletons, &llm.Skeleton{Trace: llm.TraceID{1}, Span: llm.SpanID{id}, Parent: parent, Name: "step", Start: base + start*ms, End: base + end*ms})
			parent = llm.SpanID{id}
		}
		if flip("framework") {
			call(1, 0, 9000, "framework")
			if flip("step") {
				step(2, 10, 8990)
			}
		}
		call(3, 20, 8980, "sdk")
		if flip("inner step") {
			step(4, 30, 8970)
		}
		requests := rapid.IntRange(0, 3).Draw(t, "requests")
		for n := range requests {
			start := base + int64(100+1000*n)*ms
			s := &llm.Skeleton{
				Trace: llm.TraceID{1}, Span: llm.SpanID{10 + byte(n)}, Parent: parent, Name: "POST", Kind: llm.KindClient, Start: start, End: start + 500*ms,
				HTTP: llm.HTTP{Method: "POST", Host: "h", Path: "/v1/messages", StatusCode: 200},
			}
			tr.Skeletons = append(tr.Skeletons, s)
			if failure := max(class, llm.ErrRateLimited); n < requests-1 || class != llm.ErrNone {
				s.HTTP.StatusCode, s.Status = 429, llm.StatusError
				tr.Calls = append(tr.Calls, &llm.Call{
					Trace: s.Trace, Span: s.Span, Parent: s.Parent, Start: s.Start, End: s.End, Role: llm.RoleTransport,
					Failure: llm.Failure{Class: failure, HTTPStatus: 429},
				})
			}
		}
		if flip("root") {
			tr.Skeletons = append(tr.Skeletons, &llm.Skeleton{Trace: llm.TraceID{1}, Span: llm.SpanID{99}, Name: "handle", Start: base, End: base + 9500*ms})
		}
		got := books(t, split(t, tr, 5))
		var failed, attempts int64
		for i := range got.Rows {
			r := &got.Rows[i]
			failed += r.Calls[stamp.OutcomeFailed]
			attempts += r.AttemptsHidden
			for _, n := range r.Attempts {
				attempts += n
			}
		}
		if got.Totals.Calls != 1 || (failed == 1) != (class != llm.ErrNone) {
			t.Errorf("%d calls, %d failed", got.Totals.Calls, failed)
		}
		if made := int64(max(1, requests)); attempts < 1 || attempts > made {
			t.Errorf("%d attempts, %d were made", attempts, made)
		}
	})
}
