package prometheus

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/deploy"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/slospec"
)

// oracle is one published case.
type oracle struct {
	ID       string
	Kind     string
	Inputs   map[string]any
	Expected map[string]any
	AbsTol   float64 `json:"abs_tol"`
}

func oracles(t *testing.T, kind string) (list []oracle) {
	t.Helper()
	raw, err := os.ReadFile(scenario.OraclePath("slo.jsonl"))
	require.NoError(t, err)
	for line := range strings.Lines(string(raw)) {
		var o oracle
		dec := json.NewDecoder(strings.NewReader(line))
		dec.UseNumber()
		require.NoError(t, dec.Decode(&o))
		if o.Kind == kind {
			list = append(list, o)
		}
	}
	require.NotEmpty(t, list)
	return list
}

func (o *oracle) text(field string) string { return fmt.Sprint(o.Inputs[field]) }

func (o *oracle) number(t *testing.T, field string) int {
	t.Helper()
	n, err := strconv.Atoi(o.text(field))
	require.NoError(t, err, "%s: %s", o.ID, field)
	return n
}

var minutesAfter = regexp.MustCompile(`(\d+) ?min`)

// traffic is the events of each minute of a case.
func (o *oracle) traffic(t *testing.T) (minutes []slo.Counts) {
	t.Helper()
	repeat := func(n int, c slo.Counts) {
		for range n {
			minutes = append(minutes, c)
		}
	}
	if o.Inputs["constant_error_ratio"] != nil {
		bad, ok := new(big.Rat).SetString(o.text("constant_error_ratio"))
		require.True(t, ok)
		repeat(o.number(t, "elapsed_min"), slo.Counts{Good: bad.Denom().Int64() - bad.Num().Int64(), Bad: bad.Num().Int64()})
		return minutes
	}
	rate := int64(o.number(t, "traffic_per_min"))
	repeat(o.number(t, "clean_min"), slo.Counts{Good: rate})
	repeat(o.number(t, "all_fail_min"), slo.Counts{Bad: rate})
	if m := minutesAfter.FindStringSubmatch(o.text("evaluate_at")); m != nil {
		n, _ := strconv.Atoi(m[1])
		repeat(n, slo.Counts{Good: rate})
	}
	return minutes
}

// feed scrapes the counters of a case once a minute, which is what the cases
// were computed with.
func (o *oracle) feed(t *testing.T, s *server) (end time.Time) {
	t.Helper()
	var sum slo.Counts
	at := epoch
	put := func() {
		s.scrape(at, func(set func(float64, string, ...string)) {
			for outcome, n := range map[string]int64{"good": sum.Good, "bad": sum.Bad, "excluded": 0} {
				set(float64(n), "spanledger_slo_events_total", "slo", "oracle", "scope", "call", "outcome", outcome)
			}
		})
	}
	put()
	for _, c := range o.traffic(t) {
		at = at.Add(time.Minute)
		sum.Good, sum.Bad = sum.Good+c.Good, sum.Bad+c.Bad
		put()
	}
	return at
}

