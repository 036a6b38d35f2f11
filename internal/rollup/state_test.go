package rollup

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// booked is a ledger with something in every corner.
func booked(t require.TestingT) *Ledger {
	cfg := worldConfig()
	cfg.CardinalityLimit, cfg.DimensionLimit = 4, 3
	cfg.SLOs = append(cfg.SLOs, SLODef{Spec: slo.Spec{
		Name: "slices", Objective: slo.Objective{Num: 9, Den: 10}, Window: slo.Window{Calendar: slo.Week, Zone: "Europe/Berlin"},
		Method: slo.Timeslices, Slice: 5 * time.Minute, SliceTarget: slo.Objective{Num: 1, Den: 2},
	}})
	l := newLedger(t, cfg, "booked")
	w := &world{}
	for i := range 40 {
		c, st := w.span(llm.TraceID{byte(i + 1)})
		c.End = t0.Add(time.Duration(-i*i) * time.Minute).UnixNano()
		c.Start = c.End - int64(time.Duration(i)*time.Second)
		c.Streaming, c.FirstChunk = i%2 == 0, int64(i)*int64(time.Millisecond)
		c.ResponseID = "response-of-call-" + string(rune('a'+i%26))
		c.Usage.Known = true
		c.Usage.Tokens[i%int(llm.NumBuckets)] = int64(i)
		st.Route, st.Model.ID = "route-"+string(rune('0'+i%6)), "m"+string(rune('1'+i%5))
		st.Cost = stamp.Cost{Status: stamp.Status(i % int(stamp.NumStatuses)), Currency: "USD", Total: money.FromPico(int64(i)), AtLeast: money.FromPico(1)}
		st.Cost.Components[i%int(stamp.NumComponents)] = st.Cost.Total
		if i%7 == 0 {
			st.Cost.Currency = "EUR"
		}
		if i%3 == 0 {
			st.Error = llm.ErrorClass(1 + i%int(llm.NumErrorClasses-1))
		}
		w.add(c, st)
	}
	l.Add(w.recs, t0)
	l.Add(w.recs[:3], t0)
	l.Cut(t0)
	return l
}

func TestStateSurvivesUnchanged(t *testing.T) {
	l := booked(t)
	state := l.MarshalState()
	again, err := New(l.cfg, "another", t0.Add(time.Hour))
	require.NoError(t, err)
	require.NoError(t, again.RestoreState(state, t0.Add(time.Hour)))
	require.True(t, bytes.Equal(state, again.MarshalState()))
	require.Equal(t, "booked", again.instance)
	a, b := l.Cut(t0.Add(time.Hour)), again.Cut(t0.Add(time.Hour))
	require.Equal(t, a.Start.UnixNano(), b.Start.UnixNano())
	require.Equal(t, books(a), books(b))
}

// Whatever bit of the store flips, and wherever it ends, the answer is an
// error that says so, and the ledger stays as empty as it was.
func TestBrokenStateIsNeverReadAsBooks(t *testing.T) {
	state := booked(t).MarshalState()
	fresh := func() *Ledger { return newLedger(t, worldConfig(), "fresh") }
	want := fresh().MarshalState()
	for i := 0; i < len(state); i += 7 {
		l, broken := fresh(), bytes.Clone(state)
		broken[i] ^= 1 << (i % 8)
		require.ErrorIs(t, l.RestoreState(broken, t0), ErrCorrupt, "byte %d", i)
		require.ErrorIs(t, l.RestoreState(state[:max(i, 1)], t0), ErrCorrupt, "cut at %d", i)
		if i%700 == 0 {
			require.True(t, bytes.Equal(want, l.MarshalState()))
		}
	}
	require.ErrorIs(t, fresh().RestoreState(nil, t0), ErrEmpty)
	require.ErrorIs(t, booked(t).RestoreState(state, t0), ErrInUse)

	future := append([]byte(stateMagic), 99)
	future = binary.LittleEndian.AppendUint32(future, crc32.Checksum(future, castagnoli))
	require.ErrorIs(t, fresh().RestoreState(future, t0), ErrVersion)
}

func TestTornJournalKeepsWhatCameBefore(t *testing.T) {
	rec := func(span string) []Record { return []Record{parseRecord(t, []string{"span=" + span, "cost=1"})} }
	first := AppendJournal(nil, rec("a"), t0)
	journal := AppendJournal(bytes.Clone(first), rec("b"), t0)
	for cut := len(first); cut < len(journal); cut++ {
		l := newLedger(t, storyConfig(), "one")
		res, err := l.ReplayJournal(journal[:cut])
		require.Equal(t, 1, res.Accepted)
		if cut == len(first) {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, ErrTorn)
		}
	}
	l := newLedger(t, storyConfig(), "one")
	journal[len(journal)-1]++
	res, err := l.ReplayJournal(journal)
	require.ErrorIs(t, err, ErrCorrupt)
	require.Equal(t, int64(1), l.Cut(t0).Totals.Billed)
	require.Equal(t, 1, res.Accepted)
}

