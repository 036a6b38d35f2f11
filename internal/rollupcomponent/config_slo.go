package rollupcomponent

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/confvalue"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
)

// SLO is one objective.
type SLO struct {
	// Name of the SLO, unique in this component.
	Name string `mapstructure:"name"`
	// Where picks the calls: by route and by dimension, all of them equal.
	Where map[string]string `mapstructure:"where"`
	// SLI says what is measured of each call.
	SLI SLI `mapstructure:"sli"`
	// Objective is the share of good events, between 0 and 1 (0.99 or 99%).
	Objective confvalue.Ratio `mapstructure:"objective"`
	// Window over which the objective holds. Default rolling 30d.
	Window Window `mapstructure:"window"`
	// MinEvents is how many events the long window of an alert must hold.
	// Default 20.
	MinEvents int64 `mapstructure:"min_events"`
	// Alerts are pairs of burn-rate windows. Default the four of the SRE
	// workbook, with factors from the window's length.
	Alerts []AlertTier `mapstructure:"alerts"`
	// ClearAfter is how long the short window of an alert must have been back
	// at or below the factor before the alert clears, where its tier says
	// nothing of its own. Default the length of the short window.
	ClearAfter confvalue.Duration `mapstructure:"clear_after"`
	// Budgeting says how events add up to the budget. Default every event alike.
	Budgeting Budgeting `mapstructure:"budgeting"`
	// Errors overrides what a class of failure is: good, bad or excluded.
	Errors map[string]string `mapstructure:"errors"`
}

// Budgeting says how events add up to an error budget.
type Budgeting struct {
	// Method: occurrences (default) weighs every event alike; timeslices counts
	// slices of time that reach Target; ratiotimeslices averages the share of
	// good events over slices. An empty slice is good.
	Method string `mapstructure:"method"`
	// Slice is the length of a slice: whole minutes that divide an hour. For the
	// time slice methods; default 1m.
	Slice confvalue.Duration `mapstructure:"slice"`
	// Target is the share of good events that makes a slice good, at most 1.
	// For timeslices, which need it.
	Target confvalue.Ratio `mapstructure:"target"`
}

// SLI says what an SLO measures; a value equal to its threshold keeps it.
type SLI struct {
	// Kind: availability (default), duration, time_to_first_chunk,
	// time_per_output_token, cost_per_call or composite.
	Kind string `mapstructure:"kind"`
	// Scope: call (default) counts logical calls, retries included; attempt the
	// single attempts; capacity attempts, with rate limits as bad.
	Scope string `mapstructure:"scope"`
	// Threshold of the kinds that have one: a duration, or for cost_per_call an
	// amount in the reporting currency.
	Threshold confvalue.Literal `mapstructure:"threshold"`
	// Duration, TimeToFirstChunk, TimePerOutputToken and Cost are the limits of
	// a composite; at least one of them.
	Duration           confvalue.Duration `mapstructure:"duration"`
	TimeToFirstChunk   confvalue.Duration `mapstructure:"time_to_first_chunk"`
	TimePerOutputToken confvalue.Duration `mapstructure:"time_per_output_token"`
	Cost               confvalue.Money    `mapstructure:"cost_per_call"`
}

// Window is a rolling length of time or a calendar period.
type Window struct {
	// Rolling length, at most 35d.
	Rolling confvalue.Duration `mapstructure:"rolling"`
	// Calendar: hour, day, week, month, quarter or year.
	Calendar string `mapstructure:"calendar"`
	// Zone of the calendar, an IANA name. Default UTC.
	Zone string `mapstructure:"zone"`
	// WeekStart: monday (default) or sunday.
	WeekStart string `mapstructure:"week_start"`
}

// AlertTier raises an alert while both windows burn above the factor.
type AlertTier struct {
	// Name of the tier: page, ticket or one of your own.
	Name string `mapstructure:"name"`
	// Long and Short are the two windows.
	Long  confvalue.Duration `mapstructure:"long"`
	Short confvalue.Duration `mapstructure:"short"`
	// Budget is the share of the whole error budget spent within Long, Factor
	// the burn rate itself; one of the two.
	Budget confvalue.Ratio `mapstructure:"budget"`
	Factor confvalue.Ratio `mapstructure:"factor"`
	// ClearAfter is the hysteresis of this pair. Default that of the SLO.
	ClearAfter confvalue.Duration `mapstructure:"clear_after"`
}

const defaultMinEvents = 20

// spec compiles the SLO; every fault is reported.
func (s *SLO) spec(rules *errorRules) (slo.Spec, error) {
	var errs []error
	fault := func(path string, err error) { errs = append(errs, fmt.Errorf("%s: %w", path, err)) }
	spec := slo.Spec{Name: s.Name, MinEvents: s.MinEvents}
	if s.MinEvents == 0 {
		spec.MinEvents = defaultMinEvents
	}
	var err error
	if spec.Objective, err = slo.ParseObjective(string(s.Objective)); err != nil {
		if s.Objective == "" {
			err = errors.New("is missing")
		}
		fault("objective", err)
	}
	if spec.Window, err = s.Window.compile(); err != nil {
		fault("window", err)
	}
	if err := s.SLI.compile(&spec); err != nil {
		fault("sli", err)
	}
	if err := s.Budgeting.compile(&spec); err != nil {
		fault("budgeting", err)
	}
	if s.ClearAfter < 0 {
		fault("clear_after", fmt.Errorf("%v is negative", s.ClearAfter))
	}
	if err := s.policy(&spec, rules); err != nil {
		fault("errors", err)
	}
	for i := range s.Alerts {
		tier, err := s.Alerts[i].compile()
		if err != nil {
			fault(fmt.Sprintf("alerts[%d]", i), err)
		}
		spec.Tiers = append(spec.Tiers, tier)
	}
	if len(errs) > 0 {
		return spec, errors.Join(errs...)
	}
	spec, _ = spec.WithDefaults()
	for i := range spec.Tiers {
		if t := &spec.Tiers[i]; t.ClearAfter == 0 {
			t.ClearAfter = time.Duration(s.ClearAfter)
		}
	}
	return spec, spec.Validate()
}

