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
	},
}
