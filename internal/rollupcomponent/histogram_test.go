package rollupcomponent

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
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

func (l *latencies) fail(tenant string, class llm.ErrorClass) {
	l.ids++
	c := &llm.Call{Start: l.at.UnixNano(), End: l.at.Add(time.Second).UnixNano()}
	c.Trace[15], c.Span[7] = byte(l.ids), byte(l.ids)
	s := &stamp.Stamp{Route: "checkout", Error: class}
	l.ledger.Add([]rollup.Record{{Call: c, Stamp: s, Dims: []string{tenant, "gpt-4o"}, Weight: 1}}, l.at.Add(time.Second))
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
		md, _ := encoding{publish: Publish{Histograms: which}}.cumulative(snap)
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
			md, _ := enc.delta(base, snap)
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
		wholeMetrics, _ := enc.cumulative(l.cut())
		m, ok := metricOf(t, wholeMetrics, "spanledger.call.duration")
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

// A figure leads to a trace: the slowest recent call on the histogram, the
// newest failure on its class. A delta names only calls of its own interval.
func TestExemplars(t *testing.T) {
	l := newLatencies(t)
	for _, took := range []time.Duration{time.Second, 9 * time.Second, 2 * time.Second} {
		l.answer("a", took)
	}
	slow := pcommon.TraceID{15: 2}
	l.fail("a", llm.ErrServer)
	l.fail("b", llm.ErrTimeout)
	first := l.cut()
	check := func(md pmetric.Metrics, want int) {
		duration, _ := metricOf(t, md, "spanledger.call.duration")
		failed, _ := metricOf(t, md, "spanledger.attempts.failed")
		seen := 0
		if duration.Type() == pmetric.MetricTypeHistogram {
			for _, dp := range duration.Histogram().DataPoints().All() {
				for _, x := range dp.Exemplars().All() {
					require.Equal(t, slow, x.TraceID())
					require.Equal(t, pcommon.SpanID{7: 2}, x.SpanID())
					require.InDelta(t, 9.0, x.DoubleValue(), 0)
					seen++
				}
			}
		}
		if failed.Type() == pmetric.MetricTypeSum {
			for _, dp := range failed.Sum().DataPoints().All() {
				class, _ := dp.Attributes().Get("error.class")
				for _, x := range dp.Exemplars().All() {
					require.Equal(t, map[string]pcommon.TraceID{"server_error": {15: 4}, "timeout": {15: 5}}[class.Str()], x.TraceID())
					require.Equal(t, int64(1), x.IntValue())
					seen++
				}
			}
		}
		require.Equal(t, want, seen)
	}
	md, _ := encoding{}.cumulative(first)
	check(md, 3)
	md, _ = encoding{}.delta(nil, first)
	check(md, 3)
	l.at = l.at.Add(2 * time.Hour)
	l.answer("c", time.Second)
	md, _ = encoding{}.delta(first, l.cut())
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if m.Name() == "spanledger.attempts.failed" {
			for _, dp := range m.Sum().DataPoints().All() {
				require.Zero(t, dp.Exemplars().Len(), "of the interval before")
			}
		}
	}

	books := fixture()
	books.snap = first
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	answer := httptest.NewRecorder()
	NewScrape(books, Publish{}).ServeHTTP(answer, request)
	require.Contains(t, answer.Body.String(), `error_class="timeout",route="checkout",spanledger_model_id="gpt-4o",tenant="b"} 1.0 # {span_id="0000000000000005",trace_id="00000000000000000000000000000005"} 1.0`)
	require.Regexp(t, `spanledger_call_duration_seconds_bucket{.*le="15.0"} 3 # {span_id="0000000000000002",trace_id="00000000000000000000000000000002"} 9.0`, answer.Body.String())
}

// A gauge that has no value any more is ended once at a receiver that took
// what was before, and again where it is not known whether it did.
func TestGaugesThatGoAreEnded(t *testing.T) {
	const name, key = "spanledger.slo.time_to_exhaustion", "slo=search-fast "
	snap := fixture().snap
	quiet := *snap
	quiet.SLOs = slices.Clone(snap.SLOs)
	quiet.SLOs[1].Status.Exhaustion = 0
	var pushed pmetric.Metrics
	var down error
	sink := &MetricsSink{Send: func(_ context.Context, md pmetric.Metrics) error {
		pushed = md
		return down
	}}
	ended := func() (n int) {
		m, ok := metricOf(t, pushed, name)
		if !ok {
			return 0
		}
		for _, dp := range m.Gauge().DataPoints().All() {
			require.Equal(t, map[string]any{"slo": "search-fast"}, dp.Attributes().AsRaw())
			if dp.Flags().NoRecordedValue() {
				require.Equal(t, pmetric.NumberDataPointValueTypeEmpty, dp.ValueType())
				require.Equal(t, quiet.At, dp.Timestamp().AsTime())
				n++
			}
		}
		return n
	}
	push := func(s *rollup.Snapshot) int {
		_ = sink.Push(t.Context(), s)
		return ended()
	}
	require.Zero(t, push(snap))
	require.Contains(t, series(t, pushed, name), key)
	require.Equal(t, 1, push(&quiet))
	require.Zero(t, push(&quiet), "once")
	require.Zero(t, push(snap), "it may come back")
	down = errors.New("no answer")
	require.Equal(t, 1, push(&quiet))
	require.Equal(t, 1, push(&quiet), "the receiver did not say that it knows")
	down = nil
	require.Equal(t, 1, push(&quiet))
	require.Zero(t, push(&quiet))
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
