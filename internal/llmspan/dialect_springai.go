package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var springAIDialect = dialect{
	name: "spring_ai", title: "Spring AI",
	marker: "scope org.springframework.*; counts are text",
	scopes: []string{"org.springframework"},
	layer:  llm.LayerFramework,
	keys: []keyDef{
		{key: "spring.ai.kind", form: formText, slot: sKindSpring},
	},
}
