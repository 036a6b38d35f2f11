package sim

import (
	"encoding/json"
	"math/big"
	"sort"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Truth is the true ledger of what was sent, kept call by call while the
// spans are made, in exact rationals. It shares no code with the product.
type Truth struct {
	routes map[string]*RouteTruth
}

// RouteTruth is the truth about one route.
type RouteTruth struct {
	// Calls counts logical calls by outcome: success, recovered_retry,
	// recovered_fallback, failed.
	Calls map[string]int64
	// Attempts counts tries, successes included; Spans all spans of LLM calls
	// that were sent, repeated descriptions and roll-ups included.
	Attempts, FailedAttempts, Spans int64
	// Billed counts tries that cost money; Unpriced answers of models without a
	// list price.
	Billed, Unpriced int64
	Tokens           int64 // of billed and unpriced answers
	cost, wasted     *big.Rat
	naive            *big.Rat
}

// Logical is the truth about one logical call: which spans describe which of
// its tries.
type Logical struct {
	Trace pcommon.TraceID
	// Tries are in the order in which they were made; each lists the spans that
	// describe it, outermost first.
	Tries [][]pcommon.SpanID
	// Inside is the number of tries that one span hides; 0 where each try has
	// spans of its own.
	Inside int
}

// NewTruth returns an empty ledger.
func NewTruth() *Truth { return &Truth{routes: map[string]*RouteTruth{}} }

func (t *Truth) route(name string) *RouteTruth {
	r := t.routes[name]
	if r == nil {
		r = &RouteTruth{Calls: map[string]int64{}, cost: new(big.Rat), wasted: new(big.Rat), naive: new(big.Rat)}
		t.routes[name] = r
	}
	return r
}

// Routes lists the routes that were used, sorted.
func (t *Truth) Routes() []string {
	var names []string
	for n := range t.routes {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Route returns the truth about a route; nil if nothing was sent on it.
func (t *Truth) Route(name string) *RouteTruth { return t.routes[name] }

// Add adds the figures of another ledger, as when several senders ran.
func (t *Truth) Add(o *Truth) {
	for name, r := range o.routes {
		mine := t.route(name)
		for outcome, n := range r.Calls {
			mine.Calls[outcome] += n
		}
		mine.Attempts += r.Attempts
		mine.FailedAttempts += r.FailedAttempts
		mine.Spans += r.Spans
		mine.Billed += r.Billed
		mine.Unpriced += r.Unpriced
		mine.Tokens += r.Tokens
		mine.cost.Add(mine.cost, r.cost)
		mine.wasted.Add(mine.wasted, r.wasted)
		mine.naive.Add(mine.naive, r.naive)
	}
}

// Total adds up all routes.
func (t *Truth) Total() *RouteTruth {
	sum := NewTruth()
	for _, r := range t.routes {
		one := NewTruth()
		one.routes["total"] = r
		sum.Add(one)
	}
	return sum.route("total")
}

// Cost, Wasted and Naive are US dollars as exact decimal strings. Naive is
// what pricing every span with tokens would have said.
func (r *RouteTruth) Cost() string   { return decimal(r.cost) }
func (r *RouteTruth) Wasted() string { return decimal(r.wasted) }
func (r *RouteTruth) Naive() string  { return decimal(r.naive) }

// CallsTotal is the number of logical calls.
func (r *RouteTruth) CallsTotal() int64 {
	var n int64
	for _, c := range r.Calls {
		n += c
	}
	return n
}

// decimal prints a rational whose denominator divides a power of ten, without
// trailing zeros.
func decimal(r *big.Rat) string {
	n, exact := r.FloatPrec()
	if !exact {
		return r.RatString()
	}
	return r.FloatString(n)
}

// MarshalJSON writes the ledger with money as exact decimal strings.
func (t *Truth) MarshalJSON() ([]byte, error) {
	type row struct {
		Calls          map[string]int64 `json:"calls"`
		CallsTotal     int64            `json:"calls_total"`
		Attempts       int64            `json:"attempts"`
		FailedAttempts int64            `json:"attempts_failed"`
		Spans          int64            `json:"spans"`
		Billed         int64            `json:"billed"`
		Unpriced       int64            `json:"unpriced"`
		Tokens         int64            `json:"tokens"`
		Cost           string           `json:"cost_usd"`
		Wasted         string           `json:"wasted_usd"`
		Naive          string           `json:"naive_usd"`
	}
	of := func(r *RouteTruth) row {
		return row{r.Calls, r.CallsTotal(), r.Attempts, r.FailedAttempts, r.Spans, r.Billed, r.Unpriced, r.Tokens, r.Cost(), r.Wasted(), r.Naive()}
	}
	out := struct {
		Routes map[string]row `json:"routes"`
		Total  row            `json:"total"`
	}{map[string]row{}, of(t.Total())}
	for name, r := range t.routes {
		out.Routes[name] = of(r)
	}
	return json.MarshalIndent(out, "", " ")
}
