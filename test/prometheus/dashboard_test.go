package prometheus

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/deploy"
	"github.com/spanledger/spanledger/internal/rollupcomponent"
	"github.com/spanledger/spanledger/internal/scenario"
)

var epoch = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)

const every = 15 * time.Second

// openValues are two values for each label whose values are the users'.
var openValues = map[string][]string{
	"route": {"checkout", "chat"}, "spanledger_model_vendor": {"anthropic", "openai"}, "spanledger_model_platform": {"anthropic", "openai"},
	"spanledger_model_id": {"anthropic/claude-sonnet", "openai/gpt-5"}, "currency": {"USD"}, "slo": {"checkout-answers", "chat-fast"},
	"window": {"5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"}, "tier": {"page", "ticket"}, "budget": {"checkout-month", "all"},
}

// sampleSeries gives a metric series in which every value of every label
// occurs, for each of two routes or objectives.
func sampleSeries(m rollupcomponent.PublishedMetric, extra ...string) []*scraped {
	most := 2
	of := func(label string) []string {
		if v := m.Values[label]; v != nil {
			return v
		}
		return openValues[label]
	}
	for _, l := range m.Labels {
		most = max(most, len(of(l)))
	}
	var out []*scraped
	seen := map[uint64]bool{}
	for i := range 2 * most {
		pairs := slices.Clone(extra)
		for _, l := range m.Labels {
			values := of(l)
			n := i / 2
			if _, closed := m.Values[l]; !closed && l != "window" {
				n = i % 2
			}
			if l != "otel_metric_overflow" && len(values) > 0 {
				pairs = append(pairs, l, values[n%len(values)])
			}
		}
		s := newScraped(m.Name, pairs...)
		if h := s.labels.Hash(); !seen[h] {
			seen[h] = true
			out = append(out, s)
		}
	}
	return out
}

// everything is a server that has been scraping a collector with all that the
// catalogue can publish for two hours.
func everything(t *testing.T) (*server, time.Time) {
	t.Helper()
	s := newServer(t)
	var counters, gauges []*scraped
	for _, m := range rollupcomponent.PublishedMetrics() {
		switch m.Kind {
		case "gauge":
			gauges = append(gauges, sampleSeries(m)...)
		case "histogram":
			for _, le := range []string{"0.5", "1", "8", "+Inf"} {
				b := m
				b.Name += "_bucket"
				counters = append(counters, sampleSeries(b, "le", le)...)
			}
		default:
			counters = append(counters, sampleSeries(m)...)
		}
	}
	for _, name := range ownNames(t) {
		gauges = append(gauges, newScraped(name))
	}
	alert := newScraped("ALERTS", "alertname", "SpanledgerAbsent", "alertstate", "firing", "severity", "page")
	gauges = append(gauges, alert)
	end := epoch.Add(2 * time.Hour)
	for at := epoch; !at.After(end); at = at.Add(every) {
		app := s.storage.Appender(t.Context())
		step := float64(at.Sub(epoch) / every)
		for i, c := range counters {
			s.append(app, c, at, step*float64(i%7+1))
		}
		for i, g := range gauges {
			value := float64(i%3) / 2
			if g.labels.Get(model.MetricNameLabel) == "spanledger_slo_alert_active" {
				value = 1 // every tier of every SLO, wherever the metric stands in the list
			}
			s.append(app, g, at, value)
		}
		commit(t, app)
	}
	return s, end
}

func commit(t *testing.T, app storage.Appender) {
	t.Helper()
	require.NoError(t, app.Commit())
}

// ownNames are the bare names of the components' own metrics.
func ownNames(t *testing.T) (names []string) {
	t.Helper()
	for _, c := range []string{"exporter/genairollupexporter", "processor/genaienricherprocessor"} {
		raw, err := os.ReadFile(filepath.Join(scenario.Root(), c, "metadata.yaml"))
		require.NoError(t, err)
		var meta struct {
			Telemetry struct{ Metrics map[string]any }
		}
		require.NoError(t, yaml.Unmarshal(raw, &meta))
		for name := range meta.Telemetry.Metrics {
			names = append(names, "otelcol_"+name)
		}
	}
	slices.Sort(names)
	return names
}

// filled stands for Grafana: variables get the values of a fresh dashboard.
var filled = strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h", "$route", ".*", "$model", ".*", "$slo", ".*", "$currency", "USD")

// Every picture of the dashboard must evaluate, and show something where
// everything is published.
func TestEveryPanelShowsSomething(t *testing.T) {
	s, now := everything(t)
	raw := deploy.Dashboard
	type panel struct {
		Title   string
		Targets []struct{ Expr string }
		Panels  []panel
	}
	var d struct{ Panels []panel }
	require.NoError(t, json.Unmarshal(raw, &d))
	shown := 0
	var visit func([]panel)
	visit = func(list []panel) {
		for _, p := range list {
			for _, target := range p.Targets {
				v, err := s.query(filled.Replace(target.Expr), now)
				require.NoError(t, err, p.Title)
				require.NotEmpty(t, v, "%s: %s", p.Title, target.Expr)
				shown++
			}
			visit(p.Panels)
		}
	}
	visit(d.Panels)
	require.Greater(t, shown, 60)
}

// The rules must evaluate on the same data, without a clash of labels.
func TestEveryShippedRuleEvaluates(t *testing.T) {
	s, now := everything(t)
	raw := deploy.Rules
	s.evaluate(readRules(t, raw), now)
	tiers := tiersOf(s.evaluate(readRules(t, raw), now.Add(time.Minute)), "chat-fast")
	require.NotEmpty(t, tiers, "the fixture's alert gauge is 1 for some")
	require.Subset(t, setOf("page", "ticket"), tiers, "the severity is the tier")
}
