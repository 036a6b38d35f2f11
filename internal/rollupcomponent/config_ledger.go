package rollupcomponent

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/confvalue"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
)

// defaultExpiration is as far as the longest window of an SLO reaches back.
const defaultExpiration = 35 * 24 * time.Hour

// DefaultSLOs are kept for every route, less those of a kind that an SLO
// declares for exactly that route.
type DefaultSLOs struct {
	// Enabled switches them on. Default true.
	Enabled bool `mapstructure:"enabled"`
	// Availability is the objective of answered calls. Default 0.99; "0" none.
	Availability confvalue.Ratio `mapstructure:"availability"`
	// Duration is the objective of calls within Threshold. Default 0.95; "0"
	// none.
	Duration confvalue.Ratio `mapstructure:"duration"`
	// Threshold of Duration. Default 30s.
	Threshold confvalue.Duration `mapstructure:"threshold"`
	// Window of both. Default rolling 30d.
	Window Window `mapstructure:"window"`
	// MinEvents as in an SLO. Default 20.
	MinEvents int64 `mapstructure:"min_events"`
	// MaxRoutes caps the routes that have them. Default 1000, 50 KB each.
	MaxRoutes int `mapstructure:"max_routes"`
}

// Budget is a limit on spend. It is advisory: nothing is ever blocked.
type Budget struct {
	// Name of the budget, unique in this component.
	Name string `mapstructure:"name"`
	// Where picks the spend: by route and by dimension, all of them equal.
	Where map[string]string `mapstructure:"where"`
	// Limit in the reporting currency.
	Limit confvalue.Money `mapstructure:"limit"`
	// Soft is the amount from which the budget warns. Default none.
	Soft confvalue.Money `mapstructure:"soft"`
	// Window over which the spend counts. Default calendar month, UTC.
	Window Window `mapstructure:"window"`
	// ForecastAfter is the share of a calendar window that must have passed
	// before a forecast is made. Default 0.05.
	ForecastAfter confvalue.Ratio `mapstructure:"forecast_after"`
}

// NewDefaultConfig is what an empty configuration means.
func NewDefaultConfig() Config {
	d := rollup.DefaultConfig()
	dims := make([]Dimension, len(d.Dimensions))
	for i, name := range d.Dimensions {
		dims[i].Name = name
	}
	return Config{
		FlushInterval:     time.Minute,
		Temporality:       TemporalityCumulative,
		Histograms:        HistogramExplicit,
		CardinalityLimit:  d.CardinalityLimit,
		Dimensions:        dims,
		Scope:             ScopeWhole,
		Settle:            confvalue.Duration(d.Settle),
		MetricsExpiration: confvalue.Duration(defaultExpiration),
		Dedupe:            Dedupe{Horizon: confvalue.Duration(d.Dedupe.Horizon), MaxSpans: d.Dedupe.MaxSpans},
		Sampling:          SamplingConfig{Upstream: SamplingNone},
		ReportingCurrency: d.ReportingCurrency,
		Receipts:          d.Receipts,
		Inventory:         InventoryConfig{MaxEntries: 10_000, MinCalls: 20, ForgetAfter: confvalue.Duration(35 * 24 * time.Hour)},
		DefaultSLOs: DefaultSLOs{
			Enabled:      d.DefaultSLOs.Enabled,
			Availability: confvalue.Ratio(d.DefaultSLOs.Availability.String()),
			Duration:     confvalue.Ratio(d.DefaultSLOs.Duration.String()),
			Threshold:    confvalue.Duration(d.DefaultSLOs.Threshold),
			MinEvents:    d.DefaultSLOs.MinEvents,
			MaxRoutes:    d.DefaultSLOs.MaxRoutes,
		},
	}
}

