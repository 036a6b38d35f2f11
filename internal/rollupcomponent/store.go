package rollupcomponent

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/rollup"
)

const (
	// booksKey and a 0 or a 1: two generations, so that the older one is still
	// there if the newer cannot be read.
	booksKey = "books."
	// asideKey takes books that could not be read, for a human to look at.
	asideKey = "books.unreadable"
	// maxDeletes bounds one transaction of the storage.
	maxDeletes = 1000
)

// store keeps the books in a storage extension: the whole state in two
// generations and, under durability sync, a frame for every batch booked since
// the older one. A state and the end of the journal that it makes obsolete
// change in one transaction.
//
// Intake and checkpoint take turns (mu), so that a frame is either in the
// state or after it, and frames have no gaps.
type store struct {
	client  storage.Client
	witness storage.Client // knows whether there ever were books
	logger  *zap.Logger
	journal bool

	mu   sync.Mutex
	next uint64 // the frame to be written next

	// Of whoever makes snapshots, one at a time:
	gen   uint64 // the newest generation
	first uint64 // the oldest frame that the newest generation does not hold
	old   uint64 // the oldest frame that may still be stored
	ops   []*storage.Operation

	commits commits
}

func openStore(ctx context.Context, host component.Host, c *Config, set Settings) (*store, error) {
	ext, ok := host.GetExtensions()[*c.Storage]
	if !ok {
		return nil, fmt.Errorf("storage: there is no extension %q", c.Storage)
	}
	s, ok := ext.(storage.Extension)
	if !ok {
		return nil, fmt.Errorf("storage: extension %q is no storage", c.Storage)
	}
	client, err := s.GetClient(ctx, set.Kind, set.ID, "ledger")
	if err != nil {
		return nil, fmt.Errorf("storage %q: %w", c.Storage, err)
	}
	witness, err := s.GetClient(ctx, set.Kind, set.ID, "witness")
	if err != nil {
		return nil, fmt.Errorf("storage %q: %w", c.Storage, errors.Join(err, client.Close(ctx)))
	}
	return &store{
		client: client, witness: witness, logger: set.Telemetry.Logger, journal: c.durability() == DurabilitySync,
		commits: commits{turn: make(chan struct{}, 1)},
	}, nil
}

// replay books the frames after the state. What an unreadable frame held is
// lost; the frames behind it are not.
func (s *store) replay(ctx context.Context, l *rollup.Ledger) (lost, err error) {
	for s.next = s.first; ; s.next++ {
		frame, err := s.client.Get(ctx, frameKey(s.next))
		if err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		if frame == nil {
			return lost, nil
		}
		plain, broken := unpackFrame(frame)
		if broken == nil {
			_, broken = l.ReplayJournal(plain)
		}
		lost = errors.Join(lost, broken)
	}
}

// checkpoint stores the whole ledger in the place of the older generation, and
// lets go of the frames that only that one needed. It returns the bytes stored.
func (s *store) checkpoint(ctx context.Context, l *rollup.Ledger) (size int, err error) {
	s.mu.Lock()
	h := header{gen: s.gen + 1, first: s.next, journalled: s.journal}
	state := l.MarshalState()
	s.mu.Unlock()

	h.old = min(s.first, s.old+maxDeletes)
	ops := append(deletes(s.old, h.old), storage.SetOperation(h.key(), h.pack(state)))
	if err := s.client.Batch(ctx, ops...); err != nil {
		return 0, err
	}
	needed := s.first
	s.gen, s.first, s.old = h.gen, h.first, h.old
	// What one transaction did not take.
	for s.old < needed {
		until := min(needed, s.old+maxDeletes)
		if err := s.client.Batch(ctx, deletes(s.old, until)...); err != nil {
			return 0, err
		}
		s.old = until
	}
	return headerSize + len(state), nil
}

func deletes(from, until uint64) []*storage.Operation {
	ops := make([]*storage.Operation, 0, until-from+1)
	for seq := from; seq < until; seq++ {
		ops = append(ops, storage.DeleteOperation(frameKey(seq)))
	}
	return ops
}

func (s *store) close(ctx context.Context) error {
	return errors.Join(s.client.Close(ctx), s.witness.Close(ctx))
}

func frameKey(seq uint64) string { return fmt.Sprintf("journal.%d", seq) }
