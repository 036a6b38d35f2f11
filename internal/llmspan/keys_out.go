package llmspan

import "github.com/spanledger/spanledger/internal/stamp"

// Prefix is the namespace of all that spanledger writes on a span.
const Prefix = "spanledger."

// The output keys: everything that is written on a span, by default.
const (
	kCostTotal        = Prefix + "cost.total"
	kCostCurrency     = Prefix + "cost.currency"
	kCostStatus       = Prefix + "cost.status"
	kCostPriceID      = Prefix + "cost.price_id"
	kCostList         = Prefix + "cost.list"
	kCostReported     = Prefix + "cost.reported"
	kCostAtLeast      = Prefix + "cost.at_least"
	kCostExact        = Prefix + "cost.exact"
	kCostModifiers    = Prefix + "cost.modifiers"
	kCostTokenBasis   = Prefix + "cost.token_basis"
	kCostUse          = Prefix + "cost.use"
	kCostDuplicateOf  = Prefix + "cost.duplicate_of"
	kModelID          = Prefix + "model.id"
	kModelVendor      = Prefix + "model.vendor"
	kModelPlatform    = Prefix + "model.platform"
	kModelVersion     = Prefix + "model.version"
	kModelFamily      = Prefix + "model.family"
	kModelRegion      = Prefix + "model.region"
	kModelMatch       = Prefix + "model.match"
	kModelLifecycle   = Prefix + "model.lifecycle"
	kModelRetirement  = Prefix + "model.retirement_date"
	kModelReplacement = Prefix + "model.replacement"
	kModelPolicy      = Prefix + "model.policy"
	kSubstituteFor    = Prefix + "model.substitute_for"
	kSubstitutedBy    = Prefix + "model.substituted_by"
	kCostDifference   = Prefix + "model.cost_difference"
	kContextRatio     = Prefix + "call.context_ratio"
	kPromptCache      = Prefix + "call.prompt_cache"
	kAttemptGroup     = Prefix + "attempt.group_id"
	kAttemptNumber    = Prefix + "attempt.number"
	kAttemptKind      = Prefix + "attempt.kind"
	kAttemptEvidence  = Prefix + "attempt.evidence"
	kAttemptCount     = Prefix + "attempt.count"
	kAttemptFinal     = Prefix + "attempt.final"
	kAttemptProbable  = Prefix + "attempt.probable"
	kAttemptFutile    = Prefix + "attempt.futile"
	kAttemptTakesOver = Prefix + "attempt.takes_over"
	kErrorClass       = Prefix + "error.class"
	kErrorRetryable   = Prefix + "error.retryable"
	kCallCost         = Prefix + "call.cost"
	kCallCostExact    = Prefix + "call.cost_exact"
	kCallAttempts     = Prefix + "call.attempts"
	kCallDuration     = Prefix + "call.duration"
	kCallWasted       = Prefix + "call.wasted_latency"
	kCallBackoff      = Prefix + "call.backoff"
	kCallOutcome      = Prefix + "call.outcome"
	kTimeBasis        = Prefix + "call.time_basis"
	kReceivedAt       = Prefix + "call.received_at"
	kRoute            = Prefix + "route"
	kRouteSource      = Prefix + "route_source"
	kEstimateCost     = Prefix + "estimate.cost"
	kEstimateCurrency = Prefix + "estimate.currency"
	kEstimateInput    = Prefix + "estimate.input_tokens"
	kEstimateOutput   = Prefix + "estimate.output_tokens"
	kEstimateBasis    = Prefix + "estimate.basis"
	// ownerPrefix is followed by the key of the owner.
	ownerPrefix = Prefix + "owner."
)

// componentKeys are the lines of the receipt; componentExactKeys hold the
// exact decimal of a line whose double is not exact.
var componentKeys, componentExactKeys = func() (k, x [stamp.NumComponents]string) {
	for c := range stamp.NumComponents {
		k[c] = Prefix + "cost." + c.String()
		x[c] = Prefix + "cost." + c.String() + "_exact"
	}
	return k, x
}()

// The exact decimals of the other amounts.
const (
	kCostListExact     = Prefix + "cost.list_exact"
	kCostReportedExact = Prefix + "cost.reported_exact"
	kCostAtLeastExact  = Prefix + "cost.at_least_exact"
	kDifferenceExact   = Prefix + "model.cost_difference_exact"
	kEstimateExact     = Prefix + "estimate.cost_exact"
)

// outKey documents one output key; docs/attributes.md is made from the list.
type outKey struct{ key, kind, standard, meaning string }

