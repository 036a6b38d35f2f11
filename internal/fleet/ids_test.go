package fleet

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
)

// One identity, whatever the way to write it. The first column is the
// canonical "vendor/id version".
func TestSpellingsMeet(t *testing.T) {
	r, err := New(Options{})
	require.NoError(t, err)
	for want, spellings := range map[string][]string{
		"anthropic/claude-opus-4-7 4.7": {
			"claude-opus-4-7", "claude-opus-4.7", "claude-4.7-opus", "claude-4-7-opus", "anthropic/claude-opus-4.7",
			"us.anthropic.claude-opus-4-7", "bedrock/converse/global.anthropic.claude-opus-4-7-v1:0", "anthropic/claude-opus-4.7-fast",
			"vertex_ai/claude-opus-4-7@default", "databricks-claude-opus-4-7", "anthropic--claude-4.7-opus",
			"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-7-v1", "claude%2Dopus-4-7", " Claude-Opus-4.7 ", "Claude Opus 4.7",
		},
		"anthropic/claude-sonnet-4-5 4.5@20250929": {
			"claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4-5-20250929-thinking", "claude_sonnet_4_5_20250929", "regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
		},
		"openai/gpt-5-mini 5":       {"gpt-5-mini", "gpt-5-mini-high", "gpt_5_mini", "gpt5-mini", "azure/gpt-5-mini-minimal", "openrouter/openai/gpt-5-mini-xhigh"},
		"openai/o3-mini 3":          {"o3-mini", "o3-mini-high", "openai/o3-mini-low"},
		"openai/gpt-image-1-high 1": {"gpt-image-1-high"}, // no model that reasons
		"anthropic/claude-3-5-sonnet 3.5@20241022": {
			"claude-3-5-sonnet-20241022", "claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet-v2", "anthropic.claude-3-5-sonnet-20241022-v2:0",
			"bedrock/us-gov-west-1/anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3.5-sonnet-20241022", "us.anthropic.claude-3-5-sonnet-20241022-v2:0:200k",
		},
		"anthropic/claude-2.1 2.1":             {"claude-2.1", "anthropic.claude-v2:1", "anthropic/claude-2.1"},
		"anthropic/claude-instant-1.2 1.2":     {"claude-instant-1.2"},
		"openai/gpt-3.5-turbo 3.5":             {"gpt-3.5-turbo", "gpt-35-turbo", "azure/gpt-35-turbo", "openai/gpt-3.5-turbo", "openrouter/openai/gpt-3.5-turbo"},
		"openai/gpt-5.4-mini 5.4@2026-03-17":   {"gpt-5.4-mini-2026-03-17", "gpt-5-4-mini-2026-03-17", "azure/global/gpt-5.4-mini-2026-03-17"},
		"openai/gpt-4o 4o":                     {"gpt-4o", "gpt4o", "openai:gpt-4o", "litellm_proxy/gpt-4o", "azure/us/gpt-4o", "openai/gpt-4o:online", "`gpt-4o`", "\"gpt-4o\""},
		"openai/gpt-4.1-mini 4.1":              {"gpt-4.1-mini", "gpt-4-1-mini"},
		"openai/gpt-4-turbo-preview 4@0125":    {"gpt-4-0125-preview"},
		"openai/gpt-oss-120b ":                 {"gpt-oss-120b", "openai/gpt-oss-120b", "openai.gpt-oss-120b-1:0", "gpt-oss:120b", "accounts/fireworks/models/gpt-oss-120b", "@cf/openai/gpt-oss-120b"},
		"openai/ft:gpt-4o 4o@2024-08-06":       {"ft:gpt-4o-2024-08-06:acme:x:B852", "openai/ft:gpt-4o-2024-08-06:acme::1"},
		"openai/ft:gpt-3.5-turbo 3.5@0613":     {"gpt-35-turbo-0613.ft", "gpt-35-turbo-0613.ft-3f2a", "ft:gpt-3.5-turbo-0613"},
		"zhipu/glm-5.2 5.2":                    {"glm-5.2", "glm-5p2", "z-ai/glm-5.2", "zai-glm-5.2", "zai-org/GLM-5.2", "accounts/fireworks/routers/glm-5p2-fast-us"},
		"meta/llama-4-maverick-17b-instruct 4": {"us.meta.llama4-maverick-17b-instruct-v1:0", "us.meta.llama4-maverick-17b-instruct-v1", "meta-llama/Llama-4-Maverick-17B-128E-Instruct", "databricks-llama-4-maverick-17b-instruct"},
		"meta/llama-3.1-8b-instruct 3.1": {
			"meta-llama/Meta-Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct", "llama3.1:8b-instruct", "accounts/fireworks/models/llama-v3p1-8b-instruct",
			"meta.llama3-1-8b-instruct-v1:0", "databricks-meta-llama-3-1-8b-instruct", "llama-3.1-8b-instant", "@cf/meta/llama-3.1-8b-instruct",
		},
		"google/gemini-2.5-flash 2.5":                     {"gemini-2.5-flash", "models/gemini-2.5-flash", "google/gemini-2.5-flash", "projects/p1/locations/us-central1/publishers/google/models/gemini-2.5-flash", "gemini/gemini-2.5-flash", "databricks-gemini-2-5-flash"},
		"google/gemini-2.5-flash-preview 2.5@05-20":       {"gemini-2.5-flash-preview-05-20", "google/gemini-2.5-flash-preview-05-20:thinking"},
		"google/gemini-2.5-flash-preview 2.5@09-2025":     {"gemini-2.5-flash-preview-09-2025"},
		"google/gemini-exp @1206":                         {"gemini-exp-1206"},
		"google/gemma-2-9b-it 2":                          {"gemma2-9b-it", "google/gemma-2-9b-it", "gemma2:9b-it"},
		"google/text-embedding-004 ":                      {"text-embedding-004"},
		"alibaba/qwen3-235b-a22b 3":                       {"Qwen/Qwen3-235B-A22B", "qwen3-235b-a22b", "qwen.qwen3-235b-a22b-v1:0", "qwen3:235b-a22b"},
		"alibaba/qwen2.5-72b-instruct 2.5":                {"qwen2p5-72b-instruct", "Qwen/Qwen2.5-72B-Instruct", "qwen2-5-72b-instruct", "qwen-2.5-72b-instruct"},
		"alibaba/qwen-plus @2025-07-28":                   {"qwen-plus-2025-07-28", "qwen/qwen-plus-2025-07-28:thinking"},
		"mistral/mistral-7b-instruct-v0.2 0.2":            {"mistralai/Mistral-7B-Instruct-v0.2", "mistral.mistral-7b-instruct-v0:2"},
		"mistral/mistral-large @2402":                     {"mistral-large-2402@001", "mistral-large-2402", "mistral.mistral-large-2402-v1:0", "azure_ai/mistral-large-2402"},
		"mistral/mistral-small-3.2-24b-instruct 3.2@2506": {"mistralai/Mistral-Small-3.2-24B-Instruct-2506"},
		"amazon/nova-lite 1":                              {"amazon.nova-lite-v1:0", "apac.amazon.nova-lite-v1:0", "amazon-nova/nova-lite-v1:0"},
		"alibaba/qwen3.5-flash 3.5@02-23":                 {"qwen/qwen3.5-flash-02-23"},
		"meta/llama-3.3-70b-instruct 3.3":                 {"Meta-Llama-3_3-70B-Instruct", "llama-3.3-70b-versatile", "us.meta.llama3-3-70b-instruct-v1:0"},
		"amazon/nova-2-lite 2":                            {"amazon.nova-2-lite-v1:0", "us.amazon.nova-2-lite-v1:0"},
		"amazon/titan-embed-text-v2 2":                    {"amazon.titan-embed-text-v2:0"},
		"deepseek/deepseek-r1 1":                          {"deepseek-r1", "us.deepseek.r1-v1:0", "deepseek-ai/DeepSeek-R1", "deepseek/deepseek-r1:free"},
		"deepseek/deepseek-v3.1 3.1":                      {"deepseek.v3.1", "deepseek-ai/deepseek-v3.1-maas", "accounts/fireworks/models/deepseek-v3p1"},
		"moonshot/kimi-k2-instruct 2@0905":                {"moonshotai/Kimi-K2-Instruct-0905", "kimi-k2-instruct-0905"},
		"minimax/minimax-m2 2":                            {"minimax/minimax-m2", "minimax.minimax-m2", "vertex_ai/minimaxai/minimax-m2-maas"},
		"cohere/command-r-plus @08-2024":                  {"command-r-plus-08-2024", "cohere/command-r-plus-08-2024"},
		"cohere/command-r-plus ":                          {"command-r-plus", "cohere.command-r-plus-v1:0", "azure_ai/cohere-command-r-plus"},
		"cohere/command-text-v14 14":                      {"cohere.command-text-v14", "cohere.command-text-v14:7:4k"},
		"cohere/rerank-v3.5 3.5":                          {"rerank-v3.5", "cohere.rerank-v3-5:0"},
		"cohere/embed-english-v3.0 3.0":                   {"embed-english-v3.0", "cohere.embed-english-v3", "azure_ai/Cohere-embed-v3-english"},
		"nvidia/nemotron-nano-3-30b 3":                    {"nvidia.nemotron-nano-3-30b:0", "nvidia.nemotron-nano-3-30b"},
		"nvidia/nemotron-nano-9b-v2 2":                    {"nvidia.nemotron-nano-9b-v2:0", "nvidia.nemotron-nano-9b-v2", "nvidia/nemotron-nano-9b-v2"},
		"nvidia/llama-3.1-nemotron-70b-instruct 3.1":      {"nvidia/llama-3.1-nemotron-70b-instruct", "llama-3.1-nemotron-70b-instruct"},
		"microsoft/phi-4 4":                               {"Phi-4", "phi4", "microsoft/phi-4", "azure_ai/Phi-4"},
		"xai/grok-4.1-fast-reasoning 4.1":                 {"grok-4-1-fast-reasoning", "x-ai/grok-4.1-fast-reasoning", "xai.grok-4.1-fast-reasoning"},
		"xai/grok-4.20-reasoning 4.20@0309":               {"grok-4.20-0309-reasoning", "xai/grok-4.20-reasoning-0309"},
		"alibaba/qwen3-235b-a22b-instruct-fp8 3@2507":     {"Qwen/Qwen3-235B-A22B-Instruct-2507-FP8"},
		"meta/llama-3.1-8b-instruct-q4_k_m 3.1":           {"llama3.1:8b-instruct-q4_K_M", "llama-3.1-8b-instruct-q4_k_m"},
		"ibm/granite-3.3-8b-instruct 3.3":                 {"ibm/granite-3-3-8b-instruct", "ibm-granite/granite-3.3-8b-instruct", "watsonx/ibm/granite-3-3-8b-instruct"},
		"ai21/jamba-1.5-large 1.5":                        {"ai21.jamba-1-5-large-v1:0", "jamba-1.5-large"},
		"black-forest-labs/flux-1.1-pro 1.1":              {"black-forest-labs/flux-1.1-pro", "flux-1.1-pro"},
		"bytedance/doubao-seed-1.6 1.6@250615":            {"doubao-seed-1-6-250615"},
	} {
		vendorID, version, _ := strings.Cut(want, " ")
		vendor, id, _ := strings.Cut(vendorID, "/")
		for _, s := range spellings {
			m := r.Resolve(llm.ModelRef{Request: s})
			assert.Equal(t, [3]string{vendor, id, version}, [3]string{m.Vendor, m.ID, m.Version}, s)
		}
	}
}

