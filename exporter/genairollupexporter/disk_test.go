package genairollupexporter

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/consumer/consumererror"
)

const journalled = page + "durability: sync\nsnapshot_interval: 1s\n"

func (d *disk) full(yes bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = yes
}

var troubleAndBack = []componentstatus.Status{componentstatus.StatusRecoverableError, componentstatus.StatusOK}

// A full disk under durability interval: the books go on in memory and are
// published; the status says that they are not stored, until they are.
func TestFullDiskUnderInterval(t *testing.T) {
	d := newDisk()
	host := d.watched()
	e := start(t, host, page+"snapshot_interval: 1s\nprometheus: {endpoint: \"localhost:0\"}\n")
	d.full(true)
	e.send(t, call(1, "checkout", 0.1))
	require.Eventually(t, func() bool { return len(host.statuses()) == 1 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, int64(1), e.rollups(t).Totals.Spans)
	require.Contains(t, string(get(t, "http://"+e.inner.promAddr+"/metrics")), `spanledger_attempts_total`, "alerts are not blind for a full disk")
	d.full(false)
	require.Eventually(t, func() bool { return len(host.statuses()) == 2 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, troubleAndBack, host.statuses())
	require.NoError(t, e.Shutdown(t.Context()))
	require.Equal(t, int64(1), start(t, d.host(), page).rollups(t).Totals.Spans)
}

// A full disk under durability sync: batches are refused, for the sender to
// repeat, and nothing of them is booked.
func TestFullDiskUnderSync(t *testing.T) {
	d := newDisk()
	host := d.watched()
	e := start(t, host, journalled)
	e.send(t, call(1, "checkout", 0.1))
	d.full(true)
	for range 3 {
		err := e.ConsumeTraces(t.Context(), call(2, "checkout", 0.1))
		require.ErrorContains(t, err, "journal a batch")
		require.False(t, consumererror.IsPermanent(err), "the sender may repeat it")
	}
	require.Equal(t, int64(1), e.rollups(t).Totals.Spans)
	d.full(false)
	e.send(t, call(2, "checkout", 0.1))
	require.Equal(t, int64(2), e.rollups(t).Totals.Spans)
	require.Eventually(t, func() bool { return len(host.statuses()) == 2 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, troubleAndBack, host.statuses())
}

// A disk that does not answer under durability sync: producers wait, those who
// give up leave nothing behind, the page is served all the while, and what
// waited goes into one transaction.
func TestSlowDiskUnderSync(t *testing.T) {
	d := newDisk()
	e := start(t, d.host(), journalled)
	d.gate.Lock()
	var waiting sync.WaitGroup
	for i := range byte(20) {
		waiting.Go(func() { e.send(t, call(i, "checkout", 0.01)) })
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	// The first one may be the one who writes: it is the disk's, and waits.
	var gaveUp sync.WaitGroup
	gaveUp.Go(func() {
		if err := e.ConsumeTraces(ctx, call(100, "checkout", 0.01)); err != nil {
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
	})
	<-ctx.Done()
	require.Zero(t, e.rollups(t).Totals.Spans, "nothing is booked before it is journalled")
	d.gate.Unlock()
	waiting.Wait()
	gaveUp.Wait()
	e.send(t, call(100, "checkout", 0.01))
	require.Equal(t, int64(21), e.rollups(t).Totals.Spans)
	require.Equal(t, "0.21", e.rollups(t).Totals.Cost[0].Total)
}

// events notes what happens in what order.
type events struct {
	mu   sync.Mutex
	list []string
}

func (v *events) note(what string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.list = append(v.list, what)
}

func (v *events) all() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.list
}

// destination counts the pushes among the events.
func (v *events) destination(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { v.note("pushed") }))
	t.Cleanup(server.Close)
	return page + "metrics_flush_interval: 1h\notlp_http: {endpoint: \"" + server.URL + "\", compression: none, retry_on_failure: {enabled: false}}\n"
}

// The last cut is stored, then pushed once, then the storage is given back.
func TestOrderOfShutdown(t *testing.T) {
	var v events
	d := newDisk()
	e := start(t, d.host(), v.destination(t))
	e.send(t, call(1, "checkout", 0.1))
	require.Eventually(t, func() bool { return len(v.all()) == 1 }, 10*time.Second, 10*time.Millisecond, "the zeros of the start")
	d.note = v.note
	require.NoError(t, e.Shutdown(t.Context()))
	require.Equal(t, []string{"pushed", "stored", "pushed", "closed"}, v.all())
}

// A disk that does not answer holds up neither the push nor the shutdown.
func TestShutdownKeepsItsDeadline(t *testing.T) {
	var v events
	d := newDisk()
	host := d.watched()
	e := start(t, host, v.destination(t))
	e.send(t, call(1, "checkout", 0.1))
	require.Eventually(t, func() bool { return len(v.all()) == 1 }, 10*time.Second, 10*time.Millisecond)
	d.gate.Lock()
	defer d.gate.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	require.ErrorContains(t, e.Shutdown(ctx), "the storage did not answer")
	require.NoError(t, ctx.Err(), "within the deadline")
	require.Equal(t, []string{"pushed", "pushed"}, v.all())
	require.Contains(t, host.statuses(), componentstatus.StatusRecoverableError)
}
