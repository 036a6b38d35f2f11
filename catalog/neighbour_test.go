package catalog_test

import (
	"strings"
	"testing"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
)

// No row lends its price to a neighbour: a name that adds a word to a model's
// is priced by a row that spells it, or by none. The whole catalogue is asked.
func TestNoPriceOfANeighbour(t *testing.T) {
	c := newCounter(t)
	spelled := map[string]bool{}
	for i := range c.catalog.Table.Rows {
		r := &c.catalog.Table.Rows[i]
		spelled[strings.ToLower(r.ID)] = true
		for _, a := range r.Aliases {
			spelled[strings.ToLower(a)] = true
		}
	}
	asked := 0
	for i := range c.catalog.Table.Rows {
		r := &c.catalog.Table.Rows[i]
		if strings.HasPrefix(r.ID, "ft:") || strings.HasSuffix(r.ID, ".ft-") {
			continue // what follows is a name of the user's
		}
		for _, w := range []string{"nano", "pro", "image", "zulu"} {
			id := r.ID + "-" + w
			if spelled[strings.ToLower(id)] || strings.Contains(strings.ToLower(r.ID), w) {
				continue
			}
			asked++
			m := c.fleet.Resolve(llm.ModelRef{Provider: r.Platform, Request: id})
			if got := c.book.Find(m).Row; got != nil && !names(got, w) {
				t.Errorf("%s %s is priced as %s", r.Platform, id, got.ID)
			}
		}
	}
	if asked < 5000 {
		t.Errorf("only %d names were asked", asked)
	}
}

// names reports whether a row has the word in one of its spellings.
func names(r *price.Row, word string) bool {
	for _, id := range append([]string{r.ID}, r.Aliases...) {
		if strings.Contains(strings.ToLower(id), word) {
			return true
		}
	}
	return false
}

// What was found when the catalogue was asked for more names than it lists,
// each with the row that it must not take, or must.
func TestNamesBesideTheList(t *testing.T) {
	c := newCounter(t)
	for _, n := range []struct{ provider, id, want string }{
		{"aws.bedrock", "amazon.titan-embed-text-v2:0", ""}, // the next version has a price of its own
		{"gemini", "gemini-1.5-flash-8b", ""},
		{"gemini", "gemini-3.6-flash-lite", ""},
		{"gemini", "gemini-2.5-pro-image", ""},
		{"openai", "gpt-5-nano", "gpt-5-nano"},
		{"openai", "gpt-5-nano-2025-08-07", "gpt-5-nano"},
		{"openai", "gpt-6-nano", ""},
		{"openai", "gpt-5-mini-high", "gpt-5-mini"}, // the same model, told to think
		{"openai", "gpt_4o_mini", "gpt-4o-mini"},
		{"xai", "grok-4.1-fast-non-reasoning", "grok-4-1-fast-non-reasoning"},
		{"bedrock", "claude-sonnet-4-5", "regional.anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{"bedrock", "claude-sonnet-4-9", ""},
		{"bedrock", "mistral.mistral-large-2407-v1:0", ""}, // not the snapshot that is listed
		{"openrouter", "acme/llama-3.3-70b-instruct", ""},  // of another maker
		{"anthropic", "claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4-5"},
		{"huggingface", "deepseek-ai/DeepSeek-R1:together", "deepseek-ai/DeepSeek-R1"},
		{"anthropic", "claude-opus-4-9", ""},
	} {
		m := c.fleet.Resolve(llm.ModelRef{Provider: n.provider, Request: n.id})
		got := ""
		if row := c.book.Find(m).Row; row != nil {
			got = row.ID
		}
		if got != n.want {
			t.Errorf("%s %s is priced as %q, want %q", n.provider, n.id, got, n.want)
		}
	}
}
