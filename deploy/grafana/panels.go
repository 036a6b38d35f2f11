package grafana

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The filters of every row of the books, and of its money.
const (
	books = `route=~"$route",spanledger_model_id=~"$model"`
	money = books + `,currency="$currency"`
	// answered calls got an answer, be it by a retry or a fallback.
	answered = `outcome=~"success|recovered_retry|recovered_fallback|recovered_probable"`
	noCalls  = "no calls"
	notHere  = "not published (a share, or the exporter is older)"
)

var outcomeColors = map[string]string{
	"success": "green", "recovered_retry": "yellow", "recovered_fallback": "orange", "recovered_probable": "light-yellow",
	"failed": "red", "cancelled": "blue", "rejected": "purple",
}

func rows() []row {
	return []row{
		{title: "At a glance", panels: overview()},
		{title: "Service levels", panels: append(levels(), alerts()...)},
		{title: "Spend in $currency", panels: spend()},
		{title: "Calls and attempts", panels: calls()},
		{title: "What is not known", panels: unknown()},
		{title: "Tokens and latency", panels: latency()},
		{title: "Budgets", panels: budgets()},
		{title: "spanledger itself (needs the collector's own metrics)", closed: true, panels: self()},
	}
}

// total is the increase of a counter over the time range of the dashboard.
func total(metric, filter string) string {
	return fmt.Sprintf("sum(increase(%s{%s}[$__range]))", metric, filter)
}

// pace is the rate of a counter, split by labels.
func pace(by, metric, filter string) string {
	return fmt.Sprintf("sum by (%s) (rate(%s{%s}[$__rate_interval]))", by, metric, filter)
}

// share divides where there is something to divide by.
func share(part, whole string) string { return fmt.Sprintf("%s / (%s > 0)", part, whole) }

func stat(title, unit string, decimals int, expr, empty, says string, steps ...step) panel {
	return panel{
		kind: "stat", title: title, says: says, wide: 4, high: 4, unit: unit, decimals: decimals, empty: empty,
		queries: []query{{expr, ""}}, steps: steps,
	}
}

func graph(title, unit, says, empty string, queries ...query) panel {
	return panel{kind: "timeseries", title: title, says: says, wide: 12, high: 8, unit: unit, decimals: -1, empty: empty, queries: queries, min: 0}
}

func (p panel) stack() panel                      { p.stacked = true; return p }
func (p panel) third() panel                      { p.wide = 8; return p }
func (p panel) colored(c map[string]string) panel { p.colors = c; return p }
func (p panel) between(low, high any, s ...step) panel {
	p.min, p.max, p.steps = low, high, s
	return p
}

func overview() []panel {
	cost := total("spanledger_cost_total", money)
	return []panel{
		stat("Spend in $currency", "none", 2, cost, "no priced calls",
			"Known spend on billed calls over the time range: list price, or the provider's own figure where it reported one. Calls without a known cost are not in it; see Coverage."),
		stat("Calls", "none", 0, total("spanledger_calls_total", books), noCalls,
			"Logical calls that were settled over the time range; a call with three attempts is one."),
		stat("Answered", "percentunit", 2, share(total("spanledger_calls_total", books+","+answered), total("spanledger_calls_total", books)), noCalls,
			"Share of calls that got an answer, retries and fallbacks included."),
		stat("Cost per answered call", "none", 6, share(cost, total("spanledger_calls_total", books+","+answered)), "no answered calls",
			"Known spend, waste included, over the calls that were answered."),
		stat("Wasted", "percentunit", 2, share("("+total("spanledger_cost_total", money+`,use="wasted"`)+" or vector(0))", cost), "no priced calls",
			"Share of spend for attempts that delivered nothing: failures, abandoned streams, hedges that lost.", step{nil, "green"}, step{0.05, "yellow"}, step{0.2, "red"}),
		stat("Unknown cost", "percentunit", 2, share("("+total("spanledger_calls_unpriced_total", `spanledger_model_id=~"$model"`)+" or vector(0))", total("spanledger_attempts_total", `spanledger_model_id=~"$model"`)), noCalls,
			"Attempts without a known cost over all attempts, of every route: spend is understated by as much.", step{nil, "green"}, step{0.01, "yellow"}, step{0.05, "red"}),
	}
}

