package llmspan

// A slot is one fact that a span may state under many names. Slots are
// grouped by the kind of their value: counts, texts, money.
type slot uint8

// Counts, as int64. Durations are nanoseconds.
const (
	nInput slot = iota
	nOutput
	nTotal
	nCacheRead
	nCacheWrite
	nCacheWrite5m
	nCacheWrite1h
	nUncached // input tokens that no cache had, where stated apart
	nReasoning
	nInAudio
	nInImage
	nInVideo
	nCacheReadAudio
	nCacheReadImage
	nOutAudio
	nOutImage
	nOutVideo
	nCitation
	nWebSearches
	nCompactionIn  // spent on compacting the context, beside the input count
	nCompactionOut // likewise, beside the output count
	nAggInput      // usage that a wrapper declares as the sum of calls below
	nAggOutput     // likewise
	nHTTPStatus
	nMaxTokens
	nRetries   // attempts after the first
	nFallbacks // of a gateway's router, where they are counted apart from the retries
	nAttempts  // attempts in all
	nAttemptNumber
	nFallbackIndex
	nFirstChunk       // duration
	nServerFirstChunk // as nFirstChunk, under a name whose unit depends on the emitter
	nTicks            // xAI cost ticks, 1e10 to the dollar
	numCounts
)

// Texts.
const (
	sOperation slot = iota
	sProvider
	sProviderHint // where the emitter names itself as the provider
	sServer
	sRequestModel
	sResponseModel
	sModelName // a model, without saying whether asked for or answering
	sDeployment
	sResponseID
	sConversation
	sAgent
	sWorkflow
	sPrompt
	sPromptVersion
	sTeam
	sUser
	sTenant
	sCostCenter
	sRoute
	sTier
	sGeo
	sQuality // of pictures and film: a quality or a resolution
	sErrorType
	sErrorCode
	sFinish
	sTemperature
	sOutputType
	sCallID
	sPurpose // what a gateway made a call of its own for
	sStreaming
	sSuccess
	sFirstChunkAt // ISO 8601 time of the first chunk
	sCurrency
	// Markers: what the emitter says the span is. From here on a span of the
	// plain conventions fills nothing.
	sKindOpenInference
	sKindLangfuse
	sKindLangSmith
	sKindMLflow
	sKindTraceloop
	sKindSentry
	sKindSpring
	sKindClaudeCode
	sRequestType // llm.request.type
	sVercelOp    // ai.operationId
	// Values that hold further values, as JSON or Python text.
	sBlobLangfuse // usage object, buckets or the provider's own
	sBlobMLflow   // usage object
	sBlobLiteLLM  // usage object, as Python prints it
	sBlobHidden   // LiteLLM's hidden parameters
	sBlobInput    // details of the input count
	sBlobOutput   // details of the output count
	sBlobMetadata // provider metadata of the Vercel AI SDK
	sBlobResponse // the provider's response as logged by ADK
	sBlobParams   // request parameters
	sBlobCost     // cost object
	sBlobPrompt   // prompt template, or a list of them: the first counts
	sBlobRunMeta  // what LangChain says of a run
	sLevel        // Langfuse observation level
	sLevelText    // what stands in an attribute instead of the status message
	sSpeed        // Claude Code: fast or normal
	sCacheHit     // the gateway answered from a cache of its own
	sCostSource   // who worked out the cost
	sRawResponse  // the provider's answer as it came
	numTexts

	firstMarker = sKindOpenInference
	firstBlob   = sBlobLangfuse
)

// Money, as decimal text or double.
const (
	mCost           slot = iota // total by whoever emitted the span
	mOpenRouterCost             // total in OpenRouter's own broadcast
	numMoneys
)

// Flags, set by the presence of a key; a marker's slot is its flag.
const (
	fNone     slot = iota
	fWrapper       // only spans around calls carry the key
	fDetails       // the AI SDK's token details, which version 6 brought
	fForeign       // a database, a queue or a tool server: no model was called here
	fHTTP          // one exchange over HTTP
	fSearches      // the user's mapping counts the searches of a rerank
)

// form is how the value of a key is spelled.
type form uint8

const (
	formMark    form = iota // only the key matters; slot is a flag
	formCount               // int, integral double, decimal text
	formText                // string; bools and numbers are taken as text
	formSeconds             // duration in seconds
	formMillis              // duration in milliseconds
	formFirst               // string list, or JSON text of one: the entry that says most
	formMoney               // decimal text or double
	formHeader              // captured HTTP header: list of decimal texts, largest taken
	formQuoted              // string that may be JSON-quoted
	formObject              // object as JSON or Python text, or as a map
)

var formNames = [...]string{
	"marker", "count", "text", "seconds", "milliseconds", "list", "money", "header", "text (JSON-quoted)",
	"object (text or map)",
}

// keyDef is one row of a dialect's table. Of several keys for one slot the
// lowest rank wins; equal ranks keep what came first on the span.
type keyDef struct {
	key  string
	form form
	slot slot
	rank uint8
	// gate limits a key without a namespace to the spans it belongs to.
	gate gate
	// quiet: others use the key too, so it does not tell who wrote the span.
	quiet bool
}

// gate is a bit set of emitters that use keys without a namespace of their
// own; a gated key is read only where scope, service or span name open it.
type gate uint8

const (
	gateClaudeCode gate = 1 << iota
	gateAgentGateway
	gateBifrost
	gateTensorZero
	gatePydantic
	gateCodex
	gateAgentFramework
)