// Cases of multi-window alerts that were computed with another product's rules,
// by both of ours: the complete rules, and the shipped ones with declared
// objectives.
func TestAlertOracles(t *testing.T) {
	for _, o := range oracles(t, "mwmb_alert") {
		t.Run(o.ID, func(t *testing.T) {
			s := newServer(t)
			objective, err := slo.ParseObjective(o.text("target"))
			require.NoError(t, err)
			spec, _ := slo.Spec{Name: "oracle", Objective: objective, Window: slo.Window{Rolling: 30 * 24 * time.Hour}}.WithDefaults()
			now := o.feed(t, s)
			generated := func(format string) []firing {
				out, _, err := slospec.Generate(format, []rollup.SLODef{{Spec: spec}})
				require.NoError(t, err)
				return s.evaluate(readRules(t, out), now)
			}
			complete := tiersOf(generated(slospec.Prometheus), "oracle")
			generated(slospec.Objectives)
			shared := tiersOf(s.evaluate(readRules(t, deploy.Rules), now), "oracle")

			budget := objective.Budget().Float64()
			for field, want := range o.Expected {
				window, isRatio := strings.CutPrefix(field, "error_ratio_")
				window = strings.TrimSuffix(window, "_promql")
				switch {
				case field == "page" || field == "ticket":
					require.Equal(t, want, complete[field], "complete rules: %s", field)
					require.Equal(t, want, shared[field], "shipped rules: %s", field)
				case strings.HasSuffix(field, "_exact"):
					// Ours, not PromQL's; the accuracy report has it.
				case isRatio:
					o.near(t, want, s.number("slo:spanledger_slo_declared_error:ratio_rate"+window, now))
					o.near(t, want, s.number("slo:spanledger_slo_error:ratio_rate"+window, now))
				case field == "current_burn_rate":
					o.near(t, want, s.number("slo:spanledger_slo_declared_error:ratio_rate5m", now)/budget)
					o.near(t, want, s.number("slo:spanledger_slo_burn:rate5m", now))
				case field == "remaining_ratio":
					o.near(t, want, s.number("slo:spanledger_slo_declared_error_budget:remaining", now))
				default:
					t.Errorf("field %s is not understood", field)
				}
			}
		})
	}
}

func (o *oracle) near(t *testing.T, want any, got float64) {
	t.Helper()
	w, err := want.(json.Number).Float64()
	require.NoError(t, err)
	require.InDelta(t, w, got, o.AbsTol+1e-9)
}

// The holes of PromQL over ordinary counters are real in this engine, and
// closed by zeros from the start.
func TestZerosCloseTheHoles(t *testing.T) {
	const ratio = `sum(rate(errors_total[1h])) / sum(rate(requests_total[1h]))`
	const ours = `sum by (slo) (rate(spanledger_slo_events_total{outcome="bad"}[1h])) / (sum by (slo) (rate(spanledger_slo_events_total{outcome=~"good|bad"}[1h])) > 0)`
	for _, o := range oracles(t, "promql_edge") {
		rpm := o.text("success_rpm")
		if rpm == "<nil>" {
			continue // of another kind of hole
		}
		rate, err := strconv.Atoi(rpm)
		require.NoError(t, err)
		never := strings.Contains(o.text("error_series"), "never")
		late := firstSample.FindStringSubmatch(o.text("error_series"))
		if !never && late == nil {
			continue
		}
		s := newServer(t)
		now := epoch.Add(time.Hour)
		for minute := range 61 {
			s.scrape(epoch.Add(time.Duration(minute)*time.Minute), func(set func(float64, string, ...string)) {
				good, bad := float64(rate*minute), 0.0
				if !never && float64(minute) >= number(t, late[2]) {
					bad = number(t, late[1])
				}
				set(good, "requests_total")
				if bad > 0 {
					set(bad, "errors_total")
				}
				set(good, "spanledger_slo_events_total", "slo", "x", "outcome", "good")
				set(bad, "spanledger_slo_events_total", "slo", "x", "outcome", "bad")
			})
		}
		theirs := s.number(ratio, now)
		if never {
			require.True(t, math.IsNaN(theirs), "%s: no sample at all", o.ID)
			require.Zero(t, s.number(ours, now), o.ID)
			continue
		}
		require.Zero(t, theirs, "%s: the first failures vanish", o.ID)
		bad := number(t, late[1])
		require.InEpsilon(t, bad/(float64(60*rate)+bad), s.number(ours, now), 0.02, o.ID)
	}
}

var firstSample = regexp.MustCompile(`value (\d+) at t=(\d+)m`)

func number(t *testing.T, digits string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(digits, 64)
	require.NoError(t, err)
	return f
}

