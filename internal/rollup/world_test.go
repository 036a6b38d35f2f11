package rollup

import (
	"encoding/binary"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// world is traffic whose books are known without a ledger.
type world struct {
	recs []Record
	want truth
	ids  uint64
}

// truth is what any ledger must say of the world, and any number of ledgers
// together.
type truth struct {
	Spans, Calls, Attempts, Billed, Duplicates, Unpriced, Tokens int64
	Cost, Wasted, Naive                                          money.Amount
	Outcomes                                                     [stamp.NumOutcomes]int64
	Late                                                         int64
}

func worldConfig() Config {
	month := slo.Window{Rolling: 30 * 24 * time.Hour}
	return Config{
		Dimensions: []string{"vendor", "model"}, Settle: time.Minute, Receipts: 4,
		DefaultSLOs: DefaultDefaultSLOs(), Exponential: true,
		SLOs: []SLODef{
			{Spec: slo.Spec{Name: "all-fast", Kind: slo.Duration, Limits: slo.Limits{Duration: 3 * time.Second}, Objective: slo.Objective{Num: 9, Den: 10}, Window: month}},
			{Spec: slo.Spec{Name: "big-health", Scope: slo.ScopeAttempt, Objective: slo.Objective{Num: 9, Den: 10}, Window: slo.Window{Calendar: slo.Day}}, Where: Where{"model": "m1"}},
		},
		Budgets: []BudgetDef{
			{Name: "route-0", Where: Where{RouteKey: "route-0"}, Limit: money.FromPico(1e9), Window: month},
			{Name: "today", Limit: money.FromPico(1e9), Window: slo.Window{Calendar: slo.Day}},
		},
	}
}

// drawWorld makes calls of every sort: answered, retried, given up, late by
// up to days, described twice, without a price.
func drawWorld(t *rapid.T) *world {
	w := &world{}
	for i := range rapid.IntRange(1, 25).Draw(t, "calls") {
		w.drawCall(t, i)
	}
	return w
}

func (w *world) drawCall(t *rapid.T, i int) {
	route := fmt.Sprintf("route-%d", rapid.IntRange(0, 3).Draw(t, "route"))
	// Ends are clearly within the settling time, or clearly late.
	end := t0.Add(-time.Duration(rapid.IntRange(0, 20).Draw(t, "age")) * time.Second)
	if late := rapid.SampledFrom([]time.Duration{0, 0, 0, 10 * time.Minute, 7 * time.Hour, 50 * time.Hour}).Draw(t, "late"); late > 0 {
		end = end.Add(-late)
	}
	var trace llm.TraceID
	binary.BigEndian.PutUint64(trace[8:], uint64(i+1))
	n := rapid.IntRange(1, 4).Draw(t, "attempts")
	answered := rapid.Bool().Draw(t, "answered")
	forward := rapid.Bool().Draw(t, "forward")
	var group llm.SpanID
	var started int64
	for a := 1; a <= n; a++ {
		c, st := w.span(trace)
		model := rapid.SampledFrom([]string{"m1", "m2", "m3"}).Draw(t, "model")
		st.Route, st.Model = route, stamp.Model{ID: model, Vendor: "v", Platform: "p"}
		c.Start = end.Add(time.Duration(5*(a-n)) * time.Second).UnixNano()
		c.End = c.Start + int64(rapid.IntRange(1, 4).Draw(t, "took"))*int64(time.Second)
		if a == 1 {
			group, started = c.Span, c.Start
		}
		last := a == n
		if n > 1 && (a > 1 || !forward) {
			st.Attempt = stamp.Attempt{Group: group, Number: a, Kind: stamp.KindRetry, Final: stamp.No}
			if a == 1 {
				st.Attempt.Kind = stamp.KindFirst
			}
			if forward && !last {
				st.Attempt.Final = stamp.Unknown
			}
			if last && (answered || rapid.Bool().Draw(t, "final known")) {
				st.Attempt.Final = stamp.Yes
				st.Call = stamp.CallSummary{Set: true, Attempts: n, Duration: c.End - started, Outcome: stamp.OutcomeRecoveredRetry}
			} else if last {
				st.Attempt.Final = stamp.Unknown
			}
		}
		failed := !last || !answered
		class := llm.ErrNone
		if failed {
			class = rapid.SampledFrom([]llm.ErrorClass{llm.ErrTimeout, llm.ErrServer, llm.ErrCancelled, llm.ErrBadRequest}).Draw(t, "class")
			st.Error = class
		}
		w.bill(t, c, st, failed)
		w.want.Attempts++
		if last {
			w.settle(n, answered, class)
		}
	}
}

func (w *world) settle(n int, answered bool, class llm.ErrorClass) {
	w.want.Calls++
	switch {
	case !answered:
		w.want.Outcomes[FailureOutcome(class)]++
	case n > 1:
		w.want.Outcomes[stamp.OutcomeRecoveredRetry]++
	default:
		w.want.Outcomes[stamp.OutcomeSuccess]++
	}
}

func (w *world) span(trace llm.TraceID) (*llm.Call, *stamp.Stamp) {
	w.ids++
	c, st := &llm.Call{Role: llm.RoleInference, Trace: trace}, &stamp.Stamp{}
	binary.BigEndian.PutUint64(c.Span[:], w.ids)
	return c, st
}

// bill prices a span, or not, and perhaps describes it a second time.
func (w *world) bill(t *rapid.T, c *llm.Call, st *stamp.Stamp, failed bool) {
	w.add(c, st)
	tokens := int64(rapid.IntRange(0, 1000).Draw(t, "tokens"))
	c.Usage.Known = true
	c.Usage.Tokens[llm.Input] = tokens
	switch rapid.IntRange(0, 3).Draw(t, "bill") {
	case 0:
		st.Cost.Status = stamp.StatusNotBillable
		return
	case 1:
		st.Cost.Status = stamp.StatusUnpricedModel
		w.want.Unpriced++
		w.want.Tokens += tokens
		return
	}
	cost := money.FromPico(int64(rapid.IntRange(0, 1_000_000).Draw(t, "pico")))
	st.Cost = stamp.Cost{Status: stamp.StatusPriced, Currency: "USD", Total: cost}
	st.Cost.Components[stamp.CompInput] = cost
	c.ResponseID = fmt.Sprintf("chatcmpl-%020d", w.ids)
	w.want.Billed++
	w.want.Tokens += tokens
	addTo(&w.want.Cost, cost)
	addTo(&w.want.Naive, cost)
	if failed {
		addTo(&w.want.Wasted, cost)
	}
	if failed || !rapid.Bool().Draw(t, "twice") {
		return
	}
	// The same answer seen by another layer: by the processor's word, or found
	// by the ledger. Then the two are alike, so that either may be the bill.
	twin, twinStamp := w.span(c.Trace)
	id := twin.Span
	*twin, *twinStamp = *c, *st
	twin.Span = id
	if rapid.Bool().Draw(t, "known duplicate") {
		twinStamp.Cost = stamp.Cost{Status: stamp.StatusDuplicate, Currency: "USD", List: cost, HasList: true}
	}
	w.add(twin, twinStamp)
	w.want.Duplicates++
	addTo(&w.want.Naive, cost)
}

func (w *world) add(c *llm.Call, st *stamp.Stamp) {
	w.recs = append(w.recs, Record{Call: c, Stamp: st, Dims: []string{"v", st.Model.ID}, Weight: 1})
	w.want.Spans++
	if t0.UnixNano()-c.End > int64(time.Minute) {
		w.want.Late++
	}
}

// sum adds what the snapshots say, from the rows and from the totals apart.
func sum(snaps ...*Snapshot) (rows, totals truth) {
	for _, s := range snaps {
		t := &s.Totals
		totals.Spans += t.Spans
		totals.Calls += t.Calls
		totals.Attempts += t.Attempts
		totals.Billed += t.Billed
		totals.Duplicates += t.Duplicates
		totals.Unpriced += t.Unpriced
		totals.Tokens += t.Tokens
		totals.Late += s.Self.Late
		for _, c := range t.Cost {
			addTo(&totals.Cost, c.Cost)
			addTo(&totals.Wasted, c.Wasted)
			addTo(&totals.Naive, c.Naive)
		}
		for i := range s.Rows {
			rows.addRow(&s.Rows[i])
		}
	}
	totals.Outcomes = rows.Outcomes // kept in the rows alone
	return rows, totals
}

func (t *truth) addRow(r *Row) {
	for o, n := range r.Calls {
		t.Calls += n
		t.Outcomes[o] += n
	}
	for _, n := range r.Attempts {
		t.Attempts += n
	}
	for s, n := range r.Statuses {
		t.Spans += n
		switch stamp.Status(s) {
		case stamp.StatusPriced, stamp.StatusReported:
			t.Billed += n
		case stamp.StatusDuplicate:
			t.Duplicates += n
		case stamp.StatusUnpricedModel, stamp.StatusPartial:
			t.Unpriced += n
		}
	}
	for _, n := range r.Tokens {
		t.Tokens += n
	}
	for u, a := range r.Cost {
		addTo(&t.Cost, a)
		if stamp.Use(u) == stamp.UseWasted {
			addTo(&t.Wasted, a)
		}
	}
	addTo(&t.Naive, r.Naive)
	t.Late += r.Late
}
