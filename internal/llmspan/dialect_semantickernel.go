package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var semanticKernelDialect = dialect{
	name: "semantic_kernel", title: "Semantic Kernel",
	marker: "scope Microsoft.SemanticKernel*, semantic_kernel*",
	scopes: []string{"Microsoft.SemanticKernel", "semantic_kernel"},
	layer:  llm.LayerFramework,
	keys: []keyDef{
		{key: "gen_ai.response.prompt_tokens", form: formCount, slot: nInput, rank: 5},
		{key: "gen_ai.response.completion_tokens", form: formCount, slot: nOutput, rank: 5},
	},
}