// A longer or lower number is another model, however alike they look.
func TestVersionsAreNeverConfused(t *testing.T) {
	r, err := New(Options{})
	require.NoError(t, err)
	for _, pair := range [][2]string{
		{"claude-sonnet-5", "claude-sonnet-5-5"},
		{"claude-opus-4", "claude-opus-4-1"},
		{"claude-3-sonnet", "claude-3-5-sonnet"},
		{"gpt-4o", "gpt-4o-mini"},
		{"gpt-5", "gpt-5.1"},
		{"gpt-4", "gpt-4.1"},
		{"o1", "o1-pro"},
		{"o1", "o1-mini"},
		{"o3", "o3-pro"},
		{"gemini-2.0-flash", "gemini-2.0-flash-lite"},
		{"gemini-2.5-pro", "gemini-2.5-pro-preview-05-06"},
		{"grok-4", "grok-4-fast-reasoning"},
		{"gpt-oss-20b", "gpt-oss-safeguard-20b"},
		{"gpt-oss-20b", "gpt-oss-120b"},
		{"glm-5", "glm-5v-turbo"},
		{"llama-3-8b", "llama-3.1-8b"},
		{"text-embedding-3-small", "text-embedding-3-large"},
		{"text-embedding-004", "text-embedding-005"},
		{"dall-e-2", "dall-e-3"},
		{"mistral-7b-instruct-v0.1", "mistral-7b-instruct-v0.2"},
		{"palmyra-x4", "palmyra-x5"},
		{"deepseek-r1", "deepseek-r1-distill-llama-70b"},
		{"gpt-4o", "ft:gpt-4o"},
		{"gpt-4o", "chatgpt-4o-latest"},
		{"gemini-1.5-pro-002", "gemini-1.5-pro-002-batchx"},
		{"claude-3-5-sonnet", "claude-3.5-sonnet@abc"},
		{"amazon.titan-embed-text-v1", "amazon.titan-embed-text-v2:0"},
		{"qwen3:0.6b", "qwen3:8b"},
		{"claude-opus-4-7", "claude-opus-4-6"},
		{"gemini-2.0-flash-thinking-exp-01-21", "gemini-2.0-flash-exp"},
	} {
		a, b := r.Resolve(llm.ModelRef{Request: pair[0]}), r.Resolve(llm.ModelRef{Request: pair[1]})
		assert.NotEqual(t, a.ID, b.ID, "%q and %q", pair[0], pair[1])
		assert.NotEmpty(t, a.Vendor, pair[0])
		assert.NotEmpty(t, b.Vendor, pair[1])
	}
}

