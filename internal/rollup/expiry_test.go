package rollup

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

const dayLong = 24 * time.Hour

func expiring(t require.TestingT) *Ledger {
	cfg := storyConfig()
	cfg.Expiry, cfg.DimensionLimit = dayLong, 2
	cfg.DefaultSLOs = DefaultDefaultSLOs()
	cfg.Protected = []string{"kept"}
	return newLedger(t, cfg, "one")
}

// at is a priced call of a route that ends and arrives then.
func at(id byte, route string, when time.Duration) []Record {
	r := attemptAt(id, id, when, llm.ErrNone, 1)
	r.Stamp.Attempt = stamp.Attempt{}
	r.Stamp.Route = route
	return []Record{r}
}

// A row for which nothing comes ends with a day to say it in, gives its place
// back, and leaves its figures to the sum of those that ended. When it comes
// again it begins from zero, after the end of the old one.
func TestARowExpires(t *testing.T) {
	l := expiring(t)
	l.Add(at(1, "old", 0), t0)
	l.Add(at(2, "kept", 0), t0)
	l.Add(at(3, "new", 20*time.Hour), t0.Add(20*time.Hour))
	s := l.Cut(t0.Add(dayLong))
	require.Len(t, s.Rows, 3)
	require.Empty(t, s.Ended, "to the hour")

	noticed := t0.Add(dayLong + time.Minute)
	s = l.Cut(noticed)
	require.Len(t, s.Rows, 2)
	require.Len(t, s.Ended, 1)
	require.Equal(t, "old", s.Ended[0].Route)
	require.Equal(t, t0.Add(dayLong), s.Ended[0].At)
	require.Equal(t, []string{"old-availability", "old-duration"}, s.Ended[0].SLOs)
	require.Equal(t, int64(1), s.Self.SeriesExpired)
	require.Equal(t, money.FromPico(1e12), s.Past.Cost[stamp.UseDelivered])
	require.Equal(t, int64(3), s.Totals.Billed)
	require.Len(t, s.SLOs, 4)

	// Its place is free: a third route that is not protected has a row.
	l.Add(at(4, "third", dayLong), noticed)
	require.Zero(t, l.Cut(noticed).Self.OverflowRecords)
	require.Len(t, l.Cut(noticed.Add(endedFor)).Ended, 1)
	require.Empty(t, l.Cut(noticed.Add(endedFor+time.Second)).Ended)

	l.Add(at(5, "third", dayLong), noticed.Add(time.Minute))
	again := noticed.Add(2 * dayLong)
	l.Add(at(6, "old", 3*dayLong), again)
	s = l.Cut(again)
	for _, r := range s.Rows {
		if r.Route == "old" {
			require.Equal(t, int64(1), r.Calls[stamp.OutcomeSuccess])
			require.True(t, r.Start.After(t0.Add(dayLong)) && !r.Start.After(again), "%v", r.Start)
		}
	}
	require.NotContains(t, routes(s.Ended), "old", "it lives again")
}

func routes(list []Ended) (names []string) {
	for _, e := range list {
		names = append(names, e.Route)
	}
	return names
}

// Law: whatever ends and begins anew, rows and the sum of what ended are the
// totals, a series of one start never decreases, and neither a restart nor the
// moment at which somebody looks changes any of it.
func TestExpiryLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, plain := expiring(t), expiring(t)
		now, before := t0, map[string]Row{}
		state, journal := l.MarshalState(), []byte(nil)
		for i := range rapid.IntRange(1, 30).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "hours")) * time.Hour)
			recs := at(byte(i+1), rapid.SampledFrom([]string{"a", "b", "kept"}).Draw(t, "route"), now.Sub(t0))
			l.Add(recs, now)
			plain.Add(recs, now)
			journal = AppendJournal(journal, recs, now)
			switch rapid.IntRange(0, 3).Draw(t, "then") {
			case 0:
				l.Cut(now)
				state, journal = l.MarshalState(), nil
			case 1: // a crash: what was published may not step back
				l = expiring(t)
				require.NoError(t, l.RestoreState(state, now))
				_, err := l.ReplayJournal(journal)
				require.NoError(t, err)
			}
			s := l.Cut(now)
			rows, totals := sum(s)
			rows.addRow(&s.Past)
			totals.Outcomes = rows.Outcomes
			require.Equal(t, totals, rows)
			for _, r := range s.Rows {
				if was, ok := before[r.Route]; ok && was.Start.Equal(r.Start) {
					require.GreaterOrEqual(t, r.Statuses[stamp.StatusPriced], was.Statuses[stamp.StatusPriced])
				}
				before[r.Route] = r
			}
		}
		a, b := l.Cut(now), plain.Cut(now)
		require.Len(t, a.Rows, len(b.Rows))
		for i := range a.Rows {
			require.Equal(t, a.Rows[i].Statuses, b.Rows[i].Statuses)
		}
		require.Equal(t, a.Past.Statuses, b.Past.Statuses)
		require.Equal(t, a.Self.SeriesExpired, b.Self.SeriesExpired)
	})
}
