package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var adkDialect = dialect{
	name: "google_adk", title: "Google ADK",
	marker: "scope gcp.vertex.agent, spans call_llm",
	scopes: []string{"gcp.vertex.agent"},
	layer:  llm.LayerFramework,
	keys: []keyDef{
		{key: "gcp.vertex.agent.llm_response", form: formObject, slot: sBlobResponse},
		{key: "gcp.vertex.agent.session_id", form: formText, slot: sConversation, rank: 4},
		{key: "gcp.vertex.agent.invocation_id", form: formMark, slot: fNone},
		{key: "gcp.vertex.agent.event_id", form: formMark, slot: fNone},
		{key: "gen_ai.usage.experimental.reasoning_tokens", form: formCount, slot: nReasoning, rank: 3},
	},
}

// adkResponse reads the usage from the logged response. Builds of July 2025
// wrote the total as the output count.
func (s *scan) adkResponse(text string) {
	var u usageText
	u.read(text, "", "usage_metadata")
	if u.have[nTotal] && u.have[nOutput] && s.has(nOutput) && s.counts[nOutput] == u.counts[nTotal] && u.counts[nInput] > 0 {
		s.forceCount(nOutput, u.counts[nOutput])
	}
	u.into(s)
}
