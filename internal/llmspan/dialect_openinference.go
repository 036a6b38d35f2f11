package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var openInferenceDialect = dialect{
	name: "openinference", title: "OpenInference",
	marker: "openinference.span.kind decides",
	scopes: []string{"openinference.", "@arizeai/"},
	layer:  llm.LayerClient,
	keys: []keyDef{
		{key: "openinference.span.kind", form: formText, slot: sKindOpenInference},
		{key: "llm.provider", form: formText, slot: sProvider, rank: 2},
		{key: "llm.system", form: formText, slot: sProvider, rank: 3},
		{key: "llm.request.model_name", form: formText, slot: sRequestModel, rank: 2},
		{key: "llm.response.model_name", form: formText, slot: sResponseModel, rank: 2},
		{key: "llm.model_name", form: formText, slot: sModelName},
		{key: "embedding.model_name", form: formText, slot: sModelName, rank: 1},
		{key: "llm.invocation_parameters", form: formText, slot: sBlobParams},
		{key: "embedding.invocation_parameters", form: formText, slot: sBlobParams, rank: 2},
		{key: "llm.token_count.prompt", form: formCount, slot: nInput, rank: 2},
		{key: "llm.token_count.completion", form: formCount, slot: nOutput, rank: 2},
		{key: "llm.token_count.total", form: formCount, slot: nTotal, rank: 1},
		{key: "llm.token_count.prompt_details.cache_read", form: formCount, slot: nCacheRead, rank: 2},
		{key: "llm.token_count.prompt_details.cache_write", form: formCount, slot: nCacheWrite, rank: 4},
		{key: "llm.token_count.prompt_details.cache_input", form: formCount, slot: nCacheRead, rank: 6},
		{key: "llm.token_count.prompt_details.audio", form: formCount, slot: nInAudio, rank: 1},
		{key: "llm.token_count.completion_details.audio", form: formCount, slot: nOutAudio, rank: 1},
		{key: "llm.token_count.completion_details.reasoning", form: formCount, slot: nReasoning, rank: 1},
		{key: "llm.cost.total", form: formMoney, slot: mCost, rank: 6},
		{key: "llm.finish_reason", form: formText, slot: sFinish, rank: 3},
		{key: "llm.prompt_template.version", form: formText, slot: sPromptVersion, rank: 2},
		{key: "agent.name", form: formText, slot: sAgent, rank: 3, quiet: true},
	},
}
