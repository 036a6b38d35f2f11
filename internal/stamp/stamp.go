// Package stamp holds the verdict on one call: what the processor concluded
// and wrote on the span, and what the ledger later reads back. The stamps are
// the only contract between the components, so this package is plain values.
package stamp

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
)

// Status says how a call stands in the books.
type Status uint8

const (
	StatusNone          Status = iota // not stamped
	StatusPriced                      // by the price book
	StatusReported                    // the billing provider's own figure
	StatusPartial                     // only a lower bound is known
	StatusUnpricedModel               // no row for the model
	StatusNoUsage                     // the span does not say what was used
	StatusNotBillable                 // a failure that providers do not charge, or a span that is no bill of its own
	StatusDuplicate                   // another span already carries this bill
	NumStatuses
)

var statusNames = [NumStatuses]string{"", "priced", "reported", "partial", "unpriced_model", "no_usage", "not_billable", "duplicate"}

func (s Status) String() string {
	if s < NumStatuses {
		return statusNames[s]
	}
	return "invalid"
}

// ParseStatus is the inverse of String.
func ParseStatus(v string) (Status, bool) { return parse[Status](statusNames[:], v) }

// HasCost reports whether the call carries a total.
func (s Status) HasCost() bool { return s == StatusPriced || s == StatusReported }

// Component is one line of a receipt.
type Component uint8

const (
	CompInput Component = iota
	CompCacheRead
	CompCacheWrite
	CompOutput
	CompReasoning
	CompAudio
	CompImage
	CompTool
	CompRequest
	CompOther
	NumComponents
)

var componentNames = [NumComponents]string{"input", "cache_read", "cache_write", "output", "reasoning", "audio", "image", "tool", "request", "other"}

func (c Component) String() string {
	if c < NumComponents {
		return componentNames[c]
	}
	return "invalid"
}

// Use says what the money bought.
type Use uint8

const (
	UseDelivered Use = iota // an answer that was used
	UseWasted               // an attempt that delivered nothing
	UseUnknown              // a failed attempt whose emitter said nothing
	NumUses
)

var useNames = [NumUses]string{"delivered", "wasted", "unknown"}

func (u Use) String() string {
	if u < NumUses {
		return useNames[u]
	}
	return "invalid"
}

// ParseUse is the inverse of String.
func ParseUse(v string) (Use, bool) { return parse[Use](useNames[:], v) }

// Cost is the receipt of one call.
//
// Total is the sum of Components, exactly. It stands only where
// Status.HasCost; AtLeast only where Status is partial.
type Cost struct {
	Status     Status
	Currency   string // ISO 4217
	Total      money.Amount
	Components [NumComponents]money.Amount
	// PriceID names the row and the catalogue version; enough to replay.
	PriceID string
	// List is our price before contract, or ours where the total is reported;
	// set only where it differs from Total (HasList).
	List    money.Amount
	HasList bool
	// Reported is the billing provider's own figure.
	Reported    money.Amount
	HasReported bool
	AtLeast     money.Amount
	Modifiers   []string
	Basis       llm.TokenBasis
	Use         Use
	DuplicateOf llm.SpanID
}

// Kind is what an attempt is to its predecessor.
type Kind uint8

const (
	KindNone     Kind = iota // ungrouped
	KindFirst                // the first attempt of a group
	KindRetry                // the same model again
	KindFallback             // another model or provider
	KindHedge                // raced against its predecessor
	NumKinds
)

var kindNames = [NumKinds]string{"", "first", "retry", "fallback", "hedge"}

func (k Kind) String() string {
	if k < NumKinds {
		return kindNames[k]
	}
	return "invalid"
}

// ParseKind is the inverse of String.
func ParseKind(v string) (Kind, bool) { return parse[Kind](kindNames[:], v) }

// Evidence is why spans were taken for attempts of one call.
type Evidence uint8

const (
	EvidenceNone Evidence = iota
	EvidenceTransport
	EvidenceWeak
	EvidenceStrong
	EvidenceExplicit
	NumEvidences
)

var evidenceNames = [NumEvidences]string{"", "transport", "weak", "strong", "explicit"}

func (e Evidence) String() string {
	if e < NumEvidences {
		return evidenceNames[e]
	}
	return "invalid"
}

// ParseEvidence is the inverse of String.
func ParseEvidence(v string) (Evidence, bool) { return parse[Evidence](evidenceNames[:], v) }

// Tri is a truth that may not be known yet.
type Tri uint8

const (
	Unknown Tri = iota
	No
	Yes
)

// Attempt places a span among the attempts at one logical call. The zero
// value is an ungrouped span.
type Attempt struct {
	Group    llm.SpanID // span id of the first attempt
	Number   int        // 1-based
	Kind     Kind
	Evidence Evidence
	Count    int // attempts in all; 0 not known yet
	Final    Tri
	// Probable marks a failure that only a weak link ties to a later success:
	// nothing is stamped as an attempt, but the ledger settles it apart.
	Probable bool
	// Futile: this attempt asked the same model again after a failure that
	// cannot pass by that.
	Futile bool
	// TakesOver names HTTP spans that were stamped as failures of a call
	// without a span before this one, the call itself, arrived: the id of the
	// span above them. It is zero where that is this span.
	TakesOver llm.SpanID
}

