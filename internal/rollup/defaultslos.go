package rollup

import (
	"time"

	"github.com/spanledger/spanledger/internal/slo"
)

// DefaultSLOs are the objectives that every route has without being asked for.
// A route takes no default of a kind that an SLO declares for exactly it.
type DefaultSLOs struct {
	Enabled bool
	// Availability and Duration are objectives; the zero objective switches one
	// off. Threshold belongs to Duration.
	Availability slo.Objective
	Duration     slo.Objective
	Threshold    time.Duration
	Window       slo.Window
	MinEvents    int64
	// MaxRoutes bounds how many routes have them (each SLO holds some 50 KB of
	// counts); the first come have them.
	MaxRoutes int
	// Policy, Routes and Ruled are those of every spec.
	Policy *slo.Policy
	Routes map[string]*slo.Policy
	Ruled  []slo.Verdict
}

// DefaultDefaultSLOs is what a configuration that says nothing gets.
func DefaultDefaultSLOs() DefaultSLOs {
	return DefaultSLOs{
		Enabled:      true,
		Availability: slo.Objective{Num: 99, Den: 100},
		Duration:     slo.Objective{Num: 95, Den: 100},
		Threshold:    30 * time.Second,
		Window:       slo.Window{Rolling: 30 * 24 * time.Hour},
		MinEvents:    20,
		MaxRoutes:    1000,
	}
}

// specs are the default objectives of a route.
func (d *DefaultSLOs) specs(route string) []slo.Spec {
	if !d.Enabled {
		return nil
	}
	var list []slo.Spec
	add := func(kind slo.Kind, o slo.Objective, limits slo.Limits) {
		if o == (slo.Objective{}) {
			return
		}
		s := slo.Spec{
			Name: route + "-" + kind.String(), Kind: kind, Limits: limits, Objective: o,
			Window: d.Window, MinEvents: d.MinEvents, Policy: d.Policy, Ruled: d.Ruled,
		}
		if p := d.Routes[route]; p != nil {
			s.Policy = p
		}
		s, _ = s.WithDefaults()
		list = append(list, s)
	}
	add(slo.Availability, d.Availability, slo.Limits{})
	add(slo.Duration, d.Duration, slo.Limits{Duration: d.Threshold})
	return list
}

// standsIn reports whether the objective takes the place of the default one of
// its kind: it is of the calls of one route, all of them.
func (d *SLODef) standsIn() bool {
	return len(d.Where) == 1 && d.Where[RouteKey] != "" && d.Scope == slo.ScopeCall
}

// DefaultsOf are the default objectives that a route has as soon as it has a
// call, less those that a declared one stands in for.
func (c *Config) DefaultsOf(route string) []SLODef {
	var list []SLODef
	for _, spec := range c.DefaultSLOs.specs(route) {
		taken := false
		for i := range c.SLOs {
			d := &c.SLOs[i]
			taken = taken || d.standsIn() && d.Where[RouteKey] == route && d.Kind == spec.Kind
		}
		if !taken {
			list = append(list, SLODef{Spec: spec, Where: Where{RouteKey: route}})
		}
	}
	return list
}
