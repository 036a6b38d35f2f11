package genaienricherprocessor

import (
	"errors"
	"fmt"
	"time"

	"github.com/spanledger/spanledger/internal/confvalue"
	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/stamp"
)

// FleetConfig says which models may be used, and for how long they are served.
type FleetConfig struct {
	// Approved lists patterns of vendor/id that may be used; others are
	// stamped and counted, never blocked. Empty approves everything.
	Approved []string `mapstructure:"approved"`
	// Policies approve models for routes or environments of their own. Of those
	// that cover a call the narrowest kind decides alone: route and environment,
	// route, environment, and last approved.
	Policies []PolicyConfig `mapstructure:"policies"`
	// Lifecycle corrects how long models are served, above the catalogue; the
	// first entry that covers a model applies.
	Lifecycle []LifecycleConfig `mapstructure:"lifecycle"`
}

// PolicyConfig is what a route or an environment may use.
type PolicyConfig struct {
	// Route and Environment are patterns with * and ?; the environment is the
	// resource's deployment.environment.name. Empty is any; one must be given.
	Route       string `mapstructure:"route"`
	Environment string `mapstructure:"environment"`
	// Approved lists patterns of vendor/id.
	Approved []string `mapstructure:"approved"`
}

// LifecycleConfig is the user's word on how long models are served.
type LifecycleConfig struct {
	// Model is a pattern of vendor/id; Platform narrows it to models served
	// there. An empty platform is any.
	Model    string `mapstructure:"model"`
	Platform string `mapstructure:"platform"`
	// Lifecycle is preview, active, deprecated or retired. Given, the dates of
	// the catalogue are void; empty, it follows from the dates.
	Lifecycle string `mapstructure:"lifecycle"`
	// DeprecationDate and RetirementDate are the first days (UTC) on which the
	// model is deprecated and no longer served.
	DeprecationDate confvalue.Date `mapstructure:"deprecation_date"`
	RetirementDate  confvalue.Date `mapstructure:"retirement_date"`
	// Replacement is what to move to.
	Replacement string `mapstructure:"replacement"`
}

// fleetOptions is what the config says about the identity of models, and what
// may be used how long. What is faulty is named under its path and left out.
func (cfg *Config) fleetOptions() (fleet.Options, error) {
	out := fleet.Options{CacheSize: cfg.CacheSize}
	for _, a := range cfg.Aliases {
		out.Aliases = append(out.Aliases, fleet.Alias{From: a.From, To: a.To})
	}
	var errs []error
	approve := func(path string, a fleet.Approval) {
		for i, pattern := range a.Models {
			errs = append(errs, under(fmt.Sprintf("%s[%d]", path, i), fleet.CheckPattern(pattern)))
		}
		out.Approved = append(out.Approved, a)
	}
	if len(cfg.Fleet.Approved) > 0 {
		approve("fleet::approved", fleet.Approval{Models: cfg.Fleet.Approved})
	}
	for i, p := range cfg.Fleet.Policies {
		path := fmt.Sprintf("fleet::policies[%d]", i)
		if p.Route == "" && p.Environment == "" {
			errs = append(errs, fmt.Errorf("%s: names neither a route nor an environment; what holds everywhere is fleet::approved", path))
		}
		if len(p.Approved) == 0 {
			errs = append(errs, fmt.Errorf("%s::approved: lists no models", path))
		}
		approve(path+"::approved", fleet.Approval{Models: p.Approved, Route: p.Route, Environment: p.Environment})
	}
	for i := range cfg.Fleet.Lifecycle {
		o, err := cfg.Fleet.Lifecycle[i].override(fmt.Sprintf("fleet::lifecycle[%d]", i))
		errs = append(errs, err)
		out.Lifecycles = append(out.Lifecycles, o)
	}
	if err := errors.Join(errs...); err != nil {
		return out, err
	}
	_, err := fleet.New(out)
	return out, under("aliases", err)
}

func (l *LifecycleConfig) override(path string) (fleet.Override, error) {
	o := fleet.Override{
		Model: l.Model, Platform: l.Platform, Replacement: l.Replacement,
		DeprecationDate: day(l.DeprecationDate), RetirementDate: day(l.RetirementDate),
	}
	if l.Lifecycle != "" {
		var ok bool
		if o.Lifecycle, ok = stamp.ParseLifecycle(l.Lifecycle); !ok || o.Lifecycle == stamp.LifecycleUnknown {
			return o, fmt.Errorf("%s::lifecycle: %q: there is preview, active, deprecated and retired", path, l.Lifecycle)
		}
	}
	return o, under(path, o.Check())
}

// day is a date as fleets write it, "" unset.
func day(d confvalue.Date) string {
	if d.Time().IsZero() {
		return ""
	}
	return d.Time().UTC().Format(time.DateOnly)
}
