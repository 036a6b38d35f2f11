package rollupcomponent

import (
	"fmt"
	"strings"

	"github.com/prometheus/otlptranslator"
)

// Attribute keys of the published series. The dimensions that a config lists
// keep their own names; these stand beside them.
const (
	attrRoute      = "route"
	attrOutcome    = "outcome"
	attrErrorClass = "error.class"
	attrKind       = "kind"
	attrTokenType  = "token.type"
	attrUse        = "use"
	attrCurrency   = "currency"
	attrComponent  = "component"
	attrReason     = "reason"
	attrSLO        = "slo"
	attrScope      = "scope"
	attrWindow     = "window"
	attrTier       = "tier"
	attrBudget     = "budget"
	attrLifecycle  = "lifecycle"
	attrVendor     = "spanledger.model.vendor"
	attrPlatform   = "spanledger.model.platform"
	attrModel      = "spanledger.model.id"
	// attrOverflow marks the one row that took what the cardinality limit kept
	// out, by the name that the OpenTelemetry specification gives it.
	attrOverflow = "otel.metric.overflow"
)

// dimensions in a metric's attribute list stands for those of the config.
const dimensions = "*"

type metricKind uint8

const (
	counter metricKind = iota // monotonic sum
	gauge
	histogram
	exponential // histogram of exponential buckets
)

var kindNames = [...]string{"sum", "gauge", "histogram", "exponential histogram"}

// metric describes one published metric. The table below is the only list of
// them: conversion, scrape and docs/metrics.md are made from it.
type metric struct {
	name, unit string
	kind       metricKind
	attrs      []string
	// money marks an amount of the currency in the attribute; exact in the
	// ledger and the JSON, a double here.
	money bool
	// whole marks what only a ledger that sees all traffic may publish: a ratio
	// or a state, which shares cannot add up.
	whole bool
	// fleeting marks what comes and goes apart from the rows.
	fleeting bool
	// explicit is the metric whose values an exponential one shows.
	explicit *metric
	doc      string
}

// source is the metric itself, or the one that an exponential one stands for.
func (m *metric) source() *metric {
	if m.explicit != nil {
		return m.explicit
	}
	return m
}

