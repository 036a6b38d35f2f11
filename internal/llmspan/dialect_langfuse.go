package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var langfuseDialect = dialect{
	name: "langfuse", title: "Langfuse SDK",
	marker: "langfuse.observation.* keys, scope langfuse-sdk",
	scopes: []string{"langfuse-sdk"},
	layer:  llm.LayerClient,
	keys: []keyDef{
		{key: "langfuse.observation.type", form: formText, slot: sKindLangfuse},
		{key: "langfuse.observation.model.name", form: formQuoted, slot: sModelName, rank: 2},
		{key: "langfuse.observation.usage_details", form: formObject, slot: sBlobLangfuse},
		{key: "langfuse.observation.cost_details", form: formObject, slot: sBlobCost, rank: 1},
		{key: "langfuse.observation.completion_start_time", form: formQuoted, slot: sFirstChunkAt},
		{key: "langfuse.observation.level", form: formText, slot: sLevel},
		{key: "langfuse.observation.status_message", form: formText, slot: sLevelText},
		{key: "langfuse.observation.prompt.name", form: formText, slot: sPrompt, rank: 3},
		{key: "langfuse.observation.prompt.version", form: formText, slot: sPromptVersion, rank: 3},
		{key: "langfuse.observation.model.parameters", form: formObject, slot: sBlobParams, rank: 1},
		{key: "langfuse.session.id", form: formText, slot: sConversation, rank: 4},
		{key: "langfuse.user.id", form: formText, slot: sUser, rank: 5},
	},
}

// langfuseUsage reads usage_details: Langfuse's own disjoint buckets, or the
// provider's usage object as it was.
func (s *scan) langfuseUsage(text string) {
	var u usageText
	u.read(text, "", "")
	switch {
	case u.buckets:
		u.include()
	case u.beside:
		u.counts[nInput] += u.counts[nCacheRead] + u.counts[nCacheWrite]
	}
	u.into(s)
	s.bill(u.cost)
}
