package rollupcomponent

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

var tenants = rollup.Config{
	Dimensions:  []string{attrVendor, attrPlatform, attrModel, "tenant"},
	DefaultSLOs: rollup.DefaultDefaultSLOs(), Exponential: true,
	Expiry: 15 * time.Minute, Settle: time.Minute, Dedupe: rollup.Dedupe{Horizon: 10 * time.Minute},
	CardinalityLimit: 8, DimensionLimit: 3, Protected: []string{"kept"},
	SLOs: []rollup.SLODef{{Spec: slo.Spec{
		Name: "declared", Kind: slo.Duration, Limits: slo.Limits{Duration: 2 * time.Second}, Objective: slo.Objective{Num: 9, Den: 10}, Window: slo.Window{Rolling: 30 * 24 * time.Hour},
	}}},
}

// value is one cumulative point: from when it counts, and all that it counts.
type value struct {
	start  time.Time
	counts []float64
	ended  bool
}

// values reads every sum and histogram by name and attributes.
func values(md pmetric.Metrics) map[string]value {
	out := map[string]value{}
	put := func(m pmetric.Metric, attrs pcommon.Map, start pcommon.Timestamp, flags pmetric.DataPointFlags, counts ...float64) {
		text := []string{m.Name()}
		for k, v := range attrs.All() {
			text = append(text, k+"="+v.AsString())
		}
		slices.Sort(text[1:])
		out[strings.Join(text, " ")] = value{start.AsTime(), counts, flags.NoRecordedValue()}
	}
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		switch m.Type() {
		case pmetric.MetricTypeSum:
			for _, p := range m.Sum().DataPoints().All() {
				n := p.DoubleValue()
				if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
					n = float64(p.IntValue())
				}
				put(m, p.Attributes(), p.StartTimestamp(), p.Flags(), n)
			}
		case pmetric.MetricTypeHistogram:
			for _, p := range m.Histogram().DataPoints().All() {
				counts := []float64{p.Sum(), float64(p.Count())}
				for _, n := range p.BucketCounts().All() {
					counts = append(counts, float64(n))
				}
				put(m, p.Attributes(), p.StartTimestamp(), p.Flags(), counts...)
			}
		case pmetric.MetricTypeExponentialHistogram: // its buckets change with the scale; they sum to the count
			for _, p := range m.ExponentialHistogram().DataPoints().All() {
				in := p.ZeroCount()
				for _, n := range p.Positive().BucketCounts().All() {
					in += n
				}
				put(m, p.Attributes(), p.StartTimestamp(), p.Flags(), p.Sum(), float64(p.Count()), float64(in))
			}
		}
	}
	return out
}

// drawCalls makes an attempt of one of a few routes, models and tenants.
func drawCalls(t *rapid.T, id int, at time.Time) []rollup.Record {
	c := &llm.Call{Span: llm.SpanID{7: byte(id), 6: 1}, Trace: llm.TraceID{15: byte(id), 0: 1}}
	c.End = at.UnixNano()
	c.Start = c.End - int64(rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, 5 * time.Second}).Draw(t, "took"))
	c.FirstChunk, c.Streaming = 1e6, true
	c.Usage.Known = true
	c.Usage.Tokens[llm.Output] = 3
	model := rapid.SampledFrom([]string{"m", "n"}).Draw(t, "model")
	s := &stamp.Stamp{Route: rapid.SampledFrom([]string{"a", "b", "kept"}).Draw(t, "route"), Model: stamp.Model{ID: model, Vendor: "v", Platform: "p"}}
	s.Cost = stamp.Cost{Status: stamp.StatusPriced, Currency: "USD", Total: money.FromPico(1e12)}
	s.Cost.Components[stamp.CompOutput] = s.Cost.Total
	switch class := rapid.SampledFrom([]llm.ErrorClass{llm.ErrNone, llm.ErrNone, llm.ErrRateLimited, llm.ErrServer}).Draw(t, "class"); class {
	case llm.ErrNone:
	default:
		s.Error, s.Cost.Status = class, stamp.StatusNotBillable
	}
	tenant := rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "tenant")
	return []rollup.Record{{Call: c, Stamp: s, Dims: []string{"v", "p", model, tenant}, Weight: 1}}
}

