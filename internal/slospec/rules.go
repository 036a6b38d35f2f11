package slospec

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
)

// ruleFile is a Prometheus rule file.
type ruleFile struct {
	Groups []ruleGroup `yaml:"groups"`
}

type ruleGroup struct {
	Name     string `yaml:"name"`
	Interval string `yaml:"interval,omitempty"`
	Rules    []rule `yaml:"rules"`
}

type rule struct {
	Record        string            `yaml:"record,omitempty"`
	Alert         string            `yaml:"alert,omitempty"`
	Expr          string            `yaml:"expr"`
	For           string            `yaml:"for,omitempty"`
	KeepFiringFor string            `yaml:"keep_firing_for,omitempty"`
	Labels        map[string]string `yaml:"labels,omitempty"`
	Annotations   map[string]string `yaml:"annotations,omitempty"`
}

// recorded is the name of the error ratio over a window.
func recorded(window time.Duration) string {
	return "slo:spanledger_slo_declared_error:ratio_rate" + span(window)
}

const remaining = "slo:spanledger_slo_declared_error_budget:remaining"

// rules are complete multi-window multi-burn-rate rules of each objective. They
// need nothing but the counters, so they serve shares, and name no series that
// the shipped rules record.
func (w *writer) rules(defs []rollup.SLODef) {
	var file ruleFile
	for i := range defs {
		d := &defs[i]
		if d.Method != slo.Occurrences {
			file.Groups = append(file.Groups, sliceGroup(d))
			w.note("%s: its slices begin where Prometheus evaluates them, every %s, and those before the rules were loaded are not known", d.Name, span(d.Slice))
		}
		g := ruleGroup{Name: "spanledger-slo-" + d.Name}
		g.record(d)
		g.alert(d)
		g.absent(d)
		file.Groups = append(file.Groups, g)
		if d.Window.Calendar == slo.NoCalendar {
			file.Groups = append(file.Groups, budgetGroup(d))
		} else {
			w.note("%s holds over %s, which PromQL cannot: its burn factors are those of %s, and its budget is left to the ledger", d.Name, windowName(d.Window), span(period(d.Window)))
		}
	}
	if len(file.Groups) > 0 {
		w.add("", file)
	}
}

func labelled(d *rollup.SLODef) map[string]string { return map[string]string{"slo": d.Name} }

func (g *ruleGroup) record(d *rollup.SLODef) {
	for _, window := range windows(&d.Spec) {
		g.Rules = append(g.Rules, rule{Record: recorded(window), Expr: errorRatio(d, window)})
	}
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
}

// alert has one rule per pair of windows, so that each clears in its own time.
func (g *ruleGroup) alert(d *rollup.SLODef) {
	match := fmt.Sprintf(`{slo=%q}`, d.Name)
	for _, t := range d.Tiers {
		f := factor(t, period(d.Window))
		limit := number(factorLimit(d, t))
		expr := fmt.Sprintf("%s%s > %s\nand on (slo)\n%s%s > %s\nand on (slo)\nsum by (slo) (increase(%s[%s])) >= %d\n",
			recorded(t.Long), match, limit, recorded(t.Short), match, limit, selector(d.Name, counts), span(t.Long), max(1, d.MinEvents))
		g.Rules = append(g.Rules, rule{
			Alert: alertName, Expr: expr, KeepFiringFor: span(clearAfter(t)),
			Labels: map[string]string{"severity": t.Name, "tier": t.Name, "long": span(t.Long)},
			Annotations: map[string]string{
				"summary":     fmt.Sprintf("SLO %s burns its error budget too fast (%s)", text(d.Name), text(t.Name)),
				"description": fmt.Sprintf("Over %s and over %s the error budget burns more than %s times faster than allowed. %s", span(t.Long), span(t.Short), number(f), text(describe(d))),
			},
		})
	}
}

// factorLimit is the share of bad events above which a tier alerts.
func factorLimit(d *rollup.SLODef, t slo.Tier) *big.Rat {
	return new(big.Rat).Mul(factor(t, period(d.Window)), budgetOf(d.Objective))
}

// text keeps a name from being read as a template of Prometheus.
func text(s string) string { return strings.ReplaceAll(s, "{{", "{ {") }

