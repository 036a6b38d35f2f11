package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var kongDialect = dialect{
	name: "kong", title: "Kong AI Gateway",
	marker: "scope or service kong",
	scopes: []string{"kong"},
	layer:  llm.LayerGateway,
}
