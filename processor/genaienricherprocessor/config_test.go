package genaienricherprocessor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every fault of a configuration is named at once, by its path in the YAML and
// the reason.
func TestEveryFaultIsNamed(t *testing.T) {
	_, err := configOf([]byte(`
stamp: some
cache_size: 0
error_mode: silent
catalogs:
  - {refresh: 10s}
  - {file: a.json, url: {endpoint: "http://prices.internal/a.json"}}
  - {url: {endpoint: "ftp://prices.internal/a.json", refresh: 1ms, timeout: 0s}}
  - {url: {endpoint: "http://prices.internal/a.json"}, refresh: 1m}
  - {file: a.json, refresh: -1s}
overrides:
  - {model: house-1, input: -1}
  - {input: 1}
  - {model: house-2}
  - {model: house-3, input: 1, output: many}
  - {model: house-4, input: 1, currency: dollars}
  - {model: house-5, input: 1, valid_from: 2026-02-01, valid_to: 2026-01-01}
aliases:
  - {from: "", to: gpt-4o}
contracts:
  - {name: a, model: "claude-*", discount_percent: 12}
  - {name: b, model: "claude-*", discount_percent: 15}
  - {name: c, vendor: openai}
  - {name: d, vendor: openai, discount_percent: 120}
  - {name: e, vendor: cohere, discount_percent: 5, input: 1}
  - {vendor: mistral, discount_percent: 5}
  - {name: f, platform: azure.ai.openai, commitment: {per_hour: 10, capacity: 0, unit: days}}
  - {name: g, platform: x_ai, commitment: {per_hour: "", capacity: 5, weights: {output: -4, ink: 2}}}
  - {name: h, platform: deepseek, discount_percent: 5, commitment: {per_hour: 10, capacity: 60, unit: calls, weights: {output: 4}}}
routes: ['span.attributes[']
owners: {team: ['nowhere["team"]']}
errors:
  - {condition: 'IsMatch(', class: rate_limited}
  - {condition: 'true', class: sad}
attempts: {wait: 1h, max_traces: 0, max_held: 0, billing: nobody}
endpoints: [{host: llm.internal}]
fleet:
  approved: ["openai/*", "/x"]
  policies:
    - {approved: ["openai/*"]}
    - {route: a, approved: []}
    - {environment: b, approved: ["", "anthropic/"]}
  lifecycle:
    - {model: "openai/gpt-*"}
    - {lifecycle: active}
    - {model: x, lifecycle: old}
    - {model: y, deprecation_date: 2026-02-01, retirement_date: 2026-01-01}
mapping: {usage.ink: 'span.name'}
cost_attributes: [abacus]
`))
	require.Error(t, err)
	lines := err.Error()
	for _, want := range []string{
		`stamp: "some"`, `cache_size: 0`, `error_mode: "silent"`,
		`catalogs[0]: names neither`, `catalogs[1]: names both`, `catalogs[2]::url::endpoint: is no http`,
		`catalogs[2]::url::refresh: 1ms`, `catalogs[2]::url::timeout: 0s`, `catalogs[3]::refresh: is for files`, `catalogs[4]::refresh: -1s`,
		`overrides[0]::input: "-1" is negative`, `overrides[1]::model: names no model`, `overrides[2]: gives no price`,
		`overrides[3]::output: "many"`, `overrides[4]`, `"dollars" is no currency`, `overrides[5]`, `is empty`,
		`aliases[0]: both from and to`,
		`contracts "a" and "b" tie`, `contracts[2]: contract "c": exactly one of`, `contracts[3]: contract "d": the discount`, `contracts[4]: contract "e": exactly one`,
		`contracts[5]: contract "": a contract needs a name`,
		`contracts[6]::commitment::capacity: 0`, `contracts[6]::commitment::unit: "days"`,
		`contracts[7]::commitment::per_hour`, `contracts[7]::commitment::weights::output: "-4" is negative`, `contracts[7]::commitment::weights::ink`,
		`contracts[8]::commitment::weights: calls have no`,
		`routes[0]: "span.attributes["`, `owners::team[0]`, `errors[0]::condition`, `errors[1]::class: "sad"`,
		`attempts::wait: 1h0m0s`, `attempts::max_traces: 0`, `attempts::max_held: 0`, `attempts::billing: "nobody"`,
		`fleet::approved[1]: pattern "/x"`, `fleet::policies[0]: names neither`, `fleet::policies[1]::approved: lists no models`,
		`fleet::policies[2]::approved[0]: pattern ""`, `fleet::policies[2]::approved[1]: pattern "anthropic/"`,
		`fleet::lifecycle[0]: says nothing`, `fleet::lifecycle[1]: pattern ""`, `fleet::lifecycle[2]::lifecycle: "old"`, `fleet::lifecycle[3]: retired on 2026-01-01`,
		`endpoints[0]: both`, `usage.ink`, `cost_attributes: `,
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("not named: %s", want)
		}
	}
	if t.Failed() {
		t.Log(lines)
	}
}

// What is no value of its kind at all is refused while the YAML is read, and
// there, too, all at once.
func TestWhatCannotBeReadIsNamed(t *testing.T) {
	_, err := configOf([]byte(`
stampp: full
catalogs: [{url: {endpoint: "http://prices.internal", refrsh: 1h}}]
contracts: [{name: a, discount_percent: 12, valid_from: soon}]
overrides: [{model: a, input: [1]}, {model: b, input: 0.12345678901234567}]
attempts: {wait: long}
`))
	require.Error(t, err)
	for _, want := range []string{"stampp", "refrsh", "contracts[0].valid_from", "soon is not a date", "overrides[0].input", "overrides[1].input", "quote it", "attempts.wait"} {
		require.ErrorContains(t, err, want)
	}
}
