package slo

import (
	"time"

	"github.com/spanledger/spanledger/internal/money"
)

// Kind is what an SLO measures of a call.
type Kind uint8

const (
	Availability       Kind = iota // it was answered
	Duration                       // answered within a time
	TimeToFirstChunk               // streaming: first chunk within a time
	TimePerOutputToken             // streaming: pace of the tokens after the first
	CostPerCall                    // within an amount of money
	Composite                      // goodput: answered, and within every limit that is set
	NumKinds
)

var kindNames = [NumKinds]string{"availability", "duration", "time_to_first_chunk", "time_per_output_token", "cost_per_call", "composite"}

func (k Kind) String() string { return name(kindNames[:], k) }

// ParseKind is the inverse of String; "goodput" is another word for composite.
func ParseKind(s string) (Kind, bool) {
	if s == "goodput" {
		return Composite, true
	}
	return parseName[Kind](kindNames[:], s, 0)
}

// Scope is whose fate an SLO counts.
type Scope uint8

const (
	// ScopeCall counts logical calls by how they ended, retries included.
	ScopeCall Scope = iota
	// ScopeAttempt counts attempts: the health of the provider.
	ScopeAttempt
	// ScopeCapacity counts attempts too, with rate limits as bad: whether the
	// bought capacity is enough.
	ScopeCapacity
	NumScopes
)

var scopeNames = [NumScopes]string{"call", "attempt", "capacity"}

func (s Scope) String() string { return name(scopeNames[:], s) }

// ParseScope is the inverse of String.
func ParseScope(s string) (Scope, bool) { return parseName[Scope](scopeNames[:], s, 0) }

// Method is how events add up to a budget (the words are OpenSLO's).
type Method uint8

const (
	// Occurrences weighs every event alike.
	Occurrences Method = iota
	// Timeslices counts slices of time whose share of good events reaches the
	// slice target; an empty slice is good.
	Timeslices
	// RatioTimeslices averages the share of good events over slices; an empty
	// slice is good.
	RatioTimeslices
	NumMethods
)

var methodNames = [NumMethods]string{"occurrences", "timeslices", "ratiotimeslices"}

func (m Method) String() string { return name(methodNames[:], m) }

// ParseMethod is the inverse of String.
func ParseMethod(s string) (Method, bool) { return parseName[Method](methodNames[:], s, 0) }

// Limits are the constraints of an SLI; 0 is none. A value equal to its limit
// keeps it.
type Limits struct {
	Duration           time.Duration
	TimeToFirstChunk   time.Duration
	TimePerOutputToken time.Duration
	Cost               money.Amount // per call, in the ledger's reporting currency
}

// Spec is one service level objective, as plain values.
type Spec struct {
	Name      string
	Kind      Kind
	Limits    Limits
	Scope     Scope
	Objective Objective
	Window    Window
	// MinEvents is the number of good and bad events that the long window of a
	// tier must hold before it may alert; 0 counts as 1.
	MinEvents int64
	Method    Method
	// Slice and SliceTarget belong to the time slice methods; SliceTarget to
	// Timeslices alone.
	Slice       time.Duration
	SliceTarget Objective
	// Tiers, the most urgent first; empty is none. See WithDefaults.
	Tiers []Tier
	// Policy overrides which failures burn; nil is DefaultPolicy.
	Policy *Policy
	// Routes are the policies of events of single routes, instead of Policy.
	Routes map[string]*Policy
	// Ruled lists the verdicts that rules on single events may give, see
	// Event.Ruled: for Reasons to foretell them.
	Ruled []Verdict
}

// WithDefaults returns the spec with DefaultTiers where it has none, less those
// that its objective can never reach, which are returned beside it: written by
// the user they would be refused, as a default they only do not apply.
func (s Spec) WithDefaults() (Spec, []Tier) {
	if len(s.Tiers) > 0 || s.Objective.check() != nil || s.Window.check() != nil {
		return s, nil
	}
	var dropped []Tier
	for _, t := range DefaultTiers(s.Window.longest()) {
		if t.check(&s) != nil {
			dropped = append(dropped, t)
			continue
		}
		s.Tiers = append(s.Tiers, t)
	}
	return s, dropped
}
