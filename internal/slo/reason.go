package slo

import "github.com/spanledger/spanledger/internal/llm"

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
	NumReasons
)

var reasonNames = [...]string{"duration", "time_to_first_chunk", "time_per_output_token", "cost_per_call", "not_measured", "recovered_probable"}

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
	policy := s.Policy
	if policy == nil {
		policy = &defaultPolicy
	}
	limited := s.Kind != Availability
	probable := false
	for class := llm.ErrNone + 1; class < llm.NumErrorClasses; class++ {
		switch fate := policy.Verdict(s.Scope, class); {
		case fate == Good:
		case fate == Bad && (!limited || s.Kind == Composite):
			bad, probable = append(bad, ReasonOf(class)), true
		default:
			probable = probable || fate == Bad
			excluded = append(excluded, ReasonOf(class))
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
	if probable && s.Scope == ScopeCall {
		excluded = append(excluded, ReasonProbable)
	}
	return bad, excluded
}
