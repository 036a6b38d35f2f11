package llmspan

import (
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

var vercelDialect = dialect{
	name: "vercel_ai", title: "Vercel AI SDK",
	marker: "scope ai (3 to 6) or gen_ai (7); ai.operationId decides",
	layer:  llm.LayerFramework,
	keys: []keyDef{
		{key: "ai.operationId", form: formText, slot: sVercelOp},
		{key: "ai.model.id", form: formText, slot: sRequestModel, rank: 4},
		{key: "ai.model.provider", form: formText, slot: sProvider, rank: 4},
		{key: "ai.response.model", form: formText, slot: sResponseModel, rank: 3},
		{key: "ai.response.id", form: formText, slot: sResponseID, rank: 3},
		{key: "ai.usage.inputTokens", form: formCount, slot: nInput, rank: 3},
		{key: "ai.usage.outputTokens", form: formCount, slot: nOutput, rank: 3},
		{key: "ai.usage.promptTokens", form: formCount, slot: nInput, rank: 4},
		{key: "ai.usage.completionTokens", form: formCount, slot: nOutput, rank: 4},
		{key: "ai.usage.tokens", form: formCount, slot: nInput, rank: 5},
		{key: "ai.usage.totalTokens", form: formCount, slot: nTotal, rank: 2},
		{key: "ai.usage.cachedInputTokens", form: formCount, slot: nCacheRead, rank: 4},
		{key: "ai.usage.inputTokenDetails.noCacheTokens", form: formCount, slot: nUncached},
		{key: "ai.usage.inputTokenDetails.cacheReadTokens", form: formCount, slot: nCacheRead, rank: 3},
		{key: "ai.usage.inputTokenDetails.cacheWriteTokens", form: formCount, slot: nCacheWrite, rank: 3},
		{key: "ai.usage.reasoningTokens", form: formCount, slot: nReasoning, rank: 4},
		{key: "ai.usage.outputTokenDetails.reasoningTokens", form: formCount, slot: nReasoning, rank: 3},
		{key: "ai.usage.outputTokenDetails.textTokens", form: formMark, slot: fDetails},
		{key: "ai.response.providerMetadata", form: formObject, slot: sBlobMetadata},
		{key: "ai.response.msToFirstChunk", form: formMillis, slot: nFirstChunk, rank: 2},
		{key: "ai.stream.msToFirstChunk", form: formMillis, slot: nFirstChunk, rank: 6},
		{key: "ai.response.finishReason", form: formText, slot: sFinish, rank: 2},
		{key: "ai.finishReason", form: formText, slot: sFinish, rank: 7},
		{key: "ai.telemetry.functionId", form: formText, slot: sAgent, rank: 6},
		{key: "ai.telemetry.metadata.userId", form: formText, slot: sUser, rank: 5},
		{key: "ai.telemetry.metadata.sessionId", form: formText, slot: sConversation, rank: 5},
		{key: "ai.telemetry.metadata.langfusePrompt", form: formObject, slot: sBlobPrompt},
		{key: "ai.settings.maxRetries", form: formMark, slot: fNone},
		{key: "ai.settings.maxOutputTokens", form: formCount, slot: nMaxTokens, rank: 3},
		{key: "ai.settings.maxTokens", form: formCount, slot: nMaxTokens, rank: 4},
		{key: "ai.toolCall.name", form: formMark, slot: fNone},
	},
}

// vercelDetails reports whether the span carries the token details that
// version 6 of the SDK brought: from there on counts are inclusive.
func (s *scan) vercelDetails() bool {
	const detailRank = 3 + 1
	return s.has(nUncached) || s.flag(fDetails) || s.countRank[nCacheRead] == detailRank ||
		s.countRank[nCacheWrite] == detailRank || s.countRank[nReasoning] == detailRank
}

// vercelMetadata reads what only the provider metadata says: the split of
// cache writes by duration, cached and reasoning tokens before version 6, the
// tier served, and a bill that OpenRouter sent along.
func (s *scan) vercelMetadata(text string) {
	cost, ownKey := "", false
	for o := (objText{s: text}); ; {
		name, value, quoted, ok := o.next()
		if !ok {
			break
		}
		switch name {
		case "service_tier", "serviceTier":
			s.setText(sTier, value)
			continue
		case "inference_geo":
			s.setText(sGeo, value)
			continue
		case "speed":
			s.setText(sSpeed, value)
			continue
		case "cost":
			if o.level(1) == "openrouter" && o.parent() == "usage" {
				cost = value
			}
			continue
		case "upstreamInferenceCost":
			ownKey = decimalText(value) != "" && strings.Trim(value, "0.") != ""
			continue
		}
		n, known := usageSlot(o.parent(), name)
		if !known || quoted || n == nInput || n == nOutput || n == nTotal {
			continue
		}
		if v, ok := parseCount(value); ok {
			s.setCount(n, v)
		}
	}
	if !ownKey { // with a key of the customer's own the figure is only a fee
		s.bill(cost)
	}
}
