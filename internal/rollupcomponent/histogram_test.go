package rollupcomponent

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

// latencies is a ledger that answers calls of the given durations, on two
// tenants of one model that histograms fold.
type latencies struct {
	ledger *rollup.Ledger
	ids    uint64
	at     time.Time
}

func newLatencies(t require.TestingT) *latencies {
	cfg := NewDefaultConfig()
	cfg.Dimensions = []Dimension{{Name: "tenant"}, {Name: attrModel}}
	cfg.Histograms = HistogramBoth
	books, err := cfg.Ledger()
	require.NoError(t, err)
	l, err := rollup.New(books, "one", fixtureStart)
	require.NoError(t, err)
	return &latencies{ledger: l, at: fixtureStart}
}

func (l *latencies) answer(tenant string, took time.Duration) {
	l.ids++
	c := &llm.Call{Start: l.at.UnixNano(), End: l.at.Add(took).UnixNano()}
	c.Trace[15], c.Trace[14], c.Span[7], c.Span[6] = byte(l.ids), byte(l.ids>>8), byte(l.ids), byte(l.ids>>8)
	s := &stamp.Stamp{Route: "checkout"}
	l.ledger.Add([]rollup.Record{{Call: c, Stamp: s, Dims: []string{tenant, "gpt-4o"}, Weight: 1}}, l.at.Add(took))
}

func (l *latencies) cut() *rollup.Snapshot { return l.ledger.Cut(l.at.Add(time.Hour)) }

// metricOf is the metric of a name, which must be there once.
func metricOf(t require.TestingT, md pmetric.Metrics, name string) (found pmetric.Metric, ok bool) {
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if m.Name() == name {
			require.False(t, ok, "%s is there twice", name)
			found, ok = m, true
		}
	}
	return found, ok
}

// One name has one type: explicit, or exponential in its place, or both under
// two names, with the same count and sum.
func TestHistogramAggregations(t *testing.T) {
	l := newLatencies(t)
	for i := range 40 {
		l.answer([]string{"a", "b"}[i%2], time.Duration(i*i)*time.Millisecond)
	}
	snap := l.cut()
	const plain, beside = "spanledger.call.duration", "spanledger.call.duration.exponential"
	for which, want := range map[string]map[string]pmetric.MetricType{
		"":                   {plain: pmetric.MetricTypeHistogram},
		HistogramExplicit:    {plain: pmetric.MetricTypeHistogram},
		HistogramExponential: {plain: pmetric.MetricTypeExponentialHistogram},
		HistogramBoth:        {plain: pmetric.MetricTypeHistogram, beside: pmetric.MetricTypeExponentialHistogram},
	} {
		md := encoding{publish: Publish{Histograms: which}}.cumulative(snap)
		for _, name := range []string{plain, beside} {
			m, ok := metricOf(t, md, name)
			_, wanted := want[name]
			require.Equal(t, wanted, ok, "%s: %s", which, name)
			if !ok {
				continue
			}
			require.Equal(t, want[name], m.Type())
			require.Equal(t, "s", m.Unit())
			if m.Type() == pmetric.MetricTypeHistogram {
				dp := m.Histogram().DataPoints().At(0)
				require.Equal(t, uint64(40), dp.Count())
				require.InDelta(t, 20.54, dp.Sum(), 1e-9)
				continue
			}
			require.Equal(t, pmetric.AggregationTemporalityCumulative, m.ExponentialHistogram().AggregationTemporality())
			require.Equal(t, 1, m.ExponentialHistogram().DataPoints().Len(), "folded over tenants")
			dp := m.ExponentialHistogram().DataPoints().At(0)
			require.Equal(t, uint64(40), dp.Count())
			require.InDelta(t, 20.54, dp.Sum(), 1e-9)
			require.Equal(t, uint64(1), dp.ZeroCount())
			require.LessOrEqual(t, dp.Positive().BucketCounts().Len(), 160)
			require.Equal(t, fixtureStart, dp.StartTimestamp().AsTime())
			total := dp.ZeroCount()
			for _, n := range dp.Positive().BucketCounts().AsRaw() {
				total += n
			}
			require.Equal(t, dp.Count(), total)
		}
	}
}

