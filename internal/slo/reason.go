package slo

import (
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
)

// Reason is why an event is bad or excluded: the class of its failure, or one
// of the reasons below. A good event has none.
type Reason uint8

// ReasonNone is that of good events. The classes of failure are reasons by
// their own numbers, ReasonOf; these follow.
const (
	ReasonNone Reason = 0
	// The limit that was broken; where several were, the first of this order.
	ReasonDuration Reason = iota - 1 + Reason(llm.NumErrorClasses)
	ReasonFirstChunk
	ReasonPace
	ReasonCost
	// ReasonUnmeasured: a limit applies, and nothing says whether it was kept.
	ReasonUnmeasured
	// ReasonProbable: failed, and probably recovered, see Event.Probable.
	ReasonProbable
	// ReasonRule: a rule of the user said so, see Event.Ruled.
	ReasonRule
	NumReasons
)

var reasonNames = [...]string{"duration", "time_to_first_chunk", "time_per_output_token", "cost_per_call", "not_measured", "recovered_probable", "rule"}

// ReasonOf is the reason of a failure of the class.
func ReasonOf(class llm.ErrorClass) Reason {
	if class >= llm.NumErrorClasses {
		class = llm.ErrUnknown
	}
	return Reason(class)
}

// String is the word of the error class, else of the broken limit, as in the
// names of the SLI kinds; "" for none.
func (r Reason) String() string {
	switch {
	case r == ReasonNone || r >= NumReasons:
		return ""
	case r < ReasonDuration:
		return llm.ErrorClass(r).String()
	}
	return reasonNames[r-ReasonDuration]
}

// Reasons lists for which reasons the objective can find an event bad and for
// which it can exclude one, each in the order of their numbers.
func (s *Spec) Reasons() (bad, excluded []Reason) {
	limited := s.Kind != Availability
	probable := false
	see := func(why Reason, fate Verdict) {
		probable = probable || fate == Bad
		switch {
		case fate == Bad && (!limited || s.Kind == Composite):
			bad = append(bad, why)
		case fate != Good:
			excluded = append(excluded, why)
		}
	}
	for class := llm.ErrNone + 1; class < llm.NumErrorClasses; class++ {
		for _, fate := range s.fates(class) {
			see(ReasonOf(class), fate)
		}
	}
	if limited {
		l := &s.Limits
		for i, set := range [...]bool{l.Duration > 0, l.TimeToFirstChunk > 0, l.TimePerOutputToken > 0, !l.Cost.IsZero()} {
			if set {
				bad = append(bad, ReasonDuration+Reason(i))
			}
		}
		excluded = append(excluded, ReasonUnmeasured)
	}
	for _, v := range s.Ruled {
		see(ReasonRule, v)
	}
	if probable && s.Scope == ScopeCall {
		excluded = append(excluded, ReasonProbable)
	}
	return distinct(bad), distinct(excluded)
}

// fates are the verdicts on a class of failure, on whichever route.
func (s *Spec) fates(class llm.ErrorClass) []Verdict {
	list := []Verdict{s.policyOf("").Verdict(s.Scope, class)}
	for _, p := range s.Routes {
		list = append(list, p.Verdict(s.Scope, class))
	}
	return list
}

func distinct(list []Reason) []Reason {
	slices.Sort(list)
	return slices.Compact(list)
}