func TestVariantsAreThoseThatChangeThePrice(t *testing.T) {
	r, err := New(Options{})
	require.NoError(t, err)
	for _, c := range []struct{ provider, id, variant, modelID, name string }{
		{"openrouter", "openai/gpt-6-sol:batch", "batch", "gpt-6-sol", "openai/gpt-6-sol:batch"},
		{"openrouter", "anthropic/claude-opus-4.7-fast", "fast", "claude-opus-4-7", "anthropic/claude-opus-4.7-fast"},
		{"openrouter", "anthropic/claude-3.7-sonnet:thinking", "thinking", "claude-3-7-sonnet", "anthropic/claude-3.7-sonnet:thinking"},
		{"x_ai", "grok-4-fast-reasoning", "", "grok-4-fast-reasoning", "grok-4-fast-reasoning"},
		{"vercel", "openai/gpt-5.4-fast", "fast", "gpt-5.4", "openai/gpt-5.4-fast"},
		{"fireworks", "accounts/fireworks/routers/kimi-k3-spot", "spot", "kimi-k3", "kimi-k3-spot"},
		{"opencode", "glm-5.3-flash-free", "free", "glm-5.3-flash", "glm-5.3-flash-free"},
		{"x_ai", "grok-code-fast-1", "", "grok-code-fast-1", "grok-code-fast-1"},
		{"nebius", "deepseek-ai/DeepSeek-R1-fast", "fast", "deepseek-r1", "deepseek-ai/deepseek-r1-fast"},
		{"vercel", "spacexai/grok-4.20-multi-agent-batch", "batch", "grok-4.20-multi-agent", "spacexai/grok-4.20-multi-agent-batch"},
		{"anthropic", "claude-opus-4-6-thinking", "thinking", "claude-opus-4-6", "claude-opus-4-6-thinking"},
		{"moonshot", "kimi-k2-thinking", "", "kimi-k2-thinking", "kimi-k2-thinking"},
		{"openai", "gpt-5.1-codex-high", "high", "gpt-5.1-codex", "gpt-5.1-codex-high"},
		{"openai", "gpt-5.1-codex-max", "", "gpt-5.1-codex-max", "gpt-5.1-codex-max"},
		{"ollama", "qwen3:0.6b", "", "qwen3-0.6b", "qwen3:0.6b"},
		{"ollama", "mistral:latest", "", "mistral", "mistral:latest"},
		{"ollama", "gpt-oss:120b-cloud", "", "gpt-oss-120b", "gpt-oss:120b-cloud"},
	} {
		m := r.Resolve(llm.ModelRef{Provider: c.provider, Request: c.id})
		assert.Equal(t, [3]string{c.variant, c.modelID, c.name}, [3]string{m.Variant, m.ID, m.Name}, c.id)
	}
}

func TestSnapshotsAreSpelledAsTheVendorDoes(t *testing.T) {
	r, err := New(Options{})
	require.NoError(t, err)
	for id, want := range map[string]string{
		"gpt-4o-2024-08-06":               "gpt-4o-2024-08-06",
		"claude-sonnet-4-5@20250929":      "claude-sonnet-4-5-20250929",
		"gpt-5-4-mini-2026-03-17":         "gpt-5.4-mini-2026-03-17",
		"gemini-2.0-flash-001":            "gemini-2.0-flash-001",
		"gpt-4-1106-vision-preview":       "gpt-4-1106-vision-preview",
		"kimi-k2-0905-preview":            "kimi-k2-0905-preview",
		"claude-4.5-sonnet-20250929":      "claude-sonnet-4-5-20250929",
		"gpt-4o":                          "gpt-4o",
		"ft:gpt-4o-2024-08-06:acme::1":    "ft:gpt-4o-2024-08-06",
		"gpt-3.5-turbo-16k-0613":          "gpt-3.5-turbo-16k-0613",
		"mistral.mistral-large-2402-v1:0": "mistral-large-2402",
	} {
		assert.Equal(t, want, r.Resolve(llm.ModelRef{Request: id}).Snapshot, id)
	}
}
