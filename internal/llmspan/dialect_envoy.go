package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var envoyDialect = dialect{
	name: "envoy_ai_gateway", title: "Envoy AI Gateway",
	marker: "scope or service of the gateway; providers such as aws.anthropic",
	scopes: []string{"envoy-ai-gateway", "ai-gateway", "github.com/envoyproxy/ai-gateway"},
	layer:  llm.LayerGateway,
	keys: []keyDef{
		{key: "http.request.header.x-ai-eg-model", form: formFirst, slot: sRoute, rank: 7},
		{key: "http.response.header.x-envoy-attempt-count", form: formHeader, slot: nAttempts, rank: 9, quiet: true},
	},
}
