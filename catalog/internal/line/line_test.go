package line

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

func anyRates() *rapid.Generator[price.Rates] {
	return rapid.Custom(func(t *rapid.T) price.Rates {
		var out price.Rates
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			out.SetAbove(
				price.Item(rapid.IntRange(0, int(price.NumItems)-1).Draw(t, "item")),
				rapid.SampledFrom([]int64{0, 128_000, 271_999}).Draw(t, "above"),
				money.Rate{
					Femto: rapid.Int64Range(0, 1<<62).Draw(t, "femto"),
					Per:   rapid.SampledFrom([]int64{1, 1_000, 1_000_000, 3_600_000}).Draw(t, "per"),
				})
		}
		return out
	})
}

// What is written reads back as it was: no price passes through a float.
func TestRatesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyRates().Draw(t, "rates")
		got, err := parseRates(formatRates(want))
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q: %v %v, want %v", formatRates(want), got, err, want)
		}
	})
}

func TestPeriodsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want price.Period
		if rapid.Bool().Draw(t, "dated") {
			want.From = time.Unix(rapid.Int64Range(1, 1<<32).Draw(t, "from"), 0).UTC()
		}
		for range rapid.IntRange(0, 2).Draw(t, "windows") {
			if want.Schedule == nil {
				want.Schedule = &price.Schedule{Zone: "Asia/Shanghai", Outside: rapid.Bool().Draw(t, "outside")}
			}
			want.Schedule.Windows = append(want.Schedule.Windows, price.Window{
				Days: price.Weekdays(rapid.IntRange(0, 127).Draw(t, "days")),
				From: rapid.IntRange(0, 86_400).Draw(t, "a"), To: rapid.IntRange(0, 86_400).Draw(t, "b"),
			})
		}
		got, err := formatPeriod(want).Parse()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v: %+v %v, want %+v", formatPeriod(want), got, err, want)
		}
	})
}

func TestRowsReadBack(t *testing.T) {
	match := price.Any(price.StartsWith("m-"), price.All(price.Contains("x"), price.Not(price.Regex("y$"))), price.EndsWith("z"))
	want := price.Row{
		ID: "m", Vendor: "v", Aliases: []string{"n"}, Match: &match, ContextWindow: 5, MaxOutput: 4, RetirementDate: "2027-01-01", Replacement: "m2",
		Entries: []price.Entry{
			{Rates: price.Rates{{Rate: money.Rate{Femto: 2_800_000_000_000, Per: mtok}}}},
			{When: price.Period{From: time.Date(2026, 8, 17, 0, 0, 0, 0, time.UTC)}},
		},
	}
	l := FormatRow(&want, "pi-ai", "")
	data, err := Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var back Row
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	got, err := back.Parse()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %+v %v, want %+v", data, got, err, want)
	}
}

func FuzzRates(f *testing.F) {
	f.Add("input 2.5, cache_read>200000 0.00000000000001, web_searches 10/1000")
	f.Fuzz(func(t *testing.T, s string) {
		rates, err := parseRates(s)
		if err != nil {
			return
		}
		again, err := parseRates(formatRates(rates))
		if err != nil || !slices.Equal(rates, again) {
			t.Fatalf("%q reads as %v, and that as %v %v", s, rates, again, err)
		}
	})
}

// The schema names the fields that lines have, no more and no fewer.
func TestSchemaNamesTheFields(t *testing.T) {
	data, err := os.ReadFile("../../schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{
		"head": Head{}, "row": Row{}, "entry": Entry{}, "clause": Clause{}, "variant": Variant{}, "uplift": Uplift{}, "rule": Rule{}, "model": Model{},
	} {
		var want []string
		for f := range fields(reflect.TypeOf(v)) {
			want = append(want, f)
		}
		var got []string
		for f := range schema.Defs[name].Properties {
			got = append(got, f)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, lines have %v", name, got, want)
		}
	}
}

func fields(t reflect.Type) map[string]bool {
	out := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			for name := range fields(f.Type) {
				out[name] = true
			}
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out[name] = true
	}
	return out
}
