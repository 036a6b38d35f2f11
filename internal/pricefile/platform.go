package pricefile

import "strings"

// platforms translates the provider names of public catalogues into the
// vocabulary of llm.Model.Platform. Names that are not listed stay as they are.
var platforms = map[string]string{
	"azure":                     "azure.ai.openai",
	"azure_text":                "azure.ai.openai",
	"azure_ai":                  "azure.ai.inference",
	"aws":                       "aws.bedrock",
	"bedrock":                   "aws.bedrock",
	"amazon-bedrock":            "aws.bedrock",
	"bedrock_converse":          "aws.bedrock",
	"bedrock_mantle":            "aws.bedrock",
	"gemini":                    "gcp.gemini",
	"google":                    "gcp.gemini",
	"google-gla":                "gcp.gemini",
	"google-vertex":             "gcp.vertex_ai",
	"google-vertex-anthropic":   "gcp.vertex_ai",
	"vertex_ai":                 "gcp.vertex_ai",
	"palm":                      "gcp.gemini",
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
	"zhipuai":                   "zai",
}

// Platform translates a catalogue's provider name into our vocabulary.
func Platform(provider string) string {
	p := strings.ToLower(strings.TrimSpace(provider))
	if q, ok := platforms[p]; ok {
		return q
	}
	if strings.HasPrefix(p, "vertex_ai-") { // "vertex_ai-language-models" and so on
		return "gcp.vertex_ai"
	}
	return p
}
