package price

import (
	"slices"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

// Platform translates the provider names of public catalogues and of users into
// the vocabulary of llm.Model.Platform; a name that nobody knows comes back in
// lower case.
func Platform(provider string) string {
	if q, ok := llm.Platform(provider); ok {
		return q
	}
	p := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(provider)), "-", "_")
	if strings.HasPrefix(p, "vertex_ai_") { // LiteLLM: "vertex_ai-language-models" and so on
		return "gcp.vertex_ai"
	}
	return p
}

// KnownPlatform is Platform for a word that may be something else: ok tells
// that it is the name of a platform, and not rather that of a maker whose
// models others serve.
func KnownPlatform(word string) (platform string, ok bool) {
	p := Platform(word)
	if makers[strings.ToLower(word)] {
		return p, false
	}
	_, spelled := llm.Platform(word)
	return p, spelled || isHome(p) || slices.Contains(ownLists, p)
}

// makers are organisations of model hubs that are spelled like a platform.
var makers = map[string]bool{"meta": true, "ibm": true, "minimaxai": true, "stabilityai": true, "inceptionlabs": true, "kimi": true, "claude": true}

// homes are the platforms that makers of models run themselves, by vendor.
var homes = map[string]string{
	"openai": "openai", "anthropic": "anthropic", "google": "gcp.gemini", "xai": "x_ai", "mistral": "mistral_ai",
	"deepseek": "deepseek", "cohere": "cohere", "perplexity": "perplexity", "moonshot": "moonshot_ai", "minimax": "minimax",
	"zhipu": "z_ai", "voyage": "voyage_ai", "ai21": "ai21", "alibaba": "dashscope", "writer": "writer", "inception": "inception",
	"jina": "jina_ai", "upstage": "upstage", "deepgram": "deepgram", "elevenlabs": "elevenlabs", "assemblyai": "assemblyai",
}

// VendorOf is the vendor that runs the platform for its own models, "" none.
func VendorOf(platform string) string {
	for vendor, home := range homes { // at most one matches
		if home == platform {
			return vendor
		}
	}
	return ""
}

// closed are the vendors whose models nobody else can host by himself, so that
// a client that names another lab's platform was talking to a proxy.
var closed = map[string]bool{"openai": true, "anthropic": true, "google": true, "xai": true}

// lenders are the platforms whose price lists a platform without a row of its
// own may borrow from, because it sells at the lab's price. All other
// platforms have prices of their own, and a missing row stays unpriced.
var lenders = map[string][]string{
	"azure.ai.openai":    {"openai", "anthropic", "deepseek", "x_ai", "moonshot_ai", "azure.ai.inference"},
	"azure.ai.inference": {"azure.ai.openai", "openai", "anthropic", "deepseek", "x_ai", "moonshot_ai", "mistral_ai", "cohere"},
	"gcp.vertex_ai":      {"gcp.gemini", "anthropic"},
	"gcp.gemini":         {"gcp.vertex_ai", "anthropic"},
	"gcp.gen_ai":         {"gcp.gemini", "gcp.vertex_ai", "anthropic"},
}

// ownLists are platforms that set their own prices, or run on hardware of the
// user's own: nothing is borrowed for them even while the book has no row of
// theirs.
var ownLists = []string{
	"aws.bedrock", "openrouter", "groq", "together_ai", "fireworks_ai", "cerebras", "ibm.watsonx.ai", "deepinfra",
	"sambanova", "nebius", "novita", "hyperbolic", "replicate", "databricks", "snowflake", "cloudflare", "github_copilot",
	"aws.sagemaker", "ollama_cloud", "lambda_ai", "nscale", "ovhcloud", "scaleway", "nvidia_nim", "featherless_ai", "friendliai",
	"anyscale", "oci", "volcengine", "github", "vercel", "baseten", "modal", "fal_ai", "aiml",
	"ollama", "vllm", "lmstudio", "llamafile", "sglang", "tgi", "huggingface", "local", "localai", "triton", "xinference",
}

// borrowFrom lists the platforms that a model may be priced by when its own has
// no row, and whether that is a declared lender (whose service tiers and hours
// do not carry over) rather than a guess at an unknown or mistaken platform.
func (b *Book) borrowFrom(platform, vendor string) (from []string, lender bool) {
	home := homes[vendor]
	if l, ok := lenders[platform]; ok {
		if home != "" && slices.Contains(l, home) {
			return []string{home}, true
		}
		if vendor == "" {
			return l, true
		}
		return nil, true
	}
	switch {
	case home == "" || home == platform || slices.Contains(ownLists, platform):
		return nil, false
	case platform == "":
		return []string{home}, false
	case closed[vendor] && (!b.platforms[platform] || isHome(platform)):
		return []string{home}, false
	}
	return nil, false
}

// openWeights are families of otherwise closed vendors that anybody may host.
var openWeights = []string{"gemma", "gpt-oss", "whisper", "gpt-2"}

func isOpenWeights(id string) bool {
	return slices.ContainsFunc(openWeights, func(family string) bool { return strings.Contains(id, family) })
}

func isHome(platform string) bool {
	for _, h := range homes { // any order: only presence is asked
		if h == platform {
			return true
		}
	}
	return false
}
