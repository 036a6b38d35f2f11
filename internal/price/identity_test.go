package price

import (
	"strings"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
)

func TestLiteralsNeverEndInsideAVersion(t *testing.T) {
	for _, c := range []struct {
		clause Clause
		takes  string
		not    string
	}{
		{StartsWith("claude-sonnet-5"), "claude-sonnet-5 claude-sonnet-5-20260101 claude-sonnet-5@20260101 claude-sonnet-5-v1:0 claude-sonnet-5-latest claude-sonnet-5-0 claude-sonnet-5:batch", "claude-sonnet-5-5 claude-sonnet-5.5 claude-sonnet-5-5-20261001 claude-sonnet-55 claude-sonnet-5p5"},
		{StartsWith("gpt-4"), "gpt-4 gpt-4-0613 gpt-4-32k gpt-4-turbo gpt-4-1106-preview", "gpt-4.1 gpt-4o gpt-4-1 gpt-45"},
		{StartsWith("llama-3"), "llama-3-70b llama-3-8x7b-x", "llama-3.1 llama-3.1-70b"},
		{StartsWith("gemini-2"), "gemini-2-05-20", "gemini-2-5 gemini-2-05 gemini-2-13-40"},
		{Contains("sonnet-4"), "us.anthropic.claude-sonnet-4-20250514-v1:0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{Contains("5-mini"), "gpt-5-mini", "gpt-4.5-mini gpt-45-mini"},
		{EndsWith("3-haiku"), "claude-3-haiku", "claude-3.3-haiku"},
		{Any(Equals("a"), StartsWith("b")), "a bc", "ab"},
		{All(StartsWith("a"), Not(EndsWith("tts"))), "a-x", "a-tts b"},
		{Regex("^x[0-9]$"), "x1", "x12"},
		{Equals("GPT-4O"), "gpt-4o", "gpt-4"},
	} {
		m, err := c.clause.compile(0)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range strings.Fields(c.takes) {
			if !m.matches(id) {
				t.Errorf("%+v does not take %s", c.clause, id)
			}
		}
		for _, id := range strings.Fields(c.not) {
			if m.matches(id) {
				t.Errorf("%+v takes %s", c.clause, id)
			}
		}
	}
}

func TestBadClausesAreRefused(t *testing.T) {
	deep := Equals("x")
	for range maxClauseDepth + 1 {
		deep = Not(deep)
	}
	for _, c := range []Clause{Regex("(?!x)"), Equals(""), Any(), {Op: OpNot, Sub: []Clause{Equals("a"), Equals("b")}}, {Op: 99, Text: "x"}, deep} {
		r := row("p", "m", perMillion(t, "input", "1"))
		r.Match, r.Pos = &c, Pos{Line: 7}
		_, err := NewBook(Config{Layers: []Table{{Source: "s", File: "f.json", Rows: []Row{r}}}})
		if err == nil || !strings.HasPrefix(err.Error(), `f.json:7: "m": `) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// prices is a book where the price of a million input tokens says which row
// was found.
func prices(t *testing.T) *Book {
	t.Helper()
	one := func(platform, id, input string, more ...func(*Row)) Row {
		r := row(platform, id, perMillion(t, "input", input))
		for _, f := range more {
			f(&r)
		}
		return r
	}
	match := func(c Clause) func(*Row) { return func(r *Row) { r.Match = &c } }
	return newBook(t,
		one("openai", "gpt-4o", "2.5", match(Any(StartsWith("gpt-4o-2024"), Contains("gpt-4o")))),
		one("openai", "gpt-4o-2024-05-13", "5"),
		one("openai", "ft:gpt-4o", "3.75", match(StartsWith("ft:gpt-4o"))),
		one("openai", "model-router", "0.14", func(r *Row) { r.Surcharge = true }),
		one("azure.ai.openai", "eu/gpt-4.1", "2.2"),
		one("azure.ai.openai", "model_router", "0.14", func(r *Row) { r.Surcharge = true }),
		one("anthropic", "claude-sonnet-5", "2", match(StartsWith("claude-sonnet-5"))),
		one("anthropic", "claude-opus-5", "5", func(r *Row) {
			r.Variants = []Variant{{If: []Condition{Tier("fast")}, Factor: money.Factor{Num: 2, Den: 1}}}
		}),
		one("aws.bedrock", "us.anthropic.claude-sonnet-5-v1:0", "2.2"),
		one("aws.bedrock", "anthropic.claude-haiku-5-v1:0", "1"),
		one("openrouter", "openai/gpt-6-sol", "9", func(r *Row) {
			r.Variants = []Variant{{If: []Condition{Tier("batch")}, Factor: money.Factor{Num: 1, Den: 2}}}
		}),
		one("openrouter", "openai/gpt-7", "9", match(StartsWith("openai/gpt-7")), func(r *Row) {
			r.Variants = []Variant{{If: []Condition{Tier("batch")}, Factor: money.Factor{Num: 1, Den: 2}}}
		}),
		one("openrouter", "anthropic/claude-opus-4.7-fast", "30"),
		one("groq", "llama-3.3-70b", "0.59"),
		one("cerebras", "qwen-3-32b", "0.4"),
		one("groq", "qwen-3-32b", "0.29"),
		one("deepseek", "deepseek-chat", "0.27"),
		one("perplexity", "sonar-pro", "3"),
		one("gcp.gemini", "gemma-3", "0", match(StartsWith("gemma-3"))),
		one("gcp.gemini", "gemini-gratis", "0"),
		one("", "house-model", "7"),
	)
}

func TestIdentityFindsTheRowOrNone(t *testing.T) {
	b := prices(t)
	for _, c := range []struct {
		name string
		m    llm.Model
		want string
	}{
		{"exact", llm.Model{Platform: "openai", Name: "gpt-4o"}, "priced 2.5"},
		{"a dated id has its own price", llm.Model{Platform: "openai", Name: "gpt-4o-2024-05-13", ID: "gpt-4o"}, "priced 5"},
		{"a dated id without one takes its model's", llm.Model{Platform: "openai", Name: "gpt-4o-2024-08-06", Snapshot: "gpt-4o-2024-08-06", ID: "gpt-4o"}, "priced 2.5"},
		{"the next version is another model", llm.Model{Platform: "anthropic", Vendor: "anthropic", Name: "claude-sonnet-5-5", ID: "claude-sonnet-5-5"}, "unpriced_model"},
		{"an emitted id that a row spells", llm.Model{Platform: "openai", Name: "other", Ref: llm.ModelRef{Response: "GPT-4o"}}, "priced 2.5"},
		{"a fine-tune is not its base", llm.Model{Platform: "openai", Name: "ft:gpt-4o-2024-08-06:acme::x1", ID: "gpt-4o", FineTuned: true}, "priced 3.75"},
		{"a fine-tune without a row has no price", llm.Model{Platform: "anthropic", Name: "ft:claude-opus-5:acme::x", ID: "claude-opus-5", FineTuned: true}, "unpriced_model"},
		{"region first", llm.Model{Platform: "azure.ai.openai", Name: "gpt-4.1", Region: "eu"}, "priced 2.2"},
		{"Azure sells at OpenAI's price", llm.Model{Platform: "azure.ai.openai", Vendor: "openai", Name: "gpt-4o"}, "priced 2.5 platform_fallback"},
		{"a cloud with prices of its own borrows none", llm.Model{Platform: "aws.bedrock", Vendor: "anthropic", Name: "anthropic.claude-opus-5", ID: "claude-opus-5"}, "unpriced_model"},
		{"the region's profile", llm.Model{Platform: "aws.bedrock", Vendor: "anthropic", Name: "us.anthropic.claude-sonnet-5-v1:0", Region: "us"}, "priced 2.2"},
		{"a profile without a row takes the plain one", llm.Model{Platform: "aws.bedrock", Vendor: "anthropic", Name: "eu.anthropic.claude-haiku-5-v1:0", Region: "eu"}, "priced 1 region_fallback"},
		{"a bare name on Bedrock", llm.Model{Platform: "aws.bedrock", Vendor: "anthropic", Name: "claude-haiku-5-v1:0"}, "priced 1"},
		{"no platform: the lab's own", llm.Model{Vendor: "anthropic", Name: "claude-opus-5"}, "priced 5 platform_fallback"},
		{"a proxy: the lab's own", llm.Model{Platform: "our-proxy", Vendor: "anthropic", Name: "claude-opus-5"}, "priced 5 platform_fallback"},
		{"an open model of a platform that nobody knows", llm.Model{Platform: "our-proxy", Vendor: "deepseek", Name: "deepseek-chat"}, "unpriced_model"},
		{"open weights of a closed lab", llm.Model{Platform: "crusoe", Vendor: "google", Name: "gemma-3-12b-it", ID: "gemma-3-12b"}, "unpriced_model"},
		{"free at home is not free elsewhere", llm.Model{Platform: "crusoe", Vendor: "google", Name: "gemini-gratis"}, "unpriced_model"},
		{"free at home", llm.Model{Platform: "gcp.gemini", Vendor: "google", Name: "gemini-gratis"}, "priced 0"},
		{"the only row anywhere is no price of a named platform", llm.Model{Platform: "our-proxy", Name: "llama-3.3-70b"}, "unpriced_model"},
		{"a closed model behind another lab's API", llm.Model{Platform: "openai", Vendor: "anthropic", Name: "claude-opus-5"}, "priced 5 platform_fallback"},
		{"an open model behind one may be anybody's", llm.Model{Platform: "openai", Vendor: "deepseek", Name: "deepseek-chat"}, "unpriced_model"},
		{"the only row anywhere is no price of a host that nobody named", llm.Model{Name: "llama-3.3-70b"}, "unpriced_model"},
		{"nor where the model comes as weights", llm.Model{Name: "gemma-3"}, "unpriced_model"},
		{"the only row anywhere, of who makes the model", llm.Model{Name: "sonar-pro"}, "priced 3 platform_fallback"},
		{"two rows: no guess", llm.Model{Name: "qwen-3-32b"}, "unpriced_model"},
		{"a model at home is not that of a cloud", llm.Model{Platform: "ollama", Vendor: "meta", Name: "llama-3.3-70b"}, "unpriced_model"},
		{"a row of any platform", llm.Model{Platform: "vllm", Name: "house-model"}, "priced 7"},
		{"an opaque id", llm.Model{Platform: "openai", Name: "gpt-4o", Opaque: true}, "unpriced_model"},
		{"a batch suffix is a tier", llm.Model{Platform: "openrouter", Name: "openai/gpt-6-sol:batch", Variant: "batch"}, "priced 4.5 batch"},
		{"also where a clause takes the id with its suffix", llm.Model{Platform: "openrouter", Name: "openai/gpt-7:batch", Variant: "batch"}, "priced 4.5 batch"},
		{"a routing suffix keeps the price", llm.Model{Platform: "openrouter", Name: "openai/gpt-6-sol:nitro", Variant: "nitro"}, "priced 9 variant:nitro"},
		{"a search suffix adds what is not known", llm.Model{Platform: "openrouter", Name: "openai/gpt-6-sol:online", Variant: "online"}, "partial >=9 variant:online"},
		{"also where a clause takes the id with it", llm.Model{Platform: "openrouter", Name: "openai/gpt-7:online", Variant: "online"}, "partial >=9 variant:online"},
		{"a clause that takes a free suffix by chance", llm.Model{Platform: "openrouter", Name: "openai/gpt-7:free", Variant: "free"}, "unpriced_model"},
		{"a free suffix without a row is not the paid model", llm.Model{Platform: "openrouter", Name: "openai/gpt-6-sol:free", Variant: "free"}, "unpriced_model"},
		{"a row spelled with the suffix has its price in it", llm.Model{Platform: "openrouter", Name: "anthropic/claude-opus-4.7-fast", Variant: "fast"}, "priced 30"},
		{"a fast suffix of the lab's model", llm.Model{Platform: "anthropic", Name: "claude-opus-5-fast", Variant: "fast"}, "priced 10 fast"},
		{"a router's fee comes on top", llm.Model{Platform: "azure.ai.openai", Vendor: "openai", Name: "gpt-4o", Ref: llm.ModelRef{Request: "model_router/my-deployment", Response: "gpt-4o"}}, "priced 2.64 platform_fallback,surcharge:model_router"},
	} {
		m := c.m
		expect(t, c.name, b.Cost(used(llm.Input, 1_000_000), &m, Query{At: 1}), c.want)
	}
}

func TestSuffixAndServedTierAreOne(t *testing.T) {
	b := prices(t)
	m := &llm.Model{Platform: "openrouter", Name: "anthropic/claude-opus-4.7-fast", Variant: "fast"}
	expect(t, "the row is the fast one already", b.Cost(used(llm.Input, 1_000_000), m, Query{At: 1, Tier: "fast"}), "priced 30")
	m = &llm.Model{Platform: "azure.ai.openai", Vendor: "anthropic", Name: "claude-opus-5"}
	expect(t, "a lender's tiers do not carry over", b.Cost(used(llm.Input, 1_000_000), m, Query{At: 1, Tier: "fast"}), "priced 5 fast:standard,platform_fallback")
}

func TestAliasesNameOnesOwn(t *testing.T) {
	b := bookOf(t, Config{
		Layers: []Table{{Source: "x", Rows: []Row{
			row("openai", "gpt-4o-2024-08-06", perMillion(t, "input", "2.5")),
			row("aws.bedrock", "anthropic.claude-opus-5", perMillion(t, "input", "5.5")),
		}}},
		Aliases: []Alias{
			{From: "My-Deployment", To: "azure/gpt-4o-2024-08-06"},
			{From: "arn:aws:bedrock:us-west-2:1:application-inference-profile/a1", To: "bedrock/anthropic.claude-opus-5"},
			{From: "house", To: "gpt-4o-2024-08-06"},
			{From: "house", To: "second-is-ignored"},
			{From: "lost", To: "openai/nowhere"},
		},
	})
	u := used(llm.Input, 1_000_000)
	azure := func(r llm.ModelRef) *llm.Model {
		return &llm.Model{Platform: "azure.ai.openai", Name: r.Request, Ref: r, Opaque: true}
	}
	expect(t, "deployment", b.Cost(u, azure(llm.ModelRef{Deployment: "my-deployment", Response: "gpt-4"}), Query{At: 1}), "priced 2.5 platform_fallback")
	expect(t, "asked for, nobody answered by name", b.Cost(u, azure(llm.ModelRef{Request: "my-deployment"}), Query{At: 1}), "priced 2.5 platform_fallback")
	expect(t, "profile", b.Cost(u, &llm.Model{Platform: "aws.bedrock", Opaque: true, Ref: llm.ModelRef{Request: "arn:aws:bedrock:us-west-2:1:application-inference-profile/a1"}}, Query{At: 1}), "priced 5.5")
	expect(t, "on the model's platform", b.Cost(u, &llm.Model{Platform: "openai", Ref: llm.ModelRef{Request: "house"}}, Query{At: 1}), "priced 2.5")
	expect(t, "to nowhere", b.Cost(u, &llm.Model{Platform: "openai", Ref: llm.ModelRef{Request: "lost"}}, Query{At: 1}), "unpriced_model")
}

// TestLayers: overrides, then user catalogues, then the embedded table; the
// most specific spelling decides before the layer does.
func TestLayers(t *testing.T) {
	b := bookOf(t, Config{Layers: []Table{
		{Source: "overrides", Rows: []Row{{Platform: "openai", ID: "gpt-5", Entries: []Entry{{When: Period{From: day("2026-10-01")}, Rates: perMillion(t, "input", "1")}}}}},
		{Source: "user", Rows: []Row{row("openai", "gpt-4o", perMillion(t, "input", "2")), {Platform: "openai", ID: "gpt-5", ContextWindow: 400_000}}},
		{Source: "embedded", Version: "7", Rows: []Row{row("openai", "gpt-5", perMillion(t, "input", "3")), row("openai", "gpt-4o-2024-05-13", perMillion(t, "input", "5")), row("openai", "gpt-4o", perMillion(t, "input", "4"))}},
	}})
	u := used(llm.Input, 1_000_000)
	expect(t, "user before embedded", b.Cost(u, model("openai", "gpt-4o"), Query{At: 1}), "priced 2")
	dated := model("openai", "gpt-4o-2024-05-13")
	dated.ID = "gpt-4o"
	expect(t, "a dated row before a plain one", b.Cost(u, dated, Query{At: 1}), "priced 5")
	expect(t, "an override from its date on", b.Cost(u, model("openai", "gpt-5"), Query{At: at("2026-10-01T00:00:00Z")}), "priced 1")
	before := b.Cost(u, model("openai", "gpt-5"), Query{At: at("2026-09-30T23:59:59Z")})
	expect(t, "before it the next layer; a row without prices is no price", before, "priced 3")
	if before.PriceID != "embedded@7:openai/gpt-5" {
		t.Errorf("price id %s", before.PriceID)
	}
	infos := b.Tables()
	if len(infos) != 3 || infos[2].Rows != 3 || infos[0].Source != "overrides" {
		t.Errorf("tables %+v", infos)
	}
}

func TestRulesReachTheRowsTheyAreMeantFor(t *testing.T) {
	half := []Variant{{If: []Condition{Tier("batch")}, Factor: money.Factor{Num: 1, Den: 2}}}
	own := row("openai", "own", perMillion(t, "input", "4"))
	own.Variants = []Variant{{If: []Condition{Tier("batch")}, Rates: perMillion(t, "input", "3")}}
	b := bookOf(t, Config{Layers: []Table{
		{Source: "user", Rows: []Row{row("openai", "users", perMillion(t, "input", "4"))}},
		{Source: "friend", Rows: []Row{row("openai", "friends", perMillion(t, "input", "4"))}},
		{
			Source: "embedded", Rows: []Row{row("openai", "plain", perMillion(t, "input", "4")), own, row("groq", "elsewhere", perMillion(t, "input", "4"))},
			Rules: []Rule{{Platform: "openai", Variants: half}, {Sources: []string{"friend"}, Variants: half}},
		},
	}})
	for id, want := range map[string]string{
		"openai/plain": "priced 2 batch", "openai/own": "priced 3 batch", "groq/elsewhere": "priced 4 batch:standard",
		"openai/users": "priced 4 batch:standard", "openai/friends": "priced 2 batch",
	} {
		platform, name, _ := strings.Cut(id, "/")
		expect(t, id, b.Cost(used(llm.Input, 1_000_000), model(platform, name), Query{At: 1, Tier: "batch"}), want)
	}
}

func TestBadTablesNameFileLineAndRow(t *testing.T) {
	bad := func(change func(*Row)) Row {
		r := row("p", "m", perMillion(t, "input", "1"))
		r.Pos = Pos{Line: 3}
		change(&r)
		return r
	}
	for want, r := range map[string]Row{
		`t.json:3: "": the row has no id`:                                                      bad(func(r *Row) { r.ID = "" }),
		`t.json:3: "m": "usd" is no currency code (ISO 4217, upper case)`:                      bad(func(r *Row) { r.Currency = "usd" }),
		`t.json:3: "m": the period from 2026-02-01T00:00:00Z to 2026-01-01T00:00:00Z is empty`: bad(func(r *Row) { r.Entries[0].When = Period{From: day("2026-02-01"), To: day("2026-01-01")} }),
		`t.json:3: "m": input has the negative threshold -1`:                                   bad(func(r *Row) { r.Entries[0].Rates[0].Above = -1 }),
		`t.json:3: "m": input has the rate -1/1, which is no price`:                            bad(func(r *Row) { r.Entries[0].Rates[0].Rate = money.Rate{Femto: -1, Per: 1} }),
		`t.json:3: "m": 1/-1 is no factor`:                                                     bad(func(r *Row) { r.Uplifts = []Uplift{{Factor: money.Factor{Num: 1, Den: -1}}} }),
		`t.json:3: "m": time zone "Nowhere/X": unknown time zone Nowhere/X`:                    bad(func(r *Row) { r.Entries[0].When.Schedule = &Schedule{Zone: "Nowhere/X", Windows: []Window{{}}} }),
		`t.json:3: "m": a schedule needs a window`:                                             bad(func(r *Row) { r.Entries[0].When.Schedule = &Schedule{} }),
		`t.json:3: "m": the window from second 5 to 90000 leaves the day`:                      bad(func(r *Row) { r.Entries[0].When.Schedule = &Schedule{Windows: []Window{{From: 5, To: 90000}}} }),
	} {
		_, err := NewBook(Config{Layers: []Table{{File: "t.json", Rows: []Row{r}}}})
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestTheMemoryOfModelsIsBounded(t *testing.T) {
	b := bookOf(t, Config{CacheSize: 64, Layers: []Table{{Rows: []Row{row("p", "m", perMillion(t, "input", "1"))}}}})
	for i := range 1000 {
		b.Cost(used(llm.Input, 1), model("p", "junk-"+time.Duration(i).String()), Query{At: 1})
	}
	if st := b.CacheStats(); st.Models > 64+cacheShards || st.Forgotten == 0 {
		t.Errorf("%+v", st)
	}
	expect(t, "still right", b.Cost(used(llm.Input, 1_000_000), model("p", "m"), Query{At: 1}), "priced 1")
}
