package price

import (
	"slices"
	"strings"
)

// platforms translates the provider names of public catalogues and of users
// into the vocabulary of llm.Model.Platform.
var platforms = map[string]string{
	"azure":                     "azure.ai.openai",
	"azure_text":                "azure.ai.openai",
	"az.ai.openai":              "azure.ai.openai",
	"azure_ai":                  "azure.ai.inference",
	"az.ai.inference":           "azure.ai.inference",
	"aws":                       "aws.bedrock",
	"bedrock":                   "aws.bedrock",
	"amazon-bedrock":            "aws.bedrock",
	"bedrock_converse":          "aws.bedrock",
	"bedrock_mantle":            "aws.bedrock",
	"gemini":                    "gcp.gemini",
	"google":                    "gcp.gemini",
	"google-gla":                "gcp.gemini",
	"palm":                      "gcp.gemini",
	"google-vertex":             "gcp.vertex_ai",
	"google-vertex-anthropic":   "gcp.vertex_ai",
	"vertex_ai":                 "gcp.vertex_ai",
	"xai":                       "x_ai",
	"x-ai":                      "x_ai",
	"mistral":                   "mistral_ai",
	"codestral":                 "mistral_ai",
	"text-completion-codestral": "mistral_ai",
	"moonshot":                  "moonshot_ai",
	"moonshotai":                "moonshot_ai",
	"cohere_chat":               "cohere",
	"text-completion-openai":    "openai",
	"watsonx":                   "ibm.watsonx.ai",
	"together":                  "together_ai",
	"togetherai":                "together_ai",
	"fireworks":                 "fireworks_ai",
	"fireworks-ai":              "fireworks_ai",
}

// Platform translates a provider name into our vocabulary; a name that it does
// not know comes back in lower case.
func Platform(provider string) string {
	p := strings.ToLower(strings.TrimSpace(provider))
	if q, ok := platforms[p]; ok {
		return q
	}
	if strings.HasPrefix(p, "vertex_ai-") { // LiteLLM: "vertex_ai-language-models" and so on
		return "gcp.vertex_ai"
	}
	return p
}

// homes are the platforms that makers of models run themselves, by vendor.
var homes = map[string]string{
	"openai": "openai", "anthropic": "anthropic", "google": "gcp.gemini", "xai": "x_ai", "x_ai": "x_ai",
	"mistral": "mistral_ai", "mistral_ai": "mistral_ai", "mistralai": "mistral_ai", "deepseek": "deepseek",
	"cohere": "cohere", "perplexity": "perplexity", "moonshot": "moonshot_ai", "moonshotai": "moonshot_ai",
	"moonshot_ai": "moonshot_ai", "minimax": "minimax", "zai": "zai", "voyage": "voyageai", "voyageai": "voyageai",
}

// closed are the vendors whose models nobody else can host by himself, so that
// a client that names another lab's platform was talking to a proxy.
var closed = map[string]bool{"openai": true, "anthropic": true, "google": true, "xai": true, "x_ai": true}

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
	"ollama", "vllm", "lmstudio", "lm_studio", "llamacpp", "llama.cpp", "llamafile", "sglang", "tgi", "huggingface",
	"local", "localai", "triton", "xinference", "baseten", "modal",
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
	case platform == "" || !b.platforms[platform]:
		return []string{home}, false
	case closed[vendor] && isHome(platform):
		return []string{home}, false
	}
	return nil, false
}

func isHome(platform string) bool {
	for _, h := range homes { // any order: only presence is asked
		if h == platform {
			return true
		}
	}
	return false
}

// unknownPlatform reports whether nothing is known of the platform, so that a
// row of any other may stand in if it is the only one.
func (b *Book) unknownPlatform(platform string) bool {
	return platform == "" || (!b.platforms[platform] && !slices.Contains(ownLists, platform))
}
