package prometheus

import (
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/deploy"
	"github.com/spanledger/spanledger/internal/scenario"
)

// declared are recorded by what spanledger-slo writes for shares.
var declared = map[string][]string{
	"slo:spanledger_slo_objective:declared":  {"slo"},
	"slo:spanledger_slo_factor:declared":     {"slo", "tier", "long", "short"},
	"slo:spanledger_slo_min_events:declared": {"slo"},
}

func readRules(t *testing.T, raw []byte) *rulefmt.RuleGroups {
	t.Helper()
	groups, errs := rulefmt.Parse(raw, false, model.LegacyValidation, promQL, slog.New(slog.DiscardHandler))
	require.Empty(t, errs)
	return groups
}

// addRecorded adds what the rules record, checking each rule on its way, and
// the names of the alerts.
func (v vocabulary) addRecorded(t *testing.T, groups *rulefmt.RuleGroups) (alerts words) {
	t.Helper()
	alerts = words{}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			name := r.Record + r.Alert
			have, err := v.check(r.Expr)
			require.NoError(t, err, "%s/%s", g.Name, name)
			if r.Record != "" {
				for l := range r.Labels {
					have = have.with(setOf(l))
				}
				if was, again := v[r.Record]; again {
					have = have.with(was.labels)
				}
				v[r.Record] = series{labels: have}
				continue
			}
			alerts[r.Alert] = true
			require.NotEmpty(t, r.Labels["severity"], name)
			require.NotEmpty(t, r.Annotations["summary"], name)
			require.NotEmpty(t, r.Annotations["description"], name)
			for _, texts := range []map[string]string{r.Labels, r.Annotations} {
				for k, text := range texts {
					require.Empty(t, missing(text, templateLabel, have), "%s: %s names labels that it cannot have: %s", name, k, text)
				}
			}
		}
	}
	return alerts
}

func shippedVocabulary(t *testing.T) (vocabulary, words) {
	t.Helper()
	v := newVocabulary(t)
	for name, l := range declared {
		v[name] = series{labels: setOf(l...)}
	}
	raw := deploy.Rules
	return v, v.addRecorded(t, readRules(t, raw))
}

func TestShippedRulesNameOnlyWhatIsPublished(t *testing.T) {
	_, alerts := shippedVocabulary(t)
	require.Greater(t, len(alerts), 15)
}

// A rule that names what nobody publishes must not pass.
func TestTheCheckBites(t *testing.T) {
	v, _ := shippedVocabulary(t)
	for expr, why := range map[string]string{
		`spanledger_call_total`:                                                        "nobody publishes",
		`spanledger_calls_total{rout="x"}`:                                             "no label",
		`spanledger_calls_total{outcome="succes"}`:                                     "never occurs",
		`spanledger_calls_total{outcome=~"success|good"}`:                              "never occurs",
		`spanledger_slo_events_total{outcome="success"}`:                               "never occurs",
		`sum by (team) (spanledger_cost_total)`:                                        "nothing below",
		`spanledger_budget_spent > on (slo) spanledger_budget_limit`:                   "both sides",
		`histogram_quantile(0.9, sum(rate(spanledger_call_duration_seconds_sum[5m])))`: "lost le",
		`sum by (route) (sum by (slo) (spanledger_slo_events_total))`:                  "nothing below",
	} {
		_, err := v.check(expr)
		require.ErrorContains(t, err, why, expr)
	}
}

// grafana replaces the variables that Grafana fills in where PromQL wants a
// duration; those inside quotes are ordinary text to the parser.
var grafana = strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h", "$__interval", "1m")

func TestDashboardNamesOnlyWhatIsPublished(t *testing.T) {
	v, alerts := shippedVocabulary(t)
	raw := deploy.Dashboard
	type panel struct {
		Title, Type string
		Targets     []struct{ Expr, LegendFormat string }
		Panels      []json.RawMessage
	}
	var d struct {
		Panels      []json.RawMessage
		Annotations struct {
			List []struct{ Expr, TitleFormat, TextFormat string }
		}
		Templating struct {
			List []struct{ Type, Name, Definition string }
		}
	}
	require.NoError(t, json.Unmarshal(raw, &d))
	expressions := 0
	var visit func([]json.RawMessage)
	visit = func(list []json.RawMessage) {
		for _, one := range list {
			var p panel
			require.NoError(t, json.Unmarshal(one, &p))
			for _, target := range p.Targets {
				have, err := v.check(grafana.Replace(target.Expr))
				require.NoError(t, err, "%s: %s", p.Title, target.Expr)
				require.Empty(t, missing(target.LegendFormat, legendLabel, have), "%s: legend %s", p.Title, target.LegendFormat)
				expressions++
			}
			visit(p.Panels)
		}
	}
	visit(d.Panels)
	require.Greater(t, expressions, 60)
	for _, a := range d.Annotations.List {
		have, err := v.check(a.Expr)
		require.NoError(t, err)
		require.Empty(t, missing(a.TitleFormat+a.TextFormat, legendLabel, have))
	}
	variable := regexp.MustCompile(`^label_values\((.+), ([a-z_]+)\)$`)
	for _, q := range d.Templating.List {
		if q.Type != "query" {
			continue
		}
		m := variable.FindStringSubmatch(q.Definition)
		require.NotNil(t, m, q.Definition)
		have, err := v.check(m[1])
		require.NoError(t, err)
		require.Contains(t, have, m[2], q.Definition)
	}
	for name := range alerts {
		require.True(t, strings.HasPrefix(name, "Spanledger"), "the dashboard lists alerts by that prefix: %s", name)
	}
}

// What the tool of a real installation says; it may be older than the library.
func TestPromtoolAcceptsTheRules(t *testing.T) {
	promtoolChecks(t, deploy.Rules)
}

func promtoolChecks(t *testing.T, rules []byte) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		scenario.Skip(t, "promtool is not installed (Debian: apt-get install prometheus); the rules were checked by the library alone")
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, rules, 0o600))
	out, err := exec.CommandContext(t.Context(), path, "check", "rules", file).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
