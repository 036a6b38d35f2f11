package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var anthropicDialect = dialect{
	name: "anthropic", title: "Anthropic SDK and API",
	marker: "scopes com.anthropic.sdk.* (client) and com.anthropic.claude-platform (provider)",
	scopes: []string{"com.anthropic."},
	layer:  llm.LayerClient,
	keys: []keyDef{
		{key: "anthropic.usage.cache_creation.ephemeral_5m_input_tokens", form: formCount, slot: nCacheWrite5m},
		{key: "anthropic.usage.cache_creation.ephemeral_1h_input_tokens", form: formCount, slot: nCacheWrite1h},
		{key: "anthropic.usage.compaction.input_tokens", form: formCount, slot: nCompactionIn},
		{key: "anthropic.usage.compaction.output_tokens", form: formCount, slot: nCompactionOut},
		{key: "anthropic.usage.server_tool_use.web_search_requests", form: formCount, slot: nWebSearches},
		{key: "anthropic.response.service_tier", form: formText, slot: sTier, rank: 2},
		{key: "anthropic.message.stop_reason", form: formText, slot: sFinish, rank: 3},
		{key: "anthropic.request.service_tier", form: formMark, slot: fNone},
		{key: "anthropic.request.id", form: formMark, slot: fNone},
		{key: "anthropic.organization.id", form: formMark, slot: fNone},
		{key: "anthropic.workspace.id", form: formMark, slot: fNone},
	},
}
