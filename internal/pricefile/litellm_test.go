package pricefile

import (
	"strings"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

const liteFile = `{
  "sample_spec": {"input_cost_per_token": "free text", "litellm_provider": "one of these"},
  "last_updated": "2026-07-24",
  "fallback_generalizations": {"supports_vision": "^(?!x)"},
  "gpt-5": {
    "litellm_provider": "openai", "mode": "chat", "max_input_tokens": "272000", "max_output_tokens": 128000.0,
    "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-07,
    "input_cost_per_token_batches": 6.25e-07, "output_cost_per_token_batches": 5e-06,
    "input_cost_per_token_priority": 2.5e-06, "input_cost_per_token_above_272k_tokens": 2.5e-06,
    "input_cost_per_token_above_272k_tokens_priority": 5e-06,
    "search_context_cost_per_query": {"search_context_size_low": 0.03, "search_context_size_medium": 0.035, "search_context_size_high": 0.05},
    "regional_processing_uplift_multiplier_eu": 1.1, "regional_processing_uplift_multiplier_us": 1,
    "deprecation_date": "2027-02-07", "supported_endpoints": ["/v1/chat"], "some_new_key": {"x": 1}, "input_dbu_cost_per_token": 1
  },
  "azure/eu/gpt-5": {"litellm_provider": "azure", "input_cost_per_token": "1.375e-6"},
  "claude-opus-4-7": {
    "litellm_provider": "anthropic", "input_cost_per_token": 5e-06, "output_cost_per_token": 2.5e-05,
    "input_cost_per_token_above_200k_tokens": 1e-05, "provider_specific_entry": {"us": 1.1, "fast": 6.0, "note": "text"}
  },
  "gemini/gemini-2.5-flash": {"litellm_provider": "gemini", "input_cost_per_token": 3e-7, "search_context_cost_per_query": {"search_context_size_medium": 0.035}},
  "gemini/gemini-3-flash": {"litellm_provider": "gemini", "input_cost_per_token": 3e-7, "search_context_cost_per_query": {"search_context_size_medium": 0.014}, "web_search_billing_unit": "per_query"},
  "dashscope/qwen-flash": {
    "litellm_provider": "dashscope", "output_cost_per_token": 4e-07,
    "tiered_pricing": [{"range": [256000.0, 1000000], "input_cost_per_token": "2.5e-07"}, {"range": [0, 256000.0], "input_cost_per_token": 5e-08, "output_cost_per_token": 3e-07}]
  },
  "deepseek/deepseek-chat": {
    "litellm_provider": "deepseek", "input_cost_per_token": 4e-07, "input_cost_per_token_cache_hit": 4e-08,
    "off_peak_pricing": {"hours_utc": "16:30-00:30", "input_cost_per_token": 1e-07}
  },
  "deepinfra/night": {"litellm_provider": "deepinfra", "input_cost_per_token": 4e-07, "off_peak_cost_multiplier": 0.25,
    "peak_hours": {"timezone": "Asia/Shanghai", "windows": [{"days": [1, 2, 3, 4, 5], "start": "09:00", "end": "12:00"}]}},
  "deepinfra/vague": {"litellm_provider": "deepinfra", "input_cost_per_token": 4e-07, "off_peak_cost_multiplier": 0.25},
  "sora-2": {"litellm_provider": "openai", "output_cost_per_second": 0.1, "output_cost_per_video_per_second": 0.2, "output_cost_per_second_1080p": 0.5},
  "perplexity/pplx-info": {"litellm_provider": "perplexity", "mode": "chat", "max_tokens": 4096},
  "openai/no-provider": {"input_cost_per_token": 0, "output_cost_per_token": 0},
  "together_ai/BAAI/bge": {"litellm_provider": "together_ai", "input_cost_per_token": 1e-08},
  "together_ai/baai/bge": {"litellm_provider": "together_ai", "input_cost_per_token": 9e-08}
}`

func liteUsage(set func(u *llm.Usage)) *llm.Usage {
	u := &llm.Usage{Known: true}
	set(u)
	return u
}

// TestLiteLLMStory prices by the traps of the format, one by one.
func TestLiteLLMStory(t *testing.T) {
	table, err := Parse([]byte(liteFile), "model_prices.json")
	if err != nil {
		t.Fatal(err)
	}
	book, err := price.NewBook(price.Config{Layers: []price.Table{table}})
	if err != nil {
		t.Fatal(err)
	}
	million := liteUsage(func(u *llm.Usage) { u.Tokens[llm.Input] = 100_000 })
	long := liteUsage(func(u *llm.Usage) { u.Tokens[llm.Input] = 300_000 })
	out := liteUsage(func(u *llm.Usage) { u.Tokens[llm.Input], u.Tokens[llm.Output] = 300_000, 1_000_000 })
	search := liteUsage(func(u *llm.Usage) { u.Units[llm.WebSearches] = 3 })
	film := liteUsage(func(u *llm.Usage) { u.Units[llm.OutputVideoMillis] = 10_000 })
	cached := liteUsage(func(u *llm.Usage) { u.Tokens[llm.CacheRead] = 1_000_000 })
	at := func(hour int) int64 { return time.Date(2026, 11, 2, hour, 45, 0, 0, time.UTC).UnixNano() } // a Monday
	for _, c := range []struct {
		name, platform, model string
		u                     *llm.Usage
		q                     price.Query
		want                  string
	}{
		{"base", "openai", "gpt-5", million, price.Query{At: 1}, "0.125"},
		{"batches", "openai", "gpt-5", million, price.Query{At: 1, Tier: "batch"}, "0.0625"},
		{"context", "openai", "gpt-5", long, price.Query{At: 1}, "0.75"},
		{"context and tier, the tier last", "openai", "gpt-5", long, price.Query{At: 1, Tier: "priority"}, "1.5"},
		{"a regional uplift", "openai", "gpt-5", million, price.Query{At: 1, Geo: "eu"}, "0.1375"},
		{"one that changes nothing", "openai", "gpt-5", million, price.Query{At: 1, Geo: "us"}, "0.125"},
		{"searches of medium size", "openai", "gpt-5", search, price.Query{At: 1}, "0.105"},
		{"a region inside the name", "azure.ai.openai", "eu/gpt-5", million, price.Query{At: 1}, "0.1375"},
		{"fast is six times and flat", "anthropic", "claude-opus-4-7", long, price.Query{At: 1, Tier: "fast"}, "9"},
		{"fast in the US", "anthropic", "claude-opus-4-7", million, price.Query{At: 1, Tier: "fast", Geo: "us"}, "3.3"},
		{"grounding per prompt", "gcp.gemini", "gemini-2.5-flash", search, price.Query{At: 1}, "0.035"},
		{"grounding per query", "gcp.gemini", "gemini-3-flash", search, price.Query{At: 1}, "0.042"},
		{"ranges in any order, the whole request", "dashscope", "qwen-flash", long, price.Query{At: 1}, "0.075"},
		{"what a range leaves out is the entry's own", "dashscope", "qwen-flash", out, price.Query{At: 1}, "0.475"},
		{"the old name of cache reads", "deepseek", "deepseek-chat", cached, price.Query{At: at(12)}, "0.04"},
		{"off-peak prices over midnight", "deepseek", "deepseek-chat", million, price.Query{At: at(23)}, "0.01"},
		{"and at peak", "deepseek", "deepseek-chat", million, price.Query{At: at(12)}, "0.04"},
		{"peak hours of a time zone", "deepinfra", "night", million, price.Query{At: at(2)}, "0.04"},
		{"outside them", "deepinfra", "night", million, price.Query{At: at(5)}, "0.01"},
		{"a factor without hours never lowers", "deepinfra", "vague", million, price.Query{At: at(5)}, "0.04"},
		{"seconds of film", "openai", "sora-2", film, price.Query{At: 1}, "2"},
		{"at a resolution", "openai", "sora-2", film, price.Query{At: 1, Quality: "1080p"}, "5"},
		{"free", "openai", "no-provider", million, price.Query{At: 1}, "0"},
		{"of two spellings the first", "together_ai", "baai/bge", million, price.Query{At: 1}, "0.001"},
	} {
		got := book.Cost(c.u, &llm.Model{Platform: c.platform, Name: c.model}, c.q)
		if got.Status != stamp.StatusPriced || got.Total.String() != c.want {
			t.Errorf("%s: %v %v %v, want %s", c.name, got.Status, got.Total, got.Modifiers, c.want)
		}
	}
	if len(table.Rows) != 14 {
		t.Errorf("%d rows", len(table.Rows))
	}
	gpt := table.Rows[0]
	if gpt.ContextWindow != 272_000 || gpt.MaxOutput != 128_000 || gpt.RetirementDate != "2027-02-07" || gpt.Pos.Line != 5 || gpt.Vendor != "openai" {
		t.Errorf("%+v", gpt)
	}
	if c := book.Cost(million, &llm.Model{Platform: "perplexity", Name: "pplx-info"}, price.Query{At: 1}); c.Status != stamp.StatusUnpricedModel {
		t.Errorf("an entry without prices: %v", c.Status)
	}
}

func TestLiteLLMFaultsNameTheLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"{\n\"m\": {\n \"input_cost_per_token\": \"cheap\"}}", `p.json:3: "m": input_cost_per_token: "cheap" is not a decimal`},
		{"{\n\"m\": {\"input_cost_per_token\": -1}}", `p.json:2: "m": input_cost_per_token: "-1" is negative`},
		{"{\n\"m\": {\"input_cost_per_token\": [1]}}", `p.json:2: "m": input_cost_per_token must be a number, not a list`},
		{"{\n\"m\": {\"input_cost_per_token\": 1e-6, \"off_peak_cost_multiplier\": 1.5}}", `p.json:2: "m": off_peak_cost_multiplier must be above 0 and at most 1`},
		{"{\n\"m\": {\"input_cost_per_token\": 1e-6, \"off_peak_pricing\": {\"hours_utc\": \"noon\"}}}", `p.json:2: "m": off_peak_pricing: hours_utc must be like 16:30-00:30`},
		{"{\n\"m\": {\"input_cost_per_token\": 1e-6,}\n}", "p.json:2: invalid character '}'"},
		{"{\"m\": {\"input_cost_per_token\": 1e-6},\n\"m\": {\"input_cost_per_token\": 2e-6}}", `p.json:2: "m" is there twice and not the same, first in line 1`},
		{"{\"m\": {\"input_cost_per_token\": 1e-6, \"input_cost_per_token\": 2e-6}}", `p.json:1: "input_cost_per_token" is there twice`},
		{"{\"m\": {\"input_cost_per_token\": 1e-6}} {}", "there is more after the end of the document"},
		{"{\"\": {\"input_cost_per_token\": 1e-6}}", "an entry has no model name"},
	} {
		if _, err := Parse([]byte(c.in), "p.json"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.in, err, c.want)
		}
	}
	if _, err := Parse([]byte(`{"m": {"input_cost_per_token": null, "output_cost_per_token": ""}}`), "p.json"); err != nil {
		t.Errorf("null is no price: %v", err)
	}
	if _, err := Parse([]byte(`{"m": {"input_cost_per_token": 1e-6, "mode": "chat"}, "m": {"mode":"chat", "input_cost_per_token": 1e-6}}`), "p.json"); err != nil {
		t.Errorf("twice the same is once: %v", err)
	}
}