// Law: deltas of exponential histograms, brought to the coarsest of their
// scales, sum to the cumulative one: whatever a later value did to the scale.
func TestExponentialDeltasSumToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLatencies(t)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		enc := encoding{publish: Publish{Histograms: HistogramExponential}}
		var base *rollup.Snapshot
		var parts []*rollup.Exponential
		for range rapid.IntRange(1, 4).Draw(t, "cuts") {
			spread := rapid.SampledFrom([]int64{1e6, 1e9, 600e9}).Draw(t, "spread")
			for range rapid.IntRange(0, 40).Draw(t, "calls") {
				l.answer([]string{"a", "b"}[rng.IntN(2)], time.Duration(rng.Int64N(spread)))
			}
			snap := l.cut()
			md := enc.delta(base, snap)
			if m, ok := metricOf(t, md, "spanledger.call.duration"); ok {
				for _, dp := range m.ExponentialHistogram().DataPoints().All() {
					parts = append(parts, exponentialOf(dp))
					if base != nil {
						require.Equal(t, base.At, dp.StartTimestamp().AsTime())
					}
				}
			}
			base = snap
		}
		m, ok := metricOf(t, enc.cumulative(l.cut()), "spanledger.call.duration")
		if !ok {
			require.Empty(t, parts)
			return
		}
		whole := exponentialOf(m.ExponentialHistogram().DataPoints().At(0))
		sum := rollup.SumExponentials(parts)
		require.InDelta(t, whole.Sum, sum.Sum, 1e-6)
		sum.Sum = whole.Sum
		require.Equal(t, *whole, sum)
	})
}

func exponentialOf(dp pmetric.ExponentialHistogramDataPoint) *rollup.Exponential {
	return &rollup.Exponential{
		Scale: dp.Scale(), Low: dp.Positive().Offset(), Counts: dp.Positive().BucketCounts().AsRaw(),
		Zero: dp.ZeroCount(), Sum: dp.Sum(), Count: dp.Count(),
	}
}

// Prometheus' protobuf form carries both kinds of buckets in one histogram,
// whatever is pushed by OTLP; the text form has the explicit ones.
func TestScrapeCarriesNativeHistograms(t *testing.T) {
	l := newLatencies(t)
	for i := range 300 {
		l.answer("a", time.Duration(i)*10*time.Millisecond)
	}
	books := fixture()
	books.snap = l.cut()
	for _, which := range []string{HistogramBoth, HistogramExponential} {
		registry := prometheus.NewRegistry()
		registry.MustRegister(newScrape(books, Publish{Histograms: which}))
		families, err := registry.Gather()
		require.NoError(t, err)
		seen := false
		for _, f := range families {
			if f.GetName() != "spanledger_call_duration_seconds" {
				require.NotContains(t, f.GetName(), "exponential")
				continue
			}
			seen = true
			h := f.GetMetric()[0].GetHistogram()
			require.Equal(t, uint64(300), h.GetSampleCount())
			require.NotEmpty(t, h.GetBucket())
			require.Equal(t, uint64(300), h.GetZeroCount()+populations(h))
			// 1 s is the upper bound of a bucket: 99 values above zero up to it.
			require.Equal(t, uint64(100), upTo(h, 0))
			require.LessOrEqual(t, h.GetSchema(), int32(8))
		}
		require.True(t, seen)
	}
	text := ask(t, NewScrape(books, Publish{Histograms: HistogramExponential}), "/metrics").Body.String()
	require.Contains(t, text, `spanledger_call_duration_seconds_bucket{route="checkout",spanledger_model_id="gpt-4o",le="1"} 101`)
}

func populations(h *dto.Histogram) (sum uint64) { return upTo(h, 1<<30) }

// upTo sums the native buckets up to an index; the spans say which they are.
func upTo(h *dto.Histogram, last int32) (sum uint64) {
	at, delta, n := int32(0), 0, int64(0)
	for _, s := range h.GetPositiveSpan() {
		at += s.GetOffset()
		for range s.GetLength() {
			n += h.GetPositiveDelta()[delta]
			if at <= last {
				sum += uint64(n)
			}
			at, delta = at+1, delta+1
		}
	}
	return sum
}
