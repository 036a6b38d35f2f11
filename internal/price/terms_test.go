package price

import (
	"strings"
	"testing"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

func pct(n int64) money.Factor { return money.Factor{Num: n, Den: 100} }

func contractBook(t *testing.T, contracts ...Contract) *Book {
	t.Helper()
	r := row("aws.bedrock", "claude-opus-5", perMillion(t, "input", "10", "cache_read", "1"))
	r.Vendor = "anthropic"
	r.Variants = []Variant{{If: []Condition{Tier("batch")}, Factor: money.Factor{Num: 1, Den: 2}}}
	r.Uplifts = []Uplift{{Name: "geo:us", If: []Condition{Geo("us")}, Factor: money.Factor{Num: 11, Den: 10}}}
	return bookOf(t, Config{Layers: []Table{{Source: "s", Rows: []Row{r}}}, Contracts: contracts})
}

func TestExactlyOneContractApplies(t *testing.T) {
	opus := &llm.Model{Platform: "aws.bedrock", Vendor: "anthropic", Name: "claude-opus-5", ID: "claude-opus-5"}
	u := used(llm.Input, 1_000_000)
	q4 := Contract{Name: "q4", Platform: "aws.bedrock", Model: "Claude-*", Discount: pct(12), ValidFrom: day("2026-10-01"), ValidTo: day("2027-01-01")}
	all := Contract{Name: "all", Vendor: "anthropic", Discount: pct(5)}
	shop := Contract{Name: "shop", Route: "shop/*", Discount: pct(50)}
	fixed := Contract{Name: "fixed", Model: "claude-opus-*", Prices: perMillion(t, "input", "6")}
	for _, c := range []struct {
		name      string
		contracts []Contract
		q         Query
		want      string
	}{
		{"the more specific one", []Contract{all, q4}, Query{At: at("2026-11-01T00:00:00Z")}, "priced 8.8 list 10 contract:q4"},
		{"a platform by any name", []Contract{{Name: "aws", Platform: "Amazon Bedrock", Discount: pct(10)}}, Query{At: 1}, "priced 9 list 10 contract:aws"},
		{"whatever the order", []Contract{q4, all}, Query{At: at("2026-11-01T00:00:00Z")}, "priced 8.8 list 10 contract:q4"},
		{"only while it runs", []Contract{all, q4}, Query{At: at("2027-01-01T00:00:00Z")}, "priced 9.5 list 10 contract:all"},
		{"a route beats all", []Contract{all, q4, shop}, Query{At: at("2026-11-01T00:00:00Z"), Route: "shop/checkout"}, "priced 5 list 10 contract:shop"},
		{"of another route it is nothing", []Contract{shop}, Query{At: 1, Route: "office"}, "priced 10"},
		{"on top of a tier", []Contract{all}, Query{At: 1, Tier: "batch"}, "priced 4.75 list 5 batch,contract:all"},
		{"fixed prices", []Contract{fixed}, Query{At: 1}, "priced 6 list 10 contract:fixed"},
		{"fixed prices are not uplifted", []Contract{fixed}, Query{At: 1, Geo: "us"}, "priced 6 list 11 geo:us,contract:fixed"},
		{"fixed prices are those of standard service", []Contract{fixed}, Query{At: 1, Tier: "batch"}, "priced 5 batch"},
		{"no time, no dated contract", []Contract{q4}, Query{}, "priced 10"},
	} {
		expect(t, c.name, contractBook(t, c.contracts...).Cost(u, opus, c.q), c.want)
	}
}

func TestTiesBetweenContractsAreRefused(t *testing.T) {
	base := Contract{Name: "a", Model: "claude-*", Discount: pct(10)}
	with := func(change func(*Contract)) Contract { c := base; c.Name = "b"; change(&c); return c }
	for _, c := range []struct {
		name string
		b    Contract
		tie  bool
	}{
		{"the same", with(func(*Contract) {}), true},
		{"patterns that meet", with(func(c *Contract) { c.Model = "*opus-5"; c.Model = "*claude-" }), true},
		{"patterns that cannot", with(func(c *Contract) { c.Model = "gpt-ab*" }), false},
		{"one is longer", with(func(c *Contract) { c.Model = "claude-opus-*" }), false},
		{"one after the other", with(func(c *Contract) { c.ValidTo = day("2026-01-01") }), true},
		{"another platform", with(func(c *Contract) { c.Platform = "x" }), false},
		{"a platform by another name", with(func(c *Contract) { c.Platform = "bedrock" }), false},
	} {
		_, err := NewBook(Config{Contracts: []Contract{base, c.b}})
		if tie := err != nil && strings.Contains(err.Error(), `"a" and "b" tie`); tie != c.tie {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	first, second := base, base
	first.ValidTo, second.ValidFrom, second.Name = day("2026-06-01"), day("2026-06-01"), "next"
	if _, err := NewBook(Config{Contracts: []Contract{first, second}}); err != nil {
		t.Errorf("contracts that follow each other: %v", err)
	}
}

func TestBadContractsAreRefused(t *testing.T) {
	for want, c := range map[string]Contract{
		"needs a name":        {Discount: pct(1)},
		"exactly one of":      {Name: "x"},
		"not within 0 and 1":  {Name: "x", Discount: pct(101)},
		"is empty":            {Name: "x", Discount: pct(1), ValidFrom: day("2026-02-01"), ValidTo: day("2026-01-01")},
		"is no currency code": {Name: "x", Prices: perMillion(t, "input", "1"), Currency: "dollars"},
		"which is no price":   {Name: "x", Prices: Rates{{Item: PerRequest}}},
	} {
		if _, err := NewBook(Config{Contracts: []Contract{c}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestBackdatedTermsChangeNothingBooked: a contract that is entered in November
// and valid from October does not touch what October booked.
func TestBackdatedTermsChangeNothingBooked(t *testing.T) {
	late := Contract{Name: "late", Platform: "aws.bedrock", Discount: pct(20), ValidFrom: day("2026-10-01"), RecordedAt: day("2026-11-15")}
	amended := late
	amended.Discount, amended.RecordedAt = pct(30), day("2026-12-01")
	b := contractBook(t, late, amended)
	opus := &llm.Model{Platform: "aws.bedrock", Name: "claude-opus-5", ID: "claude-opus-5"}
	u, call := used(llm.Input, 1_000_000), at("2026-10-20T12:00:00Z")
	expect(t, "booked the same day", b.Cost(u, opus, Query{At: call, Now: call}), "priced 10")
	expect(t, "booked after", b.Cost(u, opus, Query{At: call, Now: at("2026-11-16T00:00:00Z")}), "priced 8 list 10 contract:late")
	r := b.Reprice(u, opus, Query{At: call, Now: call}, at("2026-12-02T00:00:00Z"))
	if !r.OK || r.Delta.String() != "-3" || r.Booked.Total.String() != "10" {
		t.Errorf("%+v", r)
	}
}

func TestDatedEntriesHoldAtTheTimeOfTheCall(t *testing.T) {
	r := Row{Platform: "p", ID: "m", Entries: []Entry{
		{Rates: perMillion(t, "input", "1")},
		{When: Period{From: day("2026-08-17")}, Rates: perMillion(t, "input", "2")},
		{When: Period{From: day("2026-08-17"), Schedule: &Schedule{Windows: []Window{{Days: MondayToFriday, From: 3600, To: 4 * 3600}}}}, Rates: perMillion(t, "input", "4")},
		{When: Period{From: day("2027-01-01")}, RecordedAt: day("2026-12-01"), Rates: perMillion(t, "input", "8")},
	}}
	b := newBook(t, r)
	for _, c := range []struct{ name, at, now, want string }{
		{"before", "2026-08-16T23:59:59Z", "", "priced 1"},
		{"from the date on", "2026-08-17T00:00:00Z", "", "priced 2"},
		{"date and window and weekday", "2026-08-17T01:00:00Z", "", "priced 4"},
		{"the window is half-open", "2026-08-17T04:00:00Z", "", "priced 2"},
		{"not on Saturday", "2026-08-22T02:00:00Z", "", "priced 2"},
		{"not before the date", "2026-08-14T02:00:00Z", "", "priced 1"},
		{"the next price", "2027-01-01T00:00:00Z", "", "priced 8"},
		{"not before it was known", "2027-01-01T00:00:00Z", "2026-11-30T00:00:00Z", "priced 2"},
	} {
		q := Query{At: at(c.at)}
		if c.now != "" {
			q.Now = at(c.now)
		}
		expect(t, c.name, b.Cost(used(llm.Input, 1_000_000), model("p", "m"), q), c.want)
	}
	u := used(llm.Input, 1_000_000)
	expect(t, "no time: the dearest that may have held", b.Cost(u, model("p", "m"), Query{}), "priced 8 time_unknown")
	if id := b.Cost(u, model("p", "m"), Query{At: at("2026-08-17T01:00:00Z")}).PriceID; id != "test@1:p/m#3@2026-08-17" {
		t.Errorf("price id %s", id)
	}
}

func TestWindowsOfTheWeek(t *testing.T) {
	night := Schedule{Zone: "Europe/Berlin", Windows: []Window{{Days: 1 << 5, From: 22 * 3600, To: 2 * 3600}}} // Fridays 22:00 to 02:00
	for s, want := range map[string]bool{
		"2026-07-03T20:00:00Z": true, // Friday 22:00 in summer
		"2026-07-03T19:59:59Z": false,
		"2026-07-03T23:59:59Z": true, // Saturday 01:59:59, still Friday's night
		"2026-07-04T00:00:00Z": false,
		"2026-07-04T20:30:00Z": false, // Saturday's own night
		"2026-01-02T21:00:00Z": true,  // Friday 22:00 in winter
		"2026-01-02T20:00:00Z": false,
	} {
		p, err := Period{Schedule: &night}.compile()
		if err != nil {
			t.Fatal(err)
		}
		if got := p.holds(at(s)); got != want {
			t.Errorf("%s: %v", s, got)
		}
		out := night
		out.Outside = true
		if p, _ = (Period{Schedule: &out}).compile(); p.holds(at(s)) == want {
			t.Errorf("%s: outside does not turn it round", s)
		}
	}
}

func TestUpliftsAtAnUnknownTimeNeverLower(t *testing.T) {
	sched := &Schedule{Windows: []Window{{From: 3600, To: 7200}}}
	cheap := row("p", "cheap", perMillion(t, "input", "4"))
	cheap.Uplifts = []Uplift{{Name: "off_peak", When: Period{Schedule: sched}, Factor: money.Factor{Num: 1, Den: 2}}}
	dear := row("p", "dear", perMillion(t, "input", "4"))
	dear.Uplifts = []Uplift{{Name: "peak", When: Period{Schedule: sched}, Factor: money.Factor{Num: 2, Den: 1}}}
	b := newBook(t, cheap, dear)
	u := used(llm.Input, 1_000_000)
	expect(t, "known", b.Cost(u, model("p", "cheap"), Query{At: at("2026-01-01T01:00:00Z")}), "priced 2 off_peak")
	expect(t, "no discount", b.Cost(u, model("p", "cheap"), Query{}), "priced 4 time_unknown")
	expect(t, "the dear hour", b.Cost(u, model("p", "dear"), Query{}), "priced 8 peak,time_unknown")
}

func TestCurrenciesAreKeptAndConvertedByDate(t *testing.T) {
	r := row("zhipu_ai", "glm-5", perMillion(t, "input", "4", "output", "16"))
	r.Currency = "CNY"
	b := newBook(t, r)
	c := b.Cost(used(llm.Input, 1_000_000, llm.Output, 1_000_000), model("zhipu_ai", "glm-5"), Query{At: 1})
	if c.Currency != "CNY" {
		t.Fatalf("currency %s", c.Currency)
	}
	conv, err := NewConversion([]Exchange{
		{From: "CNY", To: "USD", Rate: money.Factor{Num: 14, Den: 100}},
		{From: "CNY", To: "USD", Rate: money.Factor{Num: 1, Den: 7}, Since: day("2026-06-01")},
	})
	if err != nil {
		t.Fatal(err)
	}
	early, ok := conv.Cost(c, "USD", at("2026-05-31T00:00:00Z"))
	if !ok || early.Currency != "USD" {
		t.Fatal(early)
	}
	expect(t, "by the old rate", early, "priced 2.8 converted:CNY")
	late, _ := conv.Cost(c, "USD", at("2026-06-01T00:00:00Z"))
	expect(t, "each component is rounded once and the total is their sum", late, "priced 2.857142857143 converted:CNY")
	if sum(late) != late.Total {
		t.Error("components do not sum to the total")
	}
	kept, ok := conv.Cost(c, "EUR", 1)
	if ok || kept.Currency != "CNY" {
		t.Errorf("%v %s", ok, kept.Currency)
	}
	expect(t, "no rate: kept and flagged", kept, "priced 20 unconverted")
	if len(c.Modifiers) != 0 {
		t.Error("the shared modifiers were changed")
	}
	for _, bad := range [][]Exchange{
		{{From: "CNY", To: "CNY", Rate: money.One}},
		{{From: "CNY", To: "USD"}},
		{{From: "CNY", To: "USD", Rate: money.One}, {From: "CNY", To: "USD", Rate: money.One}},
	} {
		if _, err := NewConversion(bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

func sum(c stamp.Cost) (total money.Amount) {
	for _, a := range c.Components {
		total = total.Add(a)
	}
	return total
}

func TestExplainSaysWhy(t *testing.T) {
	r := row("openai", "gpt-5.6", perMillion(t, "input", "5", "cache_read", "0.5", "output", "30").above(t, 272_000, "input", "10"))
	r.Variants = []Variant{{If: []Condition{Tier("batch")}, Factor: money.Factor{Num: 1, Den: 2}}}
	r.Pos = Pos{Line: 12}
	b := bookOf(t, Config{
		Layers:    []Table{{Source: "mine", Version: "3", File: "p.json", Rows: []Row{r}}},
		Contracts: []Contract{{Name: "c", Discount: pct(10)}},
	})
	u := used(llm.Input, 300_000, llm.CacheWrite, 100, llm.Reasoning, 10, llm.WebSearches, 0)
	x := b.Explain(u, model("openai", "gpt-5.6"), Query{At: 1, Tier: "batch"})
	if x.Row == nil || x.Row.Pos.Line != 12 || x.File != "p.json" || x.Variant != "batch" || x.Above != 272_000 || x.Contract != "c" {
		t.Errorf("%+v", x)
	}
	var lines []string
	total := money.Amount{}
	for _, l := range x.Lines {
		lines = append(lines, l.Item.String()+" from "+l.From.String()+" = "+l.Amount.String())
		total = total.Add(l.Amount)
	}
	if got, want := strings.Join(lines, "; "), "input from input = 1.35; cache_write from input = 0.00045; reasoning from output = 0.000135"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if total != x.Cost.Total {
		t.Errorf("lines %v, total %v", total, x.Cost.Total)
	}
	none := b.Explain(u, model("openai", "gpt-7"), Query{At: 1})
	if none.Row != nil || len(none.Tried) != 1 || none.Cost.Status != stamp.StatusUnpricedModel {
		t.Errorf("%+v", none)
	}
	if f := b.Find(model("openai", "gpt-5.6")); f.Row == nil || f.Source != "mine" {
		t.Errorf("%+v", f)
	}
}
