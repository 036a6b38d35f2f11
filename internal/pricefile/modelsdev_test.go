package pricefile

import (
	"strings"
	"testing"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

func modelsDevFile(provider, model, entry string) []byte {
	return []byte(`{"` + provider + `":{"id":"` + provider + `","name":"x","models":{` + "\n" + `"` + model + `":` + entry + `}}}`)
}

func TestModelsDevPrices(t *testing.T) {
	const million = 1_000_000
	for _, c := range []struct {
		name, entry string
		usage       llm.Usage
		q           price.Query
		want        string
	}{
		{
			"every key is for a million tokens",
			`{"cost":{"input":1,"output":2,"reasoning":3,"cache_read":0.1,"cache_write":1.25,"input_audio":7,"output_audio":9}}`,
			tokens(llm.Input, million, llm.Output, million, llm.Reasoning, million, llm.CacheRead, million,
				llm.CacheWrite, million, llm.InputAudio, million, llm.OutputAudio, million),
			price.Query{},
			"23.35",
		},
		{
			"the tier's own size counts, not the older field's name",
			`{"cost":{"input":1,"output":2,"tiers":[{"input":5,"output":6,"tier":{"size":272000}}],"context_over_200k":{"input":5,"output":6}}}`,
			tokens(llm.Input, 250_000),
			price.Query{},
			"0.25",
		},
		{
			"strictly above the size",
			`{"cost":{"input":1,"output":2,"tiers":[{"input":4,"output":6,"tier":{"type":"context","size":200000}}]}}`,
			tokens(llm.Input, 200_001),
			price.Query{},
			"0.800004",
		},
		{
			"the older field alone is a tier above 200,000",
			`{"cost":{"input":1,"output":2,"context_over_200k":{"input":4,"output":6}}}`,
			tokens(llm.Input, 250_000),
			price.Query{},
			"1",
		},
		{"no cost is no price", `{"limit":{"context":5}}`, tokens(llm.Input, 5), price.Query{}, "unpriced"},
		{"a cost of nothing is free", `{"cost":{"input":0,"output":0}}`, tokens(llm.Input, 5), price.Query{}, "0"},
		{
			"a mode is a tier, by its own name",
			`{"cost":{"input":1,"output":2},"experimental":{"modes":{"fast":{"cost":{"input":3,"output":4},"provider":{"body":{"service_tier":"priority"}}}}}}`,
			tokens(llm.Input, million),
			price.Query{Tier: "fast"},
			"3",
		},
		{
			"and by what the response calls it",
			`{"cost":{"input":1,"output":2},"experimental":{"modes":{"fast":{"cost":{"input":3,"output":4},"provider":{"body":{"service_tier":"priority"}}}}}}`,
			tokens(llm.Input, million),
			price.Query{Tier: "priority"},
			"3",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := costOf(t, modelsDevFile("togetherai", "org/m", c.entry), "together_ai", "org/m", c.usage, c.q); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestModelsDevMetadata(t *testing.T) {
	table := mustTable(t, modelsDevFile("openai", "m", `{"id":"m","status":"beta","limit":{"context":400000,"output":128000}}`))
	r := table.Rows[0]
	if r.ContextWindow != 400_000 || r.MaxOutput != 128_000 || r.Lifecycle != stamp.LifecyclePreview || r.Pos.Line != 2 {
		t.Errorf("%+v", r)
	}
	if table.Source != "models.dev" {
		t.Errorf("read as %q", table.Source)
	}
}

func TestModelsDevFaults(t *testing.T) {
	for want, entry := range map[string]string{
		"model \"m\": input: \"-1\" is negative":      `{"cost":{"input":-1,"output":2}}`,
		"input must be a number, not a bool":          `{"cost":{"input":true,"output":2}}`,
		"a cost must be an object, not a number":      `{"cost":3}`,
		"a tier needs a size of its own":              `{"cost":{"input":1,"output":2,"tiers":[{"input":3,"output":4}]}}`,
		"a tier by \"speed\" is not known":            `{"cost":{"input":1,"output":2,"tiers":[{"input":3,"tier":{"type":"speed","size":5}}]}}`,
		"model \"m\" must be an object, not a string": `"x"`,
	} {
		_, err := Parse(modelsDevFile("openai", "m", entry), "api.json")
		if err == nil || !strings.Contains(err.Error(), "api.json:2: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  error %v\n  want  %s", entry, err, want)
		}
	}
}

func FuzzModelsDev(f *testing.F) {
	f.Add(modelsDevFile("openai", "m", `{"cost":{"input":1,"output":2,"tiers":[{"input":3,"tier":{"size":5}}]},"experimental":{"modes":{"fast":{"cost":{"input":3}}}}}`))
	f.Add(modelsDevFile("a", "org/m", `{"cost":{"input":"3e-7","output":null,"context_over_200k":{"input":4}},"limit":{"context":1e9},"status":"deprecated"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Parse(data, "f")
		if err != nil || table.Source != modelsDev.name {
			return
		}
		if _, err := price.NewBook(price.Config{Layers: []price.Table{table}}); err != nil {
			t.Fatalf("the parser accepted what the book refuses: %v", err)
		}
	})
}