var outKeys = []outKey{
	{kCostTotal, "double", "if priced", "effective cost of this call"},
	{kCostCurrency, "string", "with any amount", "ISO 4217 code of every amount on the span"},
	{Prefix + "cost.<component>", "double", "if not zero", "`input`, `cache_read`, `cache_write`, `output`, `reasoning`, `audio`, `image`, `tool`, `request`, `other`; they sum to the total exactly"},
	{kCostStatus, "string", "always", "`priced`, `reported`, `partial`, `unpriced_model`, `no_usage`, `not_billable`, `duplicate`"},
	{kCostPriceID, "string", "if priced", "row and catalogue version; enough to replay the figure"},
	{kCostList, "double", "if it differs from the total", "list price before contract, or ours where the total is reported"},
	{kCostReported, "double", "if reported", "the billing provider's own figure"},
	{kCostAtLeast, "double", "if partial", "lower bound; there is no total then"},
	{kCostExact, "string", "if the double is not exact", "`cost.total` as an exact decimal"},
	{Prefix + "cost.<component>_exact", "string", "if the double is not exact", "a component, `list`, `reported` or `at_least` as an exact decimal"},
	{kCostModifiers, "string[]", "if any", "`batch`, `priority`, `context>200000`, `geo:us`, `contract:<name>` ..."},
	{kCostTokenBasis, "string", "if not `inclusive`", "whether the input count held cached tokens: `inclusive`, `exclusive`, `assumed`"},
	{kCostUse, "string", "if not `delivered`", "what the money bought: `delivered`, `wasted`, `unknown`"},
	{kCostDuplicateOf, "string", "if a duplicate", "span id of the billed description, hex"},
	{kModelID, "string", "if a model is named", "canonical identity"},
	{kModelVendor, "string", "if known", "who made the model"},
	{kModelPlatform, "string", "if known", "where it was served; part of the price key"},
	{kModelVersion, "string", "full", "generation and snapshot"},
	{kModelFamily, "string", "full", "product line"},
	{kModelRegion, "string", "full", "geography it was served in"},
	{kModelMatch, "string", "if not `exact`", "requested against served: `exact`, `version`, `alias`, `different`, `unknown`"},
	{kModelLifecycle, "string", "if not `active`", "`preview`, `active`, `deprecated`, `retired`, `unknown`"},
	{kModelRetirement, "string", "if set", "ISO 8601 date"},
	{kModelReplacement, "string", "if set", "model that the vendor recommends instead"},
	{kModelPolicy, "string", "if `unapproved`", "verdict of the fleet policy"},
	{kSubstituteFor, "string", "if another model answered", "canonical id of the model asked for; its snapshot where another one of the same model answered"},
	{kSubstitutedBy, "string", "if another model answered", "`provider`, `gateway`, or `fallback`: a later attempt at another model"},
	{kCostDifference, "double", "if both are priced", "what the call cost more (below zero: less) than the model asked for would have for the same counts"},
	{kDifferenceExact, "string", "if the double is not exact", "the difference as an exact decimal"},
	{kContextRatio, "double", "full", "total input over context window"},
	{kPromptCache, "string", "full, if known", "`read` or `written`; `unused` where the model could have; `unsupported`"},
	{kAttemptGroup, "string", "if grouped", "span id of the group's first attempt, hex"},
	{kAttemptNumber, "int", "if grouped", "1-based"},
	{kAttemptKind, "string", "if grouped", "`first`, `retry`, `fallback`, `hedge`"},
	{kAttemptEvidence, "string", "if grouped", "`explicit`, `strong`, `weak`, `transport`"},
	{kAttemptCount, "int", "once known", "attempts in all"},
	{kAttemptFinal, "bool", "once known", "whether no attempt followed"},
	{kAttemptProbable, "bool", "if so", "a failure that only a weak link ties to a later success"},
	{kAttemptFutile, "bool", "if so", "the same model was asked again after a failure that cannot pass by that"},
	{kAttemptTakesOver, "string", "if so", "HTTP spans below this span id, hex, were stamped as a failed call before this one arrived, which is the call; absent where the id is this span's own"},
	{kErrorClass, "string", "if failed", "why, in the words of an operator"},
	{kErrorRetryable, "bool", "if failed", "whether the same request may succeed if tried again"},
	{kCallCost, "double", "on the final attempt", "cost of the whole logical call"},
	{kCallCostExact, "string", "if the double is not exact", "`call.cost` as an exact decimal"},
	{kCallAttempts, "int", "on the final attempt", "attempts of the whole logical call"},
	{kCallDuration, "double (s)", "on the final attempt", "from its first attempt to its end"},
	{kCallWasted, "double (s)", "on the final attempt", "time lost to attempts that delivered nothing"},
	{kCallBackoff, "double (s)", "on the final attempt, if any", "the part of the wasted latency in which no attempt ran"},
	{kCallOutcome, "string", "on the final attempt", "`success`, `recovered_retry`, `recovered_fallback`, `recovered_probable`, `failed`, `cancelled`, `rejected`"},
	{kTimeBasis, "string", "if `received`", "the span's start time was unusable; the time of receipt stands in"},
	{kReceivedAt, "int (ns)", "with `time_basis`", "that time, Unix nanoseconds"},
	{kRoute, "string", "always", "route key"},
	{kRouteSource, "string", "full", "rung of the ladder that gave the route"},
	{kEstimateBasis, "string", "if estimated", "with `estimate_aborted_streams`, on a failed stream without usage: `content`, by the length of the text that arrived, or `max_tokens`, the most that was allowed. Never part of a cost or a sum"},
	{kEstimateOutput, "int", "if estimated", "output tokens"},
	{kEstimateInput, "int", "if the request is on the span", "input tokens by the length of its text; without it the estimate is of the output alone"},
	{kEstimateCost, "double", "if estimated and priced", "what these tokens cost by list and contract"},
	{kEstimateExact, "string", "if the double is not exact", "`estimate.cost` as an exact decimal"},
	{kEstimateCurrency, "string", "with `estimate.cost`", "ISO 4217"},
	{ownerPrefix + "<key>", "string", "as configured", "team, user, tenant, cost_center, agent, workflow, prompt, prompt_version, conversation or a key of your own; `unattributed` where nobody is named. Full: all that is known but user and conversation"},
}
