package prometheus

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/rollupcomponent"
	"github.com/spanledger/spanledger/internal/scenario"
)

var promQL = parser.NewParser(parser.Options{})

// words is a set of label names.
type words map[string]bool

func setOf(list ...string) words {
	s := words{}
	for _, w := range list {
		s[w] = true
	}
	return s
}

func (s words) with(o words) words {
	out := words{}
	maps.Copy(out, s)
	maps.Copy(out, o)
	return out
}

func (s words) String() string { return strings.Join(slices.Sorted(maps.Keys(s)), " ") }

// series is what is known of one metric: its labels, and the values of those
// that have a closed set.
type series struct {
	labels words
	values map[string][]string
}

// vocabulary is every metric that an expression may name.
type vocabulary map[string]series

// targetLabels are put on every series by the scrape.
var targetLabels = []string{"job", "instance"}

func newVocabulary(t *testing.T) vocabulary {
	t.Helper()
	v := vocabulary{"ALERTS": {labels: setOf("alertname", "alertstate", "severity", "tier", "long", "slo", "budget", "currency", "route")}}
	for _, m := range rollupcomponent.PublishedMetrics() {
		s := series{setOf(append(targetLabels, m.Labels...)...), m.Values}
		if m.Kind != "histogram" {
			v[m.Name] = s
			continue
		}
		v[m.Name+"_sum"], v[m.Name+"_count"] = s, s
		v[m.Name+"_bucket"] = series{s.labels.with(setOf("le")), m.Values}
	}
	for _, c := range []string{"exporter/genairollupexporter", "connector/genairollupconnector", "processor/genaienricherprocessor"} {
		v.addOwn(t, filepath.Join(scenario.Root(), c, "metadata.yaml"))
	}
	return v
}

// addOwn adds a component's own metrics under the names that the collector's
// readers give them: bare, or with the suffix of their type and unit.
func (v vocabulary) addOwn(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var meta struct {
		Attributes map[string]struct{ Enum []string }
		Telemetry  struct {
			Metrics map[string]struct {
				Unit       string
				Attributes []string
				Sum        *struct{ Monotonic bool }
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(raw, &meta))
	require.NotEmpty(t, meta.Telemetry.Metrics)
	for name, m := range meta.Telemetry.Metrics {
		name = "otelcol_" + name
		s := series{labels: setOf(targetLabels...).with(setOf(m.Attributes...)), values: map[string][]string{}}
		for _, a := range m.Attributes {
			s.values[a] = meta.Attributes[a].Enum
		}
		v[name] = s
		switch m.Unit {
		case "s":
			name += "_seconds"
		case "By":
			name += "_bytes"
		}
		if m.Sum != nil && m.Sum.Monotonic {
			name += "_total"
		}
		v[name] = s
	}
}

// check holds an expression against the vocabulary and says which labels its
// result can have.
func (v vocabulary) check(expr string) (words, error) {
	e, err := promQL.ParseExpr(expr)
	if err != nil {
		return nil, err
	}
	return v.labelsOf(e)
}

func (v vocabulary) labelsOf(e parser.Expr) (words, error) {
	switch e := e.(type) {
	case *parser.VectorSelector:
		return v.selector(e)
	case *parser.MatrixSelector:
		return v.labelsOf(e.VectorSelector)
	case *parser.SubqueryExpr:
		return v.labelsOf(e.Expr)
	case *parser.ParenExpr:
		return v.labelsOf(e.Expr)
	case *parser.UnaryExpr:
		return v.labelsOf(e.Expr)
	case *parser.AggregateExpr:
		return v.aggregate(e)
	case *parser.BinaryExpr:
		return v.binary(e)
	case *parser.Call:
		return v.call(e)
	case *parser.NumberLiteral, *parser.StringLiteral:
		return words{}, nil
	}
	return nil, fmt.Errorf("%T is not understood here", e)
}

func (v vocabulary) selector(e *parser.VectorSelector) (words, error) {
	s, known := v[e.Name]
	if !known {
		return nil, fmt.Errorf("nobody publishes %q", e.Name)
	}
	var errs []error
	for _, m := range e.LabelMatchers {
		switch values := s.values[m.Name]; {
		case m.Name == model.MetricNameLabel:
		case !s.labels[m.Name]:
			errs = append(errs, fmt.Errorf("%s has no label %q, only %s", e.Name, m.Name, s.labels))
		case values != nil:
			errs = append(errs, checkValues(e.Name, m, values))
		}
	}
	return s.labels, errors.Join(errs...)
}

// checkValues wants every word that a matcher spells out to be one that can
// occur; the empty word asks for the label's absence.
func checkValues(metric string, m *labels.Matcher, values []string) error {
	for word := range strings.SplitSeq(m.Value, "|") {
		if word != "" && !slices.Contains(values, word) {
			return fmt.Errorf("%s{%s}: %q never occurs, only %v", metric, m, word, values)
		}
	}
	return nil
}

func (v vocabulary) aggregate(e *parser.AggregateExpr) (words, error) {
	in, err := v.labelsOf(e.Expr)
	if err != nil {
		return nil, err
	}
	for _, l := range e.Grouping {
		if !in[l] {
			return nil, fmt.Errorf("%s: nothing below has the label %q, only %s", e, l, in)
		}
	}
	if e.Without {
		out := maps.Clone(in)
		for _, l := range e.Grouping {
			delete(out, l)
		}
		return out, nil
	}
	return setOf(e.Grouping...), nil
}

func (v vocabulary) binary(e *parser.BinaryExpr) (words, error) {
	left, errL := v.labelsOf(e.LHS)
	right, errR := v.labelsOf(e.RHS)
	if err := errors.Join(errL, errR); err != nil {
		return nil, err
	}
	m := e.VectorMatching
	if m == nil {
		return left.with(right), nil
	}
	for _, l := range append(slices.Clone(m.MatchingLabels), m.Include...) {
		if m.On && (!left[l] || !right[l]) {
			return nil, fmt.Errorf("%s: both sides need the label %q: %s; %s", e, l, left, right)
		}
	}
	switch {
	case e.Op == parser.LOR:
		return left.with(right), nil
	case e.Op.IsSetOperator() || m.Card != parser.CardOneToOne || !m.On:
		return left, nil
	}
	return setOf(m.MatchingLabels...), nil
}

func (v vocabulary) call(e *parser.Call) (words, error) {
	out := words{}
	for _, a := range e.Args {
		in, err := v.labelsOf(a)
		if err != nil {
			return nil, err
		}
		out = out.with(in)
	}
	switch e.Func.Name {
	case "histogram_quantile":
		if !out["le"] {
			return nil, fmt.Errorf("%s: its buckets have lost le", e)
		}
		delete(out, "le")
	case "absent", "vector", "time":
		return words{}, nil
	}
	return out, nil
}

var (
	templateLabel = regexp.MustCompile(`\$labels\.([a-zA-Z_]+)`)
	legendLabel   = regexp.MustCompile(`\{\{\s*([a-zA-Z_]+)\s*\}\}`)
)

// missing lists the labels that a text asks for and a result does not have.
func missing(text string, form *regexp.Regexp, have words) (out []string) {
	for _, m := range form.FindAllStringSubmatch(text, -1) {
		if !have[m[1]] {
			out = append(out, m[1])
		}
	}
	return out
}
