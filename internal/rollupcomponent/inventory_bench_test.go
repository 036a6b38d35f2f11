package rollupcomponent

import (
	"fmt"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

// watched are records of ten routes and three models each.
func watched() []rollup.Record {
	now := time.Now().UnixNano()
	recs := make([]rollup.Record, 240)
	for i := range recs {
		model := fmt.Sprintf("gpt-4o-2024-0%d-13", 1+i%3)
		recs[i] = rollup.Record{
			Counted: true,
			Call:    &llm.Call{Start: now - 2e9, End: now - 1e9, Ref: llm.ModelRef{Provider: "openai", Server: "api.openai.com", Request: "gpt-4o", Response: model}},
			Stamp: &stamp.Stamp{
				Route: fmt.Sprintf("route-%d", i%10), Model: stamp.Model{ID: "gpt-4o", Vendor: "openai", Platform: "openai"},
				Cost: stamp.Cost{Status: stamp.StatusPriced, Currency: "USD", PriceID: "embedded@7:openai/" + model, Total: money.FromPico(1e9)},
			},
		}
	}
	return recs
}

// In steady state the inventory allocates nothing.
func TestInventoryAllocatesNothing(t *testing.T) {
	cfg := NewDefaultConfig()
	v, err := newInventory(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	recs, now := watched(), time.Now()
	for range 20 {
		v.observe(recs, now)
	}
	if n := testing.AllocsPerRun(20, func() { v.observe(recs, now) }); n > 0 {
		t.Errorf("%v allocations for %d records", n, len(recs))
	}
}

func BenchmarkInventory(b *testing.B) {
	cfg := NewDefaultConfig()
	v, err := newInventory(&cfg)
	if err != nil {
		b.Fatal(err)
	}
	recs, now := watched(), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		v.observe(recs, now)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(recs)), "ns/span")
}
