package rollup

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// fleet makes records of a steady fleet: routes x models, each call answered,
// priced and streamed. Ids are new at every call of next.
type fleet struct {
	recs   []Record
	calls  []llm.Call
	stamps []stamp.Stamp
	ids    uint64
}

func newFleet(routes, models, batch int) *fleet {
	f := &fleet{recs: make([]Record, batch), calls: make([]llm.Call, batch), stamps: make([]stamp.Stamp, batch)}
	for i := range f.recs {
		c, st := &f.calls[i], &f.stamps[i]
		model := fmt.Sprintf("model-%d", (i/routes)%models)
		c.Role, c.Operation, c.Streaming = llm.RoleInference, llm.OpChat, true
		c.FirstChunk = int64(300 * time.Millisecond)
		c.Ref = llm.ModelRef{Provider: "openai", Request: model, Response: model}
		c.Usage.Known = true
		c.Usage.Tokens[llm.Input], c.Usage.Tokens[llm.CacheRead], c.Usage.Tokens[llm.Output] = 1200, 400, 350
		st.Route = fmt.Sprintf("route-%d", i%routes)
		st.Model = stamp.Model{ID: model, Vendor: "openai", Platform: "openai"}
		st.Cost = stamp.Cost{Status: stamp.StatusPriced, Currency: "USD", Total: money.FromPico(30_000_000), PriceID: "openai/" + model + "@2026-11-01"}
		st.Cost.Components[stamp.CompInput], st.Cost.Components[stamp.CompOutput] = money.FromPico(10_000_000), money.FromPico(20_000_000)
		f.recs[i] = Record{Call: c, Stamp: st, Dims: []string{"openai", "openai", model}, Weight: 1}
	}
	return f
}

// next gives every record new ids and a time; response ids share one buffer a
// record, as spans of a decoded batch would.
func (f *fleet) next(now time.Time, response []string) []Record {
	for i := range f.calls {
		f.ids++
		c := &f.calls[i]
		binary.BigEndian.PutUint64(c.Trace[:], f.ids*0x9e3779b97f4a7c15)
		binary.BigEndian.PutUint64(c.Span[:], f.ids)
		c.End = now.UnixNano()
		c.Start = c.End - int64(2*time.Second)
		if response != nil {
			c.ResponseID = response[f.ids%uint64(len(response))]
		}
	}
	return f.recs
}

func responseIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("chatcmpl-%026d", i)
	}
	return ids
}

func TestAddDoesNotAllocateInSteadyState(t *testing.T) {
	for _, exponential := range []bool{false, true} {
		t.Run(fmt.Sprintf("exponential=%v", exponential), func(t *testing.T) { addDoesNotAllocate(t, exponential) })
	}
}

func addDoesNotAllocate(t *testing.T, exponential bool) {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Exponential = exponential
	cfg.Dedupe = Dedupe{Horizon: time.Minute, MaxSpans: 5000}
	l, err := New(cfg, "ledger-1", t0)
	require.NoError(t, err)
	f, ids := newFleet(20, 5, 100), responseIDs(20_000)
	for i := range f.calls { // every tenth call fails and is retried later
		if i%10 == 0 {
			f.stamps[i].Error, f.stamps[i].Cost = llm.ErrRateLimited, stamp.Cost{Status: stamp.StatusNotBillable}
		}
	}
	now := t0
	step := func() {
		now = now.Add(2 * time.Second)
		l.Add(f.next(now, ids), now)
	}
	for range 500 {
		step()
	}
	require.Zero(t, testing.AllocsPerRun(200, step))
	require.Positive(t, l.Cut(now).Totals.Billed)
}

// One cut of 20,000 rows and 2,000 SLOs: the time that Add may have to wait.
func BenchmarkCut(b *testing.B) {
	l, err := New(DefaultConfig(), "ledger-1", t0)
	require.NoError(b, err)
	f := newFleet(1000, 20, 20_000)
	for i := range 30 {
		l.Add(f.next(t0.Add(time.Duration(i)*time.Hour), nil), t0.Add(time.Duration(i)*time.Hour))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		l.Cut(t0.Add(31*time.Hour + time.Duration(i)*time.Minute))
	}
}
