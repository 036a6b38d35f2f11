package rollupcomponent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/rollup"
)

// header stands before a stored state, which has a checksum itself.
type header struct {
	gen        uint64
	first      uint64 // the oldest frame that the state does not hold
	old        uint64 // the oldest frame that may still be stored
	journalled bool   // every batch since is in a frame
}

const headerSize = 3*8 + 1 + 4

func (h *header) key() string { return fmt.Sprint(booksKey, h.gen%2) }

func (h *header) pack(state []byte) []byte {
	b := make([]byte, 0, headerSize+len(state))
	for _, n := range []uint64{h.gen, h.first, h.old} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	if h.journalled {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return append(b, state...)
}

func (h *header) unpack(b []byte) (state []byte, err error) {
	if len(b) < headerSize || crc32.ChecksumIEEE(b[:headerSize-4]) != binary.LittleEndian.Uint32(b[headerSize-4:]) {
		return nil, fmt.Errorf("%w: wrong header of %d bytes", rollup.ErrCorrupt, len(b))
	}
	h.gen, h.first, h.old = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])
	h.journalled = b[24] == 1
	return b[headerSize:], nil
}

// generation is one of the two stored states.
type generation struct {
	header
	key         string
	data, state []byte
	err         error // why it cannot be read
}

// generations reads what is there, the newest first; one whose header cannot
// be read may be newer than all and comes before them.
func (s *store) generations(ctx context.Context) (list []generation, err error) {
	for _, key := range []string{booksKey + "0", booksKey + "1"} {
		g := generation{key: key}
		if g.data, err = s.client.Get(ctx, key); err != nil {
			return nil, fmt.Errorf("read the books: %w", err)
		}
		if g.data == nil {
			continue
		}
		g.state, g.err = g.unpack(g.data)
		list = append(list, g)
	}
	if len(list) == 2 && list[0].err == nil && (list[1].err != nil || list[1].gen > list[0].gen) {
		list[0], list[1] = list[1], list[0]
	}
	return list, nil
}

// restore reads the books back into an empty ledger. If the newest generation
// cannot be read, the one before and the journal since give the same books,
// where there is a journal. Otherwise new books begin, with a start time and
// an id of their own: a lost ledger is never read as one of zeros, and one
// that is a few seconds old would let published counters step back. What
// could not be read is set aside and reported. Only a storage that does not
// answer is an error.
func (s *store) restore(ctx context.Context, host component.Host, l *rollup.Ledger, now time.Time) (RestoreOutcome, error) {
	list, err := s.generations(ctx)
	if err != nil {
		return RestoreNone, err
	}
	if len(list) == 0 {
		return s.empty(ctx, host, l, now)
	}
	var unread error
	lost, found := true, header{}
	for i := range list {
		g := &list[i]
		found.gen = max(found.gen, g.gen)
		if i > 0 && !g.journalled {
			break
		}
		if g.err == nil {
			g.err = l.RestoreState(g.state, now)
		}
		if g.err == nil {
			lost, found = false, g.header
			break
		}
		unread = errors.Join(unread, g.err)
	}
	if lost {
		// Frames that are still there must never be met by a later number.
		found.first = uint64(now.UnixNano())
		found.old = found.first
	}
	s.gen, s.first, s.next, s.old = found.gen, found.first, found.first, found.old
	if err := s.setAside(ctx, list, lost); err != nil {
		return RestoreNone, fmt.Errorf("set unreadable books aside: %w", err)
	}
	gone, err := s.replay(ctx, l)
	if err != nil {
		return RestoreNone, err
	}
	l.Resume(now.UnixNano())
	if lost || gone != nil {
		l.MarkLost(now)
	}
	outcome := RestoreWhole
	switch {
	case lost:
		outcome = RestoreLost
	case gone != nil:
		outcome = RestoreIncomplete
	case unread != nil:
		outcome = RestoreRebuilt
	}
	if unread = errors.Join(unread, gone); unread != nil {
		what := "the stored books could not be read whole"
		if outcome == RestoreRebuilt {
			what = "the newest stored books could not be read; those before and the journal gave the same"
		}
		s.logger.Error(what, zap.Error(unread))
		componentstatus.ReportStatus(host, componentstatus.NewRecoverableErrorEvent(fmt.Errorf("%s: %w", what, unread)))
	}
	return outcome, nil
}

// setAside keeps the newest of the books that could not be read for a human,
// and takes all of those out of the way; without any that could, all.
func (s *store) setAside(ctx context.Context, list []generation, lost bool) error {
	var ops []*storage.Operation
	for i := range list {
		if g := &list[i]; g.err != nil || lost {
			if len(ops) == 0 {
				ops = append(ops, storage.SetOperation(asideKey, g.data))
			}
			ops = append(ops, storage.DeleteOperation(g.key))
		}
	}
	if len(ops) == 0 {
		return nil
	}
	return s.client.Batch(ctx, ops...)
}
