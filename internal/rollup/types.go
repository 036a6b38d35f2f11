// Package rollup is the ledger: records of single attempts go in, per-route
// books of calls, spend, tokens, latency and SLOs come out, exact whatever the
// order, batching or repetition of what arrived.
package rollup

import (
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Record is one attempt, as read from a stamped span. Add retains neither the
// pointers nor the strings behind them (it interns what it keeps).
type Record struct {
	Call  *llm.Call
	Stamp *stamp.Stamp
	// Dims are the values of Config.Dimensions, in their order.
	Dims []string
	// Weight is the adjusted count of a sampled span, 1 where nothing was
	// sampled; it enters only the extrapolated series.
	Weight float64
	// NoThreshold marks a span that was sampled by a rate it does not tell.
	NoThreshold bool
	// Ruled is what a rule of the user says of this span to every SLO, whatever
	// its class of failure; Skip where none does.
	Ruled slo.Verdict
	// Counted is set by Add: the span is a new attempt at a call, no redelivery
	// and no second description of one.
	Counted bool
}

// Row is the books of one series: a route and one value per dimension.
// Every figure is cumulative since the ledger's start.
type Row struct {
	Route string
	Dims  []string
	// Overflow marks the row that took what the cap kept out.
	Overflow bool
	// Start is from when the figures count: the ledger's start, or later where
	// rows of these values may have ended before, see Snapshot.Ended.
	Start time.Time

	// Tokens of billed calls, disjoint buckets.
	Tokens [llm.NumBuckets]int64
	// Calls counts settled logical calls by outcome, and by class those that
	// failed. The row of a call is that of its final attempt.
	Calls       [stamp.NumOutcomes]int64
	CallsFailed [llm.NumErrorClasses]int64
	// Attempts counts every distinct LLM span by kind; an ungrouped call is one
	// attempt of kind first.
	Attempts       [stamp.NumKinds]int64
	AttemptsFailed [llm.NumErrorClasses]int64
	// AttemptsHidden are attempts inside spans, by a counter on them or by their
	// HTTP spans; no part of Attempts. AttemptsFutile asked the same model again
	// after a failure that cannot pass by that. AttemptsUnknown failed and may
	// have cost something, nobody says how much.
	AttemptsHidden, AttemptsFutile, AttemptsUnknown int64
	// Statuses counts spans by how they stand in the books.
	Statuses [stamp.NumStatuses]int64
	// TokensWasted are those of billed attempts that delivered nothing; part of
	// Tokens.
	TokensWasted int64
	// WastedLatency is what callers lost to attempts that delivered nothing, the
	// whole of a call that failed; Backoff the part of it in which no attempt
	// ran. Nanoseconds.
	WastedLatency, Backoff int64
	// Cost by use, in Currency. CostAtLeast is the sum of lower bounds of
	// partly priced calls, never part of Cost.
	Cost        [stamp.NumUses]money.Amount
	CostAtLeast money.Amount
	Currency    string
	// Naive is what a sum over every span with tokens would have said: the
	// same price book applied to duplicates and roll-ups as well.
	Naive money.Amount
	// Late counts records older, on arrival, than the end of the alert windows.
	Late int64

	// Extrapolated is the estimate of what was sampled away.
	Extrapolated Extrapolated

	// Slow is the slowest recent answer, Failed the newest failed attempt.
	Slow, Failed Exemplar

	Duration           Histogram // seconds, answered logical calls
	FirstChunk         Histogram // seconds, answered attempts that streamed
	TimePerOutputToken Histogram // seconds, answered attempts that streamed
}

// Amplification is the attempts made for each logical call, hidden ones
// included; 0 while none is settled.
func (r *Row) Amplification() float64 {
	attempts, calls := r.AttemptsHidden, int64(0)
	for _, n := range r.Attempts {
		attempts += n
	}
	for _, n := range r.Calls {
		calls += n
	}
	if calls == 0 {
		return 0
	}
	return float64(attempts) / float64(calls)
}

// Extrapolated is calls and cost times the adjusted count of each span; equal
// to the real ones where nothing was sampled. It never enters the books.
type Extrapolated struct {
	Calls float64
	Cost  money.Amount
}

// Histogram is an explicit-boundary histogram; Counts has one entry more than
// Bounds. An interval is (lower, upper].
type Histogram struct {
	Bounds []float64 // shared, read-only
	Counts []uint64
	Sum    float64
	Count  uint64
	// Exponential has the same values where Config.Exponential asks for it, those
	// from before it did by their bound here; nil else.
	Exponential *Exponential
}

// ComponentRow is spend by price component; it has no route.
type ComponentRow struct {
	Vendor, Platform, Model string
	Component               stamp.Component
	Currency                string
	Cost                    money.Amount
}

// PriceRow is what one model cost by list, by contract and by the provider's
// own figures; it has no route. List and Effective are of the calls that the
// price book priced, so their difference is what contracts saved. Reported and
// Ours are of the calls for which the billing provider gave a figure and the
// book has one too.
type PriceRow struct {
	Vendor, Platform, Model string
	Currency                string
	List, Effective         money.Amount
	Reported, Ours          money.Amount
	// Variance is how much more the provider reported than the book expected,
	// since the ledger's start; it stands where HasReported.
	Variance    money.Amount
	HasReported bool
}

// UnpricedRow counts what could not be priced, and why.
type UnpricedRow struct {
	Vendor, Platform, Model string
	Reason                  stamp.Status
	Calls                   int64
	Tokens                  int64
}

// SLORow is the state of one SLO.
type SLORow struct {
	Name      string
	Route     string
	SLI       string // "availability", "duration" ...
	Scope     string // "call", "attempt", "capacity"
	Objective float64
	// Declared SLOs are those of the configuration; the others are the defaults
	// that each route has.
	Declared bool
	// Start is from when the counters count, as of a Row.
	Start time.Time
	// Spec is the objective itself; read-only.
	Spec *slo.Spec
	// Good, Bad and Excluded are cumulative counters since start.
	Good, Bad, Excluded int64
	// BadBy and ExcludedBy are the same events by reason; they sum to Bad and
	// Excluded.
	BadBy, ExcludedBy [slo.NumReasons]int64
	Status            slo.Status
	// TopClass is the commonest error class among recent bad events.
	TopClass llm.ErrorClass
	// TopModel is the model id with the most recent bad events; "" unknown, or
	// where the model is no dimension.
	TopModel string
	// Recent counts the events of the last five minutes of the alert windows.
	Recent slo.Counts
}

// BudgetRow is the state of one spend budget.
type BudgetRow struct {
	Name            string
	Currency        string
	Limit, Spent    money.Amount
	Forecast        money.Amount
	HasForecast     bool
	Reset           time.Time
	Exceeded        bool
	State           string // "ok", "soft", "exceeded", "unknown"
	PricedShare     float64
	CallsInWindow   int64
	UnpricedInWhole int64
	// Start of the window; Reset is its end.
	Start time.Time
	Soft  money.Amount
	// Burn is the pace of spending over the pace that would just reach the limit
	// at the end of the window.
	Burn float64
	// Exhaustion is when the limit is reached at the average pace so far; zero
	// where that is not within the window or cannot be said.
	Exhaustion time.Time
}

// Receipt is one recent call with everything that made its bill. It never
// holds content.
type Receipt struct {
	Trace  llm.TraceID
	Span   llm.SpanID
	Route  string
	At     time.Time
	Stamp  stamp.Stamp
	Ref    llm.ModelRef
	Usage  llm.Usage
	Failed llm.ErrorClass
	Took   time.Duration
}

// Totals are the sums over all rows, kept separately so that a test can hold
// one against the other. Billed, Unpriced (partly priced ones included),
// Duplicates, NoUsage, NotBillable and Unstamped are every span once.
type Totals struct {
	Spans, Calls, Attempts, Billed, Duplicates, Unpriced, NoUsage, NotBillable, Unstamped int64
	Tokens                                                                                int64
	Cost                                                                                  []CurrencyTotal // sorted by currency
}

// CurrencyTotal is a total in one currency.
type CurrencyTotal struct {
	Currency                      string
	Cost, Wasted, Naive           money.Amount
	Reported, ListOfReported      money.Amount // billing providers' figures and ours beside them
	CallsPriced, CallsWithNoTotal int64
}

// Snapshot is one cut of the ledger: immutable, sorted, complete.
type Snapshot struct {
	Start, At  time.Time
	Instance   string // stable id of the ledger
	Dimensions []string
	Rows       []Row
	// Routes, Latency and Providers add Rows up, with what rows left that ended
	// while others of the same key go on; see Fold.
	Routes     []Row
	Latency    []LatencyRow
	Providers  []ProviderRow
	Components []ComponentRow
	Prices     []PriceRow
	Unpriced   []UnpricedRow
	SLOs       []SLORow
	Budgets    []BudgetRow
	Totals     Totals
	// Past is the sum of the rows that expired, without histograms: Rows and Past
	// are the totals. Ended lists those of the last quarter of an hour, and
	// EndedFolds what rows were added up to of which none was left; their series
	// are to be ended, but for those that have begun again.
	Past       Row
	Ended      []Ended
	EndedFolds []EndedFold
	// Pending is the number of calls not settled yet.
	Pending int
	Scope   Scope
	// Lost is the time before which figures are incomplete, because a store was
	// lost; zero where none was.
	Lost time.Time
	Self Self

	buried [numFolds][]buried
}

// Self is the ledger's own telemetry, cumulative where not said otherwise.
type Self struct {
	Late, Future, Redelivered, DuplicateBills, EarlyEvicted int64
	OverflowRecords, LateAttempts                           int64
	SeriesActive                                            int64 // now
	DedupeSize                                              int64 // now
	// SettleQueue are the calls that failed and may still be retried, now.
	SettleQueue             int64
	Unclassified            int64
	Unconverted             int64
	SampledWithoutThreshold int64
	// SettledEarly are calls that the cap on pending calls settled before their
	// time; SplitCalls are groups of failures whose final attempt was counted as
	// a call of its own before the link was seen.
	SettledEarly, SplitCalls int64
	// RestartSplits are calls that waited for a retry over a restart and were
	// counted as failed although their trace went on: at most so many calls are
	// counted twice. See Ledger.Resume.
	RestartSplits int64
	// UndetectableRetries are calls on which retries would have left no trace.
	UndetectableRetries int64
	// SeriesExpired are rows that ended because nothing came for them.
	SeriesExpired int64
	// DefaultSLOsSkipped are routes beyond the cap on routes with default SLOs.
	DefaultSLOsSkipped int64
}
