package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var codexDialect = dialect{
	name: "codex", title: "Codex CLI",
	marker: "scope codex*, codex.* keys",
	scopes: []string{"codex"},
	layer:  llm.LayerClient,
	keys: []keyDef{
		{key: "codex.usage.total_tokens", form: formCount, slot: nTotal, rank: 3},
		{key: "codex.usage.reasoning_output_tokens", form: formCount, slot: nReasoning, rank: 4},
		{key: "codex.conversation_id", form: formText, slot: sConversation, rank: 5},
		{key: "conversation_id", form: formText, slot: sConversation, rank: 7, gate: gateCodex},
		{key: "conversation.id", form: formText, slot: sConversation, rank: 7, gate: gateCodex},
		{key: "codex.request.reasoning_effort", form: formMark, slot: fNone},
		{key: "codex.turn.token_usage.input_tokens", form: formCount, slot: nInput, rank: 9},
		{key: "codex.turn.token_usage.cached_input_tokens", form: formCount, slot: nCacheRead, rank: 9},
		{key: "codex.turn.token_usage.cache_write_input_tokens", form: formCount, slot: nCacheWrite, rank: 9},
		{key: "codex.turn.token_usage.output_tokens", form: formCount, slot: nOutput, rank: 9},
		{key: "codex.turn.token_usage.reasoning_output_tokens", form: formCount, slot: nReasoning, rank: 9},
		{key: "codex.turn.token_usage.total_tokens", form: formMark, slot: fWrapper},
	},
}
