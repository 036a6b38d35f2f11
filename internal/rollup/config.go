package rollup

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// Scope says how much of its routes' traffic a ledger sees.
type Scope uint8

const (
	// ScopeWhole: all of it; windows, alerts, forecasts and budgets mean
	// something.
	ScopeWhole Scope = iota
	// ScopeShare: one of several replicas; only counters and histograms, which
	// any backend can add, are published.
	ScopeShare
)

// Dedupe bounds the memory of spans and bills that were already booked.
type Dedupe struct {
	Horizon  time.Duration // how long a span is remembered
	MaxSpans int           // at most this many; the oldest are forgotten early, and counted
}

// Bounds are the upper bounds of the histograms, in seconds, ascending.
// Thresholds of SLOs are added by New, so that each is a boundary.
type Bounds struct {
	Duration, FirstChunk, TimePerOutputToken []float64
}

// Config is how a ledger keeps its books. DefaultConfig gives the defaults;
// a zero limit means its default.
type Config struct {
	// Dimensions name the values of Record.Dims, in order. "route" is implied.
	Dimensions []string
	// CardinalityLimit caps the rows. What comes after goes to overflow rows:
	// detail is lost, totals are not.
	CardinalityLimit int
	// DimensionLimit caps the values of one dimension (and the routes), so that
	// one runaway dimension does not eat the rows of the others.
	DimensionLimit int
	// Expiry ends a row for which nothing came so long; 0 never. It is at least
	// twice Settle and the dedupe horizon.
	Expiry time.Duration
	// Settle is how long a call that failed may still be retried: it settles
	// this long after its last failure arrived. Alert windows end this long
	// before now.
	Settle time.Duration
	// MaxPending caps the calls that are not settled or only lately settled;
	// beyond it the oldest settle early, and are counted.
	MaxPending int
	Dedupe     Dedupe
	// ReportingCurrency is the one currency of the rows (ISO 4217). Bills in
	// others are counted as unconverted and summed apart, never added.
	ReportingCurrency string
	Bounds            Bounds
	// Exponential keeps every histogram in exponential buckets too.
	Exponential bool
	// Receipts is how many recent bills are kept for inspection; 0 none.
	Receipts int
	Scope    Scope
	// Protected routes stay outside the caps; those named by SLOs and budgets
	// are protected without being listed.
	Protected []string

	SLOs        []SLODef
	DefaultSLOs DefaultSLOs
	Budgets     []BudgetDef
}

// The defaults of Config.
const (
	DefaultCardinalityLimit = 100_000
	DefaultDimensionLimit   = 10_000
	DefaultSettle           = time.Minute
	DefaultMaxPending       = 200_000
	DefaultHorizon          = 10 * time.Minute
	DefaultMaxSpans         = 2_000_000
	DefaultReceipts         = 1_000
	DefaultCurrency         = "USD"
	maxDimensions           = 32
)

var (
	// LLM calls take long: the steps double from 10 ms to about 3 minutes, then
	// reach 10 minutes.
	defaultDuration   = []float64{0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600}
	defaultFirstChunk = []float64{0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 5, 10, 20, 40, 60}
	defaultPerToken   = []float64{0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1}
)

// DefaultConfig is what an empty configuration means.
func DefaultConfig() Config {
	return Config{
		Dimensions:  []string{"spanledger.model.vendor", "spanledger.model.platform", "spanledger.model.id"},
		Settle:      DefaultSettle,
		Receipts:    DefaultReceipts,
		DefaultSLOs: DefaultDefaultSLOs(),
	}.withDefaults()
}

