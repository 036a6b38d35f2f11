package rollup

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// restarted is the same ledger in another process, from its state and what a
// journal holds since.
func restarted(t *testing.T, l *Ledger, at time.Time, frames ...[]byte) *Ledger {
	t.Helper()
	next, err := New(l.cfg, "another", at)
	require.NoError(t, err)
	require.NoError(t, next.RestoreState(l.MarshalState(), at))
	for _, frame := range frames {
		_, err := next.ReplayJournal(frame)
		require.NoError(t, err)
	}
	next.Resume(at.UnixNano())
	return next
}

// attemptAt is one attempt of a trace that ended at t0 and some.
func attemptAt(trace, span byte, end time.Duration, class llm.ErrorClass, dollars int64) Record {
	c := &llm.Call{Trace: llm.TraceID{trace}, Span: llm.SpanID{span}, Role: llm.RoleInference}
	c.End = t0.Add(end).UnixNano()
	c.Start = c.End - int64(time.Second)
	st := &stamp.Stamp{Route: "r", Error: class}
	st.Attempt.Number, st.Attempt.Kind = 1, stamp.KindFirst
	st.Cost = stamp.Cost{Status: stamp.StatusNotBillable}
	if dollars > 0 {
		st.Cost = stamp.Cost{Status: stamp.StatusPriced, Currency: "USD", Total: money.FromPico(dollars * 1e12)}
	}
	return Record{Call: c, Stamp: st, Weight: 1}
}

func rollupAt(trace, span byte, end time.Duration, dollars int64) Record {
	r := attemptAt(trace, span, end, llm.ErrNone, dollars)
	r.Call.Role = llm.RoleRollup
	return r
}

// An agent's own span repeats what its calls cost. Whoever stamped it after a
// restart did not know of them and gave it a bill; the ledger does know, also
// when it reads its journal once more.
func TestARollUpAstrideARestartIsNotBilled(t *testing.T) {
	l := newLedger(t, worldConfig(), "books")
	l.Add([]Record{attemptAt(1, 1, 0, llm.ErrNone, 3)}, t0)
	l = restarted(t, l, t0.Add(10*time.Second))
	later := []Record{rollupAt(1, 2, 11*time.Second, 3), rollupAt(2, 3, 11*time.Second, 5)}
	frame := AppendJournal(nil, later, t0.Add(12*time.Second))
	before := restarted(t, l, t0.Add(10*time.Second))
	l.Add(later, t0.Add(12*time.Second))
	for _, l := range []*Ledger{l, restarted(t, before, t0.Add(20*time.Second), frame)} {
		total := l.Cut(t0.Add(21 * time.Second)).Totals
		require.Equal(t, "8", total.Cost[0].Cost.String(), "the other agent's calls left no span: its bill is the only one")
		require.Equal(t, int64(2), total.Billed)
		require.Equal(t, int64(1), total.NotBillable)
	}
}

// Long after a restart everything is as if there had been none.
func TestARollUpIsTurnedDownNoLongerThanTheHorizon(t *testing.T) {
	l := newLedger(t, worldConfig(), "books")
	l.Add([]Record{attemptAt(1, 1, 0, llm.ErrNone, 3)}, t0)
	l = restarted(t, l, t0.Add(time.Second))
	later := t0.Add(l.cfg.Dedupe.Horizon + time.Minute)
	l.Add([]Record{rollupAt(1, 2, l.cfg.Dedupe.Horizon, 3)}, later)
	require.Equal(t, "6", l.Cut(later).Totals.Cost[0].Cost.String())
}

func TestCallsThatARestartSplitAreCounted(t *testing.T) {
	retry := attemptAt(1, 2, 15*time.Second, llm.ErrNone, 1)
	known := attemptAt(1, 2, 15*time.Second, llm.ErrNone, 1)
	known.Stamp.Attempt.Group, known.Stamp.Attempt.Number, known.Stamp.Attempt.Kind = llm.SpanID{1}, 2, stamp.KindRetry
	for name, c := range map[string]struct {
		after         []Record
		calls, splits int64
	}{
		"the retry does not know its call any more": {[]Record{retry}, 2, 1},
		"the retry knows its call":                  {[]Record{known}, 1, 0},
		"there was no retry":                        {nil, 1, 0},
		"another trace":                             {[]Record{attemptAt(9, 9, 15*time.Second, llm.ErrNone, 1)}, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t, worldConfig(), "books")
			l.Add([]Record{attemptAt(1, 1, 0, llm.ErrRateLimited, 0)}, t0)
			l = restarted(t, l, t0.Add(10*time.Second))
			l.Add(c.after, t0.Add(16*time.Second))
			l = restarted(t, l, t0.Add(20*time.Second)) // and once more: it is not forgotten
			snap := l.Cut(t0.Add(5 * time.Minute))
			require.Equal(t, c.calls, snap.Totals.Calls)
			require.Equal(t, c.splits, snap.Self.RestartSplits)
			require.Empty(t, l.astride.waiting, "nothing is kept of what has settled")
		})
	}
}