var (
	mCalls = &metric{
		name: "spanledger.calls", unit: "{call}", kind: counter, attrs: []string{attrRoute, dimensions, attrOutcome, attrErrorClass, attrOverflow},
		doc: "Settled logical calls by how they ended. A call with three attempts is one call; `error.class` stands on those that failed.",
	}
	mAttempts = &metric{
		name: "spanledger.attempts", unit: "{attempt}", kind: counter, attrs: []string{attrRoute, dimensions, attrKind, attrOverflow},
		doc: "Attempts at calls; a call without retries is one attempt of kind `first`, a second description of the same call is none.",
	}
	mAttemptsFailed = &metric{
		name: "spanledger.attempts.failed", unit: "{attempt}", kind: counter, attrs: []string{attrRoute, dimensions, attrErrorClass, attrOverflow},
		doc: "Attempts that failed, by class; they are part of `spanledger.attempts`.",
	}
	mProvider = &metric{
		name: "spanledger.provider.attempts", unit: "{attempt}", kind: counter, attrs: []string{attrVendor, attrPlatform, attrModel, attrOutcome, attrOverflow},
		doc: "The health of providers: attempts over all routes that were `good`, `bad` by the error policy of attempts, `rate_limited`, or `excluded` as the caller's own doing. Retries and fallbacks hide nothing here. Only with a vendor, platform or model among the dimensions.",
	}
	mTokens = &metric{
		name: "spanledger.tokens", unit: "{token}", kind: counter, attrs: []string{attrRoute, dimensions, attrTokenType, attrOverflow},
		doc: "Tokens of billed calls in disjoint classes: they may be added, cached input is not part of `input`.",
	}
	mCost = &metric{
		name: "spanledger.cost", unit: "{cost}", kind: counter, money: true, attrs: []string{attrRoute, dimensions, attrUse, attrCurrency, attrOverflow},
		doc: "Spend on billed calls, an estimate by list price unless the provider reported a figure; `use` tells an answer from an attempt that delivered nothing. Calls whose price is unknown are not in it: see `spanledger.coverage`.",
	}
	mComponents = &metric{
		name: "spanledger.cost.components", unit: "{cost}", kind: counter, money: true, attrs: []string{attrVendor, attrPlatform, attrModel, attrComponent, attrCurrency},
		doc: "The same spend by price component, over all routes.",
	}
	mUnpriced = &metric{
		name: "spanledger.calls.unpriced", unit: "{call}", kind: counter, attrs: []string{attrVendor, attrPlatform, attrModel, attrReason},
		doc: "Calls that carry no total, and why. Unknown is counted here and never as zero spend.",
	}
	mUndetectable = &metric{
		name: "spanledger.undetectable_retries", unit: "{call}", kind: counter,
		doc: "Calls on which retries would have left no trace, being made inside the SDK: read a low share of retries against it.",
	}
	mCallsExtrapolated = &metric{
		name: "spanledger.calls.extrapolated", unit: "{call}", kind: counter, attrs: []string{attrRoute, dimensions, attrOverflow},
		doc: "Calls times the adjusted count of each span: an estimate of what was sampled away. Only where `sampling` is declared.",
	}
	mCostExtrapolated = &metric{
		name: "spanledger.cost.extrapolated", unit: "{cost}", kind: counter, money: true, attrs: []string{attrRoute, dimensions, attrCurrency, attrOverflow},
		doc: "Spend times the adjusted count of each span. Only where `sampling` is declared; the books themselves hold what arrived.",
	}
	mDuration = &metric{
		name: "spanledger.call.duration", unit: "s", kind: histogram, attrs: []string{attrRoute, attrModel},
		doc: "Duration of answered logical calls, from the first attempt's start to the last one's end. Every SLO threshold is a boundary.",
	}
	mFirstChunk = &metric{
		name: "spanledger.call.time_to_first_chunk", unit: "s", kind: histogram, attrs: []string{attrRoute, attrModel},
		doc: "Time to the first chunk of answered attempts that streamed and report it.",
	}
	mPerToken = &metric{
		name: "spanledger.call.time_per_output_token", unit: "s", kind: histogram, attrs: []string{attrRoute, attrModel},
		doc: "Time per output token after the first, of answered attempts that streamed two or more.",
	}
	mSLOEvents = &metric{
		name: "spanledger.slo.events", unit: "{event}", kind: counter, fleeting: true, attrs: []string{attrSLO, attrScope, attrOutcome, attrReason},
		doc: "Events of each SLO: `good`, `bad` or `excluded`. `reason` says why one is bad or excluded: the error class of the failure, the limit that was broken (`duration`, `time_to_first_chunk`, `time_per_output_token`, `cost_per_call`), `not_measured`, `recovered_probable` or `rule` (a condition of `error_policy`); the sum over the reasons is the number of events. Every reason that the SLO can give is there with zero from the start, so that a rate sees the first failure.",
	}
	mObjective = &metric{
		name: "spanledger.slo.objective", unit: "1", kind: gauge, fleeting: true, whole: true, attrs: []string{attrSLO},
		doc: "The share of good events that was promised.",
	}
	mRemaining = &metric{
		name: "spanledger.slo.error_budget.remaining", unit: "1", kind: gauge, fleeting: true, whole: true, attrs: []string{attrSLO},
		doc: "Share of the error budget that is left in the SLO's window; below 0 once overspent, 1 while there is no event.",
	}
	mBurn = &metric{
		name: "spanledger.slo.burn_rate", unit: "{burn}", kind: gauge, fleeting: true, whole: true, attrs: []string{attrSLO, attrWindow},
		doc: "How many times faster than allowed the error budget is being spent over the window; 1 spends it exactly by the end of the period.",
	}
	mExhaustion = &metric{
		name: "spanledger.slo.time_to_exhaustion", unit: "s", kind: gauge, fleeting: true, whole: true, attrs: []string{attrSLO},
		doc: "Time until the error budget is gone at the present burn; absent while it is not shrinking.",
	}
	mAlert = &metric{
		name: "spanledger.slo.alert.active", unit: "{alert}", kind: gauge, fleeting: true, whole: true, attrs: []string{attrSLO, attrTier},
		doc: "1 while the tier's burn-rate condition holds over its long and its short window, else 0.",
	}
	mBudgetLimit = &metric{
		name: "spanledger.budget.limit", unit: "{cost}", kind: gauge, money: true, whole: true, attrs: []string{attrBudget, attrCurrency},
		doc: "The limit of a spend budget.",
	}
	mBudgetSpent = &metric{
		name: "spanledger.budget.spent", unit: "{cost}", kind: gauge, money: true, whole: true, attrs: []string{attrBudget, attrCurrency},
		doc: "Known spend in the budget's current period.",
	}
	mBudgetRemaining = &metric{
		name: "spanledger.budget.remaining", unit: "{cost}", kind: gauge, money: true, whole: true, attrs: []string{attrBudget, attrCurrency},
		doc: "Limit less known spend; below 0 once overspent.",
	}
	mBudgetForecast = &metric{
		name: "spanledger.budget.forecast", unit: "{cost}", kind: gauge, fleeting: true, money: true, whole: true, attrs: []string{attrBudget, attrCurrency},
		doc: "Spend expected by the end of the period at the mean rate so far; absent early in the period.",
	}
	mBudgetReset = &metric{
		name: "spanledger.budget.reset.timestamp", unit: "s", kind: gauge, whole: true, attrs: []string{attrBudget},
		doc: "When the budget's current period ends, in seconds since 1970.",
	}
	mCoverage = &metric{
		name: "spanledger.coverage", unit: "1", kind: gauge, fleeting: true, whole: true, attrs: []string{attrRoute},
		doc: "Share of a route's billable calls whose cost is known: priced or reported, over those and the partly priced, the unpriced and the ones without usage. Absent without a billable call.",
	}
	mRetirement = &metric{
		name: "spanledger.model.retirement.timestamp", unit: "s", kind: gauge, fleeting: true, whole: true, attrs: []string{attrRoute, attrVendor, attrModel, attrLifecycle},
		doc: "When a model that the route still uses is retired, in seconds since 1970: the earliest date of its snapshots. Calls and spend on ageing models are the other metrics joined with this one on route and model.",
	}
)

