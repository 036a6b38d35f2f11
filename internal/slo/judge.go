package slo

import (
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
)

// Event is one settled call or one attempt, as far as an SLO cares.
type Event struct {
	// Class is why it failed; ErrNone for success, recovered ones included.
	Class llm.ErrorClass
	// Probable: it failed, but a weak sign says that it was recovered. Such an
	// event is neither good nor bad.
	Probable bool
	// Route is whose call it is; see Spec.Routes.
	Route string
	// Ruled is what a rule of the user says of this very event, whatever its
	// class; Skip where none does.
	Ruled Verdict
	// Duration is from start to end, of the whole logical call in scope call.
	Duration time.Duration
	// Streaming says whether a first chunk can be expected at all.
	Streaming bool
	// TimeToFirstChunk is 0 where it was not measured.
	TimeToFirstChunk time.Duration
	// OutputTokens is the number that the pace rests on; negative unknown.
	OutputTokens int64
	// Cost counts only where Priced: an unknown price is not a low one.
	Cost   money.Amount
	Priced bool
}

// Pace is the time per output token after the first: (duration - time to
// first chunk) / (tokens - 1). applies is false where the question does not
// arise (no streaming, fewer than two tokens), known where it was measured.
func (e *Event) Pace() (pace time.Duration, applies, known bool) {
	if !e.Streaming || e.OutputTokens == 0 || e.OutputTokens == 1 {
		return 0, false, false
	}
	if e.OutputTokens < 0 || e.TimeToFirstChunk <= 0 || e.TimeToFirstChunk > e.Duration {
		return 0, true, false
	}
	return (e.Duration - e.TimeToFirstChunk) / time.Duration(e.OutputTokens-1), true, true
}

// finding is what limits say about one event; the greater decides.
type finding uint8

const (
	moot    finding = iota // there is no such limit, or it cannot apply
	kept                   // measured, and within
	unknown                // it applies, but was not measured
	broken                 // measured or proven to be beyond
)

// Judge says what the event is to the objective.
//
// Availability counts answers. The kinds with a single threshold count answers
// too, so a failure is no event of theirs and is excluded, unless it provably
// broke the threshold before it ended: a call given up after the time it had.
// Composite is goodput: bad as soon as the call failed or one limit is broken.
// What cannot be judged is excluded, never good.
func (s *Spec) Judge(e *Event) Verdict {
	v, _ := s.JudgeWhy(e)
	return v
}

// JudgeWhy is Judge with the reason of what is bad or excluded.
func (s *Spec) JudgeWhy(e *Event) (Verdict, Reason) {
	fate, why := s.policyOf(e.Route).Verdict(s.Scope, e.Class), ReasonOf(e.Class)
	if e.Ruled != Skip {
		fate, why = e.Ruled, ReasonRule
	}
	if e.Probable && fate == Bad {
		fate, why = Excluded, ReasonProbable
	}
	if s.Kind == Availability {
		if fate == Good {
			why = ReasonNone
		}
		return fate, why
	}
	f, limit := s.measure(e)
	switch {
	case fate != Good:
		return s.judgeFailure(e, fate, why, f == broken && !e.Probable, limit)
	case f == broken:
		return Bad, limit
	case f == unknown:
		return Excluded, ReasonUnmeasured
	case f == moot && s.Kind != Composite:
		return Skip, ReasonNone
	}
	return Good, ReasonNone
}

// policyOf is the error table for the calls of a route.
func (s *Spec) policyOf(route string) *Policy {
	if len(s.Routes) > 0 {
		if p := s.Routes[route]; p != nil {
			return p
		}
	}
	if s.Policy != nil {
		return s.Policy
	}
	return &defaultPolicy
}

// judgeFailure: a client that gave up is excluded, but in scope call it may
// have given up because the answer took too long.
func (s *Spec) judgeFailure(e *Event, fate Verdict, why Reason, slow bool, limit Reason) (Verdict, Reason) {
	switch {
	case fate == Excluded && slow && e.Class == llm.ErrCancelled && e.Ruled == Skip && s.Scope == ScopeCall:
		return Bad, limit
	case fate == Bad && s.Kind == Composite:
		return Bad, why
	case fate == Bad && slow:
		return Bad, limit
	}
	return Excluded, why
}

// measure holds the event against every limit of the spec; what decides most
// wins, of several the first.
func (s *Spec) measure(e *Event) (found finding, limit Reason) {
	see := func(f finding, of Reason) {
		if f > found {
			found, limit = f, of
		}
	}
	if l := s.Limits.Duration; l > 0 {
		see(within(e.Duration, l), ReasonDuration)
	}
	if l := s.Limits.TimeToFirstChunk; l > 0 {
		see(e.firstChunk(l), ReasonFirstChunk)
	}
	if l := s.Limits.TimePerOutputToken; l > 0 {
		see(e.pace(l), ReasonPace)
	}
	if l := s.Limits.Cost; !l.IsZero() {
		see(e.cost(l), ReasonCost)
	}
	return found, limit
}

func within(d, limit time.Duration) finding {
	if d > limit {
		return broken
	}
	return kept
}

// firstChunk: without a measured chunk, a failed stream that lasted beyond the
// limit had none in time.
func (e *Event) firstChunk(limit time.Duration) finding {
	switch {
	case e.TimeToFirstChunk > 0:
		return within(e.TimeToFirstChunk, limit)
	case !e.Streaming:
		return moot
	case e.Class != llm.ErrNone && e.Duration > limit:
		return broken
	}
	return unknown
}

func (e *Event) pace(limit time.Duration) finding {
	pace, applies, known := e.Pace()
	switch {
	case !applies:
		return moot
	case !known:
		return unknown
	}
	return within(pace, limit)
}

func (e *Event) cost(limit money.Amount) finding {
	switch {
	case !e.Priced:
		return unknown
	case e.Cost.Cmp(limit) > 0:
		return broken
	}
	return kept
}