// Ledger compiles the configuration of the books; every fault is reported,
// with the path of its key.
func (c *Config) Ledger() (rollup.Config, error) {
	out := rollup.DefaultConfig()
	var errs []error
	fault := func(err error, format string, args ...any) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err))
		}
	}
	out.Exponential = c.Histograms == HistogramExponential || c.Histograms == HistogramBoth
	out.Dimensions = make([]string, len(c.Dimensions))
	for i, d := range c.Dimensions {
		out.Dimensions[i] = d.Name
	}
	out.CardinalityLimit = c.CardinalityLimit
	out.Settle = time.Duration(c.Settle)
	out.Expiry = time.Duration(c.MetricsExpiration)
	out.Dedupe = rollup.Dedupe{Horizon: time.Duration(c.Dedupe.Horizon), MaxSpans: c.Dedupe.MaxSpans}
	out.ReportingCurrency = c.ReportingCurrency
	out.Receipts = c.Receipts
	if c.Scope == ScopeShare {
		out.Scope = rollup.ScopeShare
	}
	rules, err := c.errorRules(component.TelemetrySettings{Logger: zap.NewNop()})
	if err != nil {
		errs = append(errs, err)
		rules = &errorRules{} // for the faults of what follows
	}
	out.Protected = rules.routes()
	for i := range c.SLOs {
		spec, err := c.SLOs[i].spec(rules)
		fault(err, "slos[%d]", i)
		out.SLOs = append(out.SLOs, rollup.SLODef{Spec: spec, Where: c.SLOs[i].Where})
	}
	written, _, err := c.writtenSLOs()
	fault(err, "slo_files")
	for i := range written {
		spec, err := written[i].spec(rules)
		fault(err, "slo_files: slo %q", written[i].Name)
		out.SLOs = append(out.SLOs, rollup.SLODef{Spec: spec, Where: written[i].Where})
	}
	out.DefaultSLOs, err = c.DefaultSLOs.compile()
	fault(err, "default_slos")
	var every slo.Spec
	rules.apply(&every, "", false, func(*slo.Policy) {})
	out.DefaultSLOs.Policy, out.DefaultSLOs.Routes, out.DefaultSLOs.Ruled = every.Policy, every.Routes, every.Ruled
	for i := range c.Budgets {
		b, err := c.Budgets[i].compile()
		fault(err, "budgets[%d]", i)
		out.Budgets = append(out.Budgets, b)
	}
	if len(errs) > 0 {
		return out, errors.Join(errs...)
	}
	return out, out.Validate()
}

func (d *DefaultSLOs) compile() (rollup.DefaultSLOs, error) {
	out := rollup.DefaultSLOs{Enabled: d.Enabled, Threshold: time.Duration(d.Threshold), MinEvents: d.MinEvents, MaxRoutes: d.MaxRoutes}
	if !d.Enabled {
		return out, nil
	}
	var errs []error
	for _, o := range []struct {
		key  string
		text confvalue.Ratio
		to   *slo.Objective
	}{{"availability", d.Availability, &out.Availability}, {"duration", d.Duration, &out.Duration}} {
		if r, err := o.text.Exact(); err == nil && r.Num == 0 {
			continue // off
		}
		var err error
		if *o.to, err = slo.ParseObjective(string(o.text)); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", o.key, err))
		}
	}
	if d.Threshold <= 0 {
		errs = append(errs, fmt.Errorf("threshold: %v is not a positive duration", d.Threshold))
	}
	if d.MaxRoutes < 0 {
		errs = append(errs, fmt.Errorf("max_routes: %d is negative", d.MaxRoutes))
	}
	var err error
	if out.Window, err = d.Window.compile(); err != nil {
		errs = append(errs, fmt.Errorf("window: %w", err))
	}
	return out, errors.Join(errs...)
}

func (b *Budget) compile() (rollup.BudgetDef, error) {
	out := rollup.BudgetDef{Name: b.Name, Where: b.Where, Window: slo.Window{Calendar: slo.Month}}
	var errs []error
	if b.Window != (Window{}) {
		var err error
		if out.Window, err = b.Window.compile(); err != nil {
			errs = append(errs, fmt.Errorf("window: %w", err))
		}
	}
	var err error
	if out.Limit, err = b.Limit.Exact(); err != nil {
		errs = append(errs, fmt.Errorf("limit: %w", err))
	}
	if out.Soft, err = b.Soft.Exact(); err != nil {
		errs = append(errs, fmt.Errorf("soft: %w", err))
	}
	if out.MinElapsed, err = b.ForecastAfter.Exact(); err != nil {
		errs = append(errs, fmt.Errorf("forecast_after: %w", err))
	}
	return out, errors.Join(errs...)
}
