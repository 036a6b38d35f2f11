package e2e

import (
	"bytes"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/recorded"
	"github.com/spanledger/spanledger/internal/sim"
)

const requests = 2000

// The sum of the rows is the sum of the spans is the true ledger, to the last
// unit, over every door.
func TestTheBooksEqualTheTruth(t *testing.T) {
	for _, scenario := range sim.Scenarios {
		t.Run("scenario "+scenario, func(t *testing.T) { booksEqualTruth(t, scenario) })
	}
}

func booksEqualTruth(t *testing.T, scenario string) {
	t.Helper()
	sink := newBackend(t)
	c := start(t, filepath.Join("testdata", "e2e.yaml"), "SPANLEDGER_PUSH="+sink.URL)
	fleet := sim.New(sim.Config{Seed: 42, Scenario: scenario})
	for range requests / 20 {
		batch := ptrace.NewTraces()
		for range 20 {
			fleet.Next(time.Now()).ResourceSpans().MoveAndAppendTo(batch.ResourceSpans())
		}
		c.send(batch)
	}
	c.eventually(20*time.Second, "every call is settled", func() bool { return c.books().Totals.Pending == 0 })
	truth, b := fleet.Truth(), c.books()

	require.Len(t, b.Routes, len(truth.Routes()))
	for _, got := range b.Routes {
		want := truth.Route(got.Route)
		require.NotNil(t, want, got.Route)
		require.Equal(t, want.Cost(), money(got.Cost["USD"]), "cost of %s", got.Route)
		require.Equal(t, want.Wasted(), money(got.Wasted["USD"]), "waste of %s", got.Route)
		require.Equal(t, want.Naive(), money(got.Naive["USD"]), "naive sum of %s", got.Route)
		require.Equal(t, want.Calls, got.Calls, "calls of %s by outcome", got.Route)
		require.Equal(t, want.Attempts, got.AttemptsTotal, "attempts of %s", got.Route)
		require.Equal(t, want.FailedAttempts, sum(got.AttemptsFailed), "failed attempts of %s", got.Route)
	}
	total := truth.Total()
	require.Len(t, b.Totals.Cost, 1)
	require.Equal(t, total.Cost(), b.Totals.Cost[0].Total)
	require.Equal(t, total.Naive(), b.Totals.Cost[0].Naive)
	require.Equal(t, total.Cost(), sumOfRows(b), "rows add up to the total")
	require.Equal(t, total.Billed, b.Totals.Billed)
	require.Equal(t, total.CallsTotal(), b.Totals.Calls)
	unpriced := 0
	for _, u := range b.Unpriced {
		if u.Reason == "unpriced_model" {
			unpriced++
			require.Equal(t, "house-model-7b", u.Model)
			require.Equal(t, total.Unpriced, u.Calls)
			require.Contains(t, u.Override, "house-model-7b", "what to paste names the model")
		}
	}
	require.Equal(t, 1, unpriced, "the house model alone has no price")

	t.Run("scrape", func(t *testing.T) { scrapeEquals(t, c, b) })
	t.Run("push", func(t *testing.T) { pushEquals(t, c, sink, b) })
	c.stop()
}

// scrapeEquals holds /metrics against the API: the nearest double of every
// row's cost.
func scrapeEquals(t *testing.T, c *collector, b books) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(c.get(c.prometheusAddr + "/metrics")))
	require.NoError(t, err)
	family := families["spanledger_cost_total"]
	require.NotNil(t, family, "spanledger_cost_total is served")
	got := map[string]float64{}
	for _, m := range family.Metric {
		got[key(label(m, "route"), label(m, "spanledger_model_id"), label(m, "spanledger_model_platform"), label(m, "use"))] = m.Counter.GetValue()
	}
	eachCost(b, func(k string, want float64) { require.Equal(t, want, got[k], k) })
}

// pushEquals holds the pushed OTLP metrics against the API.
func pushEquals(t *testing.T, c *collector, sink *backend, b books) {
	_, seen := sink.newest()
	c.eventually(10*time.Second, "a push after the last span", func() bool { _, n := sink.newest(); return n >= seen+2 })
	md, _ := sink.newest()
	got := map[string]float64{}
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				if m.Name() != "spanledger.cost" {
					continue
				}
				require.True(t, m.Sum().IsMonotonic())
				require.Equal(t, pmetric.AggregationTemporalityCumulative, m.Sum().AggregationTemporality())
				for _, dp := range m.Sum().DataPoints().All() {
					at := func(k string) string { v, _ := dp.Attributes().Get(k); return v.AsString() }
					got[key(at("route"), at("spanledger.model.id"), at("spanledger.model.platform"), at("use"))] = dp.DoubleValue()
				}
			}
		}
	}
	eachCost(b, func(k string, want float64) { require.Equal(t, want, got[k], k) })
}

func eachCost(b books, check func(key string, want float64)) {
	for _, row := range b.Rows {
		for use, amount := range row.Cost {
			r, _ := new(big.Rat).SetString(amount)
			want, _ := r.Float64()
			check(key(row.Route, row.Dimensions["spanledger.model.id"], row.Dimensions["spanledger.model.platform"], use), want)
		}
	}
}

func key(parts ...string) string { return strings.Join(parts, " | ") }

func label(m *dto.Metric, name string) string {
	for _, l := range m.Label {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

func sumOfRows(b books) string {
	total := new(big.Rat)
	for _, row := range b.Rows {
		if r, ok := new(big.Rat).SetString(money(row.CostTotal)); ok {
			total.Add(total, r)
		}
	}
	n, _ := total.FloatPrec()
	return total.FloatString(n)
}

// money spells the absence of a figure as no money.
func money(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

func sum(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

// TestRealClientsAreBilledForWhatTheyUsed holds the built collector's books,
// one route a recording, against the log of the provider that served it; where
// a client's spans cannot tell, the table of internal/recorded says why.
func TestRealClientsAreBilledForWhatTheyUsed(t *testing.T) {
	sink := newBackend(t)
	c := start(t, filepath.Join("testdata", "e2e.yaml"), "SPANLEDGER_PUSH="+sink.URL)
	all, err := recorded.All()
	require.NoError(t, err)
	for i := range all {
		c.send(recording(t, &all[i]))
	}
	c.eventually(20*time.Second, "every call is settled", func() bool { return c.books().Totals.Pending == 0 })
	got := map[string]string{}
	for _, route := range c.books().Routes {
		got[route.Route] = money(route.Cost["USD"])
	}
	for i := range all {
		r := &all[i]
		// A lower bound is no cost: the books count it as such and add nothing.
		if r.Deviation.Bound {
			require.Equal(t, "0", money(got["recorded-"+r.Name()]), "%s (%s)", r.Name(), r.Deviation.Why)
			continue
		}
		require.Equal(t, r.Expected().Cost.String(), money(got["recorded-"+r.Name()]), "%s (%s)", r.Name(), r.Deviation.Why)
	}
	c.stop()
}

// recording is one recording with its times moved to now and a route of its
// own.
func recording(t *testing.T, r *recorded.Recording) ptrace.Traces {
	t.Helper()
	all := ptrace.NewTraces()
	var u ptrace.JSONUnmarshaler
	for _, b := range r.Batches {
		td, err := u.UnmarshalTraces(b)
		require.NoError(t, err)
		for _, rs := range td.ResourceSpans().All() {
			rs.Resource().Attributes().PutStr("test.route", "recorded-"+r.Name())
		}
		td.ResourceSpans().MoveAndAppendTo(all.ResourceSpans())
	}
	if all.SpanCount() > 0 {
		sim.ShiftToEnd(all, time.Now())
	}
	return all
}
