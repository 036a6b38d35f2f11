package rollup

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"os"
	"strconv"
	"strings"
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

func twoTenants(t require.TestingT) *Ledger {
	cfg := storyConfig()
	cfg.Dimensions = []string{vendorDimension, modelDimension, "tenant"}
	cfg.Expiry = dayLong
	return newLedger(t, cfg, "one")
}

func ofTenant(id byte, route, tenant string, when time.Duration) []Record {
	recs := at(id, route, when)
	recs[0].Dims = []string{"v", "m", tenant}
	recs[0].Call.Start = recs[0].Call.End - int64(time.Second)
	return recs
}

// What others of the same sum left stays in it, whatever restarts there are,
// until the last row of it has ended. Then it begins from zero.
func TestASumOfRowsOutlivesThem(t *testing.T) {
	l := twoTenants(t)
	l.Add(ofTenant(1, "r", "early", 0), t0)
	l.Add(ofTenant(2, "r", "late", 20*time.Hour), t0.Add(20*time.Hour))
	l.Add(ofTenant(3, "other", "late", 23*time.Hour), t0.Add(23*time.Hour))
	check := func(s *Snapshot, rows int, routeCalls int64, latency uint64, attempts int64) {
		t.Helper()
		require.Len(t, s.Rows, rows)
		route := s.Routes[len(s.Routes)-1]
		require.Equal(t, "r", route.Route)
		require.Equal(t, routeCalls, route.Calls[stamp.OutcomeSuccess])
		require.Equal(t, money.FromPico(routeCalls*1e12), route.Cost[stamp.UseDelivered])
		last := s.Latency[len(s.Latency)-1]
		require.Equal(t, LatencyRow{Route: "r", Model: "m", Start: l.start, Slow: last.Slow, Duration: last.Duration}, last)
		require.Equal(t, latency, last.Duration.Count)
		require.InDelta(t, float64(latency), last.Duration.Sum, 0)
		require.Len(t, s.Providers, 1)
		require.Equal(t, l.start, s.Providers[0].Start)
		require.Equal(t, attempts, s.Providers[0].Attempts[stamp.KindFirst])
	}
	check(l.Cut(t0.Add(dayLong)), 3, 2, 2, 3)
	check(l.Cut(t0.Add(dayLong+time.Minute)), 2, 2, 2, 3)

	state := l.MarshalState()
	l = twoTenants(t)
	require.NoError(t, l.RestoreState(state, t0.Add(32*time.Hour)))
	check(l.Cut(t0.Add(32*time.Hour)), 2, 2, 2, 3)
	require.Equal(t, state, l.MarshalState())

	s := l.Cut(t0.Add(45 * time.Hour)) // "late" of "r" has ended as well
	require.Len(t, s.Latency, 1)
	require.Equal(t, int64(3), s.Providers[0].Attempts[stamp.KindFirst], "the model is still in use")
	require.Len(t, s.EndedFolds, 1)
	require.Equal(t, uint64(2), s.EndedFolds[0].Latency.Duration.Count)
	require.Equal(t, s.Totals.Billed, s.Past.Statuses[stamp.StatusPriced]+s.Rows[0].Statuses[stamp.StatusPriced])

	again := t0.Add(46 * time.Hour)
	l.Add(ofTenant(4, "r", "late", 46*time.Hour), again)
	s = l.Cut(again)
	require.Equal(t, uint64(1), s.Latency[1].Duration.Count)
	require.True(t, s.Latency[1].Start.After(t0.Add(44*time.Hour)) && !s.Latency[1].Start.After(again), "%v", s.Latency[1].Start)
	require.Equal(t, int64(4), s.Providers[0].Attempts[stamp.KindFirst])
	require.Equal(t, int64(1), s.Routes[1].Calls[stamp.OutcomeSuccess])
}

