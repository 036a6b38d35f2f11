package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var pydanticDialect = dialect{
	name: "pydantic_ai", title: "Pydantic AI, Logfire",
	marker: "scope pydantic-ai; agent runs are wrappers",
	scopes: []string{"pydantic-ai", "logfire"},
	layer:  llm.LayerFramework,
	keys: []keyDef{
		{key: "operation.cost", form: formMoney, slot: mCost, rank: 3},
		{key: "gen_ai.usage.details.cache_read_tokens", form: formCount, slot: nCacheRead, rank: 5},
		{key: "gen_ai.usage.details.cache_write_tokens", form: formCount, slot: nCacheWrite, rank: 5},
		{key: "gen_ai.usage.details.reasoning_tokens", form: formCount, slot: nReasoning, rank: 5},
		{key: "gen_ai.usage.details.cache_read_input_tokens", form: formCount, slot: nCacheRead, rank: 6},
		{key: "gen_ai.usage.details.cache_creation_input_tokens", form: formCount, slot: nCacheWrite, rank: 6},
		{key: "gen_ai.usage.details.cached_tokens", form: formCount, slot: nCacheRead, rank: 7},
		{key: "gen_ai.usage.details.cached_content_tokens", form: formCount, slot: nCacheRead, rank: 7},
		{key: "gen_ai.usage.details.thoughts_tokens", form: formCount, slot: nReasoning, rank: 6},
		{key: "gen_ai.usage.details.thinking_tokens", form: formCount, slot: nReasoning, rank: 6},
		{key: "gen_ai.usage.details.citation_tokens", form: formCount, slot: nCitation},
		{key: "gen_ai.usage.details.web_search_requests", form: formCount, slot: nWebSearches, rank: 3},
		{key: "gen_ai.usage.details.input_audio_tokens", form: formCount, slot: nInAudio, rank: 5},
		{key: "gen_ai.usage.details.output_audio_tokens", form: formCount, slot: nOutAudio, rank: 5},
		{key: "gen_ai.aggregated_usage.input_tokens", form: formCount, slot: nAggInput},
		{key: "gen_ai.aggregated_usage.output_tokens", form: formCount, slot: nAggOutput},
		{key: "final_result", form: formMark, slot: fWrapper, gate: gatePydantic},
		{key: "pydantic_ai.all_messages", form: formMark, slot: fWrapper},
		{key: "all_messages_events", form: formMark, slot: fWrapper, gate: gatePydantic},
		{key: "agent_name", form: formText, slot: sAgent, rank: 5, gate: gatePydantic},
		{key: "gen_ai.agent.call.id", form: formMark, slot: fNone},
	},
}