// TestSuffixesMayComeInEitherOrder takes cost keys apart.
func TestSuffixesMayComeInEitherOrder(t *testing.T) {
	for key, want := range map[string]suffix{
		"input_cost_per_token":                                        {},
		"input_cost_per_token_above_272k_tokens_priority":             {tier: "priority", above: 272_000},
		"input_cost_per_token_flex_above_272k_tokens":                 {tier: "flex", above: 272_000},
		"cache_creation_input_token_cost_above_1hr_above_200k_tokens": {above: 200_000},
		"output_cost_per_second_1080p":                                {quality: "1080p"},
		"output_cost_per_image_high_quality":                          {quality: "high"},
		"output_cost_per_image_hd_quality_flex":                       {quality: "hd", tier: "flex"},
		"input_cost_per_audio_per_second_above_128k_tokens":           {above: 128_000},
	} {
		if _, got, ok := costKey(key); !ok || got != want {
			t.Errorf("%s: %+v %v", key, got, ok)
		}
	}
	for _, key := range []string{"input_dbu_cost_per_token", "input_cost_per_video_per_second_above_8s_interval", "input_cost_per_token_above_xk_tokens", "input_cost_per_token_flex_flex", "cost", "supports_cost", "output_cost_per_image_quality", "output_cost_per_image_fine_quality", "cache_creation_input_audio_token_cost"} {
		if _, got, ok := costKey(key); ok {
			t.Errorf("%s was read as %+v", key, got)
		}
	}
}