func spend() []panel {
	hourly := func(by string) string { return "3600 * " + pace(by, "spanledger_cost_total", money) }
	return []panel{
		graph("Spend per hour by route", "none", "Known spend at the pace of the moment, in $currency per hour.", "no priced calls",
			query{hourly("route"), "{{route}}"}).stack(),
		graph("Spend per hour by model", "none", "The same spend by canonical model and where it was served.", "no priced calls",
			query{hourly("spanledger_model_id, spanledger_model_platform"), "{{spanledger_model_id}} {{spanledger_model_platform}}"}).stack(),
		graph("Cost per answered call", "none", "Known spend, waste included, over the calls that were answered, in $currency.", "no answered calls",
			query{share(pace("route", "spanledger_cost_total", money), pace("route", "spanledger_calls_total", books+","+answered)), "{{route}}"}),
		graph("Waste share by route", "percentunit", "Share of spend for attempts that delivered nothing.", "nothing was wasted",
			query{share(pace("route", "spanledger_cost_total", money+`,use="wasted"`), pace("route", "spanledger_cost_total", money)), "{{route}}"}).between(0, 1),
		graph("Spend per hour by price component", "none", "What the money is for: input, cached input, output, reasoning, tools ... Over all routes.", "no priced calls",
			query{`3600 * ` + pace("component", "spanledger_cost_components_total", `spanledger_model_id=~"$model",currency="$currency"`), "{{component}}"}).stack(),
		{
			kind: "table", title: "Spend and calls by route and model", says: "Over the time range. Cost per call divides by answered calls.", wide: 12, high: 8, unit: "none", decimals: -1, empty: noCalls,
			queries: []query{
				{"sum by (route, spanledger_model_id) (increase(spanledger_cost_total{" + money + "}[$__range]))", ""},
				{"sum by (route, spanledger_model_id) (increase(spanledger_calls_total{" + books + "}[$__range]))", ""},
				{share("sum by (route, spanledger_model_id) (increase(spanledger_cost_total{"+money+"}[$__range]))",
					"sum by (route, spanledger_model_id) (increase(spanledger_calls_total{"+books+","+answered+"}[$__range]))"), ""},
			},
			columns: []column{{"route", "Route", "", nil}, {"spanledger_model_id", "Model", "", nil}, {value(0), "Spend", "", nil}, {value(1), "Calls", "", nil}, {value(2), "Cost per call", "", nil}},
		},
	}
}

func calls() []panel {
	return []panel{
		graph("Calls per minute by outcome", "none", "How logical calls ended. recovered: answered by a retry or another model; recovered_probable: a later success, weakly linked; rejected: the caller's own fault or policy.", noCalls,
			query{"60 * " + pace("outcome", "spanledger_calls_total", books), "{{outcome}}"}).stack().colored(outcomeColors),
		graph("Calls without an answer per minute, by cause", "none", "Error class of the calls that failed, were cancelled or rejected.", "every call was answered",
			query{"60 * " + pace("error_class", "spanledger_calls_total", books+`,error_class!=""`), "{{error_class}}"}).stack(),
		graph("Attempts per minute by kind", "none", "What attempts are to their predecessor: first, retry (same model), fallback (another), hedge (raced).", noCalls,
			query{"60 * " + pace("kind", "spanledger_attempts_total", books), "{{kind}}"}).stack(),
		graph("Failed attempts per minute, by cause", "none", "Error class of every failed attempt, also of those that a retry made good.", "no attempt failed",
			query{"60 * " + pace("error_class", "spanledger_attempts_failed_total", books), "{{error_class}}"}).stack(),
		graph("Failed share of attempts by model", "percentunit", "The health of a model where it is served, client errors included.", "no attempt failed",
			query{share(pace("spanledger_model_id, spanledger_model_platform", "spanledger_attempts_failed_total", books), pace("spanledger_model_id, spanledger_model_platform", "spanledger_attempts_total", books)), "{{spanledger_model_id}} {{spanledger_model_platform}}"}).between(0, 1),
		graph("Retries, seen and invisible", "percentunit", "Share of attempts that were retries, fallbacks or hedges, and share on which retries inside the SDK would have left no trace: read a low share of the one against the other.", noCalls,
			query{share(`sum(rate(spanledger_attempts_total{`+books+`,kind=~"retry|fallback|hedge"}[$__rate_interval]))`, "sum(rate(spanledger_attempts_total{"+books+"}[$__rate_interval]))"), "seen"},
			query{share("sum(rate(spanledger_undetectable_retries_total[$__rate_interval]))", "sum(rate(spanledger_attempts_total[$__rate_interval]))"), "would be invisible (all routes)"}).between(0, 1),
	}
}

