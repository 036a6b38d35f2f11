package prometheus

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/slospec"
)

// unitTest is a file of promtool's unit tests.
type unitTest struct {
	RuleFiles []string   `yaml:"rule_files"`
	Interval  string     `yaml:"evaluation_interval"`
	Tests     []unitCase `yaml:"tests"`
}

type unitCase struct {
	Name     string       `yaml:"name"`
	Interval string       `yaml:"interval"`
	Series   []unitSeries `yaml:"input_series"`
	Exprs    []unitExpr   `yaml:"promql_expr_test"`
}

type unitSeries struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

type unitExpr struct {
	Expr    string       `yaml:"expr"`
	At      string       `yaml:"eval_time"`
	Samples []unitSample `yaml:"exp_samples"`
}

type unitSample struct {
	Labels string `yaml:"labels"`
	Value  int    `yaml:"value"`
}

// counters are the events of each minute as what a scrape a minute finds.
func counters(minutes []slo.Counts) []unitSeries {
	good, bad := []string{"0"}, []string{"0"}
	var sum slo.Counts
	for _, c := range minutes {
		sum.Good, sum.Bad = sum.Good+c.Good, sum.Bad+c.Bad
		good, bad = append(good, strconv.FormatInt(sum.Good, 10)), append(bad, strconv.FormatInt(sum.Bad, 10))
	}
	return []unitSeries{
		{`spanledger_slo_events_total{slo="oracle",scope="call",outcome="good"}`, strings.Join(good, " ")},
		{`spanledger_slo_events_total{slo="oracle",scope="call",outcome="bad"}`, strings.Join(bad, " ")},
	}
}

// yes expects an expression to hold.
func yes(at time.Duration, format string, args ...any) unitExpr {
	return unitExpr{"sum(" + fmt.Sprintf(format, args...) + ") == bool 1", span(at), []unitSample{{"{}", 1}}}
}

func span(d time.Duration) string { return strconv.Itoa(int(d/time.Minute)) + "m" }

// within is 1 where a recorded value is what was published.
func (o *oracle) within(at time.Duration, field, name string, expr string) unitExpr {
	return yes(at, "abs(%s - %v) <= bool %g", fmt.Sprintf(expr, name), o.Expected[field], o.AbsTol+1e-9)
}

// The published alert cases as unit tests of the generated rules, by the tool
// of a real installation.
func TestPromtoolUnitTests(t *testing.T) {
	path, err := exec.LookPath("promtool")
	if err != nil {
		scenario.Skip(t, "promtool is not installed (Debian: apt-get install prometheus); the same cases were played through the library alone")
	}
	fields := 0
	for _, o := range oracles(t, "mwmb_alert") {
		t.Run(o.ID, func(t *testing.T) {
			objective, err := slo.ParseObjective(o.text("target"))
			require.NoError(t, err)
			spec, _ := slo.Spec{Name: "oracle", Objective: objective, Window: slo.Window{Rolling: 30 * 24 * time.Hour}}.WithDefaults()
			rules, _, err := slospec.Generate(slospec.Prometheus, []rollup.SLODef{{Spec: spec}})
			require.NoError(t, err)

			minutes := o.traffic(t)
			end := time.Duration(len(minutes)) * time.Minute
			c := unitCase{Name: o.ID, Interval: "1m", Series: counters(minutes)}
			for field, want := range o.Expected {
				window, isRatio := strings.CutPrefix(field, "error_ratio_")
				window = strings.TrimSuffix(window, "_promql")
				switch {
				case field == "page" || field == "ticket":
					held := yes(end, `clamp_max(count(ALERTS{alertname="SpanledgerSLOBurnRate",slo="oracle",severity=%q,alertstate="firing"}) or vector(0), 1)`, field)
					if want == false {
						held.Samples[0].Value = 0
					}
					c.Exprs = append(c.Exprs, held)
				case isRatio && !strings.HasSuffix(field, "_exact"):
					c.Exprs = append(c.Exprs, o.within(end, field, window, "slo:spanledger_slo_declared_error:ratio_rate%s"))
				case field == "current_burn_rate":
					c.Exprs = append(c.Exprs, o.within(end, field, "5m", "slo:spanledger_slo_declared_error:ratio_rate%s / "+objective.Budget().String()))
				case field == "remaining_ratio":
					// Its group is evaluated every five minutes.
					c.Exprs = append(c.Exprs, o.within(end.Truncate(5*time.Minute), field, "remaining", "slo:spanledger_slo_declared_error_budget:%s"))
				}
			}
			require.NotEmpty(t, c.Exprs)
			fields += len(c.Exprs)

			dir := t.TempDir()
			file, err := yaml.Marshal(unitTest{[]string{"rules.yaml"}, "1m", []unitCase{c}})
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "rules.yaml"), rules, 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "test.yaml"), file, 0o600))
			cmd := exec.CommandContext(t.Context(), path, "test", "rules", "test.yaml")
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s\n%s", out, file)
		})
	}
	require.NotZero(t, fields)
}
