package slospec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
)

// slothSpec is Sloth's spec prometheus/v1.
type slothSpec struct {
	Version string     `yaml:"version"`
	Service string     `yaml:"service"`
	SLOs    []slothSLO `yaml:"slos"`
}

type slothSLO struct {
	Name        string      `yaml:"name"`
	Objective   *yaml.Node  `yaml:"objective"`
	Description string      `yaml:"description"`
	SLI         slothSLI    `yaml:"sli"`
	Alerting    slothAlerts `yaml:"alerting"`
}

type slothSLI struct {
	Events struct {
		ErrorQuery string `yaml:"error_query"`
		TotalQuery string `yaml:"total_query"`
	} `yaml:"events"`
}

type slothAlerts struct {
	Name   string     `yaml:"name"`
	Labels keyed      `yaml:"labels"`
	Page   slothAlert `yaml:"page_alert"`
	Ticket slothAlert `yaml:"ticket_alert"`
}

type slothAlert struct {
	Disable bool  `yaml:"disable,omitempty"`
	Labels  keyed `yaml:"labels,omitempty"`
}

// keyed is a map whose keys the encoder sorts.
type keyed map[string]string

// What Sloth accepts as the name of a service or an SLO.
var slothName = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`)

// noService is the service of objectives that are of no one route.
const noService = "spanledger"

func service(d *rollup.SLODef) string { return ServiceOf(d.Where[rollup.RouteKey]) }

// ServiceOf is the name of the service that Sloth is told for a route; "" is
// every route.
func ServiceOf(route string) string {
	if s := slug(route); s != "" {
		return s
	}
	return noService
}

var notName = regexp.MustCompile(`[^a-z0-9]+`)

// slug makes a name that Sloth and Kubernetes accept.
func slug(s string) string {
	return strings.Trim(notName.ReplaceAllString(strings.ToLower(s), "-"), "-")
}

// rolling keeps the objectives that Sloth and Pyrra can say.
func (w *writer) rolling(defs []rollup.SLODef, product string) []*rollup.SLODef {
	var keep []*rollup.SLODef
	for i := range defs {
		d := &defs[i]
		switch {
		case d.Window.Calendar != slo.NoCalendar:
			w.note("%s is left out: %s knows no calendar windows, and this holds over %s", d.Name, product, windowName(d.Window))
		case d.Method != slo.Occurrences:
			w.note("%s is left out: %s weighs every event alike, and this counts %s; use format prometheus for it", d.Name, product, d.Method)
		default:
			keep = append(keep, d)
		}
	}
	return keep
}

func hasTier(d *rollup.SLODef, name string) bool {
	return slices.ContainsFunc(d.Tiers, func(t slo.Tier) bool { return t.Name == name })
}

// sloth has one document per period and service: the period is no part of the
// spec, but an argument of Sloth.
func (w *writer) sloth(defs []rollup.SLODef) error {
	type key struct {
		period  time.Duration
		service string
	}
	docs := map[key]*slothSpec{}
	var order []key
	for _, d := range w.rolling(defs, "Sloth") {
		if !slothName.MatchString(d.Name) {
			return fmt.Errorf("slo %q: Sloth accepts letters, digits, dots, dashes and underscores in a name only", d.Name)
		}
		if len(unusual(d)) > 0 {
			w.note("%s: Sloth brings windows and factors of its own, so these are not kept: %s", d.Name, strings.Join(unusual(d), ", "))
		}
		k := key{d.Window.Rolling, service(d)}
		doc := docs[k]
		if doc == nil {
			doc = &slothSpec{Version: "prometheus/v1", Service: k.service}
			docs[k], order = doc, append(order, k)
		}
		doc.SLOs = append(doc.SLOs, slothOf(d))
	}
	slices.SortFunc(order, func(a, b key) int {
		if a.period != b.period {
			return int((a.period - b.period) / time.Second)
		}
		return strings.Compare(a.service, b.service)
	})
	for _, k := range order {
		w.add("sloth generate --default-slo-period="+span(k.period), docs[k])
	}
	return nil
}

func slothOf(d *rollup.SLODef) slothSLO {
	s := slothSLO{
		Name: d.Name, Objective: &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: percent(d.Objective)}, Description: describe(d),
		Alerting: slothAlerts{Name: alertName, Labels: keyed{"slo": d.Name}},
	}
	if !strings.Contains(s.Objective.Value, ".") {
		s.Objective.Tag = "!!int"
	}
	s.SLI.Events.ErrorQuery = fmt.Sprintf("sum(rate(%s[{{.window}}]))", selector(d.Name, isBad))
	s.SLI.Events.TotalQuery = fmt.Sprintf("sum(rate(%s[{{.window}}]))", selector(d.Name, counts))
	for name, alert := range map[string]*slothAlert{slo.Page: &s.Alerting.Page, slo.Ticket: &s.Alerting.Ticket} {
		if hasTier(d, name) {
			alert.Labels = keyed{"severity": name}
		} else {
			alert.Disable = true
		}
	}
	return s
}

// unusual lists the tiers that are not the workbook's.
func unusual(d *rollup.SLODef) (list []string) {
	defaults := slo.DefaultTiers(period(d.Window))
	for _, t := range d.Tiers {
		if !slices.Contains(defaults, t) {
			how := fmt.Sprintf("%s over %s and %s at %s", t.Name, span(t.Long), span(t.Short), number(factor(t, period(d.Window))))
			if t.ClearAfter > 0 {
				how += ", cleared after " + span(t.ClearAfter)
			}
			list = append(list, how)
		}
	}
	return list
}

// pyrraSpec is Pyrra's custom resource.
type pyrraSpec struct {
	APIVersion string    `yaml:"apiVersion"`
	Kind       string    `yaml:"kind"`
	Metadata   pyrraMeta `yaml:"metadata"`
	Spec       pyrraBody `yaml:"spec"`
}

type pyrraMeta struct {
	Name   string `yaml:"name"`
	Labels keyed  `yaml:"labels"`
}

type pyrraBody struct {
	Description string `yaml:"description"`
	// Target is a percentage, as a string.
	Target    string `yaml:"target"`
	Window    string `yaml:"window"`
	Indicator struct {
		Ratio struct {
			Errors pyrraQuery `yaml:"errors"`
			Total  pyrraQuery `yaml:"total"`
		} `yaml:"ratio"`
	} `yaml:"indicator"`
	Alerting struct {
		Name string `yaml:"name"`
	} `yaml:"alerting"`
}

type pyrraQuery struct {
	Metric string `yaml:"metric"`
}

// pyrra has one document per objective. Pyrra scales windows of its own and
// wants plain selectors, which it sums itself.
func (w *writer) pyrra(defs []rollup.SLODef) error {
	taken := map[string]string{}
	for _, d := range w.rolling(defs, "Pyrra") {
		p := pyrraSpec{APIVersion: "pyrra.dev/v1alpha1", Kind: "ServiceLevelObjective"}
		p.Metadata = pyrraMeta{Name: slug(d.Name), Labels: keyed{"pyrra.dev/service": service(d)}}
		switch other, is := taken[p.Metadata.Name]; {
		case p.Metadata.Name == "" || len(p.Metadata.Name) > 253:
			return fmt.Errorf("slo %q: Kubernetes cannot name an object like it", d.Name)
		case is:
			return fmt.Errorf("slos %q and %q would both be named %q in Kubernetes", other, d.Name, p.Metadata.Name)
		}
		taken[p.Metadata.Name] = d.Name
		p.Spec.Description, p.Spec.Target, p.Spec.Window = describe(d), percent(d.Objective), span(d.Window.Rolling)
		p.Spec.Indicator.Ratio.Errors.Metric = selector(d.Name, isBad)
		p.Spec.Indicator.Ratio.Total.Metric = selector(d.Name, counts)
		p.Spec.Alerting.Name = alertName
		if len(unusual(d)) > 0 {
			w.note("%s: Pyrra brings windows and factors of its own, so these are not kept: %s", d.Name, strings.Join(unusual(d), ", "))
		}
		w.add("", p)
	}
	return nil
}
