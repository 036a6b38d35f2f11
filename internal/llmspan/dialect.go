package llmspan

import "github.com/spanledger/spanledger/internal/llm"

// dialectID orders the dialects: where a span carries keys of several, the
// lowest names it (what is more particular comes first).
type dialectID uint8

const (
	dlClaudeCode dialectID = iota
	dlTensorZero
	dlBifrost
	dlAgentGateway
	dlKong
	dlOpenRouter
	dlLiteLLM
	dlADK
	dlStrands
	dlLangSmith
	dlLangfuse
	dlMLflow
	dlPydantic
	dlSpringAI
	dlVercel
	dlAnthropic
	dlSemanticKernel
	dlAgentFramework
	dlLangChain4j
	dlOpenLIT
	dlCodex
	dlGeminiCLI
	dlSentry
	dlEnvoy
	dlOpenInference
	dlOpenLLMetry
	dlSemConv
	numDialects
)

// dialect is one emitter's way of writing an LLM span.
type dialect struct {
	name, title string
	// known by: for the documentation.
	marker string
	// scopes are prefixes of instrumentation scope names.
	scopes []string
	// layer is where the emitter stands, for spans of INTERNAL or CLIENT kind.
	layer llm.Layer
	keys  []keyDef
}

var dialects = [numDialects]dialect{
	dlClaudeCode:     claudeCodeDialect,
	dlTensorZero:     tensorZeroDialect,
	dlBifrost:        bifrostDialect,
	dlAgentGateway:   agentGatewayDialect,
	dlKong:           kongDialect,
	dlOpenRouter:     openRouterDialect,
	dlLiteLLM:        liteLLMDialect,
	dlADK:            adkDialect,
	dlStrands:        strandsDialect,
	dlLangSmith:      langSmithDialect,
	dlLangfuse:       langfuseDialect,
	dlMLflow:         mlflowDialect,
	dlPydantic:       pydanticDialect,
	dlSpringAI:       springAIDialect,
	dlVercel:         vercelDialect,
	dlAnthropic:      anthropicDialect,
	dlSemanticKernel: semanticKernelDialect,
	dlAgentFramework: agentFrameworkDialect,
	dlLangChain4j:    langChain4jDialect,
	dlOpenLIT:        openLITDialect,
	dlCodex:          codexDialect,
	dlGeminiCLI:      geminiCLIDialect,
	dlSentry:         sentryDialect,
	dlEnvoy:          envoyDialect,
	dlOpenInference:  openInferenceDialect,
	dlOpenLLMetry:    openLLMetryDialect,
	dlSemConv:        semConvDialect,
}
