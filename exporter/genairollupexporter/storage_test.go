package genairollupexporter

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"

	"github.com/spanledger/spanledger/exporter/genairollupexporter/internal/metadatatest"
	"github.com/spanledger/spanledger/internal/rollupcomponent"
)

const page = `
ui: {endpoint: "localhost:0"}
storage: file_storage
budgets: [{name: month, limit: 10}]
`

// A restart goes on with the same books, id and start time.
func TestBooksSurviveARestart(t *testing.T) {
	d := newDisk()
	first := start(t, d.host(), page)
	first.send(t, call(1, "checkout", 0.1))
	before := first.rollups(t)
	require.Equal(t, rollupcomponent.RestoreNew, first.inner.engine.Stats().Restore)
	require.NoError(t, first.Shutdown(t.Context()))
	require.Zero(t, d.open, "the storage was given back")

	second := start(t, d.host(), page)
	stats := second.inner.engine.Stats()
	require.Equal(t, rollupcomponent.RestoreWhole, stats.Restore)
	require.Len(t, d.data["books.1"], int(stats.CheckpointSize), "the third snapshot, in the place of the first")
	second.send(t, call(1, "checkout", 0.1), call(2, "checkout", 0.2))
	after := second.rollups(t)
	require.Equal(t, before.Instance, after.Instance)
	require.Equal(t, before.Start, after.Start)
	require.Equal(t, "0.3", after.Totals.Cost[0].Total, "what was booked before the restart is known again")
	require.NoError(t, second.Shutdown(t.Context()))
	require.Zero(t, second.inner.engine.Stats().Dropped)
}

// Under durability sync a crash at any moment loses nothing acknowledged, and
// the batch in flight is booked once when it comes again.
func TestSyncLosesNothingInACrash(t *testing.T) {
	d := newDisk()
	sync := page + "durability: sync\n"
	e := start(t, d.host(), sync)
	for i := range byte(30) {
		e.send(t, call(i, "checkout", 0.01))
		after := start(t, d.copied().host(), sync)
		after.send(t, call(i, "checkout", 0.01))
		got := after.rollups(t)
		require.Equal(t, int64(i)+1, got.Totals.Spans)
		require.Equal(t, e.rollups(t).Totals.Cost, got.Totals.Cost)
		require.Equal(t, e.rollups(t).Instance, got.Instance)
		require.NoError(t, after.Shutdown(t.Context()))
	}
	frames := 0
	for key := range d.data {
		if strings.HasPrefix(key, "journal.") {
			frames++
		}
	}
	require.Equal(t, 30, frames)
	require.NoError(t, e.Shutdown(t.Context()))
	require.NoError(t, start(t, d.host(), sync).Shutdown(t.Context()))
	require.ElementsMatch(t, []string{"books.0", "books.1", "inventory"}, slices.Collect(maps.Keys(d.data)), "two snapshots made the journal obsolete")
}

// A batch that could not be journalled is not booked; the sender repeats it.
func TestSyncRefusesWhatItCannotJournal(t *testing.T) {
	d := newDisk()
	e := start(t, d.host(), page+"durability: sync\n")
	d.mu.Lock()
	d.broken = true
	d.mu.Unlock()
	require.ErrorContains(t, e.ConsumeTraces(t.Context(), call(1, "checkout", 0.1)), "journal a batch")
	require.Zero(t, e.rollups(t).Totals.Spans)
	d.mu.Lock()
	d.broken = false
	d.mu.Unlock()
	e.send(t, call(1, "checkout", 0.1))
	require.Equal(t, int64(1), e.rollups(t).Totals.Spans)
}

// newestBooks is the key of the second generation: one is written at start,
// the next at shutdown.
const newestBooks = "books.0"

