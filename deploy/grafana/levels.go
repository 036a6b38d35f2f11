package grafana

import (
	"fmt"
	"strings"
)

const sloFilter = `{slo=~"$slo"}`

// levels shows what a whole ledger publishes and, for shares, what the shipped
// recording rules make of the counters.
func levels() []panel {
	either := func(published, recorded string) string {
		return fmt.Sprintf("max by (slo) (%s or %s)", published, recorded)
	}
	burn := func(window string) string {
		return either(`spanledger_slo_burn_rate{slo=~"$slo",window="`+window+`"}`, "slo:spanledger_slo_burn:rate"+window+sloFilter)
	}
	hot := []step{{nil, "text"}, {1, "yellow"}, {3, "orange"}, {10, "red"}}
	left := []step{{nil, "red"}, {0, "orange"}, {0.25, "yellow"}, {0.5, "green"}}
	table := panel{
		kind: "table", title: "SLOs", wide: 24, high: 9, unit: "none", decimals: -1, empty: "no SLO yet: they appear with the first call of a route, or from the start where declared",
		says: "Objective, what is left of the error budget, how fast it burns (1 spends it exactly by the end of the period) and when it is gone. Empty cells: not published by shares.",
		queries: []query{
			{either("spanledger_slo_objective_ratio"+sloFilter, "slo:spanledger_slo_objective:ratio"+sloFilter), ""},
			{"min by (slo) (spanledger_slo_error_budget_remaining_ratio" + sloFilter + ")", ""},
			{burn("5m"), ""},
			{burn("1h"), ""},
			{burn("6h"), ""},
			{burn("1d"), ""},
			{burn("3d"), ""},
			{"min by (slo) (spanledger_slo_time_to_exhaustion_seconds" + sloFilter + ")", ""},
			{"sum by (slo) (increase(spanledger_slo_events_total" + `{slo=~"$slo",outcome=~"good|bad"}` + "[$__range]))", ""},
			{"sum by (slo) (increase(spanledger_slo_events_total" + `{slo=~"$slo",outcome="bad"}` + "[$__range]))", ""},
			{"sum by (slo) (spanledger_slo_alert_active" + sloFilter + ")", ""},
		},
		columns: []column{
			{"slo", "SLO", "", nil},
			{value(0), "Objective", "percentunit", nil},
			{value(1), "Budget left", "percentunit", left},
			{value(2), "Burn 5m", "", hot},
			{value(3), "Burn 1h", "", hot},
			{value(4), "Burn 6h", "", hot},
			{value(5), "Burn 1d", "", hot},
			{value(6), "Burn 3d", "", hot},
			{value(7), "Exhausted in", "s", nil},
			{value(8), "Events", "", nil},
			{value(9), "Bad", "", nil},
			{value(10), "Alerts", "", []step{{nil, "green"}, {1, "red"}}},
		},
	}
	return []panel{
		table,
		graph("Error budget left", "percentunit", "Share of the error budget that is left in the window of each SLO; below 0 once overspent. 1 while there is no event.", notHere,
			query{"min by (slo) (spanledger_slo_error_budget_remaining_ratio" + sloFilter + ")", "{{slo}}"}).between(nil, 1, left...),
		graph("Burn rate over 1 h", "none", "How many times faster than allowed the error budget is spent. Computed from the counters, so it is there for shares too, if the recording rules are loaded and objectives are declared.", "no events in the hour",
			query{burn("1h"), "{{slo}}"}),
		graph("Bad events per minute by reason", "none", "From the counters, over all ledgers: the error class of the failure, or the limit that was broken.", "no bad event",
			query{"60 * sum by (slo, reason) (rate(spanledger_slo_events_total" + `{slo=~"$slo",outcome="bad"}` + "[$__rate_interval])) > 0", "{{slo}} {{reason}}"}),
		graph("Excluded share of events", "percentunit", "Events that were neither good nor bad: client errors, filters, cancelled, not measured. Above 20 % the SLO is blind.", "no events",
			query{`sum by (slo) (rate(spanledger_slo_events_total{slo=~"$slo",outcome="excluded"}[$__rate_interval])) / (sum by (slo) (rate(spanledger_slo_events_total{slo=~"$slo"}[$__rate_interval])) > 0)`, "{{slo}}"}).
			between(0, 1, step{nil, "green"}, step{0.2, "red"}),
	}
}