func clearAfter(t slo.Tier) time.Duration {
	if t.ClearAfter > 0 {
		return t.ClearAfter
	}
	return t.Short
}

// budgetGroup reads the whole window of the objective, which is a lot of
// samples: every five minutes will do.
func budgetGroup(d *rollup.SLODef) ruleGroup {
	over := errorRatio(d, d.Window.Rolling)
	return ruleGroup{Name: "spanledger-slo-" + d.Name + "-budget", Interval: "5m", Rules: []rule{
		{Record: remaining, Expr: fmt.Sprintf("1 - (\n%s) / %s\n", indent(over), number(budgetOf(d.Objective)))},
		{
			Alert: "SpanledgerSLOBudgetExhausted", Expr: fmt.Sprintf("%s{slo=%q} <= 0", remaining, d.Name), For: "5m",
			Labels: map[string]string{"severity": slo.Ticket},
			Annotations: map[string]string{
				"summary":     fmt.Sprintf("SLO %s has no error budget left", text(d.Name)),
				"description": text(describe(d)),
			},
		},
	}}
}

// absent waits as long as a complete failure would need to raise the first
// page, plus two minutes: Pyrra's rule.
func (g *ruleGroup) absent(d *rollup.SLODef) {
	wait := 10 * time.Minute
	if len(d.Tiers) > 0 {
		t := d.Tiers[0]
		f := factor(t, period(d.Window))
		if f.Num().IsInt64() && f.Denom().IsInt64() {
			wait = slo.AbsentFor(d.Objective, slo.Ratio{Num: f.Num().Int64(), Den: f.Denom().Int64()}, t.Long, 2*time.Minute)
		}
	}
	g.Rules = append(g.Rules, rule{
		Alert: "SpanledgerSLOAbsent", Expr: fmt.Sprintf("absent(%s{slo=%q})", events, d.Name), For: span(max(wait, 2*time.Minute)),
		Labels: map[string]string{"severity": slo.Ticket},
		Annotations: map[string]string{
			"summary":     fmt.Sprintf("The series of SLO %s are missing", text(d.Name)),
			"description": "Nothing is judged while they are: is a collector with this configuration running, and is it scraped?",
		},
	})
}

// shipped are the pairs of windows that the shipped rules record.
var shipped = [][2]time.Duration{
	{time.Hour, 5 * time.Minute}, {6 * time.Hour, 30 * time.Minute}, {24 * time.Hour, 2 * time.Hour}, {72 * time.Hour, 6 * time.Hour},
}

// objectives are the few constants that the shipped rules cannot know of a
// share: objective, minimum of events, and the factor of each pair.
func (w *writer) objectives(defs []rollup.SLODef) {
	g := ruleGroup{Name: "spanledger-slo-objectives"}
	for i := range defs {
		d := &defs[i]
		if d.Method != slo.Occurrences {
			w.note("%s is left out: the shipped rules weigh events, not %s; use format prometheus for it", d.Name, d.Method)
			continue
		}
		constant := func(name, value string, labels map[string]string) {
			g.Rules = append(g.Rules, rule{Record: "slo:spanledger_slo_" + name + ":declared", Expr: "vector(" + value + ")", Labels: labels})
		}
		constant("objective", d.Objective.String(), labelled(d))
		constant("min_events", strconv.FormatInt(max(1, d.MinEvents), 10), labelled(d))
		for _, t := range d.Tiers {
			if !isShipped(t) {
				w.note("%s: the shipped rules have no alert %s over %s and %s; use format prometheus for it", d.Name, t.Name, span(t.Long), span(t.Short))
				continue
			}
			labels := labelled(d)
			labels["tier"], labels["long"], labels["short"] = t.Name, span(t.Long), span(t.Short)
			constant("factor", number(factor(t, period(d.Window))), labels)
		}
	}
	if len(g.Rules) > 0 {
		w.add("", ruleFile{[]ruleGroup{g}})
	}
}

// isShipped: the two short pairs page and the two long ones open a ticket.
func isShipped(t slo.Tier) bool {
	for i, pair := range shipped {
		if t.Long == pair[0] && t.Short == pair[1] {
			return t.Name == []string{slo.Page, slo.Page, slo.Ticket, slo.Ticket}[i]
		}
	}
	return false
}
