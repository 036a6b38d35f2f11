package rollup

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
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

// ns/op is one record, already read, into a warm ledger: dedupe by span and by
// bill, rows, money, components, SLOs, histograms and a receipt. Filling the
// record in is part of it (some 20 ns). Routes are drawn at Zipf 1.2.
func BenchmarkAdd(b *testing.B) {
	ids := responseIDs(1 << 19)
	for _, shape := range []struct{ routes, models, slos int }{{1, 10, 0}, {100, 10, 0}, {1000, 20, 0}, {1, 10000, 0}, {1000, 20, 200}} {
		b.Run(fmt.Sprintf("routes=%d/models=%d/slos=%d", shape.routes, shape.models, shape.slos), func(b *testing.B) {
			cfg := DefaultConfig()
			cfg.Dedupe.Horizon = 30 * time.Second // 100,000 spans at 3,333 a second
			for i := range shape.slos {
				cfg.SLOs = append(cfg.SLOs, SLODef{
					Spec: slo.Spec{
						Name: fmt.Sprintf("slo-%d", i), Kind: slo.Duration, Limits: slo.Limits{Duration: 8 * time.Second},
						Objective: slo.Objective{Num: 99, Den: 100}, Window: slo.Window{Rolling: 30 * 24 * time.Hour},
					},
					Where: Where{RouteKey: fmt.Sprintf("route-%d", i)},
				})
			}
			l, err := New(cfg, "ledger-1", t0)
			require.NoError(b, err)
			f := newFleet(1, 1, 100)
			zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.2, 1, uint64(shape.routes-1))
			if shape.routes == 1 {
				zipf = nil
			}
			rows := newFleet(shape.routes, shape.models, shape.routes*shape.models)
			draw := make([]int, 1<<16)
			for i := range draw {
				if zipf != nil {
					draw[i] = int(zipf.Uint64())
				}
				draw[i] += shape.routes * (i * 7919 % shape.models)
			}
			now, n := t0, 0
			batch := func() {
				now = now.Add(30 * time.Millisecond)
				for i := range f.recs {
					from := rows.recs[draw[n%len(draw)]]
					f.stamps[i].Route, f.recs[i].Dims, f.stamps[i].Model.ID = from.Stamp.Route, from.Dims, from.Stamp.Model.ID
					n++
				}
				l.Add(f.next(now, ids), now)
			}
			for range 2000 {
				batch()
			}
			b.ReportAllocs()
			b.ResetTimer()
			began := cpuTime(b)
			for done := 0; done < b.N; done += 100 {
				batch()
			}
			b.StopTimer()
			b.ReportMetric(float64(cpuTime(b)-began)/float64(max(b.N, 100)), "cpu-ns/op")
			s := l.Cut(now)
			require.Equal(b, int64(n), s.Totals.Spans)
			require.Zero(b, s.Totals.Duplicates)
		})
	}
}

// cpuTime is the processor time of this process in nanoseconds; other
// processes on the machine do not count in it.
func cpuTime(b *testing.B) int64 {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Nano() + u.Stime.Nano()
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