func alerts() []panel {
	return []panel{
		{
			kind: "state-timeline", title: "SLO alerts by tier", says: "1 while a pair of windows burns above its factor, as the ledger judges it.", wide: 12, high: 8, unit: "none", decimals: 0, empty: notHere,
			queries: []query{{"max by (slo, tier) (spanledger_slo_alert_active" + sloFilter + ")", "{{slo}} {{tier}}"}},
			steps:   []step{{nil, "green"}, {1, "red"}},
		},
		{
			kind: "table", title: "Firing alerts of the shipped rules", says: "What Prometheus says of the alert rules that are shipped; empty where none fires or the rules are not loaded.", wide: 12, high: 8, unit: "none", decimals: 0, empty: "no alert fires",
			queries: []query{{`max by (alertname, severity, slo, budget, route) (ALERTS{alertname=~"Spanledger.+",alertstate="firing"})`, ""}},
			columns: []column{{"alertname", "Alert", "", nil}, {"severity", "Severity", "", nil}, {"slo", "SLO", "", nil}, {"budget", "Budget", "", nil}, {"route", "Route", "", nil}, {"Value", "Firing", "", nil}},
		},
	}
}

func budgets() []panel {
	over := []step{{nil, "green"}, {0.8, "yellow"}, {1, "red"}}
	return []panel{
		{
			kind: "table", title: "Spend budgets", says: "Known spend of the current period against the limit. The forecast is the mean pace so far carried on, and is absent early in a period. Limits are advisory.", wide: 24, high: 6, unit: "none", decimals: 2, empty: "no budgets (shares publish none)",
			queries: []query{
				{"max by (budget, currency) (spanledger_budget_limit)", ""},
				{"max by (budget, currency) (spanledger_budget_spent)", ""},
				{"min by (budget, currency) (spanledger_budget_remaining)", ""},
				{"max by (budget, currency) (spanledger_budget_forecast)", ""},
				{"max by (budget, currency) (spanledger_budget_spent / (spanledger_budget_limit > 0))", ""},
			},
			columns: []column{{"budget", "Budget", "", nil}, {"currency", "Currency", "", nil}, {value(0), "Limit", "", nil}, {value(1), "Spent", "", nil}, {value(2), "Remaining", "", nil}, {value(3), "Forecast", "", nil}, {value(4), "Used", "percentunit", over}},
		},
		graph("Used share of each budget", "percentunit", "Known spend over the limit; it falls back when the period begins anew.", "no budgets",
			query{"max by (budget, currency) (spanledger_budget_spent / (spanledger_budget_limit > 0))", "{{budget}} {{currency}}"}).between(0, nil, over...),
		graph("Time to reset", "s", "Until the current period of the budget ends.", "no budgets",
			query{"max by (budget) (spanledger_budget_reset_timestamp_seconds) - time()", "{{budget}}"}),
	}
}

func self() []panel {
	var rates []query
	for _, m := range []string{"redelivered_spans", "duplicate_bills", "late_spans", "future_spans", "late_attempts", "settled_early", "split_calls"} {
		rates = append(rates, ownRate(m))
	}
	var faults []query
	for _, m := range []string{"dropped_spans", "bad_spans", "unstamped_spans", "unclassified_errors", "unconverted_spans", "overflow_spans", "early_evictions", "sampled_without_threshold", "push_failures", "checkpoint_failures"} {
		faults = append(faults, ownRate(m))
	}
	const enricher = "otelcol_processor_gen_ai_enricher_"
	return []panel{
		graph("Age of the prices", "s", "Since the prices in force were last checked against their source.", "no metrics of the collector itself",
			query{"time() - max(" + enricher + "catalog_timestamp or " + enricher + "catalog_timestamp_seconds)", "age"}).third(),
		graph("Since the last checkpoint", "s", "How old the stored books are; absent without a storage.", "no storage, or no metrics of the collector itself",
			query{"max(" + strings.Join(own("checkpoint_age", "_seconds"), " or ") + ")", "age"}).third(),
		graph("Size of the stored books", "bytes", "Bytes of the last checkpoint.", "no storage, or no metrics of the collector itself",
			query{"max(" + strings.Join(own("checkpoint_size", "_bytes"), " or ") + ")", "size"}).third(),
		graph("Calls that wait for a retry", "none", "Calls that failed and may still be retried: they settle as failed when settle has passed.", "no metrics of the collector itself",
			query{"sum(" + strings.Join([]string{own("settle_queue", "")[0], own("settle_queue", "")[2]}, " or ") + ")", "waiting"}).third(),
		graph("Series and remembered spans", "none", "Rows of the books, and entries of the memory against double booking.", "no metrics of the collector itself",
			query{"sum(" + strings.Join([]string{own("series_active", "")[0], own("series_active", "")[2]}, " or ") + ")", "series"},
			query{"sum(" + strings.Join([]string{own("dedupe_size", "")[0], own("dedupe_size", "")[2]}, " or ") + ")", "remembered"}).third(),
		graph("Handled per minute", "none", "What the ledger recognised and dealt with: told twice, late, ahead of time.", "no metrics of the collector itself", rates...),
		graph("Faults per minute", "none", "Each of these takes something away from the books: detail, certainty or durability.", "no metrics of the collector itself", faults...),
	}
}
