package price

import (
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"pgregory.net/rapid"
)

func perHour(tb testing.TB, price string) money.Rate {
	tb.Helper()
	r, err := money.NewRate(price, 1)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// Throughput that is paid by the hour: a call costs its share of the hour at
// full use, and the price by list stands beside it.
func TestACommitmentIsAFlatRate(t *testing.T) {
	four := []Weight{{Tokens(llm.Output), money.Factor{Num: 4, Den: 1}}, {Tokens(llm.CacheRead), money.Factor{Num: 0, Den: 1}}}
	january := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	yuan := row("azure", "m-cn", perMillion(t, "input", "2"))
	yuan.Currency = "CNY"
	b := bookOf(t, Config{
		Layers: []Table{{Source: "t", Rows: []Row{row("azure", "m", perMillion(t, "input", "2", "cache_read", "1", "output", "8")), yuan}}},
		Contracts: []Contract{
			{Name: "ptu", Route: "tokens", Commitment: &Commitment{PerHour: perHour(t, "30"), Capacity: 60_000_000, Weights: four}, ValidFrom: january},
			{Name: "flat", Route: "calls", Commitment: &Commitment{PerHour: perHour(t, "7"), Capacity: 3000, Calls: true}},
		},
	})
	m, later := model("azure", "m"), january.UnixNano()
	for _, c := range []struct {
		name string
		u    *llm.Usage
		q    Query
		want string
	}{
		{"input weighs one", used(llm.Input, 1_000_000), Query{At: later, Route: "tokens"}, "priced 0.5 list 2 contract:ptu"},
		{"output weighs four, reasoning with it", used(llm.Output, 500_000, llm.Reasoning, 500_000), Query{At: later, Route: "tokens"}, "priced 2 list 8 contract:ptu"},
		{"a weight of nothing is free", used(llm.CacheRead, 1_000_000), Query{At: later, Route: "tokens"}, "priced 0 list 1 contract:ptu"},
		{"before it began", used(llm.Input, 1_000_000), Query{At: later - 1, Route: "tokens"}, "priced 2"},
		{"served by another tier", used(llm.Input, 1_000_000), Query{At: later, Route: "tokens", Tier: "batch"}, "priced 2 batch:standard"},
		{"by calls: tokens do not matter, the third of a cent is exact", used(llm.Input, 9, llm.Output, 1_000_000), Query{At: later, Route: "calls"}, "priced 0.002333333333 list 8.000018 contract:flat"},
	} {
		expect(t, c.name, b.Cost(c.u, m, c.q), c.want)
	}
	expect(t, "a price list in another currency", b.Cost(used(llm.Input, 1_000_000), model("azure", "m-cn"), Query{At: later, Route: "tokens"}), "priced 2")
}

func TestABadCommitmentIsRefused(t *testing.T) {
	for name, c := range map[string]*Commitment{
		"no price":           {Capacity: 1},
		"no capacity":        {PerHour: perHour(t, "1")},
		"weights of calls":   {PerHour: perHour(t, "1"), Capacity: 1, Calls: true, Weights: []Weight{{Tokens(llm.Input), money.One}}},
		"a weight of no use": {PerHour: perHour(t, "1"), Capacity: 1, Weights: []Weight{{PerRequest, money.One}}},
	} {
		if err := (&Contract{Name: "c", Commitment: c}).Check(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := (&Contract{Name: "c", Commitment: &Commitment{PerHour: perHour(t, "1"), Capacity: 1}, Discount: pct(5)}).Check(); err == nil {
		t.Error("a discount on a commitment: accepted")
	}
}

// An hour at full use is charged in full and none of it is idle; whatever is
// used, idle and charged make up the cost, unless more was served than bought.
func TestWhatIsNotChargedIsIdle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		capacity := rapid.Int64Range(1, 1e8).Draw(rt, "capacity")
		c := &Commitment{PerHour: money.Rate{Femto: rapid.Int64Range(1, 1e18).Draw(rt, "per hour"), Per: 1}, Capacity: capacity}
		b := bookOf(t, Config{
			Layers:    []Table{{Source: "t", Rows: []Row{{Platform: "azure", ID: "m", Entries: []Entry{{Rates: Rates{{Item: Tokens(llm.Input), Rate: money.Rate{Femto: 1, Per: 1}}}}}}}}},
			Contracts: []Contract{{Name: "c", Commitment: c}},
		})
		tokens := rapid.Int64Range(0, 2*capacity).Draw(rt, "tokens")
		u := &llm.Usage{Known: true}
		u.Tokens[llm.Input] = tokens
		idle, ok := c.Idle(int64(time.Hour), b.Cost(u, model("azure", "m"), Query{At: 1}).Total)
		if !ok {
			rt.Skip()
		}
		if sum := idle.Charged.Add(idle.Idle).Sub(idle.Over); sum != idle.Cost {
			rt.Fatalf("%+v adds up to %s", idle, sum)
		}
		if tokens == capacity && (!idle.Idle.IsZero() || !idle.Over.IsZero()) {
			rt.Fatalf("fully used, yet %+v", idle)
		}
		if tokens == 0 && idle.Share != 1 && !idle.Cost.IsZero() {
			rt.Fatalf("not used, yet %+v", idle)
		}
	})
}