// catalogue lists the metrics in the order in which they are published.
var catalogue = []*metric{
	mCalls, mAttempts, mAttemptsFailed, mHidden, mFutile, mWasteUnknown, mTokensWasted, mWastedLatency, mBackoff, mProvider, mTokens, mCost, mComponents, mList, mEffective, mReported, mVariance, mUnpriced, mUndetectable,
	mCallsExtrapolated, mCostExtrapolated, mDuration, mFirstChunk, mPerToken,
	mSLOEvents, mObjective, mRemaining, mBurn, mExhaustion, mAlert,
	mBudgetLimit, mBudgetSpent, mBudgetRemaining, mBudgetForecast, mBudgetReset, mCoverage, mAmplification,
	mRetirement,
}

var promNamer = otlptranslator.MetricNamer{WithMetricSuffixes: true}

// promName is the metric's name in Prometheus' classic form, the one that
// Prometheus itself gives it when it receives the metric by OTLP.
func (m *metric) promName() string {
	kind := otlptranslator.MetricType(otlptranslator.MetricTypeGauge)
	switch m.kind {
	case counter:
		kind = otlptranslator.MetricTypeMonotonicCounter
	case histogram, exponential:
		kind = otlptranslator.MetricTypeHistogram
	}
	name, err := promNamer.Build(otlptranslator.Metric{Name: m.name, Unit: m.unit, Type: kind})
	if err != nil {
		panic(err) // the table is constant and a test walks it
	}
	return name
}

// promLabel is an attribute key in Prometheus' classic form.
func promLabel(key string) string {
	name, err := (&otlptranslator.LabelNamer{}).Build(key)
	if err != nil {
		return "invalid"
	}
	return name
}