var spoilers = map[string]func([]byte) []byte{
	"flipped": func(b []byte) []byte { b = slices.Clone(b); b[len(b)/2] ^= 1; return b },
	"cut":     func(b []byte) []byte { return b[:len(b)-3] },
	"short":   func(b []byte) []byte { return b[:5] },
	"empty":   func([]byte) []byte { return []byte{} },
	"of an older version": func(b []byte) []byte {
		b = slices.Clone(b)
		at := bytes.Index(b, []byte("spanledger-books\n"))
		body := b[at : len(b)-4]
		body[len("spanledger-books\n")] = 1
		binary.LittleEndian.PutUint32(b[len(b)-4:], crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
		return b
	},
}

// Under durability sync the generation before and its journal give the same
// books to the last call; the broken ones are kept for a human.
func TestSyncRebuildsUnreadableBooks(t *testing.T) {
	for name, spoil := range spoilers {
		t.Run(name, func(t *testing.T) {
			d := newDisk()
			first := start(t, d.host(), page+"durability: sync\n")
			for i := range byte(5) {
				first.send(t, call(i, "checkout", 0.1))
			}
			before := first.rollups(t)
			require.NoError(t, first.Shutdown(t.Context()))
			spoiled := spoil(d.data[newestBooks])
			d.data[newestBooks] = spoiled

			host := d.watched()
			second := start(t, host, page+"durability: sync\n")
			require.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, host.statuses())
			require.Equal(t, rollupcomponent.RestoreRebuilt, second.inner.engine.Stats().Restore)
			second.send(t, call(4, "checkout", 0.1), call(5, "checkout", 0.1))
			after := second.rollups(t)
			require.Equal(t, before.Instance, after.Instance)
			require.Equal(t, int64(6), after.Totals.Spans)
			require.Equal(t, "0.6", after.Totals.Cost[0].Total)
			require.Equal(t, string(spoiled), string(d.data["books.unreadable"]))
			require.NoError(t, second.Shutdown(t.Context()))

			third := d.watched()
			require.Equal(t, "0.6", start(t, third, page+"durability: sync\n").rollups(t).Totals.Cost[0].Total)
			require.Empty(t, third.statuses(), "the trouble is over")
		})
	}
}

// Books that cannot be read are set aside and never taken for zeros.
func TestUnreadableBooksAreSetAside(t *testing.T) {
	for name, spoil := range spoilers {
		t.Run(name, func(t *testing.T) {
			d := newDisk()
			first := start(t, d.host(), page)
			first.send(t, call(1, "checkout", 0.1))
			before := first.rollups(t)
			require.NoError(t, first.Shutdown(t.Context()))
			spoiled := spoil(d.data[newestBooks])
			d.data[newestBooks] = spoiled

			host := d.watched()
			second := start(t, host, page)
			require.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, host.statuses())
			after := second.rollups(t)
			require.NotEqual(t, before.Instance, after.Instance, "a new stream, no counter that runs backwards")
			require.Equal(t, "unknown", after.Budgets[0].State)
			require.Equal(t, rollupcomponent.RestoreLost, second.inner.engine.Stats().Restore)
			require.Equal(t, string(spoiled), string(d.data["books.unreadable"]))
		})
	}
}

// A storage that threw its broken file away and began an empty one has lost
// books: that is no first start, and no zero.
func TestAnEmptyStorageThatHeldBooks(t *testing.T) {
	for _, durability := range []string{"interval", "sync"} {
		d := newDisk()
		yaml := page + "durability: " + durability + "\n"
		host := d.watched()
		first := start(t, host, yaml)
		require.Empty(t, host.statuses(), "a first start is no trouble")
		require.Equal(t, rollupcomponent.RestoreNew, first.inner.engine.Stats().Restore)
		require.Equal(t, "ok", first.rollups(t).Budgets[0].State)
		first.send(t, call(1, "checkout", 0.1))
		before := first.rollups(t)
		require.NoError(t, first.Shutdown(t.Context()))
		clear(d.data)

		host = d.watched()
		second := start(t, host, yaml)
		require.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, host.statuses())
		require.Equal(t, rollupcomponent.RestoreMissing, second.inner.engine.Stats().Restore)
		after := second.rollups(t)
		require.NotEqual(t, before.Instance, after.Instance)
		require.Equal(t, "unknown", after.Budgets[0].State)
		require.NoError(t, second.Shutdown(t.Context()))
		require.Zero(t, d.open)

		host = d.watched()
		third := start(t, host, yaml)
		require.Equal(t, after.Instance, third.rollups(t).Instance)
		require.Equal(t, rollupcomponent.RestoreWhole, third.inner.engine.Stats().Restore)
		require.Empty(t, host.statuses(), "the trouble is over")
	}
}

func TestStorageThatIsNotThere(t *testing.T) {
	cfg, err := load(t, page)
	require.NoError(t, err)
	own := componenttest.NewTelemetry()
	defer func() { require.NoError(t, own.Shutdown(t.Context())) }()
	e, err := NewFactory().CreateTraces(t.Context(), metadatatest.NewSettings(own), cfg)
	require.NoError(t, err)
	require.ErrorContains(t, e.Start(t.Context(), componenttest.NewNopHost()), `storage: there is no extension "file_storage"`)
	require.NoError(t, e.Shutdown(t.Context()))
}
