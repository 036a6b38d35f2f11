package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var openRouterDialect = dialect{
	name: "openrouter", title: "OpenRouter broadcast",
	marker: "scope or service openrouter; its own cost is the bill",
	scopes: []string{"openrouter"},
	layer:  llm.LayerGateway,
	keys: []keyDef{
		{key: "openrouter.source", form: formMark, slot: fNone},
		{key: "trace.metadata.openrouter.provider_slug", form: formMark, slot: fNone},
		{key: "trace.metadata.openrouter.api_key_name", form: formText, slot: sUser, rank: 7},
		{key: "trace.metadata.openrouter.first_token_ms", form: formMillis, slot: nFirstChunk, rank: 8},
		{key: "gen_ai.usage.input_tokens.cache_creation", form: formCount, slot: nCacheWrite, rank: 5},
		{key: "gen_ai.usage.total_cost", form: formMoney, slot: mOpenRouterCost},
		{key: "gen_ai.usage.input_cost", form: formMark, slot: fNone},
		{key: "gen_ai.usage.output_cost", form: formMark, slot: fNone},
	},
}
