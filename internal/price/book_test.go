package price

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// perMillion makes a price list from pairs of an item and a decimal price for
// a million.
func perMillion(tb testing.TB, pairs ...string) Rates {
	tb.Helper()
	var out Rates
	for i := 0; i < len(pairs); i += 2 {
		item, ok := ParseItem(pairs[i])
		if !ok {
			tb.Fatalf("no item %q", pairs[i])
		}
		rate, err := money.NewRate(pairs[i+1], 1_000_000)
		if err != nil {
			tb.Fatal(err)
		}
		out.Set(item, rate)
	}
	return out
}

func (r Rates) above(tb testing.TB, threshold int64, pairs ...string) Rates {
	tb.Helper()
	for _, p := range perMillion(tb, pairs...) {
		r.SetAbove(p.Item, threshold, p.Rate)
	}
	return r
}

func row(platform, id string, r Rates) Row {
	return Row{Platform: platform, ID: id, Entries: []Entry{{Rates: r}}}
}

func newBook(tb testing.TB, rows ...Row) *Book {
	tb.Helper()
	return bookOf(tb, Config{Layers: []Table{{Source: "test", Version: "1", Rows: rows}}})
}

func bookOf(tb testing.TB, cfg Config) *Book {
	tb.Helper()
	b, err := NewBook(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func model(platform, name string) *llm.Model {
	return &llm.Model{Platform: platform, Name: name, Snapshot: name, ID: name, Ref: llm.ModelRef{Response: name}}
}

// used makes a usage from pairs of an item and a count.
func used(pairs ...any) *llm.Usage {
	u := &llm.Usage{Known: true}
	for i := 0; i < len(pairs); i += 2 {
		n := int64(pairs[i+1].(int))
		switch k := pairs[i].(type) {
		case llm.Bucket:
			u.Tokens[k] = n
		case llm.Unit:
			u.Units[k] = n
		default:
			panic(fmt.Sprintf("%T is nothing to use", k))
		}
	}
	return u
}

// say prints the parts of a cost that stories are about.
func say(c stamp.Cost) string {
	out := c.Status.String()
	switch {
	case c.Status.HasCost():
		out += " " + c.Total.String()
	case c.Status == stamp.StatusPartial:
		out += " >=" + c.AtLeast.String()
	}
	if c.HasList {
		out += " list " + c.List.String()
	}
	if len(c.Modifiers) > 0 {
		out += " " + strings.Join(c.Modifiers, ",")
	}
	return out
}

func at(s string) int64 {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UnixNano()
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func expect(t *testing.T, name string, c stamp.Cost, want string) {
	t.Helper()
	if got := say(c); got != want {
		t.Errorf("%s: %s, want %s", name, got, want)
	}
}

// TestUnknownIsNeverZero tells apart free, unknown, partly known and silent.
func TestUnknownIsNeverZero(t *testing.T) {
	b := newBook(t,
		row("openrouter", "respan/span-01-lite:free", perMillion(t, "input", "0", "output", "0")),
		row("openai", "only-input", perMillion(t, "input", "1")),
		row("openai", "no-prices", nil),
		row("openai", "paid", perMillion(t, "input", "1", "output", "2")),
	)
	million := used(llm.Input, 1_000_000, llm.Output, 1_000_000)
	for _, c := range []struct {
		name, platform, model string
		u                     *llm.Usage
		want                  string
	}{
		{"free is a price", "openrouter", "respan/span-01-lite:free", million, "priced 0"},
		{"no row", "openai", "gpt-unheard-of", million, "unpriced_model"},
		{"a row without prices", "openai", "no-prices", million, "unpriced_model"},
		{"half of it has a price", "openai", "only-input", million, "partial >=1"},
		{"none of it has a price", "openai", "only-input", used(llm.Output, 5), "unpriced_model"},
		{"nothing was used", "openai", "paid", used(), "priced 0"},
		{"the span is silent", "openai", "paid", &llm.Usage{}, "no_usage"},
		{"a search without a price", "openai", "paid", used(llm.Input, 1_000_000, llm.WebSearches, 1), "partial >=1"},
		{"a count below zero is no count", "openai", "paid", used(llm.Input, -5, llm.Output, 1_000_000), "partial >=2"},
	} {
		expect(t, c.name, b.Cost(c.u, model(c.platform, c.model), Query{At: 1}), c.want)
	}
}

// TestFallbackOfBuckets prices each bucket at its most specific price, else at
// its parent's.
func TestFallbackOfBuckets(t *testing.T) {
	text := perMillion(t, "input", "10", "output", "30")
	cached := perMillion(t, "input", "10", "cache_read", "1", "output", "30")
	audio := perMillion(t, "input", "10", "cache_read", "1", "input_audio", "100", "output", "30")
	for _, c := range []struct {
		name   string
		rates  Rates
		vendor string
		bucket llm.Bucket
		want   string
	}{
		{"no cache price: full input", text, "", llm.CacheRead, "10"},
		{"a cache price of its own", cached, "", llm.CacheRead, "1"},
		{"writes cost input", cached, "", llm.CacheWrite, "10"},
		{"an hour costs what five minutes do", perMillion(t, "input", "10", "cache_write", "12.5"), "", llm.CacheWrite1h, "12.5"},
		{"but Claude's costs twice the input", perMillion(t, "input", "10", "cache_write", "12.5"), "anthropic", llm.CacheWrite1h, "20"},
		{"unless it has a price", perMillion(t, "input", "10", "cache_write_1h", "7"), "anthropic", llm.CacheWrite1h, "7"},
		{"audio as text", text, "", llm.InputAudio, "10"},
		{"cached audio of a model that charges audio: in full", audio, "", llm.CacheReadAudio, "100"},
		{"cached audio of one that does not: as cached text", cached, "", llm.CacheReadAudio, "1"},
		{"reasoning is output", text, "", llm.Reasoning, "30"},
		{"citations are output", text, "", llm.Citation, "30"},
		{"images made are output", text, "", llm.OutputImage, "30"},
	} {
		b := newBook(t, row("p", "m", c.rates))
		m := model("p", "m")
		m.Vendor = c.vendor
		expect(t, c.name, b.Cost(used(c.bucket, 1_000_000), m, Query{At: 1}), "priced "+c.want)
	}
}

// TestContextIsACliff selects the tier of the whole request by total input,
// cached tokens included, strictly above the threshold.
func TestContextIsACliff(t *testing.T) {
	b := newBook(t, row("p", "m", perMillion(t, "input", "1", "cache_read", "0.1", "output", "2").
		above(t, 200_000, "input", "2", "cache_read", "0.2", "output", "3").above(t, 272_000, "input", "4")))
	for _, c := range []struct {
		name string
		u    *llm.Usage
		want string
	}{
		{"at the threshold", used(llm.Input, 200_000, llm.Output, 1_000_000), "priced 2.2"},
		{"one above", used(llm.Input, 200_001, llm.Output, 1_000_000), "priced 3.400002 context>200000"},
		{"cached tokens count", used(llm.Input, 1, llm.CacheRead, 200_000), "priced 0.040002 context>200000"},
		{"output does not", used(llm.Input, 1, llm.Output, 1_000_000), "priced 2.000001"},
		{"what a higher tier leaves out keeps the lower one's", used(llm.Input, 300_000, llm.Output, 1_000_000), "priced 4.2 context>272000"},
	} {
		expect(t, c.name, b.Cost(c.u, model("p", "m"), Query{At: 1}), c.want)
	}
}

// TestServiceTiers prices what was served.
func TestServiceTiers(t *testing.T) {
	r := row("p", "m", append(perMillion(t, "input", "4", "output", "8").above(t, 200_000, "input", "8"), Price{Units(llm.WebSearches), 0, money.Rate{Femto: 1e13, Per: 1}}))
	r.Variants = []Variant{
		{If: []Condition{Tier("batch")}, Factor: money.Factor{Num: 1, Den: 2}},
		{If: []Condition{Tier("priority")}, Rates: perMillion(t, "input", "10")},
		{Name: "fast", If: []Condition{Tier("fast")}, Factor: money.Factor{Num: 6, Den: 1}, Flat: true},
		{If: []Condition{{Param: ParamUnknown, AnyOf: []string{"standard"}}}, Factor: money.Factor{Num: 9, Den: 1}},
		{Factor: money.Factor{Num: 9, Den: 1}}, // no condition: never
	}
	b := newBook(t, r)
	u := used(llm.Input, 100_000, llm.Output, 100_000, llm.WebSearches, 1)
	long := used(llm.Input, 300_000)
	for _, c := range []struct {
		tier string
		u    *llm.Usage
		want string
	}{
		{"", u, "priced 1.21"},
		{"default", u, "priced 1.21"},
		{"AUTO", u, "priced 1.21"},
		{"batch", u, "priced 0.61 batch"}, // the search is not halved
		{"batches", u, "priced 0.61 batch"},
		{"priority", u, "priced 1.81 priority"}, // output keeps the standard price
		{"flex", u, "priced 1.21 flex:standard"},
		{"reserved", u, "priced 1.21"}, // a word that nobody prices
		{"", long, "priced 2.4 context>200000"},
		{"batch", long, "priced 1.2 batch,context>200000"},
		{"priority", long, "priced 3 priority"},
		{"fast", long, "priced 7.2 fast"},
	} {
		expect(t, "tier "+c.tier, b.Cost(c.u, model("p", "m"), Query{At: 1, Tier: c.tier}), c.want)
	}
}

// TestGeographyUpliftsTokensOnly applies exactly a tenth, once.
func TestGeographyUpliftsTokensOnly(t *testing.T) {
	r := row("anthropic", "m", append(perMillion(t, "input", "3", "output", "15"), Price{Units(llm.WebSearches), 0, money.Rate{Femto: 1e13, Per: 1}}))
	r.Uplifts = []Uplift{{Name: "geo:us", If: []Condition{Geo("us")}, Factor: money.Factor{Num: 11, Den: 10}}}
	b := newBook(t, r)
	u := used(llm.Input, 1_000_000, llm.WebSearches, 2)
	expect(t, "us", b.Cost(u, model("anthropic", "m"), Query{At: 1, Geo: "US"}), "priced 3.32 geo:us")
	expect(t, "global", b.Cost(u, model("anthropic", "m"), Query{At: 1, Geo: "global"}), "priced 3.02")
	m := model("anthropic", "m")
	m.Region = "us"
	expect(t, "by the model's region", b.Cost(u, m, Query{At: 1}), "priced 3.32 geo:us")
}

// TestMediaAreChargedOnce never adds two descriptions of one thing.
func TestMediaAreChargedOnce(t *testing.T) {
	each := func(i Item, femto int64) Price { return Price{i, 0, money.Rate{Femto: femto, Per: 1}} }
	pic, px := each(Units(llm.OutputImages), 5e13), each(Units(llm.OutputPixels), 2e7)
	inpic := each(Units(llm.InputImages), 1e13)
	sec := Price{Units(llm.OutputAudioMillis), 0, money.Rate{Femto: 1e11, Per: 1000}}
	insec := Price{Units(llm.InputAudioMillis), 0, money.Rate{Femto: 1e11, Per: 1000}}
	text := perMillion(t, "input", "1", "output", "2")
	with := func(r Rates, p ...Price) Rates { return append(append(Rates(nil), r...), p...) }
	for _, c := range []struct {
		name  string
		rates Rates
		u     *llm.Usage
		want  string
	}{
		{"image tokens before pixels and counts", with(perMillion(t, "output", "2", "output_image", "5"), pic, px), used(llm.OutputImage, 1_000_000, llm.OutputPixels, 1000, llm.OutputImages, 1), "priced 5"},
		{"pixels before counts", with(text, pic, px), used(llm.OutputPixels, 1_000_000, llm.OutputImages, 1), "priced 0.02"},
		{"a price per image before the text price of its tokens", with(text, pic), used(llm.OutputImage, 1_000_000, llm.OutputImages, 2), "priced 0.1"},
		{"tokens before pixels and counts, whatever they are called", with(text, pic, px), used(llm.Output, 1_000_000, llm.OutputPixels, 1000, llm.OutputImages, 1), "priced 2"},
		{"also those of the prompt", with(text, inpic, pic), used(llm.Input, 1_000_000, llm.Output, 1_000_000, llm.InputImages, 3), "priced 3"},
		{"words in, pictures out", with(text, inpic, pic), used(llm.Input, 1_000_000, llm.OutputImages, 2), "priced 1.1"},
		{"pictures in, tokens out", with(text, inpic, pic), used(llm.InputImages, 3, llm.Output, 1_000_000), "priced 2.03"},
		{"the words beside a picture that has tokens of its own price", with(perMillion(t, "output", "2", "output_image", "5"), pic), used(llm.Output, 1_000_000, llm.OutputImages, 1), "priced 2.05"},
		{"an embedding charges the picture beside the text", with(perMillion(t, "input", "1"), inpic), used(llm.Input, 1_000_000, llm.InputImages, 1), "priced 1.01"},
		{"the text price where there is no other", text, used(llm.OutputImage, 1_000_000, llm.OutputImages, 2), "priced 2"},
		{"an image that nothing prices", text, used(llm.OutputImages, 2, llm.Input, 1_000_000), "partial >=1"},
		{"pictures in a prompt are part of its tokens", text, used(llm.Input, 1_000_000, llm.InputImages, 2), "priced 1"},
		{"audio tokens before seconds", with(perMillion(t, "output_audio", "7"), sec), used(llm.OutputAudio, 1_000_000, llm.OutputAudioMillis, 5000), "priced 7"},
		{"seconds where no output token is priced", with(perMillion(t, "input", "1", "output", "2"), sec), used(llm.Input, 500, llm.OutputAudioMillis, 120_000), "priced 0.0125"},
		{"seconds of a model whose tokens are free", with(perMillion(t, "input", "0", "output", "0"), insec), used(llm.Input, 10, llm.InputAudioMillis, 300_000), "priced 0.03"},
		{"speech that is charged by its text", with(perMillion(t, "input_characters", "15")), used(llm.InputCharacters, 1_000_000, llm.OutputAudioMillis, 9000), "priced 15"},
		{"tokens before characters", with(perMillion(t, "input", "1", "input_characters", "15")), used(llm.Input, 1_000_000, llm.InputCharacters, 4_000_000), "priced 1"},
		{"grounding per prompt, however many searches", with(text, each(PerSearchRequest, 35e12)), used(llm.WebSearches, 3), "priced 0.035"},
		{"no search, no fee", with(text, each(PerSearchRequest, 35e12)), used(llm.Input, 1_000_000), "priced 1"},
		{"a fee per request, on empty usage too", with(text, each(PerRequest, 12e12)), used(), "priced 0.012"},
		{"rerank by searches", Rates{each(Units(llm.RerankSearches), 2e12)}, used(llm.RerankSearches, 3), "priced 0.006"},
		{"rerank by tokens", text, used(llm.Input, 1_000_000, llm.RerankSearches, 1), "priced 1"},
		{"pages", Rates{each(Units(llm.Pages), 1e12)}, used(llm.Pages, 20), "priced 0.02"},
	} {
		b := newBook(t, row("p", "m", c.rates))
		expect(t, c.name, b.Cost(c.u, model("p", "m"), Query{At: 1}), c.want)
	}
}

// TestReportedIsTheTotal keeps ours beside the provider's own figure.
func TestReportedIsTheTotal(t *testing.T) {
	b := newBook(t, row("p", "m", perMillion(t, "input", "1")))
	ours := b.Cost(used(llm.Input, 1_000_000), model("p", "m"), Query{At: 1})
	ninety, _ := money.Parse("0.9")
	c := Reported(ours, ninety, "USD")
	expect(t, "it differs", c, "reported 0.9 list 1")
	if v := c.Reported.Sub(c.List); !c.HasReported || !c.HasList || v.String() != "-0.1" {
		t.Errorf("variance %v", v)
	}
	if c.Components[stamp.CompOther] != ninety || c.Components[stamp.CompInput] != (money.Amount{}) {
		t.Errorf("components %v", c.Components)
	}
	one, _ := money.Parse("1")
	if c := Reported(ours, one, "USD"); c.Components != ours.Components {
		t.Error("an equal figure lost its components")
	}
	expect(t, "another currency", Reported(ours, ninety, "EUR"), "reported 0.9")
	expect(t, "no row", Reported(stamp.Cost{Status: stamp.StatusUnpricedModel}, ninety, "USD"), "reported 0.9")
}
