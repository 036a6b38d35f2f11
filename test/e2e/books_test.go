package e2e

import (
	"bytes"
	"math/big"
	"os"
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

// recorded is what each recording must cost by the books, and why where that
// is not what the provider stand-in served. USD; list prices of gpt-4o
// (2.5/1.25/10), gpt-5-mini (0.25/0.025/2) and claude-sonnet-4-5
// (3/0.3/3.75/6/15) per million tokens.
var recorded = []struct{ client, scenario, cost, differs string }{
	{"openai-6.49.0+otel", "plain", "0.0006", ""},
	{"openai-6.49.0+otel", "stream", "0.0006", ""},
	{"openai-6.49.0+otel", "cached", "0.00542", "the instrumentation does not report cached tokens; truth 0.0035"},
	{"openai-6.49.0+otel", "reasoning", "0.00063", ""},
	{"openai-6.49.0+otel", "tools", "0.0012", ""},
	{"openai-6.49.0+otel", "retry", "0.0006", ""},
	{"openai-6.49.0+otel", "exhausted", "0", ""},
	{"openai-6.49.0+openinference", "plain", "0.0006", ""},
	{"openai-6.49.0+openinference", "stream", "0", "the instrumentation reports no usage of streams; truth 0.0006"},
	{"openai-6.49.0+openinference", "cached", "0.0035", ""},
	{"openai-6.49.0+openinference", "reasoning", "0.00063", ""},
	{"openai-6.49.0+openinference", "tools", "0.0012", ""},
	{"openai-6.49.0+openinference", "retry", "0.0006", ""},
	{"openai-6.49.0+openinference", "exhausted", "0", ""},
	{"anthropic-1.12.0+native", "plain", "0.00081", ""},
	{"anthropic-1.12.0+native", "stream", "0.00081", ""},
	{"anthropic-1.12.0+native", "cached", "0.002925", ""},
	{"anthropic-1.12.0+native", "tools", "0.00162", ""},
	{"anthropic-1.12.0+native", "retry", "0.00081", ""},
	{"anthropic-1.12.0+native", "exhausted", "0", ""},
	{"ai-6.0.326+openai", "plain", "0.0006", ""},
	{"ai-6.0.326+openai", "stream", "0.0006", ""},
	{"ai-6.0.326+openai", "cached", "0.0035", ""},
	{"ai-6.0.326+openai", "reasoning", "0.00063", ""},
	{"ai-6.0.326+openai", "tools", "0.0012", ""},
	{"ai-6.0.326+openai", "retry", "0.0006", ""},
	{"ai-6.0.326+openai", "exhausted", "0", ""},
	{"ai-6.0.326+anthropic", "plain", "0.00081", ""},
	{"ai-6.0.326+anthropic", "stream", "0.00081", ""},
	{"ai-6.0.326+anthropic", "cached", "0.002925", ""},
	{"ai-6.0.326+anthropic", "tools", "0.00162", ""},
	{"ai-6.0.326+anthropic", "retry", "0.00081", ""},
	{"ai-6.0.326+anthropic", "exhausted", "0", ""},
}

func TestRealClientsAreBilledForWhatTheyUsed(t *testing.T) {
	sink := newBackend(t)
	c := start(t, filepath.Join("testdata", "e2e.yaml"), "SPANLEDGER_PUSH="+sink.URL)
	files, err := filepath.Glob(filepath.Join(root(), "testdata", "recorded", "*", "*.jsonl"))
	require.NoError(t, err)
	require.Len(t, recorded, len(files), "every recording has its expected cost")
	want := map[string]*big.Rat{}
	for _, r := range recorded {
		c.send(recording(t, r.client, r.scenario))
		cost, _ := new(big.Rat).SetString(r.cost)
		route := "recorded-" + r.client + "/" + r.scenario
		want[route] = cost
	}
	c.eventually(20*time.Second, "every call is settled", func() bool { return c.books().Totals.Pending == 0 })
	got := map[string]string{}
	for _, route := range c.books().Routes {
		got[route.Route] = money(route.Cost["USD"])
	}
	for _, r := range recorded {
		route := "recorded-" + r.client + "/" + r.scenario
		n, _ := want[route].FloatPrec()
		require.Equal(t, want[route].FloatString(n), money(got[route]), "%s (%s)", route, r.differs)
	}
	c.stop()
}

// recording reads one recording with its times moved to now and a route of its
// own.
func recording(t *testing.T, client, scenario string) ptrace.Traces {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root(), "testdata", "recorded", client, scenario+".jsonl"))
	require.NoError(t, err)
	all := ptrace.NewTraces()
	var u ptrace.JSONUnmarshaler
	for _, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		td, err := u.UnmarshalTraces(line)
		require.NoError(t, err)
		for _, rs := range td.ResourceSpans().All() {
			rs.Resource().Attributes().PutStr("test.route", "recorded-"+client+"/"+scenario)
		}
		td.ResourceSpans().MoveAndAppendTo(all.ResourceSpans())
	}
	sim.ShiftToEnd(all, time.Now())
	return all
}