// Law: whatever rows expire, and whatever restarts there are in between, no
// published counter of one start time steps back; one that ends and comes again
// has a later start time, and every series that is over is told to be so. What
// differences say sums to the same, and none is negative.
func TestNoPublishedSeriesStepsBack(t *testing.T) {
	began := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		open := func() *rollup.Ledger {
			l, err := rollup.New(tenants, "one", began)
			require.NoError(t, err)
			return l
		}
		l, now := open(), began
		state, journal := l.MarshalState(), []byte(nil)
		var got pmetric.Metrics
		keep := func(_ context.Context, md pmetric.Metrics) error { got = md; return nil }
		enc := encoding{publish: Publish{Histograms: HistogramBoth, Extrapolated: true}}
		cumulative, delta := &MetricsSink{Send: keep, encoding: enc}, &MetricsSink{Send: keep, Delta: true, encoding: enc}
		last, sums := map[string]value{}, map[string]value{}
		over := map[string]time.Time{} // the start of what has ended
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second)
			recs := drawCalls(t, i+1, now)
			l.Add(recs, now)
			journal = rollup.AppendJournal(journal, recs, now)
			switch rapid.IntRange(0, 4).Draw(t, "then") {
			case 0: // stored
				state, journal = l.MarshalState(), nil
			case 1: // killed
				l = open()
				require.NoError(t, l.RestoreState(state, now))
				_, err := l.ReplayJournal(journal)
				require.NoError(t, err)
				l.Resume(now.UnixNano())
			case 2:
				continue // nobody looks
			}
			snap := l.Cut(now)
			require.NoError(t, cumulative.Push(t.Context(), snap))
			next := values(got)
			for key, was := range last {
				is, there := next[key]
				require.True(t, there, "nobody was told that %s is over", key)
				switch {
				case is.ended:
					over[key] = was.start
				case is.start.Equal(was.start):
					for j, n := range is.counts {
						require.GreaterOrEqual(t, n, was.counts[j]-1e-9, "%s: %v after %v", key, is, was)
					}
				default:
					require.True(t, is.start.After(was.start), "%s: %v after %v", key, is, was)
				}
			}
			maps.DeleteFunc(next, func(_ string, v value) bool { return v.ended })
			for key, is := range next {
				if start, ended := over[key]; ended {
					require.True(t, is.start.After(start), "%s had ended", key)
				}
			}
			require.NoError(t, delta.Push(t.Context(), snap))
			for key, d := range values(got) {
				sum := sums[key]
				if is := next[key]; !sum.start.Equal(is.start) {
					sum = value{start: is.start}
				}
				sum.counts = slices.Clone(sum.counts)
				for j, n := range d.counts {
					require.GreaterOrEqual(t, n, -1e-9, "%s", key)
					if j == len(sum.counts) {
						sum.counts = append(sum.counts, 0)
					}
					sum.counts[j] += n
				}
				sums[key] = sum
			}
			for key, is := range next {
				require.InDeltaSlice(t, is.counts, sums[key].counts, 1e-6, "%s: %v of differences, not %v", key, sums[key], is)
			}
			last = next
			holds(t, snap)
		}
	})
}

// holds: what rows are added up to, is their sum where nothing was buried, and
// more where something was; and in all nothing is lost.
func holds(t *rapid.T, snap *rollup.Snapshot) {
	rows, all := map[string]int64{}, int64(0)
	for i := range snap.Rows {
		r := &snap.Rows[i]
		rows[r.Route] += total(r.Attempts[:])
		all += total(r.Attempts[:])
	}
	require.Equal(t, snap.Totals.Attempts, all+total(snap.Past.Attempts[:]), "rows and what ended")
	routes := int64(0)
	for i := range snap.Routes {
		r := &snap.Routes[i]
		routes += total(r.Attempts[:])
		require.GreaterOrEqual(t, total(r.Attempts[:]), rows[r.Route])
		delete(rows, r.Route)
	}
	require.Empty(t, rows, "a route for every row")
	require.LessOrEqual(t, routes, snap.Totals.Attempts)
	names := map[string]bool{}
	for i := range snap.Latency {
		names[fmt.Sprint(snap.Latency[i].Route, "/", snap.Latency[i].Model)] = true
	}
	require.Len(t, names, len(snap.Latency), "one series for each route and model")
}
