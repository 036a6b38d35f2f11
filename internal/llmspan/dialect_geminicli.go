package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var geminiCLIDialect = dialect{
	name: "gemini_cli", title: "Gemini CLI",
	marker: "scope gemini-cli*; operation llm_call",
	scopes: []string{"gemini-cli", "gemini_cli"},
	layer:  llm.LayerClient,
}
