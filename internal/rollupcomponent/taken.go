package rollupcomponent

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/rollup"
)

// takenKey and the number of a sink: the books as its receiver last took them.
const takenKey = "taken."

// maxOffered bounds the snapshots that may still be taken: one is on its way,
// one waits.
const maxOffered = 3

// offered remembers the states of the snapshots that were given to sinks of
// differences, so that the one that is taken can be stored: after a restart
// the next difference begins where the last one ended. A crash between the
// receiver's answer and its storing sends that one difference again.
type offered struct {
	mu    sync.Mutex
	cuts  []*rollup.Snapshot
	state map[*rollup.Snapshot][]byte
}

func (o *offered) add(snap *rollup.Snapshot, state []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.state == nil {
		o.state = map[*rollup.Snapshot][]byte{}
	}
	o.cuts = append(o.cuts, snap)
	o.state[snap] = state
	for len(o.cuts) > maxOffered {
		delete(o.state, o.cuts[0])
		o.cuts = slices.Delete(o.cuts, 0, 1)
	}
}

func (o *offered) of(snap *rollup.Snapshot) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.state[snap]
}

// differences are the sinks of differences, which a storage makes durable.
func (e *Engine) differences(each func(i int, s *MetricsSink)) {
	i := 0
	for _, s := range e.senders {
		if m, ok := s.sink.(*MetricsSink); ok && m.Delta && e.store != nil {
			each(i, m)
			i++
		}
	}
}

// rebase gives every sink of differences what its receiver took last. One that
// took nothing yet begins with the ledger.
func (e *Engine) rebase(ctx context.Context) (err error) {
	e.differences(func(i int, s *MetricsSink) {
		key := fmt.Sprint(takenKey, i)
		s.taken = func(ctx context.Context, snap *rollup.Snapshot) { e.keepTaken(ctx, key, snap) }
		e.durable = true
		data, failed := e.store.client.Get(ctx, key)
		if failed != nil {
			err = fmt.Errorf("read what was taken: %w", failed)
		}
		if len(data) <= 8 {
			return
		}
		at := time.Unix(0, int64(binary.LittleEndian.Uint64(data)))
		if base := e.takenBooks(data[8:], at); base != nil {
			s.rebase(base)
		} else {
			// Rather a gap than everything twice.
			s.rebase(e.Snapshot())
		}
	})
	return err
}

// takenBooks are nil where they are not those of this ledger.
func (e *Engine) takenBooks(state []byte, at time.Time) *rollup.Snapshot {
	cfg, err := e.cfg.Ledger()
	if err != nil {
		return nil
	}
	books, err := rollup.New(cfg, "taken", at)
	if err == nil {
		err = books.RestoreState(state, at)
	}
	if err != nil {
		e.set.Telemetry.Logger.Warn("what the receiver took last cannot be read: the next difference begins now", zap.Error(err))
		return nil
	}
	base := books.Cut(at)
	renameDoubles(base)
	if now := e.Snapshot(); now.Instance != base.Instance {
		return &rollup.Snapshot{Start: now.Start, At: now.Start, Instance: now.Instance} // new books: nothing of them was taken
	}
	return base
}

// offer cuts the books for the senders.
func (e *Engine) offer() *rollup.Snapshot {
	if !e.durable {
		return e.Snapshot()
	}
	snap, state := e.ledger.CutState(time.Now())
	renameDoubles(snap)
	e.offered.add(snap, state)
	return snap
}

func (e *Engine) keepTaken(ctx context.Context, key string, snap *rollup.Snapshot) {
	state := e.offered.of(snap)
	if state == nil || e.stuck.Load() {
		return
	}
	data := binary.LittleEndian.AppendUint64(make([]byte, 0, 8+len(state)), uint64(snap.At.UnixNano()))
	data = append(data, state...)
	if err := within(ctx, func() error { return e.store.client.Set(ctx, key, data) }); err != nil {
		e.set.Telemetry.Logger.Warn("what was taken could not be stored: a restart may send it again", zap.Error(err))
	}
}
