package fleet

import "strings"

// Canonical platform names. Where OpenTelemetry's conventions name a provider,
// that name is used; the others follow their manner.
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

// platforms maps the spellings that emitters, gateways and catalogues use for
// a provider, lower case and with "-" and " " as "_", to canonical names.
var platforms = spellings(platformTable)

var platformTable = map[string]string{
	openAI:    "openai text_completion_openai openai_like openai_compatible openai_responses openai_codex open_ai",
	anthropic: "anthropic anthropic_text claude claude_platform",
	bedrock: "aws.bedrock bedrock aws_bedrock amazon_bedrock amazon.bedrock bedrock_converse bedrock_mantle " +
		"aws.bedrock_runtime bedrock_runtime aws amazon aws.anthropic aws.openai aws_anthropic",
	sageMaker: "aws.sagemaker sagemaker aws_sagemaker amazon_sagemaker sagemaker_chat sagemaker_nova",

	azureOpenAI: "azure.ai.openai az.ai.openai azure azure_openai azure.openai azureopenai azure_text " +
		"azure_openai_responses azure_cognitive_services azure.ai.open_ai",
	azureAI: "azure.ai.inference az.ai.inference azure_ai azure_ai_inference azure.inference azure_foundry " +
		"azure_ai_foundry microsoft.foundry microsoft_foundry azure.ai.foundry azure.anthropic azure.ai azure_anthropic azure_ai_studio",

	gemini: "gcp.gemini gemini google google_gla google_genai google.generative_ai google_generative_ai " +
		"google_ai_studio google.ai google_ai google.gemini palm googleai google_gemini",
	vertex: "gcp.vertex_ai vertex_ai vertexai vertex google_vertex google.vertex google_vertex_ai google_vertex_anthropic " +
		"gcp.anthropic gcp.vertex gcp_vertex_ai gcp_vertex_anthropic vertex_ai_beta google_vertexai google_cloud_vertex_ai vertex.anthropic",
	"gcp.gen_ai": "gcp.gen_ai gcp gcp.genai",

	"cohere":         "cohere cohere_chat cohere_ai",
	"deepseek":       "deepseek deepseek_ai",
	"groq":           "groq groqcloud groq_cloud",
	"ibm.watsonx.ai": "ibm.watsonx.ai watsonx watsonx_text watsonx.ai ibm_watsonx ibm.watsonx ibm_watsonx_ai ibm",
	"mistral_ai":     "mistral_ai mistral mistralai codestral text_completion_codestral",
	"moonshot_ai":    "moonshot_ai moonshot moonshotai moonshotai_cn kimi",
	"perplexity":     "perplexity perplexity_ai pplx",
	"x_ai":           "x_ai xai x.ai grok",

	openRouter:              "openrouter open_router",
	"together_ai":           "together_ai together togetherai together.ai",
	fireworks:               "fireworks_ai fireworks fireworksai fireworks.ai fireworks_ai_embedding_models",
	"cerebras":              "cerebras cerebras_ai",
	ollama:                  "ollama ollama_chat",
	"ollama_cloud":          "ollama_cloud",
	"vllm":                  "vllm hosted_vllm",
	"lmstudio":              "lmstudio lm_studio",
	"llamafile":             "llamafile llama.cpp llamacpp llama_cpp",
	huggingFace:             "huggingface hugging_face huggingface_hub hf",
	databricks:              "databricks",
	"snowflake":             "snowflake snowflake_cortex",
	cloudflare:              "cloudflare workers_ai cloudflare_workers_ai cloudflare.workers_ai",
	"cloudflare_ai_gateway": "cloudflare_ai_gateway cloudflare.ai_gateway",
	"github":                "github github_models",
	"github_copilot":        "github_copilot copilot",
	"vercel":                "vercel vercel_ai_gateway gateway ai_gateway vercel.ai_gateway",
	"nvidia_nim":            "nvidia_nim nvidia nim",
	"deepinfra":             "deepinfra deep_infra",
	nebius:                  "nebius nebius_ai nebius_token_factory",
	"novita":                "novita novita_ai",
	"hyperbolic":            "hyperbolic",
	"sambanova":             "sambanova samba_nova",
	"replicate":             "replicate",
	"baseten":               "baseten",
	"modal":                 "modal",
	"anyscale":              "anyscale",
	"featherless_ai":        "featherless_ai featherless",
	"friendliai":            "friendliai friendli",
	"lambda_ai":             "lambda_ai lambda",
	"nscale":                "nscale",
	"ovhcloud":              "ovhcloud ovh",
	"scaleway":              "scaleway",
	"oci":                   "oci oracle oci_genai oracle_cloud",
	"sap_ai_core":           "sap_ai_core sap",
	"dashscope":             "dashscope alibaba alibaba_cn alibaba_cloud qwen aliyun bailian",
	"volcengine":            "volcengine ark",
	"z_ai":                  "z_ai zai zai_org z.ai",
	"zhipu_ai":              "zhipu_ai zhipuai zhipu bigmodel",
	"minimax":               "minimax minimaxai minimax_cn",
	"ai21":                  "ai21 ai21_chat ai21labs",
	"voyage_ai":             "voyage_ai voyage voyageai",
	"jina_ai":               "jina_ai jina",
	"stability_ai":          "stability_ai stability stabilityai",
	"black_forest_labs":     "black_forest_labs bfl",
	"inception":             "inception text_completion_inception inceptionlabs",
	"writer":                "writer",
	"meta":                  "meta meta_llama llama_api",
	"amazon_nova":           "amazon_nova",
	"upstage":               "upstage",
	"morph":                 "morph",
	"fal_ai":                "fal_ai fal",
	"aiml":                  "aiml aimlapi",
	"elevenlabs":            "elevenlabs eleven_labs",
	"deepgram":              "deepgram",
	"assemblyai":            "assemblyai assembly_ai",
}

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
		if name, ok := platforms[s]; ok {
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
	name, ok = platforms[w]
	return name, ok
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
