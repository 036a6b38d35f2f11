package prometheus

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
)

// server is a Prometheus without its surroundings: a tsdb and the engine.
type server struct {
	t       *testing.T
	storage *teststorage.TestStorage
	engine  *promql.Engine
}

func newServer(t *testing.T) *server {
	t.Helper()
	return &server{t, teststorage.New(t), promql.NewEngine(promql.EngineOpts{
		MaxSamples: 50_000_000, Timeout: time.Minute, Parser: promQL, EnableAtModifier: true, EnableNegativeOffset: true,
	})}
}

// scrape appends what one visit of a target finds.
func (s *server) scrape(at time.Time, put func(set func(value float64, name string, pairs ...string))) {
	s.t.Helper()
	app := s.storage.Appender(context.Background())
	put(func(value float64, name string, pairs ...string) {
		_, err := app.Append(0, labels.FromStrings(append(pairs, model.MetricNameLabel, name)...), at.UnixMilli(), value)
		require.NoError(s.t, err)
	})
	require.NoError(s.t, app.Commit())
}

// scraped is a series that is scraped many times; the reference spares the
// look-up of its labels.
type scraped struct {
	ref    storage.SeriesRef
	labels labels.Labels
}

func newScraped(name string, pairs ...string) *scraped {
	return &scraped{labels: labels.FromStrings(append(pairs, model.MetricNameLabel, name)...)}
}

func (s *server) append(app storage.Appender, c *scraped, at time.Time, value float64) {
	ref, err := app.Append(c.ref, c.labels, at.UnixMilli(), value)
	require.NoError(s.t, err)
	c.ref = ref
}

// query evaluates an expression at one moment.
func (s *server) query(expr string, at time.Time) (promql.Vector, error) {
	q, err := s.engine.NewInstantQuery(context.Background(), s.storage, nil, expr, at)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	res := q.Exec(context.Background())
	if res.Err != nil {
		return nil, fmt.Errorf("%s: %w", expr, res.Err)
	}
	switch v := res.Value.(type) {
	case promql.Vector:
		return append(promql.Vector(nil), v...), nil // the engine reuses its own
	case promql.Scalar:
		return promql.Vector{{T: v.T, F: v.V}}, nil
	}
	return nil, fmt.Errorf("%s: %T is no vector", expr, res.Value)
}

// number is the one value of an expression; NaN where there is no sample.
func (s *server) number(expr string, at time.Time) float64 {
	s.t.Helper()
	v, err := s.query(expr, at)
	require.NoError(s.t, err)
	require.LessOrEqual(s.t, len(v), 1, expr)
	if len(v) == 0 {
		return math.NaN()
	}
	return v[0].F
}

// templateUse is the only thing that the labels of our alerts use templates for.
var templateUse = regexp.MustCompile(`\{\{ \$labels\.([a-z_]+) \}\}`)

// firing is an alert whose expression holds.
type firing struct {
	alert  string
	labels map[string]string
}

// evaluate runs rule groups once, as Prometheus does: in order, each recording
// seen by what follows it.
func (s *server) evaluate(groups *rulefmt.RuleGroups, at time.Time) (alerts []firing) {
	s.t.Helper()
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			v, err := s.query(r.Expr, at)
			require.NoError(s.t, err, r.Record+r.Alert)
			if r.Alert != "" {
				for _, sample := range v {
					have := sample.Metric.Map()
					for k, l := range r.Labels {
						have[k] = templateUse.ReplaceAllStringFunc(l, func(m string) string {
							return sample.Metric.Get(templateUse.FindStringSubmatch(m)[1])
						})
					}
					alerts = append(alerts, firing{r.Alert, have})
				}
				continue
			}
			app := s.storage.Appender(context.Background())
			for _, sample := range v {
				b := labels.NewBuilder(sample.Metric).Set(model.MetricNameLabel, r.Record)
				for k, l := range r.Labels {
					b.Set(k, l)
				}
				_, err := app.Append(0, b.Labels(), at.UnixMilli(), sample.F)
				require.NoError(s.t, err)
			}
			require.NoError(s.t, app.Commit())
		}
	}
	return alerts
}

// tiersOf are the tiers at which an SLO burns.
func tiersOf(alerts []firing, slo string) words {
	out := words{}
	for _, a := range alerts {
		if a.alert == "SpanledgerSLOBurnRate" && a.labels["slo"] == slo {
			out[a.labels["severity"]] = true
		}
	}
	return out
}