// A configuration may change under the books: totals stay, detail moves.
func TestBooksSurviveAChangedConfiguration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		l := newLedger(t, worldConfig(), "one")
		l.Add(w.recs, t0)
		cfg := worldConfig()
		cfg.Dimensions = rapid.SampledFrom([][]string{{"model"}, {"model", "vendor"}, {"vendor", "model", "new"}, nil}).Draw(t, "dimensions")
		if cfg.Dimensions == nil {
			cfg.SLOs = cfg.SLOs[:1] // the other one asks for a dimension
		}
		cfg.CardinalityLimit = rapid.IntRange(1, 20).Draw(t, "limit")
		cfg.Bounds.Duration = []float64{1, 2.5, 100}
		cfg.Budgets[1].Window = slo.Window{Calendar: slo.Month}
		cfg.SLOs[0].Limits.Duration = 5 * time.Second
		was := l.Cut(t0)
		now := newLedger(t, cfg, "two")
		require.NoError(t, now.RestoreState(l.MarshalState(), t0))
		is := now.Cut(t0)

		wasRows, wasTotals := sum(was)
		isRows, isTotals := sum(is)
		require.Equal(t, wasTotals, isTotals)
		require.Equal(t, wasRows, isRows)
		count := func(rows []Row) (n uint64, sum float64) {
			for _, r := range rows {
				n, sum = n+r.Duration.Count, sum+r.Duration.Sum
				var inside uint64
				for _, c := range r.Duration.Counts {
					inside += c
				}
				require.Equal(t, r.Duration.Count, inside)
			}
			return n, sum
		}
		wasCount, wasSum := count(was.Rows)
		isCount, isSum := count(is.Rows)
		require.Equal(t, wasCount, isCount)
		require.InDelta(t, wasSum, isSum, 1e-6)
		for _, s := range is.SLOs {
			if s.Name == "all-fast" { // another threshold: counters go on, windows do not
				require.Zero(t, s.Status.Counts.Events())
				require.Equal(t, was.SLOs[0].Good+was.SLOs[0].Bad, s.Good+s.Bad)
			}
		}
		require.NoError(t, newLedger(t, cfg, "three").RestoreState(now.MarshalState(), t0))
	})
}

func TestAnotherCurrencyKeepsCountsAndNoMoney(t *testing.T) {
	l := newLedger(t, storyConfig(), "one")
	l.Add([]Record{parseRecord(t, []string{"span=a", "cost=3"})}, t0)
	cfg := storyConfig()
	cfg.ReportingCurrency = "EUR"
	euro := newLedger(t, cfg, "two")
	require.NoError(t, euro.RestoreState(l.MarshalState(), t0))
	s := euro.Cut(t0)
	require.Equal(t, int64(1), s.Rows[0].Statuses[stamp.StatusPriced])
	require.Zero(t, s.Rows[0].Cost)
	require.Equal(t, "USD", s.Totals.Cost[1].Currency)
	require.Equal(t, "3", s.Totals.Cost[1].Cost.String())
}

func TestALostStoreIsUnknownNotZero(t *testing.T) {
	cfg := storyConfig()
	cfg.Budgets = []BudgetDef{
		{Name: "day", Limit: amount(t, "10"), Window: slo.Window{Calendar: slo.Day}},
		{Name: "hour", Limit: amount(t, "10"), Window: slo.Window{Rolling: time.Hour}},
	}
	l := newLedger(t, cfg, "one")
	l.MarkLost(t0)
	state := func(at time.Time) []string {
		s := l.Cut(at)
		return []string{s.Budgets[0].State, s.Budgets[1].State}
	}
	require.Equal(t, []string{"unknown", "unknown"}, state(t0))
	require.Equal(t, []string{"unknown", "ok"}, state(t0.Add(time.Hour)))
	require.Equal(t, []string{"ok", "ok"}, state(t0.Add(12*time.Hour)))
	require.Equal(t, t0, l.Cut(t0).Lost)

	again := newLedger(t, cfg, "two")
	require.NoError(t, again.RestoreState(l.MarshalState(), t0))
	require.True(t, again.Cut(t0).Lost.Equal(t0), "a restart does not find what was lost")
	l.Add([]Record{parseRecord(t, []string{"cost=11", "end=12h"})}, t0.Add(12*time.Hour))
	require.Equal(t, []string{"exceeded", "exceeded"}, state(t0.Add(12*time.Hour)), "what is known is enough")
}

