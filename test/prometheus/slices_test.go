package prometheus

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/slospec"
)

// slicePlay is an objective of time slices, its generated rules over scraped
// counters, and the ledger's own ring beside them.
type slicePlay struct {
	*server
	spec  slo.Spec
	rules *rulefmt.RuleGroups
	ring  *slo.Ring
	sum   slo.Counts
	now   time.Time
}

func newSlicePlay(t *testing.T, spec slo.Spec) *slicePlay {
	t.Helper()
	spec.Name = "oracle"
	require.NoError(t, spec.Validate())
	out, notes, err := slospec.Generate(slospec.Prometheus, []rollup.SLODef{{Spec: spec}})
	require.NoError(t, err)
	require.Len(t, notes, 1)
	p := &slicePlay{server: newServer(t), spec: spec, rules: readRules(t, out), ring: slo.NewRing(&spec, epoch), now: epoch}
	// rate() extrapolates a counter that stands at zero less than others; these
	// have counted before.
	p.sum = slo.Counts{Good: 1000, Bad: 1000}
	p.scrapeNow()
	return p
}

func (p *slicePlay) scrapeNow() {
	p.scrape(p.now, func(set func(float64, string, ...string)) {
		for outcome, n := range map[string]int64{"good": p.sum.Good, "bad": p.sum.Bad, "excluded": 0} {
			set(float64(n), "spanledger_slo_events_total", "slo", "oracle", "scope", "call", "outcome", outcome)
		}
	})
}

// slice plays one slice, whose events all happen in its third minute, and
// evaluates the rules at its end.
func (p *slicePlay) slice(c slo.Counts) []firing {
	for m := range int(p.spec.Slice / time.Minute) {
		if m == 2 {
			p.ring.Add(p.now.UnixNano(), c.Good, c.Bad, 0)
			p.sum.Good, p.sum.Bad = p.sum.Good+c.Good, p.sum.Bad+c.Bad
		}
		p.now = p.now.Add(time.Minute)
		p.scrapeNow()
	}
	return p.evaluate(p.rules, p.now)
}

// Cases of budgets by slices, which were published slice by slice, through the
// generated rules.
func TestSliceOracles(t *testing.T) {
	played := 0
	for _, o := range oracles(t, "budget_method") {
		method, ok := slo.ParseMethod(o.text("method"))
		if o.Inputs["valid"] == nil || !ok || method == slo.Occurrences {
			continue
		}
		t.Run(o.ID, func(t *testing.T) {
			objective, err := slo.ParseObjective(o.text("target"))
			require.NoError(t, err)
			good, valid := o.Inputs["good"].([]any), o.Inputs["valid"].([]any)
			spec := slo.Spec{Objective: objective, Method: method, Slice: 5 * time.Minute}
			spec.Window.Rolling = time.Duration(len(good)) * spec.Slice
			if method == slo.Timeslices {
				spec.SliceTarget, err = slo.ParseObjective(o.text("slice_target"))
				require.NoError(t, err)
			}
			p := newSlicePlay(t, spec)
			for i := range good {
				g, err := good[i].(json.Number).Int64()
				require.NoError(t, err)
				v, err := valid[i].(json.Number).Int64()
				require.NoError(t, err)
				p.slice(slo.Counts{Good: g, Bad: v - g})
			}
			left := p.number("slo:spanledger_slo_declared_error_budget:remaining", p.now)
			o.near(t, o.Expected["budget_burnt"], 1-left)
			o.near(t, o.Expected["sli"], 1-(1-left)*objective.Budget().Float64())
			played++
		})
	}
	require.NotZero(t, played)
}

// An outage by slices: the rules follow the ledger slice by slice, silence
// included, and raise at the same slices.
func TestSliceRulesFollowTheLedger(t *testing.T) {
	for _, method := range []slo.Method{slo.Timeslices, slo.RatioTimeslices} {
		t.Run(method.String(), func(t *testing.T) {
			spec := slo.Spec{
				Objective: slo.Objective{Num: 9, Den: 10}, Window: slo.Window{Rolling: 2 * time.Hour}, Method: method, Slice: 5 * time.Minute,
				Tiers: []slo.Tier{{Name: slo.Page, Long: time.Hour, Short: 10 * time.Minute, Factor: slo.Ratio{Num: 2, Den: 1}}},
			}
			if method == slo.Timeslices {
				spec.SliceTarget = slo.Objective{Num: 3, Den: 4}
			}
			p := newSlicePlay(t, spec)
			pages := 0
			for i := range 60 {
				c := slo.Counts{Good: 40}
				switch {
				case i < 24 || i >= 50: // all is well
				case i < 32:
					c = slo.Counts{Good: 10, Bad: 30}
				case i < 40:
					c = slo.Counts{} // silence: good by slices
				default:
					c = slo.Counts{Good: 34, Bad: 6} // good by a target of 3/4, not by its share
				}
				fired := tiersOf(p.slice(c), "oracle")
				s := slo.Evaluate(&p.spec, p.ring, p.now, nil)
				if i < 24 {
					require.Empty(t, fired)
					continue // their windows are not full yet
				}
				for _, b := range s.Burn {
					require.InDelta(t, b.Rate*0.1, p.number("slo:spanledger_slo_declared_error:ratio_rate"+text(b.Window), p.now), 1e-9, "slice %d over %s", i, b.Window)
					if b.Window == time.Hour {
						break // the window of the objective has a rule of its own
					}
				}
				require.InDelta(t, s.Remaining, p.number("slo:spanledger_slo_declared_error_budget:remaining", p.now), 1e-9)
				require.Equal(t, s.Alerts[0].Active, fired[slo.Page], "slice %d: %+v", i, s.Pairs)
				if fired[slo.Page] {
					pages++
				}
			}
			require.NotZero(t, pages)
			require.Less(t, pages, 20)
		})
	}
}

// What is generated names the slice's own series, so that two objectives do
// not read each other's.
func TestSlicesOfTwoObjectivesAreApart(t *testing.T) {
	a := slo.Spec{Name: "a", Objective: slo.Objective{Num: 9, Den: 10}, Window: slo.Window{Rolling: time.Hour}, Method: slo.RatioTimeslices, Slice: time.Minute}
	b := a
	b.Name = "b"
	out, _, err := slospec.Generate(slospec.Prometheus, []rollup.SLODef{{Spec: a}, {Spec: b}})
	require.NoError(t, err)
	for _, line := range strings.Split(string(out), "\n") {
		if strings.Contains(line, "avg_over_time") {
			require.Regexp(t, `slice:bad\{slo="[ab]"\}`, line)
		}
	}
}
