//go:build unix

package rollup

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/slo"
)

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
			routes, models := newFleet(shape.routes, 1, shape.routes).recs, newFleet(1, shape.models, shape.models).recs
			names := make([]string, len(routes)) // close together, as those of a decoded batch are
			for i := range routes {
				names[i] = routes[i].Stamp.Route
			}
			draw := make([][2]uint16, 1<<16)
			for i := range draw {
				if zipf != nil {
					draw[i][0] = uint16(zipf.Uint64())
				}
				draw[i][1] = uint16(i * 7919 % shape.models)
			}
			now, n := t0, 0
			batch := func() {
				now = now.Add(30 * time.Millisecond)
				for i := range f.recs {
					at := draw[n%len(draw)]
					dims := models[at[1]].Dims
					f.stamps[i].Route, f.recs[i].Dims, f.stamps[i].Model.ID = names[at[0]], dims, dims[2]
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
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Nano() + u.Stime.Nano()
}
