package rollupcomponent

import "github.com/spanledger/spanledger/internal/rollup"

// What attempts cost beyond the answers: those that nobody sees as spans, those
// that could not help, and what was lost to all that delivered nothing.
var (
	mHidden = &metric{
		name: "spanledger.attempts.hidden", unit: "{attempt}", kind: counter, attrs: []string{attrRoute, dimensions, attrOverflow},
		doc: "Attempts inside a span, told by a counter on it or by its HTTP spans; no part of `spanledger.attempts`. Both together over `spanledger.calls` are the amplification of load by retries.",
	}
	mFutile = &metric{
		name: "spanledger.attempts.futile", unit: "{attempt}", kind: counter, attrs: []string{attrRoute, dimensions, attrOverflow},
		doc: "Attempts that asked the same model again after a failure that cannot pass by that, such as a refused key or a prompt that is too long; part of `spanledger.attempts`. Their retry policy is wrong.",
	}
	mWasteUnknown = &metric{
		name: "spanledger.attempts.waste_unknown", unit: "{attempt}", kind: counter, attrs: []string{attrRoute, dimensions, attrOverflow},
		doc: "Failed attempts that may have cost something and did not say what: by so many `use=wasted` in `spanledger.cost` is a lower bound.",
	}
	mTokensWasted = &metric{
		name: "spanledger.tokens.wasted", unit: "{token}", kind: counter, attrs: []string{attrRoute, dimensions, attrOverflow},
		doc: "Tokens of billed attempts that delivered nothing, of all classes; part of `spanledger.tokens`.",
	}
	mWastedLatency = &metric{
		name: "spanledger.call.wasted_latency", unit: "s", kind: counter, attrs: []string{attrRoute, dimensions, attrOverflow},
		doc: "Time that callers lost to attempts that delivered nothing: until the final attempt began where it answered, else the whole call. A won race lost none.",
	}
	mBackoff = &metric{
		name: "spanledger.call.backoff", unit: "s", kind: counter, attrs: []string{attrRoute, dimensions, attrOverflow},
		doc: "The part of `spanledger.call.wasted_latency` in which no attempt ran.",
	}
	mAmplification = &metric{
		name: "spanledger.amplification", unit: "1", kind: gauge, whole: true, attrs: []string{attrRoute},
		doc: "Attempts made for each settled logical call, hidden ones included, since the start of the books; 1 without retries. Absent without a call. For a window divide the rates of the counters.",
	}
)

func (w *walker) attempts() {
	for _, m := range []struct {
		metric *metric
		of     func(*rollup.Row) int64
	}{
		{mHidden, func(r *rollup.Row) int64 { return r.AttemptsHidden }},
		{mFutile, func(r *rollup.Row) int64 { return r.AttemptsFutile }},
		{mWasteUnknown, func(r *rollup.Row) int64 { return r.AttemptsUnknown }},
		{mTokensWasted, func(r *rollup.Row) int64 { return r.TokensWasted }},
	} {
		w.rows(m.metric, func(r *rollup.Row) { w.rowCount(r, m.of(r)) })
	}
	w.rows(mWastedLatency, func(r *rollup.Row) { w.rowNumber(r, seconds(r.WastedLatency)) })
	w.rows(mBackoff, func(r *rollup.Row) { w.rowNumber(r, seconds(r.Backoff)) })
}

func (w *walker) amplification() {
	w.begin(mAmplification)
	for i := range w.snap.Routes {
		r := &w.snap.Routes[i]
		if f := r.Amplification(); f > 0 {
			w.number(f, r.Route)
		}
	}
}

func seconds(nanos int64) float64 { return float64(nanos) / 1e9 }
