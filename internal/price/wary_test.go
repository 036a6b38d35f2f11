package price

import (
	"strings"
	"testing"

	"github.com/spanledger/spanledger/internal/llm"
)

// Clauses of a public catalogue were written for the models of their day. A
// longer name is another model, and has no price before somebody says one.
func TestAWaryClauseTakesNoOtherModel(t *testing.T) {
	for _, c := range []struct {
		id     string
		clause Clause
		free   bool
		takes  string
		not    string
	}{
		{
			id: "gemini-9-flash", clause: StartsWith("gemini-9-flash"),
			takes: "gemini-9-flash gemini-9-flash-preview gemini-9-flash-001 gemini-9-flash-preview-09-2025 gemini-9-flash-thinking-exp-01-21 gemini-9-flash-latest gemini-9-flash:free",
			not:   "gemini-9-flash-lite gemini-9-flash-image gemini-9-flash-preview-tts gemini-9-flash-8b gemini-9-flash-8b-001 gemini-9-flash-batchx",
		},
		{
			id: "gpt-9-nano", clause: Any(Equals("gpt-9-nano"), StartsWith("gpt-9-nano-")),
			takes: "gpt-9-nano gpt-9-nano-2026-08-07", not: "gpt-9-nano-pro gpt-9-nano-codex",
		},
		{
			id: "vendor.embed-text-v1", clause: Contains("vendor.embed-text"),
			takes: "vendor.embed-text-v1 us.vendor.embed-text-v1:0 vendor.embed-text-v1:0:8k", not: "vendor.embed-text-v2:0 us.vendor.embed-text-v2 vendor.embed-text-image-v1",
		},
		{
			id: "regional.vendor.seven-v0:2", clause: Contains("vendor.seven"),
			takes: "eu.vendor.seven-v0:2", not: "eu.vendor.seven-v0:3",
		},
		{
			id: "named", clause: Any(StartsWith("named-mini"), Contains("special-9b")),
			takes: "named-mini org/special-9b", not: "named-mini-pro special-9b-vision",
		},
		{id: "open-3", clause: StartsWith("open-3"), free: true, takes: "open-3-27b-it open-3-e4b", not: "open-3-27b-vision"},
	} {
		price := "1"
		if c.free {
			price = "0"
		}
		r := row("p", c.id, perMillion(t, "input", price))
		r.Match = &c.clause
		b, err := NewBook(Config{Layers: []Table{{Source: "x", Wary: true, Rows: []Row{r}}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range strings.Fields(c.takes) {
			expect(t, id, b.Cost(used(llm.Input, 1_000_000), model("p", id), Query{At: 1}), "priced "+price)
		}
		for _, id := range strings.Fields(c.not) {
			expect(t, id, b.Cost(used(llm.Input, 1_000_000), model("p", id), Query{At: 1}), "unpriced_model")
		}
	}
}

func TestOnesOwnClauseMeansWhatItSays(t *testing.T) {
	r := row("p", "acme", perMillion(t, "input", "1"))
	match := StartsWith("acme-")
	r.Match = &match
	expect(t, "own", newBook(t, r).Cost(used(llm.Input, 1_000_000), model("p", "acme-large-9b"), Query{At: 1}), "priced 1")
}
