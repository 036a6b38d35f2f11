package rollupcomponent

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/stamp"
)

func TestMetricsPage(t *testing.T) {
	scenario.Golden(t, filepath.Join(scenario.Root(), "docs", "metrics.md"), []byte(metricsPage()))
}

// Dashboards and rules are written against these names.
func TestPrometheusNames(t *testing.T) {
	names := map[string]string{}
	for _, m := range catalogue {
		require.NotContains(t, names, m.promName())
		names[m.promName()] = m.name
	}
	for prom, name := range map[string]string{
		"spanledger_calls_total":                        "spanledger.calls",
		"spanledger_cost_total":                         "spanledger.cost",
		"spanledger_cost_components_total":              "spanledger.cost.components",
		"spanledger_call_duration_seconds":              "spanledger.call.duration",
		"spanledger_slo_events_total":                   "spanledger.slo.events",
		"spanledger_slo_error_budget_remaining_ratio":   "spanledger.slo.error_budget.remaining",
		"spanledger_slo_burn_rate":                      "spanledger.slo.burn_rate",
		"spanledger_slo_time_to_exhaustion_seconds":     "spanledger.slo.time_to_exhaustion",
		"spanledger_slo_alert_active":                   "spanledger.slo.alert.active",
		"spanledger_budget_reset_timestamp_seconds":     "spanledger.budget.reset.timestamp",
		"spanledger_coverage_ratio":                     "spanledger.coverage",
		"spanledger_call_time_to_first_chunk_seconds":   "spanledger.call.time_to_first_chunk",
		"spanledger_call_time_per_output_token_seconds": "spanledger.call.time_per_output_token",
	} {
		require.Equal(t, name, names[prom], prom)
	}
	require.Equal(t, "spanledger_model_id", promLabel(attrModel))
	require.Equal(t, "error_class", promLabel(attrErrorClass))
}

// series flattens the points of one metric: attributes to value.
func series(t *testing.T, md pmetric.Metrics, name string) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if m.Name() != name {
			continue
		}
		var points pmetric.NumberDataPointSlice
		if m.Type() == pmetric.MetricTypeSum {
			points = m.Sum().DataPoints()
		} else {
			points = m.Gauge().DataPoints()
		}
		for _, p := range points.All() {
			var keys []string
			for k, v := range p.Attributes().All() {
				keys = append(keys, k+"="+v.AsString())
			}
			slices.Sort(keys)
			key := strings.Join(append(keys, ""), " ")
			require.NotContains(t, out, key)
			if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
				out[key] = float64(p.IntValue())
			} else {
				out[key] = p.DoubleValue()
			}
		}
	}
	return out
}

func TestCumulativeMetrics(t *testing.T) {
	snap := fixture().snap
	md, _ := encoding{version: "0.1.0"}.cumulative(snap)

	resource := md.ResourceMetrics().At(0).Resource().Attributes().AsRaw()
	require.Equal(t, map[string]any{"service.name": "spanledger", "service.instance.id": "ledger-1"}, resource)

	calls := series(t, md, "spanledger.calls")
	model := "spanledger.model.id=gpt-4o spanledger.model.platform=openai spanledger.model.vendor=openai "
	require.Subset(t, calls, map[string]float64{
		"error.class=rate_limited outcome=failed route=checkout " + model: 101,
		"error.class=server_error outcome=failed route=checkout " + model: 39,
		"outcome=recovered_retry route=checkout " + model:                 88,
		"outcome=cancelled route=checkout " + model:                       12, // without a class it keeps its outcome
	})
	sum := 0.0
	for _, n := range calls {
		sum += n
	}
	require.InDelta(t, float64(snap.Totals.Calls), sum, 0, "the parts by outcome and class are the whole")

	cost := series(t, md, "spanledger.cost")
	require.InDelta(t, 1.402275, cost["currency=USD route=checkout "+model+"use=wasted "], 0)
	require.InDelta(t, 1e-12, cost["currency=USD otel.metric.overflow=true route=_overflow spanledger.model.id=_overflow spanledger.model.platform=_overflow spanledger.model.vendor=_overflow use=delivered "], 0)

	require.Equal(t, map[string]float64{"slo=search-fast ": 9 * 24 * 3600}, series(t, md, "spanledger.slo.time_to_exhaustion"), "absent where the budget is not shrinking")
	events := series(t, md, "spanledger.slo.events")
	zeros := 0
	for key, n := range events {
		if strings.HasSuffix(key, "slo=voice-first-chunk ") {
			require.Zero(t, n, key)
			zeros++
		}
	}
	require.Contains(t, events, "outcome=bad reason=time_to_first_chunk scope=call slo=voice-first-chunk ", "zeros of declared SLOs are there from the start")
	require.Equal(t, 1+1+14+2, zeros, "good, the limit broken, failures by class, not measured, probably recovered")
	require.InDelta(t, 101.0, events["outcome=bad reason=rate_limited scope=call slo=checkout-answers "], 0)
	for i := range snap.SLOs {
		s, sum := &snap.SLOs[i], map[string]float64{}
		for key, n := range events {
			if strings.HasSuffix(key, "slo="+s.Name+" ") {
				outcome, _, _ := strings.Cut(strings.TrimPrefix(key, "outcome="), " ")
				sum[outcome] += n
			}
		}
		require.Equal(t, map[string]float64{"good": float64(s.Good), "bad": float64(s.Bad), "excluded": float64(s.Excluded)}, sum, s.Name)
	}
	alerts := series(t, md, "spanledger.slo.alert.active")
	require.InDelta(t, 1.0, alerts["slo=checkout-answers tier=page "], 0)
	require.InDelta(t, 0.0, alerts["slo=search-fast tier=ticket "], 0)
	require.InDelta(t, 0.997, series(t, md, "spanledger.coverage")["route=checkout "], 0.001)
	require.InDelta(t, 0.0, series(t, md, "spanledger.coverage")["route=support-agent "], 0)

	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if m.Type() == pmetric.MetricTypeSum {
			require.True(t, m.Sum().IsMonotonic())
			require.Equal(t, pmetric.AggregationTemporalityCumulative, m.Sum().AggregationTemporality())
			require.Equal(t, fixtureStart, m.Sum().DataPoints().At(0).StartTimestamp().AsTime())
		}
	}
}

