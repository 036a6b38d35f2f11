package fleet

import (
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

// Canonical platform names that the rules here speak of; llm.Platform has all.
const (
	openAI      = "openai"
	anthropic   = "anthropic"
	bedrock     = "aws.bedrock"
	sageMaker   = "aws.sagemaker"
	azureOpenAI = "azure.ai.openai"
	azureAI     = "azure.ai.inference"
	gemini      = "gcp.gemini"
	vertex      = "gcp.vertex_ai"
	openRouter  = "openrouter"
	fireworks   = "fireworks_ai"
	cloudflare  = "cloudflare"
	databricks  = "databricks"
	ollama      = "ollama"
	nebius      = "nebius"
	huggingFace = "huggingface"
)

// frameworks are names that emitters put where a provider belongs but that
// serve no model: what is behind them is told by the id alone.
var frameworks = words("strands_agents strands strands.agents gcp.vertex.agent google_adk adk langchain langgraph langsmith " +
	"llama_index llamaindex crewai autogen ag2 haystack semantic_kernel microsoft.agent_framework microsoft.semantic_kernel " +
	"agent_framework litellm litellm_proxy pydantic_ai agno smolagents openai_agents mastra dspy instructor spring_ai langchain4j " +
	"claude_agent_sdk claude_code portkey helicone bifrost envoy envoy_ai_gateway agentgateway kong traceloop tensorzero " +
	"truefoundry custom other _other unknown proxy none null vercel_ai ai_sdk genkit promptflow custom_openai")

// spellings turns "canonical: spelling spelling" into "spelling: canonical".
func spellings(table map[string]string) map[string]string {
	out := map[string]string{}
	for canonical, list := range table {
		for _, spelling := range strings.Fields(list) {
			out[spelling] = canonical
		}
	}
	return out
}

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// platformOf reads what a span calls its provider. "" means that it names no
// platform: it is empty, or a framework's name. A name that no table knows is
// a platform of its own, as written.
func platformOf(provider string) string {
	p := word(provider)
	if p == "" {
		return ""
	}
	if name, ok := lookPlatform(p); ok {
		return name
	}
	// A catalogue in front: "litellm:bedrock_converse".
	if _, tail, ok := strings.Cut(p, ":"); ok {
		if name, ok := lookPlatform(tail); ok {
			return name
		}
		if tail != "" {
			return tail
		}
	}
	return p
}

// lookPlatform tries a spelling, then what is left of it without the parts
// that say which API or which list of the provider is meant
// ("openai.responses", "vertex_ai-anthropic_models"). ok with an empty name is
// a framework.
func lookPlatform(p string) (name string, ok bool) {
	if strings.HasPrefix(p, "vertex_ai_") {
		return vertex, true
	}
	for s := p; ; {
		if frameworks[s] {
			return "", true
		}
		if name, ok := llm.Platform(s); ok {
			return name, true
		}
		i := strings.LastIndexByte(s, '.')
		if i < 0 {
			name, _, ok = PlatformOfHost(p)
			return name, ok
		}
		s = s[:i]
	}
}

// namedPlatform is lookPlatform for the parts of an id: whole spellings only.
func namedPlatform(seg string) (name string, ok bool) {
	w := word(seg)
	if frameworks[w] {
		return "", true
	}
	return llm.Platform(w)
}

// word brings a provider's name into the form of the tables.
func word(s string) string {
	s = shorten(clean(s), maxWord)
	return strings.NewReplacer("-", "_", " ", "_").Replace(s)
}

// homes are the platforms that labs themselves serve their models on, and that
// stand in where a span says nothing. Meta has none here: its open models are
// served by everybody else.
var homes = map[string]string{
	"openai": openAI, "anthropic": anthropic, "google": gemini, "mistral": "mistral_ai", "cohere": "cohere",
	"xai": "x_ai", "deepseek": "deepseek", "moonshot": "moonshot_ai", "perplexity": "perplexity", "ai21": "ai21",
	"alibaba": "dashscope", "zhipu": "z_ai", "minimax": "minimax", "voyage": "voyage_ai", "amazon": bedrock,
	"nvidia": "nvidia_nim", "writer": "writer", "inception": "inception", "stability": "stability_ai",
	"black-forest-labs": "black_forest_labs", "ibm": "ibm.watsonx.ai", "jina": "jina_ai", "upstage": "upstage",
	"groq": "groq", "openrouter": openRouter, "deepgram": "deepgram", "elevenlabs": "elevenlabs",
	"assemblyai": "assemblyai", "databricks": databricks, "vercel": "vercel",
}
