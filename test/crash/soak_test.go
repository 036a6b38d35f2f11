package crash

import (
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/sim"
)

// Growth of the live heap that a soak accepts, from the second third of the run
// to the last: what is bounded by time or number is full by then (the dedupe
// horizon and the traces of soak.yaml are few, so that this holds for a run of a
// minute too).
const (
	soakGrowth = 1.1
	soakSlack  = 4 << 20 // bytes
)

// TestSoak keeps the built collector under load for SOAK_DURATION (make soak),
// and then asks for two things: its books are the truth, and its memory is
// flat. Live heap is the least that was seen in a stretch of time, which is
// what a collection left.
func TestSoak(t *testing.T) {
	text := os.Getenv("SOAK_DURATION")
	if text == "" {
		t.Skip("SOAK_DURATION says for how long, see make soak")
	}
	during, err := time.ParseDuration(text)
	require.NoError(t, err)
	require.GreaterOrEqual(t, during, 30*time.Second, "a shorter run says nothing about memory")

	c := newCollector(t, "sync")
	c.config = "soak.yaml"
	c.launch()
	c.serving()
	var done atomic.Bool
	var senders sync.WaitGroup
	fleets := make([]*producer, producers)
	for i := range fleets {
		fleets[i] = newProducer(uint64(i)+100, 25)
		senders.Go(func() { fleets[i].run(t, c, &done) })
	}
	var heaps []float64
	began := time.Now()
	told := began
	for time.Since(began) < during && !t.Failed() {
		time.Sleep(during / 300)
		m := c.metrics()
		heap := value(m, "otelcol_process_runtime_heap_alloc")
		heaps = append(heaps, heap)
		if time.Since(told) >= max(during/20, 5*time.Second) {
			told = time.Now()
			t.Logf("%v of %v: %d spans booked, heap %.1f MiB, resident %.1f MiB", time.Since(began).Round(time.Second), during,
				c.books().Totals.Spans, heap/(1<<20), value(m, "otelcol_process_memory_rss")/(1<<20))
		}
	}
	done.Store(true)
	senders.Wait()
	require.False(t, t.Failed())
	c.eventually(60*time.Second, "every call is settled", func() bool { return c.books().Totals.Pending == 0 })

	truth := sim.NewTruth()
	for _, f := range fleets {
		truth.Add(f.fleet.Truth())
	}
	b := c.books()
	equalBooks(t, truth, b)
	require.Equal(t, truth.Total().CallsTotal(), b.Totals.Calls, "calls")
	third := len(heaps) / 3
	middle, last := slices.Min(heaps[third:2*third]), slices.Min(heaps[2*third:])
	t.Logf("%v: %d spans, %s USD, books equal the truth; live heap %.1f MiB in the second third, %.1f in the last",
		during, b.Totals.Spans, b.Totals.Cost[0].Total, middle/(1<<20), last/(1<<20))
	require.Positive(t, middle)
	require.LessOrEqual(t, last, middle*soakGrowth+soakSlack, "memory grows")
	c.stop()
}

// metrics is the collector's own telemetry.
func (c *collector) metrics() map[string]*dto.MetricFamily {
	c.t.Helper()
	body, err := c.fetch(c.own + "/metrics")
	require.NoError(c.t, err)
	families, err := parse(body)
	require.NoError(c.t, err)
	return families
}

// value is that of the gauge whose name begins so; units are appended to it.
func value(families map[string]*dto.MetricFamily, name string) float64 {
	for family, f := range families {
		if strings.HasPrefix(family, name) && f.Metric[0].Gauge != nil {
			return f.Metric[0].Gauge.GetValue()
		}
	}
	return 0
}
