package crash

import (
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/sim"
)

const producers = 3

// kills is how often the collector is killed; CRASH_KILLS asks for more.
func kills(t *testing.T, otherwise int) int {
	n := otherwise
	if s := os.Getenv("CRASH_KILLS"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	return n
}

// Killed at any moment, under durability sync, the books hold every cent,
// token and billed call once. What kill -9 does take is the enricher's memory
// of attempts: a call whose tries came before and after may be counted twice,
// and the ledger says how many can have been.
func TestBooksSurviveKill(t *testing.T) {
	c := newCollector(t, "sync")
	var done atomic.Bool
	var senders sync.WaitGroup
	fleets := make([]*producer, producers)
	rng := rand.New(rand.NewPCG(1859, 25))
	c.launch()
	started := time.Now()
	c.serving()
	up := time.Since(started)
	for i := range fleets {
		fleets[i] = newProducer(uint64(i)+1, 25)
		senders.Go(func() { fleets[i].run(t, c, &done) })
	}
	n := kills(t, 25)
	before := c.books()
	for range n {
		// From the very start of the process to well after it serves.
		wait := time.Duration(rng.Int64N(int64(up + 1200*time.Millisecond)))
		time.Sleep(wait)
		c.kill()
		c.launch()
	}
	c.serving()
	if n == 0 {
		time.Sleep(6 * time.Second)
	}
	done.Store(true)
	senders.Wait()
	require.False(t, t.Failed())
	c.eventually(40*time.Second, "every call is settled", func() bool { return c.books().Totals.Pending == 0 })

	truth, load := sim.NewTruth(), tally{}
	for _, f := range fleets {
		truth.Add(f.fleet.Truth())
		load.add(f.tally)
	}
	b := c.books()
	require.Equal(t, before.Instance, b.Instance, "one ledger through all restarts")
	require.Equal(t, before.Start, b.Start)
	require.Empty(t, b.Lost)
	equalBooks(t, truth, b)
	split := c.self("restart_splits")
	more := b.Totals.Calls - truth.Total().CallsTotal()
	t.Logf("%d kills (%v to start), load %+v: %d spans, %s USD, %d calls of which %d are parts of one that a restart split, %d counted",
		n, up.Round(time.Millisecond), load, b.Totals.Spans, b.Totals.Cost[0].Total, b.Totals.Calls, more, split)
	require.GreaterOrEqual(t, more, int64(0), "no call is lost")
	require.LessOrEqual(t, more, split, "calls that a restart split are counted")
	if n > 0 {
		require.Positive(t, load.refused, "the load felt the kills")
	}

	c.stop()
	c.launch()
	c.serving()
	equalBooks(t, truth, c.books())
	require.Equal(t, b.Totals, c.books().Totals, "a clean restart changes nothing")
	require.Equal(t, split, c.self("restart_splits"))
	c.stop()
}

// equalBooks: money, tokens and bills, of every route, to the last unit.
func equalBooks(t *testing.T, truth *sim.Truth, b books) {
	t.Helper()
	require.Len(t, b.Routes, len(truth.Routes()))
	for _, got := range b.Routes {
		want := truth.Route(got.Route)
		require.NotNil(t, want, got.Route)
		require.Equal(t, want.Cost(), money(got.Cost["USD"]), "cost of %s", got.Route)
		require.Equal(t, want.Wasted(), money(got.Wasted["USD"]), "waste of %s", got.Route)
		require.Equal(t, want.Naive(), money(got.Naive["USD"]), "naive sum of %s", got.Route)
		require.Equal(t, want.Attempts, got.AttemptsTotal, "attempts of %s", got.Route)
		tokens := int64(0)
		for _, n := range got.Tokens {
			tokens += n
		}
		require.Equal(t, want.Tokens, tokens, "tokens of %s", got.Route)
	}
	total := truth.Total()
	require.Len(t, b.Totals.Cost, 1)
	require.Equal(t, total.Cost(), b.Totals.Cost[0].Total, "cost")
	require.Equal(t, total.Wasted(), b.Totals.Cost[0].Wasted, "waste")
	require.Equal(t, total.Naive(), b.Totals.Cost[0].Naive, "naive sum")
	require.Equal(t, total.Tokens, b.Totals.Tokens, "tokens")
	require.Equal(t, total.Billed, b.Totals.Billed, "billed calls")
	require.Equal(t, total.Unpriced, b.Totals.Unpriced, "unpriced calls")
	require.Equal(t, total.Spans, b.Totals.Spans, "spans")
	require.Equal(t, total.Attempts, b.Totals.Attempts, "attempts")
}

func (t *tally) add(o tally) {
	t.batches += o.batches
	t.split += o.split
	t.refused += o.refused
	t.repeated += o.repeated
}

// money spells the absence of a figure as no money.
func money(s string) string {
	if s == "" {
		return "0"
	}
	return s
}
