package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var sentryDialect = dialect{
	name: "sentry", title: "Sentry SDKs",
	marker: "gen_ai.operation.type decides",
	scopes: []string{"sentry"},
	layer:  llm.LayerClient,
	keys: []keyDef{
		{key: "gen_ai.operation.type", form: formText, slot: sKindSentry},
		{key: "gen_ai.usage.input_tokens.cached", form: formCount, slot: nCacheRead, rank: 3},
		{key: "gen_ai.usage.input_tokens.cache_write", form: formCount, slot: nCacheWrite, rank: 3},
		{key: "gen_ai.usage.output_tokens.reasoning", form: formCount, slot: nReasoning, rank: 3},
		{key: "gen_ai.cost.total_tokens", form: formMoney, slot: mCost, rank: 5},
		{key: "gen_ai.response.time_to_first_token", form: formSeconds, slot: nFirstChunk, rank: 4},
		{key: "gen_ai.response.streaming", form: formText, slot: sStreaming, rank: 3},
	},
}
