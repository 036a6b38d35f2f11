package slo

import "github.com/spanledger/spanledger/internal/llm"

// Verdict is what one event is to an SLO.
type Verdict uint8

const (
	// Skip: the question does not arise (no first chunk without streaming); the
	// event is not counted anywhere.
	Skip Verdict = iota
	Good
	Bad
	// Excluded: the event could have counted, but is not the service's doing or
	// cannot be judged; too many of them make the SLO blind.
	Excluded
	numVerdicts
)

var verdictNames = [numVerdicts]string{"skip", "good", "bad", "excluded"}

func (v Verdict) String() string { return name(verdictNames[:], v) }

// ParseVerdict is the inverse of String for what a policy may say: good, bad
// or excluded.
func ParseVerdict(s string) (Verdict, bool) { return parseName[Verdict](verdictNames[1:], s, Good) }

// Policy says which failures burn, by scope and class. Success is good in
// every scope, and so is a call that was recovered by a retry or a fallback.
type Policy struct {
	verdicts [NumScopes][llm.NumErrorClasses]Verdict
}

// DefaultPolicy is the error table of the design: what the service or its
// operator broke burns; what the client asked wrongly, its own limits and
// filters do not. A rate limit burns where it is the final word on a call and
// for capacity, but says nothing on a provider's health.
func DefaultPolicy() Policy {
	var p Policy
	for scope := range NumScopes {
		for class := range llm.NumErrorClasses {
			p.verdicts[scope][class] = Bad
		}
		p.verdicts[scope][llm.ErrNone] = Good
		for _, class := range []llm.ErrorClass{
			llm.ErrContextLength, llm.ErrContentFilter, llm.ErrBadRequest, llm.ErrPolicyBlocked, llm.ErrCancelled,
		} {
			p.verdicts[scope][class] = Excluded
		}
	}
	p.verdicts[ScopeAttempt][llm.ErrRateLimited] = Excluded
	return p
}

// Set overrides one entry. It refuses success, unknown scopes and classes,
// and verdicts that are none.
func (p *Policy) Set(scope Scope, class llm.ErrorClass, v Verdict) bool {
	if scope >= NumScopes || class == llm.ErrNone || class >= llm.NumErrorClasses || v == Skip || v >= numVerdicts {
		return false
	}
	p.verdicts[scope][class] = v
	return true
}

// Verdict is what a failure of the class is in the scope; success (ErrNone) is
// good. A class beyond the table is bad: an unknown failure is no success.
func (p *Policy) Verdict(scope Scope, class llm.ErrorClass) Verdict {
	if scope >= NumScopes || class >= llm.NumErrorClasses {
		return Bad
	}
	return p.verdicts[scope][class]
}

var defaultPolicy = DefaultPolicy()
