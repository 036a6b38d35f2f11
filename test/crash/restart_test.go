package crash

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/sim"
)

// A scraper that is asleep for the restart sees no counter step back, whether
// the collector was asked to stop or killed: not where every batch is
// journalled, and not where what was booked since the last snapshot is lost,
// because that was not published either.
func TestNoSeriesStepsBack(t *testing.T) {
	for _, durability := range []string{"sync", "interval"} {
		t.Run(durability, func(t *testing.T) { noSeriesStepsBack(t, durability) })
	}
}

func noSeriesStepsBack(t *testing.T, durability string) {
	c := newCollector(t, durability)
	c.launch()
	c.serving()
	rng := rand.New(rand.NewPCG(2, 2))
	var done atomic.Bool
	p, sent := newProducer(9, 25), make(chan struct{})
	go func() { p.run(t, c, &done); close(sent) }()
	seen := scraper{}
	for restart := range 8 {
		for until := time.Now().Add(time.Duration(rng.Int64N(int64(1800 * time.Millisecond)))); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
			seen.scrape(t, c)
		}
		if restart%2 == 0 {
			c.kill()
		} else {
			c.stop()
		}
		c.launch()
		c.serving()
	}
	done.Store(true)
	<-sent
	c.stop()
	c.launch()
	c.serving()
	seen.scrape(t, c)
	require.Greater(t, len(seen.last), 100)
	require.Greater(t, seen.moved, 1000, "the counters moved between scrapes")
	if durability == "sync" {
		truth := sim.NewTruth()
		truth.Add(p.fleet.Truth())
		equalBooks(t, truth, c.books())
	}
	c.stop()
	t.Logf("%s: %d scrapes, %d series, %d steps up", durability, seen.scrapes, len(seen.last), seen.moved)
}

// scraper remembers the last value of every cumulative series.
type scraper struct {
	last           map[string]float64
	scrapes, moved int
}

func (s *scraper) scrape(t *testing.T, c *collector) {
	t.Helper()
	body, err := c.fetch(c.scrape + "/metrics")
	require.NoError(t, err)
	families, err := parse(body)
	require.NoError(t, err)
	if s.last == nil {
		s.last = map[string]float64{}
	}
	now := map[string]float64{}
	for name, f := range families {
		for _, m := range f.Metric {
			series := name
			for _, l := range m.Label {
				series += " " + l.GetName() + "=" + l.GetValue()
			}
			switch {
			case m.Counter != nil:
				now[series] = m.Counter.GetValue()
			case m.Histogram != nil:
				now[series+" count"] = float64(m.Histogram.GetSampleCount())
				now[series+" sum"] = m.Histogram.GetSampleSum()
				for _, b := range m.Histogram.Bucket {
					now[series+" le="+time.Duration(b.GetUpperBound()*1e9).String()] = float64(b.GetCumulativeCount())
				}
			}
		}
	}
	for series, was := range s.last {
		is, ok := now[series]
		require.True(t, ok, "%s is gone", series)
		require.GreaterOrEqual(t, is, was, "%s stepped back", series)
		if is > was {
			s.moved++
		}
	}
	s.last = now
	s.scrapes++
}
