package fleet

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/spanledger/spanledger/internal/llm"
)

func TestProvidersMeet(t *testing.T) {
	for want, spellings := range map[string]string{
		"openai":             "openai OpenAI openai.responses openai.chat open_ai litellm:text-completion-openai",
		"anthropic":          "anthropic Anthropic anthropic.messages ANTHROPIC",
		"aws.bedrock":        "aws.bedrock bedrock AWS amazon-bedrock bedrock_converse bedrock_mantle aws.anthropic aws_bedrock models.dev:amazon-bedrock bedrock.converse",
		"azure.ai.openai":    "azure.ai.openai az.ai.openai azure azure.openai azure-openai azure-openai.responses azure.chat portkey:azure-openai",
		"azure.ai.inference": "azure.ai.inference az.ai.inference azure_ai azure-ai-inference",
		"gcp.gemini":         "gcp.gemini gemini google Google google-gla google.generative-ai google_genai",
		"gcp.vertex_ai":      "gcp.vertex_ai vertex_ai google-vertex google.vertex.chat vertexai vertex gcp.anthropic litellm:vertex_ai-anthropic_models google-vertex-anthropic vertex.anthropic.messages",
		"gcp.gen_ai":         "gcp.gen_ai",
		"cohere":             "cohere cohere_chat Cohere cohere.chat",
		"deepseek":           "deepseek deepseek.chat",
		"groq":               "groq Groq groq.chat",
		"ibm.watsonx.ai":     "ibm.watsonx.ai watsonx WatsonX",
		"mistral_ai":         "mistral_ai mistral mistralai mistral.chat MistralAI codestral",
		"moonshot_ai":        "moonshot_ai moonshotai moonshot",
		"perplexity":         "perplexity perplexity-ai",
		"x_ai":               "x_ai xai x-ai xai.chat",
		"openrouter":         "openrouter OpenRouter openrouter.chat",
		"together_ai":        "together_ai togetherai together.ai togetherai.chat",
		"fireworks_ai":       "fireworks_ai fireworks fireworks-ai fireworks.chat",
		"vercel":             "vercel gateway vercel-ai-gateway",
		"huggingface":        "huggingface Hugging_Face HuggingFace",
		"nvidia_nim":         "nvidia_nim nvidia",
		"github":             "github github-models",
		"made_up":            "made-up Made_Up litellm:made_up",
		"":                   "strands-agents gcp.vertex.agent Langchain langgraph llama_index crewai litellm pydantic-ai _OTHER unknown",
	} {
		for _, s := range strings.Fields(spellings) {
			got := platformOf(s)
			assert.Equal(t, want, got, s)
		}
	}
	got := platformOf("https://api.groq.com/openai/v1")
	assert.Equal(t, "groq", got, "some emitters write the endpoint as the provider")
}

func TestHosts(t *testing.T) {
	for host, want := range map[string]string{
		"api.openai.com":                                             "openai -",
		"api.openai.com:443":                                         "openai -",
		"https://eu.api.openai.com/v1":                               "openai eu",
		"API.OPENAI.COM.":                                            "openai -",
		"api.anthropic.com":                                          "anthropic -",
		"acme.openai.azure.com":                                      "azure.ai.openai -",
		"acme.cognitiveservices.azure.com":                           "azure.ai.openai -",
		"westeurope.api.cognitive.microsoft.com":                     "azure.ai.openai westeurope",
		"acme.services.ai.azure.com":                                 "azure.ai.inference -",
		"llama-1.eastus2.models.ai.azure.com":                        "azure.ai.inference eastus2",
		"models.inference.ai.azure.com":                              "github -",
		"bedrock-runtime.us-east-1.amazonaws.com":                    "aws.bedrock us-east-1",
		"bedrock-runtime-fips.us-gov-west-1.amazonaws.com":           "aws.bedrock us-gov-west-1",
		"vpce-0a-1b.bedrock-runtime.eu-central-1.vpce.amazonaws.com": "aws.bedrock eu-central-1",
		"bedrock-mantle.us-west-2.api.aws":                           "aws.bedrock us-west-2",
		"runtime.sagemaker.ap-southeast-2.amazonaws.com":             "aws.sagemaker ap-southeast-2",
		"generativelanguage.googleapis.com":                          "gcp.gemini -",
		"us-central1-aiplatform.googleapis.com":                      "gcp.vertex_ai us-central1",
		"aiplatform.googleapis.com":                                  "gcp.vertex_ai global",
		"aiplatform.eu.rep.googleapis.com":                           "gcp.vertex_ai eu",
		"openrouter.ai":                                              "openrouter -",
		"api.mistral.ai":                                             "mistral_ai -",
		"dashscope-intl.aliyuncs.com":                                "dashscope intl",
		"eu-de.ml.cloud.ibm.com":                                     "ibm.watsonx.ai eu-de",
		"adb-123.4.azuredatabricks.net":                              "databricks -",
		"api.individual.githubcopilot.com":                           "github_copilot -",
		"s3.us-east-1.amazonaws.com":                                 "",
		"notapi.openai.com.evil.example":                             "",
		"my-api.openai.com":                                          "",
		"evilapi.openai.com":                                         "",
		"localhost":                                                  "",
		"10.0.0.1:4000":                                              "",
		"[::1]:4000":                                                 "",
		"":                                                           "",
		"-aiplatform.googleapis.com":                                 "",
		strings.Repeat("a.", 4000) + "api.openai.com":                "",
	} {
		platform, region, ok := PlatformOfHost(host)
		if want == "" {
			assert.False(t, ok, "%q is %s", host, platform)
			continue
		}
		if region == "" {
			region = "-"
		}
		assert.Equal(t, want, platform+" "+region, host)
	}
}

