// Package attempt tells which spans are attempts at one call to a model:
// retries, fallbacks, hedges, the attempts that hide inside one span, and the
// several descriptions that one call may have, of which one is billed.
//
// [Reduce] is a pure function over the spans of complete traces. [Memory] runs
// the same algorithm over what has arrived so far, bounded, so that a stream
// of batches can be stamped as it passes, or held until a group is decided.
//
// Reported evidence beats content, content beats shape, and precision beats
// recall: an agent's next step, a fan-out, a re-ask and a regenerated answer
// are not retries. Times are Unix nanoseconds throughout.
package attempt

import (
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// The gaps that the rules allow.
const (
	// overlap is how far two spans may overlap and still be taken as one after
	// the other: clocks and span ends are not exact.
	overlap = int64(50 * time.Millisecond)
	// strongGap covers the longest back-offs that SDKs use (4 minutes).
	strongGap = int64(300 * time.Second)
	weakGap   = int64(60 * time.Second)
	// hedgeOffset is the least delay at which a second identical request is a
	// hedge and not a fan-out.
	hedgeOffset = int64(100 * time.Millisecond)
)

// Policy says which description of a call is billed where several arrive
// together; otherwise the first one seen is.
type Policy uint8

const (
	// BillInnermost bills the description nearest to the provider.
	BillInnermost Policy = iota
	// BillGateway prefers a gateway's, then the provider's own description.
	BillGateway
	// BillClient prefers the outermost description.
	BillClient
)

// Config holds the rules' switches and the memory's bounds. The zero value of
// a bound is its default.
type Config struct {
	// WeakEvidence links spans by shape and position alone.
	WeakEvidence bool
	// CrossTrace links root spans of different traces, by content only.
	CrossTrace bool
	// Billing chooses among descriptions of one call.
	Billing Policy
	// MaxAttempts bounds one group (64): what comes after starts a new one.
	MaxAttempts int

	// Wait holds calls until their group is decided, at most this long; 0
	// forwards everything at once.
	Wait time.Duration
	// MaxTraces, MaxBytes and TTL bound the memory (50,000, 128 MiB, 5 min
	// after the last span): the oldest trace goes first, and what comes later
	// for it is read as a new trace.
	MaxTraces int
	MaxBytes  int64
	TTL       time.Duration
	// MaxCalls and MaxSkeletons bound one trace (1,000 and 4,000): more are
	// stamped as ungrouped, or not kept.
	MaxCalls, MaxSkeletons int
	// MaxHeld bounds the calls held under Wait (20,000): the oldest is decided
	// early, as incomplete.
	MaxHeld int
	// MaxResponses bounds the response ids remembered across traces (65,536).
	MaxResponses int
	// MaxRoots bounds the root calls remembered with CrossTrace (10,000).
	MaxRoots int
}

func (c Config) withDefaults() Config {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&c.MaxAttempts, 64)
	def(&c.MaxTraces, 50_000)
	def(&c.MaxCalls, 1_000)
	def(&c.MaxSkeletons, 4_000)
	def(&c.MaxHeld, 20_000)
	def(&c.MaxResponses, 65_536)
	def(&c.MaxRoots, 10_000)
	if c.MaxBytes <= 0 {
		c.MaxBytes = 128 << 20
	}
	if c.TTL <= 0 {
		c.TTL = 5 * time.Minute
	}
	// Group numbers and indices are kept in 8 and 16 bits.
	c.MaxAttempts = min(c.MaxAttempts, 250)
	c.MaxCalls = min(c.MaxCalls, 30_000)
	c.MaxSkeletons = min(c.MaxSkeletons, 30_000)
	return c
}

// Trace is the input of Reduce: the spans of one trace, or of several for
// Config.CrossTrace. Order and repetition do not matter.
type Trace struct {
	Calls     []*llm.Call
	Skeletons []*llm.Skeleton
}

// Level says what the spans of a group are.
type Level uint8

const (
	// LevelCall: LLM spans, each an attempt.
	LevelCall Level = iota
	// LevelTransport: HTTP client spans below the LLM span Owner.
	LevelTransport
)

// End is how a group of attempts ended.
type End uint8

const (
	// Recovered: the final attempt succeeded.
	Recovered End = iota
	// Exhausted: the final attempt failed with a class that may be retried.
	Exhausted
	// Failed: the final attempt failed for good.
	Failed
	// Cancelled: the final attempt was cancelled.
	Cancelled
)

func (e End) String() string {
	return [...]string{"recovered", "exhausted", "failed", "cancelled"}[e]
}

// Group is the attempts at one logical call.
type Group struct {
	Spans []llm.SpanKey // in attempt order
	Level Level
	Owner llm.SpanID   // the LLM span, LevelTransport only
	Kind  stamp.Kind   // of the group: retry, fallback or hedge
	Kinds []stamp.Kind // per attempt
	Final llm.SpanKey  // the winner of a hedge, else the last
	End   End
	// Evidence is that of the weakest link.
	Evidence stamp.Evidence
	// Classes are those of the failed attempts, in order.
	Classes []llm.ErrorClass
	// WastedLatency is what the caller lost to attempts that did not answer,
	// Backoff the part of it between attempts; nanoseconds.
	WastedLatency, Backoff int64
	// WastedTokens sums the attempts that did not answer and reported usage;
	// WastedUnknown counts those that may have cost something and did not say.
	WastedTokens  int64
	WastedUnknown int
	// Futile: a failure that cannot pass was retried on the same model.
	Futile bool
}

// Opaque is an LLM span that hides attempts which no other span shows.
type Opaque struct {
	Span     llm.SpanKey
	Count    int // attempts in all
	Evidence stamp.Evidence
}

// Lone is a failed HTTP call to a provider that no LLM span describes. Call is
// the span id under which its attempts meet: that of the missing parent.
type Lone struct {
	Span llm.SpanKey
	Call llm.SpanID
}

// Result is what Reduce found; every slice is sorted by start, then span id.
type Result struct {
	Groups    []Group
	Ungrouped []llm.SpanKey // every other span, sorted by trace and span id
	Opaque    []Opaque
	// Unobserved are failures whose caller at the next layer got an answer all
	// the same: the answering attempt's span was lost, or the span lies.
	Unobserved []llm.SpanKey
	// Probable are failures that only weak evidence ties to a later success,
	// where weak evidence is off.
	Probable []llm.SpanKey
	Lone     []Lone
	// LeafAttempts over LogicalCalls is the amplification of load by retries.
	LeafAttempts, LogicalCalls int
}

// Amplification is leaf attempts per logical call; 0 without calls.
func (r *Result) Amplification() float64 {
	if r.LogicalCalls == 0 {
		return 0
	}
	return float64(r.LeafAttempts) / float64(r.LogicalCalls)
}