func unknown() []panel {
	return []panel{
		graph("Coverage by route", "percentunit", "Share of billable calls whose cost is known, since the ledger began. Figures of spend speak for this share only.", notHere,
			query{`min by (route) (spanledger_coverage_ratio{route=~"$route"})`, "{{route}}"}).between(0, 1, step{nil, "red"}, step{0.95, "green"}),
		graph("Calls of unknown cost per minute", "none", "unpriced_model: no row in the catalogue; no_usage: the span does not say what was used; partial: only a lower bound is known.", "every cost is known",
			query{"60 * " + pace("reason, spanledger_model_id", "spanledger_calls_unpriced_total", `spanledger_model_id=~"$model"`), "{{spanledger_model_id}} {{reason}}"}).stack(),
	}
}

func latency() []panel {
	quantile := func(q, by, metric string) string {
		return fmt.Sprintf("histogram_quantile(%s, sum by (le, %s) (rate(%s_bucket{%s}[$__rate_interval])))", q, by, metric, books)
	}
	percentiles := func(metric string) []query {
		return []query{
			{quantile("0.5", "route", metric), "p50 {{route}}"}, {quantile("0.95", "route", metric), "p95 {{route}}"}, {quantile("0.99", "route", metric), "p99 {{route}}"},
		}
	}
	return []panel{
		graph("Tokens per minute by class", "none", "Tokens of billed calls in disjoint classes: cached input is not part of input, reasoning not of output.", noCalls,
			query{"60 * " + pace("token_type", "spanledger_tokens_total", books), "{{token_type}}"}).stack(),
		graph("Cached share of text input", "percentunit", "Input tokens that came out of a prompt cache, over all text input.", noCalls,
			query{share(pace("route", "spanledger_tokens_total", books+`,token_type="cache_read"`), pace("route", "spanledger_tokens_total", books+`,token_type=~"input|cache_read|cache_write|cache_write_1h"`)), "{{route}}"}).between(0, 1),
		graph("Duration of answered calls", "s", "Whole logical calls, retries and waiting included. Thresholds of SLOs are bucket boundaries; between boundaries a percentile is interpolated.", noCalls, percentiles("spanledger_call_duration_seconds")...),
		graph("Time to first chunk", "s", "Answered attempts that streamed and report it. The first chunk is not always the first token.", "no stream reports it", percentiles("spanledger_call_time_to_first_chunk_seconds")...),
		graph("Time per output token after the first", "s", "Answered attempts that streamed two tokens or more.", "no stream reports it", percentiles("spanledger_call_time_per_output_token_seconds")...),
		graph("p95 duration by model", "s", "By canonical model, over the chosen routes.", noCalls,
			query{quantile("0.95", "spanledger_model_id", "spanledger_call_duration_seconds"), "{{spanledger_model_id}}"}),
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// own names a metric of the collector's own telemetry for the exporter and for
// the connector, with and without the suffix that some readers add.
func own(metric, suffix string) []string {
	var names []string
	for _, component := range []string{"exporter", "connector"} {
		name := "otelcol_" + component + "_gen_ai_rollup_" + metric
		names = append(names, name, name+suffix)
	}
	return names
}

func ownRate(metric string) query {
	var parts []string
	for _, name := range own(metric, "_total") {
		parts = append(parts, "rate("+name+"[$__rate_interval])")
	}
	return query{"60 * sum(" + strings.Join(parts, " or ") + ")", strings.ReplaceAll(metric, "_", " ")}
}
