package price

import (
	"testing"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
	"pgregory.net/rapid"
)

// A span that reported one side of the usage gives a lower bound: what it told
// is priced, and no total is claimed.
func TestOneSideOfTheUsageIsALowerBound(t *testing.T) {
	rates := perMillion(t, "input", "2", "output", "10")
	b := bookOf(t, Config{
		Layers:    []Table{{Source: "t", Rows: []Row{row("openai", "m", rates), row("openai", "free", perMillion(t, "input", "0", "output", "0"))}}},
		Contracts: []Contract{{Name: "half", Model: "m", Route: "contract", Discount: pct(50)}},
	})
	half := func(u *llm.Usage) *llm.Usage { u.Partial = true; return u }
	for _, c := range []struct {
		name  string
		u     *llm.Usage
		model string
		q     Query
		want  string
	}{
		{"only input", half(used(llm.Input, 1_000_000)), "m", Query{At: 1}, "partial >=2"},
		{"only output", half(used(llm.Output, 1_000_000)), "m", Query{At: 1}, "partial >=10"},
		{"both sides", used(llm.Input, 1_000_000, llm.Output, 1_000_000), "m", Query{At: 1}, "priced 12"},
		{"the lower bound is the effective one", half(used(llm.Input, 1_000_000)), "m", Query{At: 1, Route: "contract"}, "partial >=1 contract:half"},
		{"free so far", half(used(llm.Input, 5)), "free", Query{At: 1}, "partial >=0"},
		{"an unknown model stays unpriced", half(used(llm.Input, 5)), "unheard", Query{At: 1}, "unpriced_model"},
	} {
		expect(t, c.name, b.Cost(c.u, model("openai", c.model), c.q), c.want)
	}
}

// The bound holds: whatever the missing side turns out to be, the full price
// is not below it; and the provider's own figure makes a total of it.
func TestALowerBoundIsNeverAboveTheTotal(t *testing.T) {
	b := bookOf(t, Config{Layers: []Table{{Source: "t", Rows: []Row{row("openai", "m", perMillion(t, "input", "2", "output", "10"))}}}})
	m := model("openai", "m")
	rapid.Check(t, func(t *rapid.T) {
		in, out := rapid.IntRange(0, 1e9).Draw(t, "input"), rapid.IntRange(0, 1e9).Draw(t, "output")
		one := used(llm.Input, in)
		one.Partial = true
		bound := b.Cost(one, m, Query{At: 1})
		whole := b.Cost(used(llm.Input, in, llm.Output, out), m, Query{At: 1})
		if bound.Status != stamp.StatusPartial || !bound.Total.IsZero() {
			t.Fatalf("%v with a total of %s", bound.Status, bound.Total)
		}
		if bound.AtLeast.Cmp(whole.Total) > 0 {
			t.Fatalf("at least %s, but %s in all", bound.AtLeast, whole.Total)
		}
		amount, _ := money.Parse("0.5")
		if got := Reported(bound, amount, "USD"); got.Total != amount || !got.AtLeast.IsZero() || got.HasList {
			t.Fatalf("reported %+v", got)
		}
	})
}
