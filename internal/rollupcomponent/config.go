package rollupcomponent

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/spanledger/spanledger/internal/confvalue"
	"github.com/spanledger/spanledger/internal/slospec"
)

// Temporalities of the pushed metrics.
const (
	TemporalityCumulative = "cumulative"
	TemporalityDelta      = "delta"
)

// Aggregations of the histograms, by OpenTelemetry's names.
const (
	HistogramExplicit    = "explicit_bucket_histogram"
	HistogramExponential = "base2_exponential_bucket_histogram"
	HistogramBoth        = "both"
)

// Scopes of a ledger.
const (
	ScopeWhole = "whole"
	ScopeShare = "share"
)

// Durabilities of the books.
const (
	DurabilityNone     = "none"
	DurabilityInterval = "interval"
	DurabilitySync     = "sync"
)

// Config is what the exporter and the connector have in common.
type Config struct {
	// FlushInterval is the time between two pushes. Default 60s.
	FlushInterval time.Duration `mapstructure:"metrics_flush_interval"`
	// Temporality of pushed sums and histograms: cumulative (default) or delta.
	Temporality string `mapstructure:"aggregation_temporality"`
	// Histograms: explicit_bucket_histogram (default), every SLO threshold a
	// boundary; base2_exponential_bucket_histogram, of at most 160 buckets at a
	// scale of at most 20; or both, the exponential ones then under names that
	// end in .exponential.
	Histograms string `mapstructure:"histogram_aggregation"`
	// CardinalityLimit caps the series; what comes after goes to one overflow
	// row: totals stay right. Default 100000.
	CardinalityLimit int `mapstructure:"aggregation_cardinality_limit"`
	// Dimensions split the books beside the route, by attribute of the span or
	// its resource. Default the model's vendor, platform and id.
	Dimensions []Dimension `mapstructure:"dimensions"`
	// Scope: whole (default) where this ledger sees all traffic of its routes,
	// share where it is one of several; a share publishes only what adds up.
	Scope string `mapstructure:"scope"`
	// Settle is how long a failed call may still be retried. Default 60s.
	Settle confvalue.Duration `mapstructure:"settle"`
	// MetricsExpiration ends a row, and the default SLOs of a route with its last
	// one, for which nothing came so long; 0s never. Default 840h (35 days).
	MetricsExpiration confvalue.Duration `mapstructure:"metrics_expiration"`
	// Dedupe bounds the memory of what was already booked.
	Dedupe Dedupe `mapstructure:"dedupe"`
	// Sampling says what was done to spans before they came here.
	Sampling SamplingConfig `mapstructure:"sampling"`
	// Storage is the id of a storage extension that keeps the books over
	// restarts. Default none.
	Storage *component.ID `mapstructure:"storage"`
	// Durability: none; interval (default with storage), a snapshot every
	// SnapshotInterval and before every push; sync, where every batch is
	// journalled before it is acknowledged.
	Durability string `mapstructure:"durability"`
	// SnapshotInterval is the time between two snapshots. Default 5s, with
	// durability sync 60s.
	SnapshotInterval confvalue.Duration `mapstructure:"snapshot_interval"`
	// ReportingCurrency is the one currency of the books, ISO 4217. Default USD.
	ReportingCurrency string `mapstructure:"reporting_currency"`
	// ExchangeRates bring costs in other currencies into the reporting one, by
	// the date of the call. Default none: they are counted as unconverted and
	// summed apart.
	ExchangeRates []ExchangeRate `mapstructure:"exchange_rates"`
	// Receipts is how many recent calls the page can explain. Default 1000.
	Receipts int `mapstructure:"receipts"`
	// Inventory bounds the memory of what each route uses.
	Inventory InventoryConfig `mapstructure:"inventory"`
	// SLOs are the objectives to keep.
	SLOs []SLO `mapstructure:"slos"`
	// SLOFiles are globs of OpenSLO v1 files with further objectives, relative
	// to the working directory of the collector.
	SLOFiles []string `mapstructure:"slo_files"`
	// Compatibility: the gauges of other products to publish beside our own,
	// sloth and pyrra. Default none.
	Compatibility []string `mapstructure:"compatibility"`
	// DefaultSLOs are kept for every route that has no SLO of its own.
	DefaultSLOs DefaultSLOs `mapstructure:"default_slos"`
	// ErrorPolicy says what failures and single spans are to every SLO, before
	// the error table. Default none.
	ErrorPolicy []ErrorRule `mapstructure:"error_policy"`
	// Budgets are limits of spend; they are advisory.
	Budgets []Budget `mapstructure:"budgets"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// Dimension is an attribute that splits the books.
type Dimension struct {
	// Name of the attribute, looked for on the span, then on its resource.
	Name string `mapstructure:"name"`
	// Default is the value where the attribute is missing. Default none.
	Default string `mapstructure:"default"`
}

// Dedupe bounds the memory of spans and bills that were already booked.
type Dedupe struct {
	// Horizon is how long a span is remembered. Default 10m.
	Horizon confvalue.Duration `mapstructure:"horizon"`
	// MaxSpans is how many are remembered; the oldest go early, and are counted.
	// Default 2000000, about 16 bytes each.
	MaxSpans int `mapstructure:"max_spans"`
}

// SamplingConfig declares sampling; it is never guessed.
type SamplingConfig struct {
	// Upstream: none (default), tracestate, or the share of spans that is kept.
	Upstream Sampling `mapstructure:"upstream"`
}

// Validate reports every fault at once, each with the path of its key.
func (c *Config) Validate() error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	oneOf := func(key, value string, allowed ...string) {
		for _, a := range allowed {
			if a == value {
				return
			}
		}
		fault("%s: %q is not one of %v", key, value, allowed)
	}
	if c.FlushInterval < time.Second {
		fault("metrics_flush_interval: %v is less than 1s", c.FlushInterval)
	}
	oneOf("aggregation_temporality", c.Temporality, TemporalityCumulative, TemporalityDelta)
	oneOf("histogram_aggregation", c.Histograms, HistogramExplicit, HistogramExponential, HistogramBoth)
	oneOf("scope", c.Scope, ScopeWhole, ScopeShare)
	oneOf("durability", c.durability(), DurabilityNone, DurabilityInterval, DurabilitySync)
	if c.CardinalityLimit <= 0 {
		fault("aggregation_cardinality_limit: %d is not a positive number of series", c.CardinalityLimit)
	}
	for i, d := range c.Dimensions {
		if d.Name == "" {
			fault("dimensions[%d]: name is missing", i)
		}
		if d.Name == attrRoute || d.Name == attrOverflow {
			fault("dimensions[%d]: %q is always there", i, d.Name)
		}
	}
	if c.Settle < 0 {
		fault("settle: %v is negative", c.Settle)
	}
	if c.Dedupe.Horizon <= 0 {
		fault("dedupe::horizon: %v is not a positive duration", c.Dedupe.Horizon)
	}
	if c.Dedupe.MaxSpans <= 0 {
		fault("dedupe::max_spans: %d is not a positive number of spans", c.Dedupe.MaxSpans)
	}
	if c.Storage == nil && c.Durability != "" && c.Durability != DurabilityNone {
		fault("durability: %s needs a storage extension: set storage", c.Durability)
	}
	if c.SnapshotInterval < 0 || (c.SnapshotInterval > 0 && time.Duration(c.SnapshotInterval) < time.Second) {
		fault("snapshot_interval: %v is less than 1s", c.SnapshotInterval)
	}
	if _, err := c.Sampling.Upstream.kept(); err != nil {
		fault("sampling::upstream: %w", err)
	}
	if !isCurrency(c.ReportingCurrency) {
		fault("reporting_currency: %q is no ISO 4217 code such as USD", c.ReportingCurrency)
	}
	if _, err := c.exchange(); err != nil {
		errs = append(errs, err)
	}
	if c.Receipts < 0 || c.Receipts > 100_000 {
		fault("receipts: %d is not between 0 and 100000", c.Receipts)
	}
	if err := c.Inventory.validate(); err != nil {
		errs = append(errs, err)
	}
	for i, product := range c.Compatibility {
		oneOf(fmt.Sprintf("compatibility[%d]", i), product, slospec.Sloth, slospec.Pyrra)
	}
	if len(c.Compatibility) > 0 && c.Scope == ScopeShare {
		fault("compatibility: these series need one writer that sees all traffic, scope is share")
	}
	if len(errs) > 0 {
		// What follows is judged in the light of the above.
		return errors.Join(errs...)
	}
	_, err := c.Ledger()
	return err
}

// Publish says which metrics the configuration publishes.
func (c *Config) Publish() Publish {
	return Publish{
		Histograms: c.Histograms, Share: c.Scope == ScopeShare, Extrapolated: c.Sampling.Upstream.declared(),
		Sloth: slices.Contains(c.Compatibility, slospec.Sloth), Pyrra: slices.Contains(c.Compatibility, slospec.Pyrra),
	}
}

// durability is the configured one or what follows from the storage.
func (c *Config) durability() string {
	switch {
	case c.Durability != "":
		return c.Durability
	case c.Storage != nil:
		return DurabilityInterval
	}
	return DurabilityNone
}

// snapshotEvery is the configured interval or the durability's own.
func (c *Config) snapshotEvery() time.Duration {
	switch {
	case c.SnapshotInterval > 0:
		return time.Duration(c.SnapshotInterval)
	case c.durability() == DurabilitySync:
		return time.Minute
	}
	return 5 * time.Second
}

func isCurrency(code string) bool {
	if len(code) != 3 {
		return false
	}
	for _, r := range code {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	return true
}
