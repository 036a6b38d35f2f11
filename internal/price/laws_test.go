package price

import (
	"math/big"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

func drawRates(t *rapid.T, label string, above ...int64) Rates {
	var out Rates
	for _, threshold := range append([]int64{0}, above...) {
		for i := Item(0); i < NumItems; i++ {
			if rapid.IntRange(0, 2).Draw(t, label) > 0 {
				out.SetAbove(i, threshold, money.Rate{
					Femto: rapid.Int64Range(0, 1e17).Draw(t, "femto"),
					Per:   rapid.SampledFrom([]int64{1, 1000, 1_000_000, 3_600_000}).Draw(t, "per"),
				})
			}
		}
	}
	return out
}

func drawUsage(t *rapid.T, top int64) *llm.Usage {
	u := &llm.Usage{Known: true}
	for i := range u.Tokens {
		if rapid.Bool().Draw(t, "uses") {
			u.Tokens[i] = rapid.Int64Range(0, top).Draw(t, "tokens")
		}
	}
	for i := range u.Units {
		if rapid.IntRange(0, 3).Draw(t, "uses") == 0 {
			u.Units[i] = rapid.Int64Range(0, 1000).Draw(t, "units")
		}
	}
	return u
}

func drawBook(t *rapid.T) *Book {
	r := row("p", "m", drawRates(t, "standard", 1000, 5000))
	r.Vendor = rapid.SampledFrom([]string{"", "anthropic"}).Draw(t, "vendor")
	r.Variants = []Variant{{
		If: []Condition{Tier("batch")}, Rates: drawRates(t, "batch", 1000), Flat: rapid.Bool().Draw(t, "flat"),
		Factor: money.Factor{Num: rapid.Int64Range(0, 30).Draw(t, "num"), Den: rapid.Int64Range(1, 30).Draw(t, "den")},
	}}
	r.Uplifts = []Uplift{{Name: "geo:us", If: []Condition{Geo("us")}, Factor: money.Factor{Num: 11, Den: 10}}}
	cfg := Config{Layers: []Table{{Source: "s", Rows: []Row{r}}}}
	if rapid.Bool().Draw(t, "contract") {
		cfg.Contracts = []Contract{{Name: "c", Discount: money.Factor{Num: rapid.Int64Range(0, 100).Draw(t, "off"), Den: 100}}}
	}
	b, err := NewBook(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func drawQuery(t *rapid.T) Query {
	return Query{
		At:   rapid.Int64Range(1, 4e18).Draw(t, "at"),
		Tier: rapid.SampledFrom([]string{"", "batch", "flex"}).Draw(t, "tier"),
		Geo:  rapid.SampledFrom([]string{"", "us"}).Draw(t, "geo"),
	}
}

// amountOf is the total of a receipt, or its lower bound.
func amountOf(c stamp.Cost) money.Amount {
	if c.Status == stamp.StatusPartial {
		return c.AtLeast
	}
	return c.Total
}

func TestComponentsSumToTheTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, u, q := drawBook(t), drawUsage(t, 1_000_000), drawQuery(t)
		c := b.Cost(u, model("p", "m"), q)
		switch c.Status {
		case stamp.StatusPriced:
			if sum(c) != c.Total || !c.AtLeast.IsZero() {
				t.Fatalf("components %v, total %v", c.Components, c.Total)
			}
		case stamp.StatusPartial, stamp.StatusUnpricedModel:
			if !c.Total.IsZero() || !sum(c).IsZero() {
				t.Fatalf("%v carries a total", c.Status)
			}
		default:
			t.Fatalf("status %v", c.Status)
		}
		if amountOf(c).Sign() < 0 {
			t.Fatalf("negative %v", amountOf(c))
		}
	})
}

// TestEachComponentIsRoundedOnce compares a receipt with exact fractions of
// what its lines say.
func TestEachComponentIsRoundedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, u, q := drawBook(t), drawUsage(t, 1_000_000), drawQuery(t)
		x := b.Explain(u, model("p", "m"), q)
		if x.Cost.Status != stamp.StatusPriced {
			t.Skip("no total")
		}
		var exact [stamp.NumComponents]*big.Rat
		for i := range exact {
			exact[i] = new(big.Rat)
		}
		for _, l := range x.Lines {
			if l.Covered || !l.Rate.IsSet() {
				continue
			}
			r := new(big.Rat).SetFrac64(l.Rate.Femto, l.Rate.Per)
			r.Mul(r, new(big.Rat).SetInt64(l.Count)).Quo(r, new(big.Rat).SetInt64(1000))
			if !l.Factor.IsOne() {
				r.Mul(r, new(big.Rat).SetFrac64(l.Factor.Num, l.Factor.Den))
			}
			exact[l.Component].Add(exact[l.Component], r)
		}
		for c, want := range exact {
			got, ok := x.Cost.Components[c].Pico()
			if !ok {
				t.Skip("beyond 64 bits")
			}
			diff := new(big.Rat).Sub(new(big.Rat).SetInt64(got), want)
			if diff.Abs(diff).Cmp(big.NewRat(1, 2)) > 0 {
				t.Fatalf("%v = %d pico-units, exactly %v", stamp.Component(c), got, want)
			}
		}
	})
}

