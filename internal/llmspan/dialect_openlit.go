package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var openLITDialect = dialect{
	name: "openlit", title: "OpenLIT",
	marker: "scope openlit*",
	scopes: []string{"openlit"},
	layer:  llm.LayerClient,
	keys: []keyDef{
		{key: "gen_ai.usage.cost", form: formMoney, slot: mCost, rank: 4},
		{key: "gen_ai.request.image_quality", form: formText, slot: sQuality, quiet: true},
		{key: "gen_ai.request.is_stream", form: formText, slot: sStreaming, rank: 1},
		{key: "gen_ai.server.ttft", form: formSeconds, slot: nFirstChunk, rank: 5},
		{key: "gen_ai.server.time_to_first_token", form: formSeconds, slot: nServerFirstChunk},
	},
}
