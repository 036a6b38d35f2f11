package rollup

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/slo"
)

// delivery is one Add.
type delivery struct {
	recs []Record
	now  time.Time
}

// drawDeliveries sends a world in any order and split, some of it twice, all
// within the settling time.
func drawDeliveries(t *rapid.T, recs []Record) []delivery {
	order := slices.Clone(recs)
	seed := rapid.Uint64().Draw(t, "order")
	rng := rand.New(rand.NewPCG(seed, 1))
	for range rapid.IntRange(0, len(recs)).Draw(t, "redelivered") {
		order = append(order, recs[rng.IntN(len(recs))])
	}
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	var list []delivery
	now := t0
	for len(order) > 0 {
		n := 1 + rng.IntN(len(order))
		list = append(list, delivery{order[:n], now})
		order, now = order[n:], now.Add(time.Duration(rng.IntN(1000))*time.Millisecond)
	}
	return list
}

var settled = t0.Add(5 * time.Minute)

func newLedger(t require.TestingT, cfg Config, name string) *Ledger {
	l, err := New(cfg, name, t0.Add(-60*time.Hour))
	require.NoError(t, err)
	return l
}

// Law: the books do not depend on order, batches or repetition, nor on how
// many ledgers share the traffic as long as a trace stays with one.
func TestAnyOrderAnySplitAnyNumberOfLedgers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		n := rapid.IntRange(1, 4).Draw(t, "ledgers")
		var ledgers []*Ledger
		for i := range n {
			ledgers = append(ledgers, newLedger(t, worldConfig(), fmt.Sprint("ledger-", i)))
		}
		for _, d := range drawDeliveries(t, w.recs) {
			shares := make([][]Record, n)
			for _, r := range d.recs {
				at := int(r.Call.Trace[15]) % n
				shares[at] = append(shares[at], r)
			}
			for i, l := range ledgers {
				l.Add(shares[i], d.now)
			}
		}
		var snaps []*Snapshot
		for _, l := range ledgers {
			snaps = append(snaps, l.Cut(settled))
			requireReasons(t, snaps[len(snaps)-1])
		}
		rows, totals := sum(snaps...)
		require.Equal(t, w.want, totals)
		require.Equal(t, w.want, rows)
		if n > 1 {
			return
		}
		// One ledger: everything else is the same too, to the last window.
		plain := newLedger(t, worldConfig(), "ledger-0")
		plain.Add(w.recs, t0)
		require.Equal(t, books(plain.Cut(settled)), books(snaps[0]))
	})
}

// requireReasons: every bad and every excluded event has its reason, one that
// the objective foretold.
func requireReasons(t require.TestingT, s *Snapshot) {
	for i := range s.SLOs {
		r := &s.SLOs[i]
		bad, excluded := r.Spec.Reasons()
		for _, list := range []struct {
			by       *[slo.NumReasons]int64
			foretold []slo.Reason
			want     int64
		}{{&r.BadBy, bad, r.Bad}, {&r.ExcludedBy, excluded, r.Excluded}} {
			for why, n := range list.by {
				if n != 0 {
					require.Contains(t, list.foretold, slo.Reason(why), r.Name)
				}
				list.want -= n
			}
			require.Zero(t, list.want, r.Name)
		}
	}
}

// books prints all that must not depend on the way of delivery.
func books(s *Snapshot) string {
	c := *s
	c.Self.Redelivered, c.Self.UndetectableRetries = 0, 0
	var b strings.Builder
	b.WriteString(show(&c))
	for _, r := range c.SLOs {
		st := r.Status
		for i := range st.Pairs {
			st.Pairs[i].Since, st.Pairs[i].RecoveredSince = time.Time{}, time.Time{}
		}
		st.Alerts = nil
		fmt.Fprintf(&b, "%s %+v bad by %v, excluded by %v\n", r.Name, st, r.BadBy, r.ExcludedBy)
	}
	for _, r := range c.Rows {
		for _, h := range []*Histogram{&r.Duration, &r.FirstChunk, &r.TimePerOutputToken} {
			fmt.Fprintln(&b, h.Bounds, h.Counts, h.Sum, h.Count)
			if h.Exponential != nil {
				fmt.Fprintf(&b, "%+v\n", *h.Exponential)
			}
		}
	}
	for _, r := range c.Budgets {
		fmt.Fprintf(&b, "%+v\n", r)
	}
	return b.String()
}

