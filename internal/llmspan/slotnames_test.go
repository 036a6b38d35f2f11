package llmspan

import "testing"

// What the page of dialects calls the slots.

var flagNames = [...]string{
	fNone: "marker", fWrapper: "wrapper around calls", fDetails: "marker", fForeign: "no call to a model, unless marked as one", fHTTP: "marker", fSearches: "marker",
}

var countNames = [numCounts]string{
	nInput:            "input tokens",
	nOutput:           "output tokens",
	nTotal:            "total tokens",
	nCacheRead:        "cached input read",
	nCacheWrite:       "cached input written",
	nCacheWrite5m:     "written for 5 minutes",
	nCacheWrite1h:     "written for an hour",
	nUncached:         "uncached input",
	nReasoning:        "reasoning tokens",
	nInAudio:          "audio input",
	nInImage:          "image input",
	nInVideo:          "video input",
	nCacheReadAudio:   "cached audio",
	nCacheReadImage:   "cached image",
	nOutAudio:         "audio output",
	nOutImage:         "image output",
	nOutVideo:         "video output",
	nCitation:         "citation tokens",
	nWebSearches:      "web searches",
	nCompactionIn:     "input of compaction, beside the input",
	nCompactionOut:    "output of compaction, beside the output",
	nAggInput:         "aggregated input",
	nAggOutput:        "aggregated output",
	nHTTPStatus:       "HTTP status",
	nMaxTokens:        "max tokens",
	nRetries:          "retries",
	nFallbacks:        "fallbacks",
	nAttempts:         "attempts",
	nAttemptNumber:    "retries before this span",
	nFallbackIndex:    "fallback index",
	nFirstChunk:       "time to first chunk",
	nServerFirstChunk: "time to first chunk (unit by emitter)",
	nTicks:            "cost ticks (1e-10 USD)",
}

var textNames = [numTexts]string{
	sOperation:         "operation",
	sProvider:          "provider",
	sProviderHint:      "provider, where another name is none",
	sServer:            "server",
	sRequestModel:      "request model",
	sResponseModel:     "response model",
	sModelName:         "model",
	sDeployment:        "deployment",
	sResponseID:        "response id",
	sConversation:      "conversation",
	sAgent:             "agent",
	sWorkflow:          "workflow",
	sPrompt:            "prompt",
	sPromptVersion:     "prompt version",
	sTeam:              "team",
	sUser:              "user",
	sTenant:            "tenant",
	sCostCenter:        "cost center",
	sRoute:             "gateway route",
	sTier:              "service tier (served)",
	sGeo:               "inference geography",
	sQuality:           "quality (of pictures and film)",
	sErrorType:         "error type",
	sErrorCode:         "error code",
	sFinish:            "finish reason",
	sTemperature:       "temperature",
	sOutputType:        "output type",
	sCallID:            "call id",
	sPurpose:           "purpose of a gateway's own call",
	sStreaming:         "streaming",
	sSuccess:           "success",
	sFirstChunkAt:      "time of first chunk",
	sCurrency:          "currency",
	sKindOpenInference: "span kind",
	sKindLangfuse:      "span kind",
	sKindLangSmith:     "span kind",
	sKindMLflow:        "span kind",
	sKindTraceloop:     "span kind",
	sKindSentry:        "span kind",
	sKindSpring:        "span kind",
	sKindClaudeCode:    "span kind",
	sRequestType:       "request type",
	sVercelOp:          "operation id",
	sBlobLangfuse:      "usage object",
	sBlobMLflow:        "usage object",
	sBlobLiteLLM:       "usage object",
	sBlobHidden:        "hidden parameters",
	sBlobInput:         "input details",
	sBlobOutput:        "output details",
	sBlobMetadata:      "provider metadata",
	sBlobResponse:      "logged response",
	sBlobParams:        "request parameters",
	sBlobCost:          "cost object",
	sBlobRunMeta:       "provider, model and thread of a LangChain run",
	sBlobPrompt:        "prompt and its version",
	sLevel:             "level",
	sLevelText:         "what went wrong",
	sSpeed:             "speed",
	sCacheHit:          "gateway cache hit",
	sCostSource:        "cost source",
	sRawResponse:       "usage, tier and bill in the provider's answer",
}

func TestEverySlotHasAName(t *testing.T) {
	for i, n := range countNames {
		if n == "" {
			t.Errorf("count %d", i)
		}
	}
	for i, n := range textNames {
		if n == "" {
			t.Errorf("text %d", i)
		}
	}
}