func (b *Budgeting) compile(spec *slo.Spec) error {
	var errs []error
	var ok bool
	if spec.Method, ok = slo.ParseMethod(b.Method); !ok && b.Method != "" {
		errs = append(errs, fmt.Errorf("method: %q is not one of %s", b.Method, names(slo.NumMethods)))
	}
	target, err := b.Target.Exact()
	if err != nil {
		errs = append(errs, fmt.Errorf("target: %w", err))
	}
	if spec.Method == slo.Timeslices && !target.IsSet() && err == nil {
		errs = append(errs, errors.New("target: is missing; it is the share of good events that makes a slice good"))
	}
	spec.Slice, spec.SliceTarget = time.Duration(b.Slice), slo.Objective(target)
	if spec.Method != slo.Occurrences && b.Slice == 0 {
		spec.Slice = time.Minute
	}
	return errors.Join(errs...)
}

func (s *SLI) compile(spec *slo.Spec) error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	spec.Limits = slo.Limits{
		Duration: time.Duration(s.Duration), TimeToFirstChunk: time.Duration(s.TimeToFirstChunk),
		TimePerOutputToken: time.Duration(s.TimePerOutputToken),
	}
	var err error
	if spec.Limits.Cost, err = s.Cost.Exact(); err != nil {
		fault("cost_per_call: %w", err)
	}
	var ok bool
	if spec.Kind, ok = slo.ParseKind(s.Kind); !ok && s.Kind != "" {
		fault("kind: %q is not one of %s", s.Kind, names(slo.NumKinds))
	}
	if spec.Scope, ok = slo.ParseScope(s.Scope); !ok && s.Scope != "" {
		fault("scope: %q is not one of %s", s.Scope, names(slo.NumScopes))
	}
	if s.Threshold == "" || len(errs) > 0 {
		return errors.Join(errs...)
	}
	if spec.Kind == slo.CostPerCall {
		m, err := money.Parse(string(s.Threshold))
		if err != nil {
			fault("threshold: %w", err)
		}
		spec.Limits.Cost = m
		return errors.Join(errs...)
	}
	d, err := slo.ParseSpan(string(s.Threshold))
	if err != nil {
		fault("threshold: %w", err)
	}
	switch spec.Kind {
	case slo.Duration:
		spec.Limits.Duration = d
	case slo.TimeToFirstChunk:
		spec.Limits.TimeToFirstChunk = d
	case slo.TimePerOutputToken:
		spec.Limits.TimePerOutputToken = d
	default:
		fault("threshold: does nothing with kind %s", spec.Kind)
	}
	return errors.Join(errs...)
}

func (w *Window) compile() (slo.Window, error) {
	out := slo.Window{Rolling: time.Duration(w.Rolling), Zone: w.Zone}
	if *w == (Window{}) {
		out.Rolling = 30 * 24 * time.Hour
		return out, nil
	}
	if w.Calendar != "" {
		calendar, ok := slo.ParseCalendar(w.Calendar)
		if !ok {
			return out, fmt.Errorf("calendar: %q is not hour, day, week, month, quarter or year", w.Calendar)
		}
		out.Calendar = calendar
	}
	switch w.WeekStart {
	case "", "monday":
	case "sunday":
		out.FromSunday = true
	default:
		return out, fmt.Errorf("week_start: %q is neither monday nor sunday", w.WeekStart)
	}
	return out, nil
}

func (t *AlertTier) compile() (slo.Tier, error) {
	budget, errB := t.Budget.Exact()
	factor, errF := t.Factor.Exact()
	return slo.Tier{Name: t.Name, Long: time.Duration(t.Long), Short: time.Duration(t.Short), Budget: budget, Factor: factor, ClearAfter: time.Duration(t.ClearAfter)}, errors.Join(errB, errF)
}

// policy lays the SLO's own overrides over the rules for all.
func (s *SLO) policy(spec *slo.Spec, rules *errorRules) error {
	var errs []error
	own := map[llm.ErrorClass]slo.Verdict{}
	for _, class := range slices.Sorted(maps.Keys(s.Errors)) {
		c, known := llm.ParseErrorClass(class)
		v, said := slo.ParseVerdict(s.Errors[class])
		switch {
		case !known || c == llm.ErrNone:
			errs = append(errs, fmt.Errorf("%q is no class of errors", class))
		case !said:
			errs = append(errs, fmt.Errorf("%s: %q is not good, bad or excluded", class, s.Errors[class]))
		}
		own[c] = v
	}
	rules.apply(spec, s.Where[rollup.RouteKey], len(own) > 0, func(p *slo.Policy) {
		for class, v := range own {
			p.Set(spec.Scope, class, v)
		}
	})
	return errors.Join(errs...)
}

// names lists the words of an enumeration for a message.
func names[E interface {
	~uint8
	String() string
}](end E) string {
	words := make([]string, 0, end)
	for e := range end {
		words = append(words, e.String())
	}
	return strings.Join(words, ", ")
}
