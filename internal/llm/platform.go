package llm

import "strings"

// Platform names where a model is served as Model.Platform does, whatever
// emitters, gateways, catalogues and users call it: case, spaces, "-" and "_"
// do not matter. ok is false for a word that is none of the spellings known.
func Platform(spelling string) (platform string, ok bool) {
	platform, ok = platforms[platformWord.Replace(strings.ToLower(strings.TrimSpace(spelling)))]
	return platform, ok
}

var platformWord = strings.NewReplacer("-", "_", " ", "_")

var platforms = func() map[string]string {
	out := map[string]string{}
	for platform, list := range platformTable {
		for spelling := range strings.FieldsSeq(list) {
			out[spelling] = platform
		}
	}
	return out
}()

// platformTable has the spellings of each platform, in lower case and with "_".
// Where OpenTelemetry's conventions name a provider, that name is used; the
// others follow their manner.
var platformTable = map[string]string{
	"openai":    "openai text_completion_openai openai_like openai_compatible openai_responses openai_codex open_ai",
	"anthropic": "anthropic anthropic_text claude claude_platform",
	"aws.bedrock": "aws.bedrock bedrock aws_bedrock amazon_bedrock amazon.bedrock bedrock_converse bedrock_mantle " +
		"aws.bedrock_runtime bedrock_runtime aws amazon aws.anthropic aws.openai aws_anthropic",
	"aws.sagemaker": "aws.sagemaker sagemaker aws_sagemaker amazon_sagemaker sagemaker_chat sagemaker_nova",

	"azure.ai.openai": "azure.ai.openai az.ai.openai azure azure_openai azure.openai azureopenai azure_text " +
		"azure_openai_responses azure_cognitive_services azure.ai.open_ai",
	"azure.ai.inference": "azure.ai.inference az.ai.inference azure_ai azure_ai_inference azure.inference azure_foundry " +
		"azure_ai_foundry microsoft.foundry microsoft_foundry azure.ai.foundry azure.anthropic azure.ai azure_anthropic azure_ai_studio",

	"gcp.gemini": "gcp.gemini gemini google google_gla google_genai google.generative_ai google_generative_ai " +
		"google_ai_studio google.ai google_ai google.gemini palm googleai google_gemini",
	"gcp.vertex_ai": "gcp.vertex_ai vertex_ai vertexai vertex google_vertex google.vertex google_vertex_ai google_vertex_anthropic " +
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

	"openrouter":            "openrouter open_router",
	"together_ai":           "together_ai together togetherai together.ai",
	"fireworks_ai":          "fireworks_ai fireworks fireworksai fireworks.ai fireworks_ai_embedding_models",
	"cerebras":              "cerebras cerebras_ai",
	"ollama":                "ollama ollama_chat",
	"ollama_cloud":          "ollama_cloud",
	"vllm":                  "vllm hosted_vllm",
	"lmstudio":              "lmstudio lm_studio",
	"llamafile":             "llamafile llama.cpp llamacpp llama_cpp",
	"huggingface":           "huggingface hugging_face huggingface_hub hf",
	"databricks":            "databricks",
	"snowflake":             "snowflake snowflake_cortex",
	"cloudflare":            "cloudflare workers_ai cloudflare_workers_ai cloudflare.workers_ai",
	"cloudflare_ai_gateway": "cloudflare_ai_gateway cloudflare.ai_gateway",
	"github":                "github github_models",
	"github_copilot":        "github_copilot copilot",
	"vercel":                "vercel vercel_ai_gateway gateway ai_gateway vercel.ai_gateway",
	"nvidia_nim":            "nvidia_nim nvidia nim",
	"deepinfra":             "deepinfra deep_infra",
	"nebius":                "nebius nebius_ai nebius_token_factory",
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
