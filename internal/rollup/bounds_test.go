package rollup

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A thousand routes by twenty models, each with its default SLOs, and a
// snapshot of them beside it, fit in 200 MiB.
func TestAThousandRoutesFit(t *testing.T) {
	if testing.Short() {
		t.Skip("allocates some 150 MB")
	}
	before := heap()
	l, err := New(DefaultConfig(), "ledger-1", t0)
	require.NoError(t, err)
	f := newFleet(1000, 20, 20_000)
	fleetSize := heap()
	l.Add(f.next(t0, nil), t0)
	s := l.Cut(t0)
	used := heap() - fleetSize
	t.Logf("%d rows, %d SLOs: %d MiB, fleet %d MiB", len(s.Rows), len(s.SLOs), used>>20, (fleetSize-before)>>20)
	require.Len(t, s.Rows, 20_000)
	require.Len(t, s.SLOs, 2000)
	require.Less(t, used, uint64(200<<20))
	runtime.KeepAlive(l)
}

// However many routes and models are offered, the rows stay at the cap, the
// memory stays flat, and no money is lost.
func TestAnyCardinalityIsFlat(t *testing.T) {
	offered := 1_000_000
	if testing.Short() {
		offered = 20_000
	}
	cfg := DefaultConfig()
	cfg.CardinalityLimit, cfg.DimensionLimit, cfg.DefaultSLOs.MaxRoutes = 5000, 1000, 10
	cfg.Dedupe = Dedupe{Horizon: time.Minute, MaxSpans: 10_000}
	l, err := New(cfg, "ledger-1", t0)
	require.NoError(t, err)
	f := newFleet(1, 1, 1000)
	add := func(from, to int) {
		for n := from; n < to; n += 1000 {
			recs := f.next(t0.Add(time.Duration(n)*time.Millisecond), nil)
			for i := range recs {
				recs[i].Stamp.Route = fmt.Sprint("route-", n+i)
				recs[i].Dims[2] = fmt.Sprint("model-", (n+i)/3)
			}
			l.Add(recs, t0.Add(time.Duration(n)*time.Millisecond))
		}
	}
	warm := 16_000
	add(0, warm)
	before := heap()
	add(warm, offered)
	s := l.Cut(t0.Add(time.Hour))
	grown := int64(heap()) - int64(before)
	t.Logf("%d offered, %d rows, grown by %d KiB", offered, len(s.Rows), grown>>10)
	require.LessOrEqual(t, len(s.Rows), cfg.CardinalityLimit+cfg.DimensionLimit+1)
	require.Less(t, grown, int64(16<<20), "the snapshot is part of it")
	var cost money.Amount
	for _, r := range s.Rows {
		cost = cost.Add(r.Cost[stamp.UseDelivered])
	}
	require.Equal(t, money.FromPico(int64(offered)*30_000_000), cost)
	require.Equal(t, cost, s.Totals.Cost[0].Cost)
	require.Equal(t, int64(offered), s.Totals.Calls)
	require.Positive(t, s.Self.OverflowRecords)
	require.Positive(t, s.Self.DefaultSLOsSkipped)
}