// Every spelling belongs to one platform: a table with two would be decided by
// map order.
func TestTablesSpellNothingTwice(t *testing.T) {
	for name, table := range map[string]map[string]string{"hosts": hostTable, "orgs": orgTable} {
		seen := map[string]string{}
		for canonical, list := range table {
			for _, s := range strings.Fields(list) {
				if was, twice := seen[s]; twice {
					t.Errorf("%s: %q is both %q and %q", name, s, was, canonical)
				}
				seen[s] = canonical
			}
		}
	}
}

func TestUnknownProviderIsAPlatformOfItsOwn(t *testing.T) {
	r := resolver(t, Options{})
	m := r.Resolve(llm.ModelRef{Provider: "Acme Inference", Request: "llama-3.1-8b-instruct"})
	assert.Equal(t, "acme_inference", m.Platform)
	assert.Equal(t, "meta", m.Vendor)
	m = r.Resolve(llm.ModelRef{Provider: strings.Repeat("p", 10_000), Request: "gpt-4o"})
	assert.LessOrEqual(t, len(m.Platform), maxWord)
}

// Hugging Face sends calls on: whose price holds is told by the id, in front or
// behind, and not by its own host.
func TestRoutersAndSellersOfOthersModels(t *testing.T) {
	r := resolver(t, Options{})
	for _, c := range []struct{ provider, server, id, want string }{
		{"huggingface", "", "openai/gpt-oss-120b:cerebras", "huggingface_cerebras openai gpt-oss-120b"},
		{"huggingface", "router.huggingface.co", "deepseek-ai/DeepSeek-R1:together", "huggingface_together deepseek deepseek-r1"},
		{"", "router.huggingface.co", "Qwen/Qwen3-235B-A22B:fireworks-ai", "huggingface_fireworks_ai alibaba qwen3-235b-a22b"},
		{"huggingface", "", "huggingface/together/deepseek-ai/DeepSeek-R1", "huggingface_together deepseek deepseek-r1"},
		{"huggingface", "", "openai/gpt-oss-120b:fastest", "huggingface openai gpt-oss-120b"},
		{"huggingface", "", "meta-llama/Llama-3.3-70B-Instruct", "huggingface meta llama-3.3-70b-instruct"},
		{"google", "", "claude-sonnet-4-5", "gcp.vertex_ai anthropic claude-sonnet-4-5"},
		{"google", "", "gemini-2.5-pro", "gcp.gemini google gemini-2.5-pro"},
		{"google", "", "somebody-knows-what", "gcp.gemini  somebody-knows-what"},
		{"voyageai", "", "rerank-2.5", "voyage_ai voyage rerank-2.5"},
		{"cohere", "", "rerank-v3.5", "cohere cohere rerank-v3.5"},
		{"", "", "rerank-v3.5", "cohere cohere rerank-v3.5"},
	} {
		m := r.Resolve(llm.ModelRef{Provider: c.provider, Server: c.server, Request: c.id})
		assert.Equal(t, c.want, m.Platform+" "+m.Vendor+" "+m.ID, c.id)
	}
}