// Law: a ledger that was stopped anywhere and carried on from its snapshot and
// its journal is the ledger that was never stopped.
func TestRestoreAnywhereEqualsUninterrupted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		deliveries := drawDeliveries(t, w.recs)
		for i := range deliveries { // beyond the settling time as well
			deliveries[i].now = deliveries[i].now.Add(time.Duration(i) * 17 * time.Second)
		}
		plain, crashing := newLedger(t, worldConfig(), "one"), newLedger(t, worldConfig(), "one")
		state, journal := crashing.MarshalState(), []byte(nil)
		for i, d := range deliveries {
			journal = AppendJournal(journal, d.recs, d.now)
			require.Equal(t, plain.Add(d.recs, d.now), crashing.Add(d.recs, d.now))
			switch rapid.IntRange(0, 3).Draw(t, "then") {
			case 0: // a snapshot makes the journal obsolete
				state, journal = crashing.MarshalState(), nil
			case 1: // a crash
				crashing = newLedger(t, worldConfig(), fmt.Sprint("run-", i))
				require.NoError(t, crashing.RestoreState(state, d.now))
				_, err := crashing.ReplayJournal(journal)
				require.NoError(t, err)
			case 2: // a cut is stored before it is published
				plain.Cut(d.now)
				crashing.Cut(d.now)
				state, journal = crashing.MarshalState(), nil
			}
		}
		end := deliveries[len(deliveries)-1].now.Add(5 * time.Minute)
		a, b := plain.Cut(end), crashing.Cut(end)
		require.Equal(t, a.Start, b.Start)
		require.Equal(t, a.Instance, b.Instance)
		require.Equal(t, a.Self, b.Self)
		require.Equal(t, books(a), books(b))
		require.True(t, bytes.Equal(plain.MarshalState(), crashing.MarshalState()), "stored forms differ")
	})
}

// Law: a published counter never decreases, whatever arrives.
func TestCountersNeverDecrease(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		cfg := worldConfig()
		cfg.CardinalityLimit = rapid.IntRange(1, 10).Draw(t, "limit")
		cfg.MaxPending = rapid.IntRange(1, 10).Draw(t, "pending")
		cfg.Dedupe.MaxSpans = rapid.IntRange(1, 100).Draw(t, "spans")
		l := newLedger(t, cfg, "one")
		before := l.Cut(t0)
		for _, d := range drawDeliveries(t, w.recs) {
			l.Add(d.recs, d.now)
			after := l.Cut(d.now)
			requireNotLess(t, before, after)
			before = after
		}
	})
}

func requireNotLess(t require.TestingT, before, after *Snapshot) {
	rows := map[string]*Row{}
	for i := range after.Rows {
		rows[after.Rows[i].Route+"\x00"+strings.Join(after.Rows[i].Dims, "\x00")] = &after.Rows[i]
	}
	for i := range before.Rows {
		b := &before.Rows[i]
		a := rows[b.Route+"\x00"+strings.Join(b.Dims, "\x00")]
		require.NotNil(t, a)
		was, is := &series{Row: *b}, &series{Row: *a}
		for k, list := range was.counters() {
			for j := range list {
				require.LessOrEqual(t, list[j], is.counters()[k][j])
			}
		}
		for u := range b.Cost {
			require.LessOrEqual(t, b.Cost[u].Cmp(a.Cost[u]), 0)
		}
		require.LessOrEqual(t, b.Duration.Count, a.Duration.Count)
	}
}

// Law: caps lose detail and nothing else.
func TestCapsKeepTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		cfg := worldConfig()
		cfg.CardinalityLimit = rapid.IntRange(1, 6).Draw(t, "limit")
		cfg.DimensionLimit = rapid.IntRange(1, 3).Draw(t, "values")
		capped, free := newLedger(t, cfg, "one"), newLedger(t, worldConfig(), "one")
		for _, d := range drawDeliveries(t, w.recs) {
			capped.Add(d.recs, d.now)
			free.Add(d.recs, d.now)
		}
		s := capped.Cut(settled)
		rows, totals := sum(s)
		require.Equal(t, w.want, totals)
		require.Equal(t, w.want, rows)
		require.LessOrEqual(t, len(s.Rows), cfg.CardinalityLimit+cfg.DimensionLimit+1+1) // one protected route, one for the rest
		// SLOs and budgets judge calls by their own values, not by the row's.
		for i, b := range free.Cut(settled).Budgets {
			require.Equal(t, b, s.Budgets[i])
		}
		for _, a := range free.Cut(settled).SLOs {
			for _, b := range s.SLOs {
				if a.Declared && b.Name == a.Name {
					require.Equal(t, []int64{a.Good, a.Bad, a.Excluded}, []int64{b.Good, b.Bad, b.Excluded}, a.Name)
				}
			}
		}
	})
}
