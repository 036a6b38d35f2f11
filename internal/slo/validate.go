package slo

import (
	"errors"
	"fmt"
	"time"
)

// Validate reports every fault of the spec at once; nil is a spec that can be
// met, missed and alerted on.
func (s *Spec) Validate() error {
	var errs []error
	if s.Name == "" {
		errs = append(errs, errors.New("a name is needed"))
	}
	if s.Scope >= NumScopes {
		errs = append(errs, fmt.Errorf("scope %d is unknown", s.Scope))
	}
	if s.MinEvents < 0 {
		errs = append(errs, fmt.Errorf("min_events must not be negative, got %d", s.MinEvents))
	}
	errs = append(errs, s.Objective.check(), s.Window.check(), s.checkLimits(), s.checkMethod())
	seen := make(map[tierKey]bool, len(s.Tiers))
	for _, t := range s.Tiers {
		errs = append(errs, t.check(s))
		if seen[t.key()] {
			errs = append(errs, fmt.Errorf("tier %s %s/%s is there twice", t.Name, t.Long, t.Short))
		}
		seen[t.key()] = true
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("slo %q: %w", s.Name, err)
	}
	return nil
}

// checkLimits asks for the limits that the kind needs and refuses the others,
// which would silently do nothing.
func (s *Spec) checkLimits() error {
	l := s.Limits
	set := []struct {
		kind Kind
		on   bool
		bad  bool
		text string
	}{
		{Duration, l.Duration != 0, l.Duration < 0, l.Duration.String()},
		{TimeToFirstChunk, l.TimeToFirstChunk != 0, l.TimeToFirstChunk < 0, l.TimeToFirstChunk.String()},
		{TimePerOutputToken, l.TimePerOutputToken != 0, l.TimePerOutputToken < 0, l.TimePerOutputToken.String()},
		{CostPerCall, !l.Cost.IsZero(), l.Cost.Sign() < 0, l.Cost.String()},
	}
	if s.Kind >= NumKinds {
		return fmt.Errorf("sli kind %d is unknown", s.Kind)
	}
	var errs []error
	some := false
	for _, c := range set {
		wanted := s.Kind == c.kind
		some = some || c.on
		switch {
		case c.bad:
			errs = append(errs, fmt.Errorf("threshold of %s must be positive, got %s", c.kind, c.text))
		case wanted && !c.on:
			errs = append(errs, fmt.Errorf("sli %s needs a threshold", s.Kind))
		case c.on && !wanted && s.Kind != Composite:
			errs = append(errs, fmt.Errorf("a threshold of %s does nothing in an sli of %s; use composite for several", c.kind, s.Kind))
		}
	}
	if s.Kind == Composite && !some {
		errs = append(errs, errors.New("sli composite needs at least one threshold beside success; use availability for success alone"))
	}
	return errors.Join(errs...)
}

func (s *Spec) checkMethod() error {
	switch {
	case s.Method >= NumMethods:
		return fmt.Errorf("method %d is unknown", s.Method)
	case s.Method == Occurrences && (s.Slice != 0 || s.SliceTarget != Objective{}):
		return errors.New("slice and slice target belong to the time slice methods only")
	case s.Method == Occurrences:
		return nil
	}
	var errs []error
	if s.Slice < time.Minute || s.Slice > time.Hour || time.Hour%s.Slice != 0 || s.Slice%time.Minute != 0 {
		errs = append(errs, fmt.Errorf("slice %s must be whole minutes that divide an hour", s.Slice))
	} else if r := s.Window.Rolling; r > 0 && r%s.Slice != 0 {
		errs = append(errs, fmt.Errorf("window %s must be whole slices of %s", r, s.Slice))
	}
	switch {
	case s.Method == RatioTimeslices && s.SliceTarget != Objective{}:
		errs = append(errs, errors.New("ratiotimeslices has no slice target"))
	case s.Method == Timeslices:
		if err := s.SliceTarget.check(); err != nil && s.SliceTarget != (Objective{1, 1}) {
			errs = append(errs, fmt.Errorf("slice target: %w", err))
		}
	}
	return errors.Join(errs...)
}

// checkResolution refuses windows that the ring could only approximate: it
// keeps minutes for six hours, five minutes for three days and hours beyond.
func checkResolution(what string, w time.Duration) error {
	for _, t := range tierShapes {
		if w <= t.reach {
			if w%t.width != 0 {
				return fmt.Errorf("%s %s: windows up to %s must be whole multiples of %s", what, w, t.reach, t.width)
			}
			return nil
		}
	}
	return nil // too long, reported where it belongs
}

type tierKey struct {
	name        string
	long, short time.Duration
}

func (t Tier) key() tierKey { return tierKey{t.Name, t.Long, t.Short} }