// A ratio that lies exactly on the limit is not over it: the generated limit is
// the nearest double to the exact product, not a product of rounded ones.
func TestExactlyAtTheLimit(t *testing.T) {
	objective, _ := slo.ParseObjective("0.999")
	spec, _ := slo.Spec{Name: "oracle", Objective: objective, Window: slo.Window{Rolling: 30 * 24 * time.Hour}}.WithDefaults()
	out, _, err := slospec.Generate(slospec.Prometheus, []rollup.SLODef{{Spec: spec}})
	require.NoError(t, err)
	require.Contains(t, string(out), "> 0.0144\n")
	s := newServer(t)
	require.Empty(t, must(s.query("vector(144/10000) > 0.0144", epoch)))
	require.NotEmpty(t, must(s.query("vector(145/10000) > 0.0144", epoch)))
	require.False(t, slo.Exceeds(144, 10000, slo.Ratio{Num: 144, Den: 10000}))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// What is generated passes the same checks as what is shipped, and declares
// exactly what the shipped rules ask for.
func TestGeneratedRulesNameOnlyWhatIsPublished(t *testing.T) {
	limits := slo.Spec{Kind: slo.Duration, Limits: slo.Limits{Duration: 8 * time.Second}, MinEvents: 20}
	var defs []rollup.SLODef
	for _, c := range []struct {
		name   string
		window slo.Window
	}{
		{"week", slo.Window{Rolling: 7 * 24 * time.Hour}},
		{"28", slo.Window{Rolling: 28 * 24 * time.Hour}},
		{`month {{x}} "quoted"`, slo.Window{Calendar: slo.Month, Zone: "Europe/Berlin"}},
	} {
		spec := limits
		spec.Name, spec.Window, spec.Objective = c.name, c.window, slo.Objective{Num: 95, Den: 100}
		spec, _ = spec.WithDefaults()
		defs = append(defs, rollup.SLODef{Spec: spec})
	}
	// Every kind of indicator, and every method of budgeting.
	fiveCents, err := money.Parse("0.05")
	require.NoError(t, err)
	for kind := range slo.NumKinds {
		spec := slo.Spec{Name: kind.String(), Kind: kind, Objective: slo.Objective{Num: 9, Den: 10}, Window: slo.Window{Rolling: 7 * 24 * time.Hour}}
		switch kind {
		case slo.Duration:
			spec.Limits.Duration = time.Second
		case slo.TimeToFirstChunk:
			spec.Limits.TimeToFirstChunk = time.Second
		case slo.TimePerOutputToken:
			spec.Limits.TimePerOutputToken = 50 * time.Millisecond
		case slo.CostPerCall:
			spec.Limits.Cost = fiveCents
		case slo.Composite:
			spec.Limits = slo.Limits{TimeToFirstChunk: time.Second, TimePerOutputToken: 50 * time.Millisecond, Cost: fiveCents}
		}
		for method := range slo.NumMethods {
			s := spec
			if s.Method = method; method != slo.Occurrences {
				s.Name, s.Slice = kind.String()+"-"+method.String(), 5*time.Minute
			}
			if method == slo.Timeslices {
				s.SliceTarget = slo.Objective{Num: 9, Den: 10}
			}
			s, _ = s.WithDefaults()
			defs = append(defs, rollup.SLODef{Spec: s})
		}
	}
	for _, format := range []string{slospec.Prometheus, slospec.Objectives} {
		out, _, err := slospec.Generate(format, defs)
		require.NoError(t, err)
		v := newVocabulary(t)
		before := len(v)
		v.addRecorded(t, readRules(t, out))
		require.Greater(t, len(v), before)
		if format == slospec.Objectives {
			for name, l := range declared {
				require.Equal(t, setOf(l...), v[name].labels, name)
			}
			require.Len(t, v, before+len(declared))
		}
		t.Run("promtool "+format, func(t *testing.T) { promtoolChecks(t, out) })
	}
	// The queries of Pyrra and Sloth rest on the same counters.
	v := newVocabulary(t)
	queries := 0
	for format, form := range map[string]string{slospec.Pyrra: `metric: (.+)`, slospec.Sloth: `(?:error|total)_query: (.+)`} {
		out, _, err := slospec.Generate(format, defs[:2])
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(string(out), -1) {
			_, err := v.check(strings.ReplaceAll(m[1], "{{.window}}", "5m"))
			require.NoError(t, err)
			queries++
		}
	}
	require.Equal(t, 8, queries)
}