// metricsPage is docs/metrics.md.
func metricsPage() string {
	var b strings.Builder
	b.WriteString(metricsPageHead)
	b.WriteString("| metric | in Prometheus | type, unit | attributes | says |\n|---|---|---|---|---|\n")
	for _, m := range catalogue {
		attrs := make([]string, 0, len(m.attrs))
		for _, a := range m.attrs {
			switch a {
			case dimensions:
				attrs = append(attrs, "dimensions")
			case attrOverflow:
			default:
				attrs = append(attrs, "`"+a+"`")
			}
		}
		doc := m.doc
		if m.whole {
			doc += " Not with `scope: share`."
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s, `%s` | %s | %s |\n", m.name, m.promName(), kindNames[m.kind], m.unit, strings.Join(attrs, ", "), doc)
	}
	b.WriteString(compatibilityPage())
	b.WriteString(metricsPageTail)
	return b.String()
}

const metricsPageHead = `# Metrics of the rollup

Written by a test from the table in ` + "`internal/rollupcomponent/catalogue.go`" + `; change it there and run ` + "`make golden`" + `.

The exporter ` + "`gen_ai_rollup`" + ` pushes these by OTLP and serves them to Prometheus; the connector hands them to the next pipeline. Both are made from one cut of the same ledger.

`

const metricsPageTail = `
**Dimensions** are the attributes that the config lists, by their own names; by default ` + "`spanledger.model.vendor`, `spanledger.model.platform` and `spanledger.model.id`" + `. In Prometheus every dot of an attribute becomes an underscore. An attribute without a value is left out.

**Identity.** The resource carries ` + "`service.name` = `spanledger`" + ` and ` + "`service.instance.id`" + `, the stable id of the ledger; with a storage extension id and start time survive a restart, so counters go on where they stood.

**Temporality.** Cumulative by default, with the ledger's own start as start time. Delta sends the difference to the last snapshot that the receiver acknowledged; what was not acknowledged is in the next one.

**Histograms** have explicit boundaries by default, every SLO threshold among them. ` + "`histogram_aggregation: base2_exponential_bucket_histogram`" + ` pushes exponential ones under the same names, ` + "`both`" + ` pushes both, the exponential ones as ` + "`<name>.exponential`" + `. They hold 160 buckets at most and begin at scale 20; the scale follows from the smallest and the largest value alone, so parts merge to what one ledger would have seen. A point's scale may be coarser than that of the one before. Scraped histograms always have the explicit buckets, and the exponential ones beside them, as native histograms, where those are kept and the scraper asks for protobuf.

**Ends.** A gauge that has no value any more, such as a time to exhaustion while the budget is not shrinking, is pushed once more without a value (the flag ` + "`no_recorded_value`" + `), so that a receiver ends the series instead of carrying its last value on. So are the series of a row that has expired (` + "`metrics_expiration`" + `), of a default SLO that went with it, and cumulative ones only: a delta that is over says nothing. A scrape simply has them no more. A series that comes again begins from zero with a start time of its own.

**Sums of rows.** ` + "`spanledger.provider.attempts`" + ` and the histograms add rows up, over all routes and over all dimensions but the model. A row that expires leaves them what it counted: such a series never steps back while one of its rows lives, and ends with the last of them. So do the gauges of a route and the routes of the JSON API. ` + "`spanledger.cost.components`" + `, ` + "`.list`, `.effective`, `.reported`" + ` and ` + "`spanledger.calls.unpriced`" + ` are kept by model and do not expire.

**Exemplars** lead from a figure to a trace: the slowest recent call on ` + "`spanledger.call.duration`" + `, the newest failure on ` + "`spanledger.attempts.failed`" + `; pushed by OTLP, and scraped in the OpenMetrics and protobuf forms.

**Overflow.** Beyond ` + "`aggregation_cardinality_limit`" + ` series, further ones are summed into one that carries ` + "`otel.metric.overflow` = true" + `: totals stay right, detail is lost. Routes named in SLOs and budgets are never in it.

**Money** is a double here because metrics know nothing else; the ledger and ` + "`/api/v1`" + ` hold it exactly. Amounts of different currencies carry different ` + "`currency`" + ` values and must not be added.
`