// Outcome is how a logical call ended.
type Outcome uint8

const (
	OutcomeNone Outcome = iota
	OutcomeSuccess
	OutcomeRecoveredRetry
	OutcomeRecoveredFallback
	OutcomeRecoveredProbable
	OutcomeFailed
	OutcomeCancelled
	OutcomeRejected
	NumOutcomes
)

var outcomeNames = [NumOutcomes]string{"", "success", "recovered_retry", "recovered_fallback", "recovered_probable", "failed", "cancelled", "rejected"}

func (o Outcome) String() string {
	if o < NumOutcomes {
		return outcomeNames[o]
	}
	return "invalid"
}

// ParseOutcome is the inverse of String.
func ParseOutcome(v string) (Outcome, bool) { return parse[Outcome](outcomeNames[:], v) }

// CallSummary describes the whole logical call; it stands on the final
// attempt of a group and on opaque retries (Set).
type CallSummary struct {
	Set           bool
	Cost          money.Amount
	HasCost       bool
	Attempts      int
	Duration      int64 // nanoseconds
	WastedLatency int64 // nanoseconds
	// Backoff is the part of WastedLatency in which no attempt ran, nanoseconds.
	Backoff int64
	Outcome Outcome
}

// Lifecycle is how long a model will still be served.
type Lifecycle uint8

const (
	LifecycleUnknown Lifecycle = iota
	LifecyclePreview
	LifecycleActive
	LifecycleDeprecated
	LifecycleRetired
	NumLifecycles
)

var lifecycleNames = [NumLifecycles]string{"unknown", "preview", "active", "deprecated", "retired"}

func (l Lifecycle) String() string {
	if l < NumLifecycles {
		return lifecycleNames[l]
	}
	return "invalid"
}

// ParseLifecycle is the inverse of String.
func ParseLifecycle(v string) (Lifecycle, bool) { return parse[Lifecycle](lifecycleNames[:], v) }

// Model is the identity that is written on the span.
type Model struct {
	ID, Vendor, Platform    string
	Version, Family, Region string
	Match                   llm.Match
	Lifecycle               Lifecycle
	RetirementDate          string // ISO 8601 date, "" none
	Replacement             string
	Policy                  string // "unapproved" or ""
	// ContextRatio is total input over context window; 0 unknown.
	ContextRatio float64
	// PromptCache is what the call made of the model's prompt cache.
	PromptCache PromptCache
}

// PromptCache says whether a prompt cache could have served a call, and did.
type PromptCache uint8

const (
	CacheUnknown     PromptCache = iota
	CacheRead                    // input was read from a cache
	CacheWritten                 // input was written to one, none was read
	CacheUnused                  // the model can, the call did not
	CacheUnsupported             // the model cannot
	NumPromptCaches
)

var promptCacheNames = [NumPromptCaches]string{"", "read", "written", "unused", "unsupported"}

func (c PromptCache) String() string {
	if c < NumPromptCaches {
		return promptCacheNames[c]
	}
	return "invalid"
}

// ParsePromptCache is the inverse of String.
func ParsePromptCache(v string) (PromptCache, bool) {
	return parse[PromptCache](promptCacheNames[:], v)
}

// Substitution says that another model answered than the one asked for. The
// zero value is none.
type Substitution struct {
	For string // canonical id of the model asked for, or its snapshot where another one of the same model answered
	By  string // "provider", "gateway" or "fallback"
	// Difference is what the call cost more (below zero: less) than the model
	// asked for would have cost for the same counts, by the same price book and
	// contracts, in the currency of the cost. It stands where HasDifference.
	Difference    money.Amount
	HasDifference bool
}

// Estimate is a guess at what a call used whose emitter said nothing; no sum
// ever holds it. It stands where Basis is set.
type Estimate struct {
	Basis string // what the output is taken from: "content" or "max_tokens"
	// Tokens; of an input of 0 nothing is known, and the cost is that of the
	// output.
	InputTokens, OutputTokens int64
	Cost                      money.Amount
	Currency                  string // ISO 4217; "" no price
}

// Owner is one attribution of a call: team, user, tenant, cost_center ...
type Owner struct{ Key, Value string }

// Stamp is all that the processor concluded about one span.
type Stamp struct {
	Cost    Cost
	Model   Model
	Attempt Attempt
	Error   llm.ErrorClass
	Call    CallSummary
	// Route is the route key; RouteSource the rung of the ladder that gave it.
	Route, RouteSource string
	Owners             []Owner // sorted by key
	// TimeReceived is set where the span's own start time was unusable and the
	// time of receipt stands in for pricing and rollups.
	TimeReceived bool
	// ReceivedAt is that time, Unix nanoseconds; 0 otherwise.
	ReceivedAt   int64
	Substitution Substitution
	Estimate     Estimate
}

func parse[T ~uint8](names []string, v string) (T, bool) {
	for i, n := range names {
		if n == v {
			return T(i), true
		}
	}
	return 0, false
}