// A record read back is the record, as far as the books and a receipt go.
func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 8, 20)
		num := rapid.Int64()
		amounts := rapid.Custom(func(t *rapid.T) money.Amount {
			return money.FromWords(rapid.Int64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo"))
		})
		c := &llm.Call{
			Trace: llm.TraceID{1, 2, 3}, Span: llm.SpanID{4, 5}, Start: num.Draw(t, "start"), End: num.Draw(t, "end"),
			FirstChunk: num.Draw(t, "chunk"), Role: llm.RoleRollup, Streaming: rapid.Bool().Draw(t, "streaming"),
			Ref:        llm.ModelRef{Provider: text.Draw(t, "provider"), Request: text.Draw(t, "request"), Response: text.Draw(t, "response"), Deployment: text.Draw(t, "deployment")},
			ResponseID: text.Draw(t, "id"), Failure: llm.Failure{Class: llm.ErrTimeout},
		}
		c.Usage.Known, c.Usage.Partial = rapid.Bool().Draw(t, "known"), rapid.Bool().Draw(t, "partial")
		for i := range c.Usage.Tokens {
			c.Usage.Tokens[i] = rapid.SampledFrom([]int64{0, 1, -5, 1 << 60}).Draw(t, "tokens")
		}
		st := &stamp.Stamp{
			Route: text.Draw(t, "route"), Error: llm.ErrServer,
			Owners: []stamp.Owner{{Key: "team", Value: text.Draw(t, "team")}},
			Model:  stamp.Model{ID: text.Draw(t, "model"), ContextRatio: rapid.Float64().Draw(t, "ratio")},
			Cost: stamp.Cost{
				Status: stamp.StatusReported, Currency: "USD", Total: amounts.Draw(t, "total"), List: amounts.Draw(t, "list"), HasList: true,
				AtLeast: amounts.Draw(t, "at least"), Modifiers: []string{text.Draw(t, "modifier"), "batch"}, DuplicateOf: llm.SpanID{9},
			},
			Attempt: stamp.Attempt{Group: llm.SpanID{7}, Number: int(num.Draw(t, "number")), Final: stamp.Yes, Probable: true},
			Call:    stamp.CallSummary{Set: true, Cost: amounts.Draw(t, "call"), Duration: num.Draw(t, "duration"), Outcome: stamp.OutcomeRecoveredRetry},
		}
		rec := Record{Call: c, Stamp: st, Dims: []string{"a", text.Draw(t, "dim")}, Weight: rapid.Float64().Draw(t, "weight"), NoThreshold: true, Ruled: slo.Verdict(rapid.IntRange(0, 3).Draw(t, "ruled"))}
		r := reader{b: appendRecord(nil, &rec, 77)}
		var got stored
		r.record(&got)
		require.False(t, r.bad)
		require.Empty(t, r.b)
		require.Empty(t, cmp.Diff(rec, got.Record, cmp.AllowUnexported(money.Amount{})))
		require.Equal(t, int64(77), got.at)
	})
}

// FuzzRestoreState: with a right checksum in front of it, no content panics,
// asks for much memory or is half read.
func FuzzRestoreState(f *testing.F) {
	state := booked(f).MarshalState()
	f.Add(state[len(stateMagic) : len(state)-4])
	empty := newLedger(f, worldConfig(), "empty").MarshalState()
	f.Add(empty[len(stateMagic) : len(empty)-4])
	cfg := worldConfig()
	cfg.CardinalityLimit, cfg.DimensionLimit = 4, 3
	cfg.Receipts, cfg.DefaultSLOs.MaxRoutes = 0, 2
	f.Fuzz(func(t *testing.T, body []byte) {
		data := append([]byte(stateMagic), body...)
		data = binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, castagnoli))
		l := newLedger(t, cfg, "fuzz")
		err := l.RestoreState(data, t0)
		if err != nil {
			require.Zero(t, l.Cut(t0).Totals.Spans)
			return
		}
		l.Cut(t0.Add(time.Hour))
		l.Add([]Record{parseRecord(t, []string{"span=a", "cost=1"})}, t0.Add(time.Hour))
		l.MarshalState()
	})
}

// FuzzReplayJournal: the same of a frame's content.
func FuzzReplayJournal(f *testing.F) {
	w := &world{}
	c, st := w.span(llm.TraceID{1})
	w.add(c, st)
	f.Add(AppendJournal(nil, w.recs, t0)[journalHeader:])
	f.Add(AppendJournal(nil, []Record{{Call: c, Stamp: &stamp.Stamp{
		Error: llm.ErrServer, Attempt: stamp.Attempt{Number: -1, Kind: 99},
		Cost: stamp.Cost{Status: 200, Use: 200, Modifiers: []string{"x"}}, Owners: []stamp.Owner{{Key: "a"}},
	}}}, t0)[journalHeader:])
	f.Fuzz(func(t *testing.T, payload []byte) {
		frame := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
		frame = binary.LittleEndian.AppendUint32(frame, crc32.Checksum(payload, castagnoli))
		l := newLedger(t, worldConfig(), "fuzz")
		res, err := l.ReplayJournal(append(frame, payload...))
		if err != nil {
			require.Zero(t, res)
		}
		require.Equal(t, int64(res.Accepted), l.Cut(t0).Totals.Spans)
		l.Receipts(10)
	})
}
