package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var agentFrameworkDialect = dialect{
	name: "agent_framework", title: "Microsoft Agent Framework, M.E.AI",
	marker: "scopes agent_framework, Experimental.Microsoft.Extensions.AI",
	scopes: []string{"agent_framework", "Experimental.Microsoft.Extensions.AI", "Experimental.Microsoft.Agents.AI"},
	layer:  llm.LayerFramework,
	keys: []keyDef{
		{key: "gen_ai.usage.input_audio_tokens", form: formCount, slot: nInAudio, rank: 2},
		{key: "gen_ai.usage.output_audio_tokens", form: formCount, slot: nOutAudio, rank: 2},
		{key: "gen_ai.usage.output_image_tokens", form: formCount, slot: nOutImage, rank: 2},
		{key: "gen_ai.usage.input_text_tokens", form: formMark, slot: fNone},
		{key: "gen_ai.usage.output_text_tokens", form: formMark, slot: fNone},
	},
}
