package rollupcomponent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/rollup"
)

const (
	booksKey = "books"
	// asideKey takes books that could not be read, for a human to look at.
	asideKey = "books.unreadable"
	// maxDeletes bounds one transaction of the storage.
	maxDeletes = 1000
)

// store keeps the books in a storage extension: the whole state under one key
// and, under durability sync, a frame for every batch booked since. State and
// the end of the journal it makes obsolete change in one transaction.
//
// Intake and checkpoint take turns (mu), so that a frame is either in the
// state or after it, and frames have no gaps.
type store struct {
	client  storage.Client
	logger  *zap.Logger
	journal bool

	mu    sync.Mutex
	first uint64 // the oldest frame that the stored state does not hold
	next  uint64 // the frame to be written next
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
	return &store{
		client: client, logger: set.Telemetry.Logger, journal: c.durability() == DurabilitySync,
		commits: commits{turn: make(chan struct{}, 1)},
	}, nil
}

// restore reads the books back into an empty ledger. Books that cannot be
// read are set aside and reported, and new ones begin, with a start time and
// an id of their own: a lost ledger is never read as one of zeros. Only a
// storage that does not answer is an error.
func (s *store) restore(ctx context.Context, host component.Host, l *rollup.Ledger, now time.Time) error {
	data, err := s.client.Get(ctx, booksKey)
	if err != nil {
		return fmt.Errorf("read the books: %w", err)
	}
	if data == nil {
		s.logger.Info("no books in the storage: new ones begin")
		return nil
	}
	lost := s.unpack(data)
	if lost == nil {
		lost = l.RestoreState(data[headerSize:], now)
	} else {
		// Frames that are still there must never be met by a later number.
		s.first = uint64(now.UnixNano())
		s.next, s.old = s.first, s.first
	}
	if lost != nil {
		if err := s.client.Set(ctx, asideKey, data); err != nil {
			return fmt.Errorf("set unreadable books aside: %w", err)
		}
	}
	gone, err := s.replay(ctx, l)
	if err != nil {
		return err
	}
	l.Resume(now.UnixNano())
	if lost = errors.Join(lost, gone); lost != nil {
		l.MarkLost(now)
		s.logger.Error("the stored books could not be read whole", zap.Error(lost))
		componentstatus.ReportStatus(host, componentstatus.NewRecoverableErrorEvent(fmt.Errorf("the stored books could not be read whole: %w", lost)))
	}
	return nil
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
		if _, err := l.ReplayJournal(frame); err != nil {
			lost = errors.Join(lost, err)
		}
	}
}

// checkpoint stores the whole ledger.
func (s *store) checkpoint(ctx context.Context, l *rollup.Ledger) error {
	s.mu.Lock()
	first, old := s.next, s.old
	state := l.MarshalState()
	s.mu.Unlock()

	until := min(first, old+maxDeletes)
	ops := []*storage.Operation{storage.SetOperation(booksKey, pack(first, until, state))}
	for seq := old; seq < until; seq++ {
		ops = append(ops, storage.DeleteOperation(frameKey(seq)))
	}
	if err := s.client.Batch(ctx, ops...); err != nil {
		return err
	}
	s.mu.Lock()
	s.first, s.old = first, until
	s.mu.Unlock()
	return s.trim(ctx)
}

// trim deletes the frames that one transaction did not take.
func (s *store) trim(ctx context.Context) error {
	for s.old < s.first {
		until := min(s.first, s.old+maxDeletes)
		ops := make([]*storage.Operation, 0, maxDeletes)
		for seq := s.old; seq < until; seq++ {
			ops = append(ops, storage.DeleteOperation(frameKey(seq)))
		}
		if err := s.client.Batch(ctx, ops...); err != nil {
			return err
		}
		s.mu.Lock()
		s.old = until
		s.mu.Unlock()
	}
	return nil
}

func (s *store) close(ctx context.Context) error { return s.client.Close(ctx) }

func frameKey(seq uint64) string { return fmt.Sprintf("journal.%d", seq) }

// headerSize is two frame numbers and their checksum, before the state.
const headerSize = 20

// pack puts the frame numbers before the state, which has a checksum itself.
func pack(first, old uint64, state []byte) []byte {
	b := make([]byte, 0, headerSize+len(state))
	b = binary.LittleEndian.AppendUint64(b, first)
	b = binary.LittleEndian.AppendUint64(b, old)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return append(b, state...)
}

func (s *store) unpack(b []byte) error {
	if len(b) < headerSize || crc32.ChecksumIEEE(b[:16]) != binary.LittleEndian.Uint32(b[16:]) {
		return fmt.Errorf("%w: wrong header of %d bytes", rollup.ErrCorrupt, len(b))
	}
	s.first, s.old = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	s.next = s.first
	return nil
}