// A route's latency is folded over what is no model, and the buckets of the
// fold are those of its rows.
func TestHistogramsFoldByRouteAndModel(t *testing.T) {
	snap := fixture().snap
	snap.Dimensions = []string{"tenant", attrModel}
	for i := range snap.Rows {
		snap.Rows[i].Dims = []string{"t" + string(rune('a'+i)), "gpt-4o"}
	}
	snap.Fold()
	md, _ := encoding{}.cumulative(snap)
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if m.Name() != "spanledger.call.duration" {
			continue
		}
		require.Equal(t, 4, m.Histogram().DataPoints().Len(), "one for each route")
		for _, p := range m.Histogram().DataPoints().All() {
			if route, _ := p.Attributes().Get("route"); route.Str() == "checkout" {
				require.Equal(t, uint64(61+4360), p.Count())
				require.Equal(t, []uint64{40, 600, 1904, 1430, 340, 87, 8, 12}, p.BucketCounts().AsRaw())
			}
		}
	}
}

func TestShareOnlyPublishesWhatAddsUp(t *testing.T) {
	md, _ := encoding{publish: Publish{Share: true}}.cumulative(fixture().snap)
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		require.NotEqual(t, pmetric.MetricTypeGauge, m.Type(), m.Name())
	}
	require.NotEmpty(t, series(t, md, "spanledger.slo.events"))
}

// Law: the deltas of any chain of cuts sum to the cumulative figures, exactly.
func TestDeltasSumToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var base *rollup.Snapshot
		calls, cost, buckets := int64(0), money.Amount{}, uint64(0)
		last := &rollup.Snapshot{Dimensions: []string{attrModel}}
		for range rapid.IntRange(1, 5).Draw(t, "cuts") {
			next := *last
			next.Rows = slices.Clone(last.Rows)
			for i := range next.Rows {
				next.Rows[i].Duration.Counts = slices.Clone(next.Rows[i].Duration.Counts)
			}
			for range rapid.IntRange(0, 6).Draw(t, "adds") {
				route, model := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "route"), rapid.SampledFrom([]string{"x", "y"}).Draw(t, "model")
				want := rollup.Row{Route: route, Dims: []string{model}, Currency: "USD"}
				at, found := slices.BinarySearchFunc(next.Rows, want, byValue(compareRows))
				if !found {
					want.Duration = rollup.Histogram{Bounds: bounds, Counts: make([]uint64, len(bounds)+1)}
					next.Rows = slices.Insert(next.Rows, at, want)
				}
				r := &next.Rows[at]
				r.Calls[stamp.OutcomeSuccess]++
				r.Tokens[llm.Input] += 7
				r.Cost[stamp.UseDelivered] = r.Cost[stamp.UseDelivered].Add(money.FromPico(rapid.Int64Range(1, 1<<60).Draw(t, "pico")))
				r.Duration.Counts[2]++
				r.Duration.Count++
			}
			d := difference(base, &next)
			for i := range d.Rows {
				calls += d.Rows[i].Calls[stamp.OutcomeSuccess]
				cost = cost.Add(d.Rows[i].Cost[stamp.UseDelivered])
				buckets += d.Rows[i].Duration.Counts[2]
			}
			base, last = &next, &next
		}
		wantCalls, wantCost := int64(0), money.Amount{}
		for i := range last.Rows {
			wantCalls += last.Rows[i].Calls[stamp.OutcomeSuccess]
			wantCost = wantCost.Add(last.Rows[i].Cost[stamp.UseDelivered])
		}
		if calls != wantCalls || cost != wantCost || buckets != uint64(wantCalls) {
			t.Fatalf("deltas sum to %d calls, %s; the books say %d, %s", calls, cost, wantCalls, wantCost)
		}
	})
}