// TestMoreNeverCostsLess holds within one context tier, in every bucket.
func TestMoreNeverCostsLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, u, q := drawBook(t), drawUsage(t, 50), drawQuery(t)
		more := *u
		more.Tokens[rapid.IntRange(0, int(llm.NumBuckets)-1).Draw(t, "bucket")] += rapid.Int64Range(1, 100).Draw(t, "more")
		u.Units, more.Units = [llm.NumUnits]int64{}, [llm.NumUnits]int64{} // media swap tokens for units
		if more.TotalInput() > 1000 {
			t.Skip("another tier")
		}
		before, after := b.Cost(u, model("p", "m"), q), b.Cost(&more, model("p", "m"), q)
		if amountOf(after).Cmp(amountOf(before)) < 0 {
			t.Fatalf("%v for more, %v before", amountOf(after), amountOf(before))
		}
	})
}

// TestSplittingAUsageChangesOnlyRoundings holds within one context tier and
// without a fee per request.
func TestSplittingAUsageChangesOnlyRoundings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := row("p", "m", drawRates(t, "standard"))
		for i := range r.Entries[0].Rates {
			if p := &r.Entries[0].Rates[i]; p.Item >= PerRequest {
				p.Item = Tokens(llm.Input)
			}
		}
		b, err := NewBook(Config{Layers: []Table{{Rows: []Row{r}}}})
		if err != nil {
			t.Fatal(err)
		}
		u := drawUsage(t, 1_000_000)
		u.Units = [llm.NumUnits]int64{}
		one, two := *u, *u
		for i, n := range u.Tokens {
			one.Tokens[i] = rapid.Int64Range(0, n).Draw(t, "part")
			two.Tokens[i] = n - one.Tokens[i]
		}
		q := Query{At: 1}
		whole := amountOf(b.Cost(u, model("p", "m"), q))
		parts := amountOf(b.Cost(&one, model("p", "m"), q)).Add(amountOf(b.Cost(&two, model("p", "m"), q)))
		diff, _ := whole.Sub(parts).Pico()
		if diff > int64(stamp.NumComponents) || diff < -int64(stamp.NumComponents) {
			t.Fatalf("whole %v, parts %v", whole, parts)
		}
	})
}

// TestTheFastSumIsTheExactSum compares the 128-bit path with big integers.
func TestTheFastSumIsTheExactSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, q := drawBook(t), drawQuery(t)
		u := drawUsage(t, rapid.SampledFrom([]int64{1000, 1 << 40, 1 << 58}).Draw(t, "top"))
		r := b.resolve(model("p", "m"))
		s := r.pick(&q)
		fast := s.tally(u)
		slow := tally{band: fast.band}
		slow.addWide(u, fast.band.covered(u))
		if fast.total != slow.total || fast.components != slow.components || fast.any != slow.any || fast.missing != slow.missing {
			t.Fatalf("fast %v, exact %v", fast.total, slow.total)
		}
	})
}

func TestGlobsAndTheirIntersection(t *testing.T) {
	letters := rapid.StringOfN(rapid.SampledFrom([]rune("ab-")), 0, 6, -1)
	patterns := rapid.StringOfN(rapid.SampledFrom([]rune("ab-*?")), 1, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		p, q, s := patterns.Draw(t, "p"), patterns.Draw(t, "q"), letters.Draw(t, "s")
		if glob(p, s) && glob(q, s) && !intersect(p, q) {
			t.Fatalf("%q and %q both take %q but are said not to meet", p, q, s)
		}
		if intersect(p, q) != intersect(q, p) || !intersect(p, p) {
			t.Fatalf("intersect(%q, %q) is not symmetric", p, q)
		}
	})
	for _, c := range [][2]string{{"claude-*", "gpt-*"}, {"a?", "a"}, {"*a", "*b"}} {
		if intersect(c[0], c[1]) {
			t.Errorf("%q and %q meet", c[0], c[1])
		}
	}
}

func TestManyMayPriceAtOnce(t *testing.T) {
	b := newBook(t, row("p", "m", perMillion(t, "input", "1").above(t, 1000, "input", "2")))
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 200 {
				tier := [3]string{"", "batch", "flex"}[(i+w)%3]
				if c := b.Cost(used(llm.Input, 1_000_000), model("p", "m"), Query{At: 1, Tier: tier}); c.Total.String() != "2" {
					t.Errorf("%v", c.Total)
				}
				b.Cost(used(llm.Input, 1), model("p", tier+"x"), Query{At: 1})
			}
		})
	}
	wg.Wait()
}
