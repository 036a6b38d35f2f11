package genairollupexporter

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sum adds up what a receiver of differences was sent.
func (r *receiver) sum() (total float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, md := range r.got {
		total += spent(md)
	}
	return total
}

// Differences go on over restarts where the receiver left off: what was booked
// and not taken before a crash is in the first push after it, and what was
// taken is in none.
func TestDeltaGoesOnOverRestarts(t *testing.T) {
	yaml := func(r *receiver) string {
		return page + "durability: sync\nmetrics_flush_interval: 1h\naggregation_temporality: delta\n" +
			"otlp_http: {endpoint: \"" + r.URL + "\", compression: none, retry_on_failure: {enabled: false}}\n"
	}
	before, after := newReceiver(t), newReceiver(t)
	d := newDisk()
	first := start(t, d.host(), yaml(before))
	<-before.seen // zeros
	taken := func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.data["taken.0"] != nil
	}
	require.Eventually(t, taken, 10*time.Second, time.Millisecond)
	first.send(t, call(1, "checkout", 0.5))

	d = d.copied() // a crash
	second := start(t, d.host(), yaml(after))
	<-after.seen
	require.Eventually(t, func() bool { return after.sum() == 0.5 }, 10*time.Second, time.Millisecond)
	second.send(t, call(2, "checkout", 0.25))
	after.set(true)
	require.NoError(t, second.Shutdown(t.Context()), "the last push is refused")
	require.InDelta(t, 0.5, after.sum(), 0)

	after.set(false)
	third := start(t, d.host(), yaml(after))
	require.Eventually(t, func() bool { return after.sum() == 0.75 }, 10*time.Second, time.Millisecond)
	third.send(t, call(3, "checkout", 1))
	require.NoError(t, third.Shutdown(t.Context()))
	require.InDelta(t, 1.75, after.sum(), 0)
	fourth := start(t, d.host(), yaml(after))
	require.NoError(t, fourth.Shutdown(t.Context()))
	require.InDelta(t, 1.75, after.sum(), 0)
}
