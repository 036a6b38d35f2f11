package pricefile

import (
	"strings"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

// genaiFile is one provider's list, with the models given.
func genaiFile(provider string, models ...string) []byte {
	return []byte(`[{"id":"` + provider + `","name":"x","api_pattern":"x","models":[` + "\n" + strings.Join(models, ",\n") + `]}]`)
}

func mustTable(t *testing.T, data []byte) price.Table {
	t.Helper()
	table, err := Parse(data, "data.json")
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// costOf prices a usage with a file alone.
func costOf(t *testing.T, data []byte, platform, id string, u llm.Usage, q price.Query) string {
	t.Helper()
	b, err := price.NewBook(price.Config{Layers: []price.Table{mustTable(t, data)}})
	if err != nil {
		t.Fatal(err)
	}
	u.Known = true
	c := b.Cost(&u, &llm.Model{Platform: platform, ID: id, Snapshot: id, Name: id}, q)
	if c.PriceID == "" {
		return "unpriced"
	}
	return c.Total.String()
}

func tokens(pairs ...any) (u llm.Usage) {
	for i := 0; i < len(pairs); i += 2 {
		u.Tokens[pairs[i].(llm.Bucket)] = int64(pairs[i+1].(int))
	}
	return u
}

func at(s string) price.Query {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return price.Query{At: t.UnixNano()}
}

func TestGenAIPricesUnits(t *testing.T) {
	table := mustTable(t, genaiFile("mistral", `{"id":"m","match":{"equals":"m"},"prices":{
		"input_mtok":2,"web_searches_kcount":10,"requests_kcount":12,"audio_hours":0.36,"output_audio_hours":1,
		"input_document_kpages":3,"input_gpixels":7,"input_mchars":15,"cache_audio_read_mtok":0.1,"input_text_messages_kcount":4}}`))
	row := table.Rows[0]
	if row.Platform != "mistral_ai" {
		t.Errorf("platform %q", row.Platform)
	}
	for item, want := range map[price.Item]money.Rate{
		price.Tokens(llm.Input):           {Femto: 2e15, Per: 1e6},
		price.Tokens(llm.CacheReadAudio):  {Femto: 1e14, Per: 1e6},
		price.Units(llm.WebSearches):      {Femto: 10e15, Per: 1e3},
		price.PerRequest:                  {Femto: 12e15, Per: 1e3},
		price.Units(llm.InputAudioMillis): {Femto: 36e13, Per: 3_600_000},
		// The key of its own beats the one for both directions.
		price.Units(llm.OutputAudioMillis): {Femto: 1e15, Per: 3_600_000},
		price.Units(llm.Pages):             {Femto: 3e15, Per: 1e3},
		price.Units(llm.InputPixels):       {Femto: 7e15, Per: 1e9},
		price.Units(llm.InputCharacters):   {Femto: 15e15, Per: 1e6},
	} {
		if got := row.Entries[0].Rates.Get(item); got != want {
			t.Errorf("%v: %+v, want %+v", item, got, want)
		}
	}
	if n := len(row.Entries[0].Rates); n != 9 {
		t.Errorf("%d prices, want 9: what we do not count has no price", n)
	}
}

// A tier begins strictly above its start and holds for the whole request.
func TestGenAIPricesTiersAreWholeRequestCliffs(t *testing.T) {
	file := genaiFile("google", `{"id":"g","match":{"equals":"g"},"prices":{
		"input_mtok":{"base":1,"tiers":[{"start":200000,"price":2}]},"output_mtok":{"base":10,"tiers":[{"start":200000,"price":15}]}}}`)
	for total, want := range map[int]string{200_000: "0.21", 200_001: "0.415002"} {
		if got := costOf(t, file, "gcp.gemini", "g", tokens(llm.Input, total, llm.Output, 1000), price.Query{}); got != want {
			t.Errorf("%d tokens of input: %s, want %s", total, got, want)
		}
	}
}

// The last price whose constraint holds wins; where none does, the first.
func TestGenAIPricesThroughTime(t *testing.T) {
	dated := genaiFile("openai", `{"id":"o3","match":{"equals":"o3"},"prices":[
		{"prices":{"input_mtok":10}},
		{"constraint":{"start_date":"2025-06-10"},"prices":{"input_mtok":2}}]}`)
	nightly := genaiFile("deepseek", `{"id":"d","match":{"equals":"d"},"prices":[
		{"prices":{"input_mtok":1}},
		{"constraint":{"start_time":"16:30:00Z","end_time":"00:30:00Z"},"prices":{"input_mtok":3}}]}`)
	unguarded := genaiFile("openai", `{"id":"u","match":{"equals":"u"},"prices":[{"constraint":{"start_date":"2026-01-01"},"prices":{"input_mtok":5}}]}`)
	for _, c := range []struct {
		file         []byte
		platform, id string
		at, want     string
	}{
		{dated, "openai", "o3", "2025-06-09T23:59:59Z", "10"},
		{dated, "openai", "o3", "2025-06-10T00:00:00Z", "2"},
		{nightly, "deepseek", "d", "2025-06-10T16:29:59Z", "1"},
		{nightly, "deepseek", "d", "2025-06-10T16:30:00Z", "3"},
		{nightly, "deepseek", "d", "2025-06-11T00:29:59Z", "3"},
		{nightly, "deepseek", "d", "2025-06-11T00:30:00Z", "1"},
		{unguarded, "openai", "u", "2025-01-01T00:00:00Z", "5"},
	} {
		if got := costOf(t, c.file, c.platform, c.id, tokens(llm.Input, 1_000_000), at(c.at)); got != c.want {
			t.Errorf("%s at %s: %s, want %s", c.id, c.at, got, c.want)
		}
	}
}

func TestGenAIPricesMatching(t *testing.T) {
	file := genaiFile("anthropic",
		`{"id":"claude-sonnet-5","match":{"or":[{"starts_with":"Claude-Sonnet-5"},{"equals":"c5"}]},"prices":{"input_mtok":2}}`,
		`{"id":"tts","match":{"ends_with":"-tts"},"prices":{"input_mtok":4}}`,
		`{"id":"voice","match":{"and":[{"starts_with":"voice"},{"regex":"^(?!.*-[vV]2(?:$|-))"}]},"prices":{"input_mtok":8}}`,
		`{"id":"old","match":{"regex":"^(?!new[)(]|later)m-\\d+$"},"prices":{"input_mtok":16}}`)
	for id, want := range map[string]string{
		"claude-sonnet-5":          "2",
		"claude-sonnet-5-20260901": "2",
		"c5":                       "2",
		"claude-sonnet-5-5":        "unpriced", // a literal does not end inside a version
		"claude-sonnet-5-fast":     "unpriced", // nor does it take a tier's price
		"x-tts":                    "4",
		"voice-1":                  "8",
		"voice-1-v2":               "unpriced",
		"m-12":                     "16",
		"later-m-12":               "unpriced",
	} {
		if got := costOf(t, file, "anthropic", id, tokens(llm.Input, 1_000_000), price.Query{}); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

func TestGenAIPricesOfTwoPlatforms(t *testing.T) {
	table := mustTable(t, genaiFile("google",
		`{"id":"gemini-2.5-pro","match":{"equals":"gemini-2.5-pro"},"prices":{"input_mtok":1}}`,
		`{"id":"claude-opus-5","match":{"equals":"claude-opus-5"},"prices":{"input_mtok":5}}`,
		`{"id":"gemma-3","match":{"equals":"gemma-3"},"prices":{}}`))
	var got []string
	for _, r := range table.Rows {
		got = append(got, r.Platform+"/"+r.ID)
	}
	want := "gcp.gemini/gemini-2.5-pro gcp.vertex_ai/gemini-2.5-pro gcp.vertex_ai/claude-opus-5 gcp.gemini/gemma-3"
	if strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
	if r := table.Rows[3].Entries[0].Rates; len(r) != 0 {
		t.Errorf("an empty price list gave %v: unknown is not free", r)
	}
}

// price_variants of v3: what upstream's own tests pin.
func TestGenAIPriceVariants(t *testing.T) {
	model := func(variants string) []byte {
		return genaiFile("anthropic", `{"id":"m","match":{"equals":"m"},
			"prices":{"input_mtok":4,"cache_read_mtok":0.4,"output_mtok":20,"requests_kcount":1000},"price_variants":[`+variants+`]}`)
	}
	all := tokens(llm.Input, 1_000_000, llm.CacheRead, 1_000_000, llm.Output, 1_000_000)
	const standard = "25.4"
	for _, c := range []struct {
		name, variants string
		q              price.Query
		want           string
	}{
		{"only the listed keys change, the fee stays", `{"when":{"service_tier":"batch"},"prices":{"input_mtok":2}}`, price.Query{Tier: "batch"}, "23.4"},
		{"another tier is standard", `{"when":{"service_tier":"batch"},"prices":{"input_mtok":2}}`, price.Query{Tier: "flex"}, standard},
		{"a list of values", `{"when":{"service_tier":["flex","batch"]},"prices":{"input_mtok":2}}`, price.Query{Tier: "flex"}, "23.4"},
		{"speed is a tier", `{"when":{"speed":"fast"},"prices":{"input_mtok":8}}`, price.Query{Tier: "fast"}, "29.4"},
		{"geography", `{"when":{"inference_geo":"us"},"prices":{"input_mtok":5}}`, price.Query{Geo: "us"}, "26.4"},
		{
			"the last matching wins", `{"when":{"service_tier":"batch"},"prices":{"input_mtok":2}},{"when":{"inference_geo":"us"},"prices":{"output_mtok":10}}`,
			price.Query{Tier: "batch", Geo: "us"},
			"15.4",
		},
		{
			"a later date replaces whole", `{"when":{"service_tier":"batch"},"prices":{"input_mtok":2,"output_mtok":10}},
			{"when":{"service_tier":"batch"},"constraint":{"start_date":"2026-06-01"},"prices":{"input_mtok":1}}`,
			price.Query{Tier: "batch", At: at("2026-07-01T00:00:00Z").At},
			"22.4",
		},
		{"auto is no tier", `{"when":{"service_tier":"auto"},"prices":{"input_mtok":2}}`, price.Query{Tier: "auto"}, standard},
		{"default is no tier", `{"when":{"service_tier":"default"},"prices":{"input_mtok":2}}`, price.Query{Tier: "default"}, standard},
		{"an unknown parameter never holds", `{"when":{"phase":"full_moon"},"prices":{"input_mtok":2}}`, price.Query{Tier: "full_moon"}, standard},
		{"one unknown among known never holds", `{"when":{"service_tier":"batch","phase":"x"},"prices":{"input_mtok":2}}`, price.Query{Tier: "batch"}, standard},
		{"a bool never holds", `{"when":{"service_tier":true},"prices":{"input_mtok":2}}`, price.Query{Tier: "true"}, standard},
		{"an object never holds", `{"when":{"service_tier":{"a":"b"}},"prices":{"input_mtok":2}}`, price.Query{Tier: "b"}, standard},
		{"a list of other things never holds", `{"when":{"service_tier":[1,"batch"]},"prices":{"input_mtok":2}}`, price.Query{Tier: "batch"}, standard},
		{"an empty when never holds", `{"when":{},"prices":{"input_mtok":2}}`, price.Query{Tier: "batch"}, standard},
		{"null never holds", `{"when":null,"prices":{"input_mtok":2}}`, price.Query{Tier: "batch"}, standard},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.q.At == 0 {
				c.q.At = at("2026-01-01T00:00:00Z").At
			}
			if got := costOf(t, model(c.variants), "anthropic", "m", all, c.q); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// A file with a fault is refused whole, with the line and the reason.
func TestGenAIPricesFaults(t *testing.T) {
	for want, model := range map[string]string{
		"data.json:2: model \"m\" has no prices":                    `{"id":"m"}`,
		"input_kcount is not a price key, did you mean input_mtok?": `{"id":"m","prices":{"input_kcount":1}}`,
		"web_searches_mtok is not a price key":                      `{"id":"m","prices":{"web_searches_mtok":1}}`,
		"\"-1\" is negative":                                        `{"id":"m","prices":{"input_mtok":-1}}`,
		"\"cheap\" is not a decimal":                                `{"id":"m","prices":{"input_mtok":"cheap"}}`,
		"input_mtok has tiers but no base":                          `{"id":"m","prices":{"input_mtok":{"tiers":[]}}}`,
		"start \"soon\" of a tier is no token count":                `{"id":"m","prices":{"input_mtok":{"base":1,"tiers":[{"start":"soon","price":1}]}}}`,
		"start_date \"someday\" is no date":                         `{"id":"m","prices":[{"constraint":{"start_date":"someday"},"prices":{}}]}`,
		"constraint of a kind that is not known":                    `{"id":"m","prices":[{"constraint":{"moon":"full"},"prices":{}}]}`,
		"a time of day needs start_time and end_time":               `{"id":"m","prices":[{"constraint":{"start_time":"01:00:00Z"},"prices":{}}]}`,
		"\"like\" is no match clause":                               `{"id":"m","match":{"like":"m"},"prices":{}}`,
		"a match clause is an object with one key":                  `{"id":"m","match":{"equals":"a","contains":"b"},"prices":{}}`,
		"a negative look-ahead is understood only at the start":     `{"id":"m","match":{"regex":"a(?!b)"},"prices":{}}`,
		"the variant prices cached input but nothing prices input":  `{"id":"m","prices":{"output_mtok":1},"price_variants":[{"when":{"speed":"fast"},"prices":{"cache_read_mtok":1}}]}`,
	} {
		_, err := Parse(genaiFile("openai", model), "data.json")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "data.json:2:") {
			t.Errorf("%s\n  error %v\n  want  %s", model, err, want)
		}
	}
}

func FuzzGenAIPrices(f *testing.F) {
	f.Add(genaiFile("google", `{"id":"g","match":{"and":[{"starts_with":"g"},{"regex":"^(?!.*x)"}]},"prices":[{"prices":{"input_mtok":{"base":1,"tiers":[{"start":5,"price":2}]}}},{"constraint":{"start_time":"01:00:00Z","end_time":"04:00:00Z"},"prices":{}}]}`))
	f.Add(genaiFile("azure", `{"id":"g","match":{"or":[{"ends_with":"g"}]},"prices":{"audio_hours":1,"input_text_mtok":2,"input_mtok":3},"price_variants":[{"when":{"speed":["fast"]},"prices":{"input_mtok":1}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Parse(data, "f")
		if err != nil {
			if len(table.Rows) != 0 {
				t.Fatal("a refused file gave rows")
			}
			return
		}
		if table.Source == genaiPrices.name || table.Source == modelsDev.name {
			if _, err := price.NewBook(price.Config{Layers: []price.Table{table}}); err != nil {
				t.Fatalf("the parser accepted what the book refuses: %v", err)
			}
		}
	})
}