// A sum counts from when its first row began, in whatever order its rows end.
func TestASumKeepsItsStart(t *testing.T) {
	l := twoTenants(t)
	add := func(id byte, route, tenant string, hours time.Duration) {
		l.Add(ofTenant(id, route, tenant, hours*time.Hour), t0.Add(hours*time.Hour))
	}
	add(1, "gone", "x", 0)
	add(2, "r", "first", 0)
	add(6, "r", "first", 20)
	add(3, "r", "second", 25) // begins after another row has ended, and ends first
	add(4, "r", "first", 30)
	add(5, "r", "third", 40)
	for _, hours := range []time.Duration{41, 50, 55} {
		s := l.Cut(t0.Add(hours * time.Hour))
		require.Len(t, s.Latency, 1)
		require.Equal(t, l.start, s.Latency[0].Start, "%dh", hours)
		require.Equal(t, l.start, s.Routes[0].Start)
		require.Equal(t, l.start, s.Providers[0].Start)
		require.Equal(t, uint64(5), s.Latency[0].Duration.Count)
	}
	require.Len(t, l.series.rows, 1)
}

// What was kept of sums is never more than there are rows, whatever comes and
// goes.
func TestWhatSumsKeepIsBounded(t *testing.T) {
	l := twoTenants(t)
	for i := range 200 {
		when := time.Duration(i) * 5 * time.Hour
		l.Add(ofTenant(byte(i), "r"+strconv.Itoa(i%3), strconv.Itoa(i), when), t0.Add(when))
		l.Add(ofTenant(byte(i), "going", "one", when+time.Second), t0.Add(when))
		for f := range numFolds {
			require.LessOrEqual(t, len(l.graves[f]), len(l.series.rows))
		}
	}
	require.Less(t, len(l.series.rows), 12)
	require.NotEmpty(t, l.graves[foldLatency])
}

// Books of the version before this one go on: what its expired rows held is in
// the totals and in the sum of what ended, sums over rows begin with the rows.
func TestBooksOfTheVersionBefore(t *testing.T) {
	text, err := os.ReadFile("testdata/books-v7.base64")
	require.NoError(t, err)
	state, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(text), "\n", ""))
	require.NoError(t, err)
	l := expiring(t)
	require.NoError(t, l.RestoreState(state, t0.Add(30*time.Hour)))
	s := l.Cut(t0.Add(30 * time.Hour))
	require.Len(t, s.Rows, 2)
	require.Equal(t, int64(3), s.Totals.Billed)
	require.Equal(t, int64(1), s.Past.Statuses[stamp.StatusPriced])
	require.Equal(t, []string{"kept", "new"}, []string{s.Routes[0].Route, s.Routes[1].Route})

	older := bytes.Clone(state[:len(state)-4])
	older[len(stateMagic)] = oldestState - 1
	older = binary.LittleEndian.AppendUint32(older, crc32.Checksum(older, castagnoli))
	require.ErrorIs(t, expiring(t).RestoreState(older, t0), ErrVersion)
}

// A restart gives every row back as it was, also where a cap would not admit it
// now: rows before it have ended since.
func TestRowsKeepTheirPlaceOverARestart(t *testing.T) {
	open := func(limit int) *Ledger {
		cfg := storyConfig()
		cfg.Expiry, cfg.CardinalityLimit = dayLong, limit
		return newLedger(t, cfg, "one")
	}
	l := open(2)
	model := func(id byte, route, model string, when time.Duration) {
		recs := at(id, route, when)
		recs[0].Dims = []string{model}
		l.Add(recs, t0.Add(when))
	}
	model(1, "a", "m", 0)
	model(2, "b", "m", 20*time.Hour)
	model(3, "a", "n", 20*time.Hour) // the caps are reached: a row of "a" takes it in
	names := func(s *Snapshot) (list []string) {
		for _, r := range s.Rows {
			list = append(list, r.Route+" "+r.Dims[0])
		}
		return list
	}
	want := []string{"a _overflow", "b m"}
	require.Equal(t, []string{"a _overflow", "a m", "b m"}, names(l.Cut(t0.Add(21*time.Hour))))
	require.Equal(t, want, names(l.Cut(t0.Add(25*time.Hour))))
	state := l.MarshalState()
	for _, limit := range []int{2, 3} {
		l = open(limit)
		require.NoError(t, l.RestoreState(state, t0.Add(26*time.Hour)))
		require.Equal(t, want, names(l.Cut(t0.Add(26*time.Hour))))
	}
}
