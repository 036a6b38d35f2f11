package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var kongDialect = dialect{
	name: "kong", title: "Kong AI Gateway",
	marker: "scope kong; kong.* keys",
	scopes: []string{"kong"},
	layer:  llm.LayerGateway,
	keys: []keyDef{
		{key: "kong.balancer.try_count", form: formCount, slot: nAttemptNumber, rank: 7},
		{key: "try_count", form: formCount, slot: nAttemptNumber, rank: 8, gate: gateKong},
		{key: "kong.route.name", form: formText, slot: sRoute, rank: 5},
		{key: "kong.service.name", form: formMark, slot: fNone},
	},
}
