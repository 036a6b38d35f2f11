package rollup

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/slo"
)

// SLODef is one declared objective: what is asked, and of which calls.
type SLODef struct {
	slo.Spec
	Where Where
}

func (c *Config) validateSLOs() []error {
	var errs []error
	names := map[string]bool{}
	for i := range c.SLOs {
		d := &c.SLOs[i]
		if err := errors.Join(d.Validate(), c.checkWhere(d.Where)); err != nil {
			errs = append(errs, fmt.Errorf("slos[%d]: %w", i, err))
		}
		if names[d.Name] {
			errs = append(errs, fmt.Errorf("slos[%d]: the name %q is taken", i, d.Name))
		}
		names[d.Name] = true
	}
	for _, s := range c.DefaultSLOs.specs("default") {
		if err := s.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("default_slos: %w", err))
		}
	}
	if c.DefaultSLOs.MaxRoutes < 0 {
		errs = append(errs, fmt.Errorf("default_slos: max_routes %d is negative", c.DefaultSLOs.MaxRoutes))
	}
	return errs
}

// layouts are the histograms' boundaries with every threshold among them.
func (c *Config) layouts() [numHists]layout {
	var at [numHists][]time.Duration
	see := func(l slo.Limits) {
		for i, t := range []time.Duration{l.Duration, l.TimeToFirstChunk, l.TimePerOutputToken} {
			if t > 0 {
				at[i] = append(at[i], t)
			}
		}
	}
	for i := range c.SLOs {
		see(c.SLOs[i].Limits)
	}
	for _, s := range c.DefaultSLOs.specs("") {
		see(s.Limits)
	}
	all := [numHists]layout{
		newLayout(c.Bounds.Duration, at[0]), newLayout(c.Bounds.FirstChunk, at[1]), newLayout(c.Bounds.TimePerOutputToken, at[2]),
	}
	for i := range all {
		all[i].exponential = c.Exponential
	}
	return all
}

// sloState is one SLO with its counts.
type sloState struct {
	spec     slo.Spec
	filter   filter
	where    Where
	route    string // of a default SLO; else of the where clause
	declared bool

	since               int64 // of a default SLO whose route ended before; 0 the ledger's start
	good, bad, excluded int64
	badBy, excludedBy   [slo.NumReasons]int64
	minute              int64      // of the events in fresh
	fresh               slo.Counts // not in the ring yet, see count
	ring                *slo.Ring
	pairs               []slo.Pair
	classes             classCount
	blame               blame
	model               int // index of the model id among the dimensions, -1 none
}

func (s *sloState) ofAttempts() bool { return s.spec.Scope != slo.ScopeCall }

// sloBook holds the declared SLOs, and the default ones by route.
type sloBook struct {
	defaults DefaultSLOs
	declared []*sloState
	byRoute  map[string][]*sloState
	routes   int                // that have default SLOs
	taken    map[routeKind]bool // a declared SLO stands in for the default
	start    time.Time
	model    int
}

type routeKind struct {
	route string
	kind  slo.Kind
}

func newSLOBook(c *Config, start time.Time) sloBook {
	b := sloBook{defaults: c.DefaultSLOs, byRoute: map[string][]*sloState{}, taken: map[routeKind]bool{}, start: start, model: slices.Index(c.Dimensions, modelDimension)}
	setDefault(&b.defaults.MaxRoutes, DefaultDefaultSLOs().MaxRoutes)
	for _, d := range c.SLOs {
		spec, _ := d.WithDefaults()
		s := &sloState{spec: spec, filter: c.compile(d.Where), where: d.Where, route: d.Where[RouteKey], declared: true, model: b.model}
		s.ring = slo.NewRing(&s.spec, start)
		b.declared = append(b.declared, s)
		if d.standsIn() {
			b.taken[routeKind{s.route, d.Kind}] = true
		}
	}
	return b
}

// openRoute gives a route its default SLOs at its first row.
func (b *sloBook) openRoute(l *Ledger, s *series) {
	if _, known := b.byRoute[s.Route]; known || s.Route == OverflowValue || !b.defaults.Enabled {
		return
	}
	if b.routes >= b.defaults.MaxRoutes {
		b.byRoute[s.Route] = nil // known, and without
		l.self.DefaultSLOsSkipped++
		return
	}
	b.routes++
	var list []*sloState
	for _, spec := range b.defaults.specs(s.Route) {
		if b.taken[routeKind{s.Route, spec.Kind}] {
			continue
		}
		o := &sloState{spec: spec, route: s.Route, model: b.model, since: l.reborn}
		o.ring = slo.NewRing(&o.spec, b.start)
		list = append(list, o)
	}
	b.byRoute[s.Route] = list
}

