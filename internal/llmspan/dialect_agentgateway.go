package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var agentGatewayDialect = dialect{
	name: "agentgateway", title: "agentgateway",
	marker: "agw.* keys on SERVER spans",
	scopes: []string{"agentgateway"},
	layer:  llm.LayerGateway,
	keys: []keyDef{
		{key: "agw.ai.original_model", form: formText, slot: sRequestModel, rank: 6},
		{key: "agw.ai.usage.cost.total", form: formMoney, slot: mCost, rank: 1},
		{key: "agw.ai.time_to_first_token", form: formSeconds, slot: nFirstChunk, rank: 3},
		{key: "agw.api_key.name", form: formText, slot: sUser, rank: 6},
		{key: "retry.attempt", form: formCount, slot: nRetries, rank: 4, quiet: true},
		{key: "route", form: formText, slot: sRoute, rank: 4, gate: gateAgentGateway},
		{key: "http.status", form: formCount, slot: nHTTPStatus, rank: 3, gate: gateAgentGateway},
		{key: "agentgateway.outbound.kind", form: formMark, slot: fNone},
	},
}
