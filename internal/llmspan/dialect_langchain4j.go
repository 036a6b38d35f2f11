package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var langChain4jDialect = dialect{
	name: "langchain4j", title: "LangChain4j",
	marker: "scope dev.langchain4j*, io.quarkiverse.langchain4j*; no usage on spans",
	scopes: []string{"dev.langchain4j", "io.quarkiverse.langchain4j"},
	layer:  llm.LayerFramework,
}