func (b *sloBook) defaultsOf(route string) []*sloState { return b.byRoute[route] }

func (b *sloBook) judgeCall(t *target, row *series, ev *slo.Event, at int64, timed bool) {
	for _, s := range t.slos {
		if !s.ofAttempts() {
			s.judge(row, ev, at, timed)
		}
	}
}

func (b *sloBook) judgeAttempt(t *target, row *series, ev *slo.Event, at int64, timed bool) {
	for _, s := range t.slos {
		if s.ofAttempts() {
			s.judge(row, ev, at, timed)
		}
	}
}

// judge counts one event. timed is false where the span's times were no use:
// then a limit on time cannot be judged.
func (s *sloState) judge(row *series, ev *slo.Event, at int64, timed bool) {
	ev.Route = row.Route
	v, why := s.spec.JudgeWhy(ev)
	if l := &s.spec.Limits; !timed && v != slo.Skip && l.Duration+l.TimePerOutputToken > 0 {
		v, why = slo.Excluded, slo.ReasonUnmeasured
	}
	s.count(v, why, at)
	if v == slo.Bad {
		s.classes.add(ev.Class, at)
		s.blame.add(row, at)
	}
}

// count books a verdict. The ring tells times no finer than a minute, so the
// events of one minute enter it together.
func (s *sloState) count(v slo.Verdict, why slo.Reason, at int64) {
	if m := at / int64(time.Minute); m != s.minute {
		s.flush()
		s.minute = m
	}
	switch v {
	case slo.Good:
		s.good++
		s.fresh.Good++
	case slo.Bad:
		s.bad++
		s.badBy[why]++
		s.fresh.Bad++
	case slo.Excluded:
		s.excluded++
		s.excludedBy[why]++
		s.fresh.Excluded++
	}
}

// flush must come before the ring is read.
func (s *sloState) flush() {
	if f := s.fresh; f != (slo.Counts{}) {
		s.ring.Add(s.minute*int64(time.Minute), f.Good, f.Bad, f.Excluded)
		s.fresh = slo.Counts{}
	}
}

// row states the SLO at the end of its windows.
func (s *sloState) row(end time.Time) SLORow {
	s.flush()
	st := slo.Evaluate(&s.spec, s.ring, end, s.pairs)
	s.pairs = st.Pairs
	return SLORow{
		Name: s.spec.Name, Route: s.route, SLI: s.spec.Kind.String(), Scope: s.spec.Scope.String(),
		Objective: s.spec.Objective.Float64(), Declared: s.declared, Spec: &s.spec,
		Good: s.good, Bad: s.bad, Excluded: s.excluded, BadBy: s.badBy, ExcludedBy: s.excludedBy, Status: st, TopClass: s.classes.top(),
		TopModel: s.blame.top(s.model), Recent: s.ring.Sum(end.Add(-recentSpan), end),
	}
}

// classCount counts the error classes of bad events in the newest hour that
// saw one and the hour before.
type classCount struct {
	hour     int64
	now, old [llm.NumErrorClasses]int64
}

func (c *classCount) add(class llm.ErrorClass, at int64) {
	hour := at / int64(time.Hour)
	switch {
	case hour == c.hour+1:
		c.old, c.now, c.hour = c.now, [llm.NumErrorClasses]int64{}, hour
	case hour > c.hour:
		c.old, c.now, c.hour = [llm.NumErrorClasses]int64{}, [llm.NumErrorClasses]int64{}, hour
	case hour == c.hour-1:
		c.old[class]++
		return
	case hour < c.hour:
		return
	}
	c.now[class]++
}

// top is the commonest class, the lower one of two; ErrNone where nothing bad
// happened, or what did was too slow rather than broken.
func (c *classCount) top() (top llm.ErrorClass) {
	most := int64(0)
	for class := range llm.NumErrorClasses {
		if n := c.now[class] + c.old[class]; n > most {
			top, most = class, n
		}
	}
	return top
}
