package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var strandsDialect = dialect{
	name: "strands", title: "Strands Agents",
	marker: "scope strands.*; provider strands-agents is none",
	scopes: []string{"strands"},
	layer:  llm.LayerFramework,
	keys: []keyDef{
		{key: "gen_ai.usage.cache_write_input_tokens", form: formCount, slot: nCacheWrite, rank: 2},
		{key: "event_loop.cycle_id", form: formMark, slot: fNone},
		{key: "gen_ai.runtime.id", form: formMark, slot: fNone},
		{key: "gen_ai.gateway.id", form: formMark, slot: fNone},
		{key: "gen_ai.memory.id", form: formMark, slot: fNone},
	},
}
