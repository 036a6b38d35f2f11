package price

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// largeBook has n rows on ten platforms, each with clauses, tiers and uplifts.
func largeBook(tb testing.TB, n int) *Book {
	tb.Helper()
	rates := perMillion(tb, "input", "3", "cache_read", "0.3", "cache_write", "3.75", "output", "15").above(tb, 200_000, "input", "6", "output", "22.5")
	rows := make([]Row, n)
	for i := range rows {
		id := fmt.Sprintf("model-%06d", i)
		clause := StartsWith(id + "-")
		rows[i] = row(fmt.Sprintf("platform-%d", i%10), id, rates)
		rows[i].Match = &clause
		rows[i].Variants = []Variant{{If: []Condition{Tier("batch")}, Factor: money.Factor{Num: 1, Den: 2}}}
		rows[i].Uplifts = []Uplift{{Name: "geo:us", If: []Condition{Geo("us")}, Factor: money.Factor{Num: 11, Den: 10}}}
	}
	return bookOf(tb, Config{
		Layers:    []Table{{Source: "bench", Version: "1", Rows: rows}},
		Contracts: []Contract{{Name: "q4", Model: "model-*", Discount: pct(12)}},
	})
}

var sinkCost stamp.Cost

// hot is how many models the calls of the benchmark are of.
const hot = 50

// BenchmarkCost prices calls of the same fifty models in books of 100, 10,000
// and 100,000 rows; an op is one call. The books take turns, a slice of calls
// each, so that whatever else the machine does falls on all of them; it reports
// how the larger ones compare with the smallest.
func BenchmarkCost(b *testing.B) {
	sizes := [...]int{100, 10_000, 100_000}
	var books [len(sizes)]*Book
	for i, n := range sizes {
		books[i] = largeBook(b, n)
	}
	var models [hot]*llm.Model
	for i := range models {
		models[i] = model(fmt.Sprintf("platform-%d", i%10), fmt.Sprintf("model-%06d", i))
	}
	u := used(llm.Input, 1200, llm.CacheRead, 8000, llm.Output, 300, llm.Reasoning, 100)
	q := Query{At: 1, Tier: "batch", Geo: "us", Route: "checkout"}
	slice := func(book *Book) time.Duration {
		began := time.Now()
		for i := range 20 * hot {
			sinkCost = book.Cost(u, models[i%hot], q)
		}
		return time.Since(began)
	}
	var took [len(sizes)][]time.Duration
	for _, book := range books {
		slice(book) // the models are met
	}
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; done += len(sizes) * 20 * hot {
		for i, book := range books {
			took[i] = append(took[i], slice(book))
		}
	}
	if sinkCost.Status != stamp.StatusPriced {
		b.Fatal(sinkCost.Status)
	}
	var per [len(sizes)]float64
	for i := range took {
		slices.Sort(took[i])
		per[i] = float64(took[i][len(took[i])/2]) / (20 * hot)
		b.ReportMetric(per[i], fmt.Sprintf("ns/call-of-%d", sizes[i]))
	}
	for i := 1; i < len(sizes); i++ {
		b.ReportMetric(per[i]/per[0], fmt.Sprintf("x-at-%d", sizes[i]))
	}
}

// BenchmarkCostMiss is a model that nobody has seen yet; an op is one search.
func BenchmarkCostMiss(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			book := largeBook(b, n)
			u := used(llm.Input, 1200)
			i := 0
			for b.Loop() {
				sinkCost = book.Cost(u, model("platform-1", fmt.Sprintf("unheard-%d", i)), Query{At: 1})
				i++
			}
		})
	}
}

// BenchmarkNewBook builds a book of ten thousand rows.
func BenchmarkNewBook(b *testing.B) {
	for b.Loop() {
		largeBook(b, 10_000)
	}
}

func TestASeenModelIsPricedWithoutAllocation(t *testing.T) {
	book := largeBook(t, 1000)
	m, u := model("platform-7", "model-000017"), used(llm.Input, 300_000, llm.CacheRead, 8000, llm.Output, 300, llm.WebSearches, 0)
	for _, q := range []Query{{At: 1}, {At: 1, Tier: "batch", Geo: "us", Route: "checkout"}, {At: 1, Tier: "flex"}} {
		book.Cost(u, m, q)
		if n := testing.AllocsPerRun(100, func() { sinkCost = book.Cost(u, m, q) }); n != 0 {
			t.Errorf("%+v: %v allocations", q, n)
		}
	}
	unknown := model("platform-7", "nothing")
	book.Cost(u, unknown, Query{At: 1})
	if n := testing.AllocsPerRun(100, func() { sinkCost = book.Cost(u, unknown, Query{At: 1}) }); n != 0 {
		t.Errorf("an unpriced model: %v allocations", n)
	}
}
