package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var bifrostDialect = dialect{
	name: "bifrost", title: "Bifrost",
	marker: "bifrost.* keys, or spans named llm.call, retry.attempt.N, fallback.*",
	scopes: []string{"bifrost"},
	layer:  llm.LayerGateway,
	keys: []keyDef{
		{key: "bifrost.retries", form: formCount, slot: nRetries},
		{key: "gen_ai.number_of_retries", form: formCount, slot: nRetries, rank: 1},
		{key: "bifrost.fallback_index", form: formCount, slot: nFallbackIndex},
		{key: "gen_ai.fallback_index", form: formCount, slot: nFallbackIndex, rank: 1},
		{key: "retry.count", form: formCount, slot: nAttemptNumber, rank: 8, gate: gateBifrost},
		{key: "fallback.index", form: formCount, slot: nFallbackIndex, rank: 8, gate: gateBifrost},
		{key: "gen_ai.error.code", form: formText, slot: sErrorCode, rank: 1},
		{key: "bifrost.alias", form: formText, slot: sRoute, rank: 2},
		{key: "bifrost.routing_rule.name", form: formText, slot: sRoute},
		{key: "gen_ai.routing_rule_name", form: formText, slot: sRoute, rank: 1},
		{key: "bifrost.provider.name", form: formText, slot: sProvider, rank: 5},
		{key: "bifrost.selected_key.name", form: formMark, slot: fNone},
	},
}