func (c Config) withDefaults() Config {
	setDefault(&c.CardinalityLimit, DefaultCardinalityLimit)
	setDefault(&c.DimensionLimit, min(DefaultDimensionLimit, c.CardinalityLimit))
	setDefault(&c.MaxPending, DefaultMaxPending)
	setDefault(&c.Dedupe.Horizon, DefaultHorizon)
	setDefault(&c.Dedupe.MaxSpans, DefaultMaxSpans)
	setDefault(&c.ReportingCurrency, DefaultCurrency)
	if c.Bounds.Duration == nil {
		c.Bounds.Duration = defaultDuration
	}
	if c.Bounds.FirstChunk == nil {
		c.Bounds.FirstChunk = defaultFirstChunk
	}
	if c.Bounds.TimePerOutputToken == nil {
		c.Bounds.TimePerOutputToken = defaultPerToken
	}
	return c
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// Validate reports every fault at once.
func (c *Config) Validate() error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	if len(c.Dimensions) > maxDimensions {
		fault("dimensions: %d given, at most %d", len(c.Dimensions), maxDimensions)
	}
	for i, d := range c.Dimensions {
		switch {
		case d == "":
			fault("dimensions[%d]: empty name", i)
		case d == RouteKey:
			fault("dimensions[%d]: %q is always a dimension", i, d)
		case slices.Contains(c.Dimensions[:i], d):
			fault("dimensions[%d]: %q is listed twice", i, d)
		}
	}
	for name, v := range map[string]int{
		"aggregation_cardinality_limit": c.CardinalityLimit, "dimension_limit": c.DimensionLimit,
		"max_pending": c.MaxPending, "dedupe.max_spans": c.Dedupe.MaxSpans, "receipts": c.Receipts,
	} {
		if v < 0 || v > math.MaxInt32/2 {
			fault("%s: %d is out of range", name, v)
		}
	}
	if c.Settle < 0 || c.Settle > 24*time.Hour {
		fault("settle: %v is not between 0 and 24h", c.Settle)
	}
	if c.Expiry != 0 && c.Expiry < c.minExpiry() {
		fault("metrics_expiration: %v is less than %v, twice settle and the dedupe horizon", c.Expiry, c.minExpiry())
	}
	if c.Dedupe.Horizon < 0 {
		fault("dedupe.horizon: %v is negative", c.Dedupe.Horizon)
	}
	if n := len(c.ReportingCurrency); n != 0 && n != 3 {
		fault("reporting_currency: %q is no ISO 4217 code", c.ReportingCurrency)
	}
	for name, b := range map[string][]float64{
		"duration": c.Bounds.Duration, "first_chunk": c.Bounds.FirstChunk, "time_per_output_token": c.Bounds.TimePerOutputToken,
	} {
		for i, v := range b {
			if !(v > 0 && v < 1e9) || (i > 0 && v <= b[i-1]) {
				fault("histogram bounds of %s: %v is not positive and ascending", name, v)
			}
		}
	}
	errs = append(errs, c.validateSLOs()...)
	errs = append(errs, c.validateBudgets()...)
	// Maps were walked: sort, so that the same faults read the same.
	sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
	return errors.Join(errs...)
}

// RouteKey is the key of the route in a where clause.
const RouteKey = "route"

// Where picks calls by the route ("route") and by dimension, all of which
// must be equal; empty picks all.
type Where map[string]string

func (c *Config) checkWhere(w Where) error {
	var errs []error
	for k := range w {
		if k != RouteKey && !slices.Contains(c.Dimensions, k) {
			errs = append(errs, fmt.Errorf("where: %q is not a dimension", k))
		}
	}
	sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
	return errors.Join(errs...)
}

// filter is a compiled Where.
type filter struct {
	route    string
	anyRoute bool
	dims     []dimValue
}

type dimValue struct {
	index int
	value string
}

func (c *Config) compile(w Where) filter {
	route, ok := w[RouteKey]
	f := filter{route: route, anyRoute: !ok}
	for i, d := range c.Dimensions { // in the order of the dimensions, not of the map
		if v, ok := w[d]; ok {
			f.dims = append(f.dims, dimValue{i, v})
		}
	}
	return f
}

func (f *filter) matches(route string, dims []string) bool {
	if !f.anyRoute && f.route != route {
		return false
	}
	for _, d := range f.dims {
		if dims[d.index] != d.value {
			return false
		}
	}
	return true
}
