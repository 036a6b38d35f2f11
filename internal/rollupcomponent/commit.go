package rollupcomponent

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/s2"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/spanledger/spanledger/internal/rollup"
)

// maxGroup bounds the batches of one transaction.
const maxGroup = 64

// commits is the queue before the journal. Batches that arrive while one
// transaction is on its way to the disk share the next one, so that several
// producers pay for one wait between them.
type commits struct {
	turn  chan struct{} // holds one while somebody writes
	mu    sync.Mutex
	queue []*commit
	pool  sync.Pool
	group []*commit // whose turn it is: what is being written
}

// maxFrame bounds what a broken frame may claim to be.
const maxFrame = 64 << 20

// unpackFrame is the inverse of what get does to a frame. The calls of a batch
// repeat each other: compressed, they are a small part of what the disk would
// have to take otherwise.
func unpackFrame(frame []byte) ([]byte, error) {
	if n, err := s2.DecodedLen(frame); err != nil || n > maxFrame {
		return nil, fmt.Errorf("%w: a frame of %d bytes", rollup.ErrCorrupt, len(frame))
	}
	plain, err := s2.Decode(nil, frame)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", rollup.ErrCorrupt, err)
	}
	return plain, nil
}

// commit is one batch on its way into journal and books.
type commit struct {
	recs  []rollup.Record
	now   time.Time
	plain []byte
	frame []byte // as it is stored: compressed
	done  chan error
}

func (q *commits) get(recs []rollup.Record, now time.Time) *commit {
	c, _ := q.pool.Get().(*commit)
	if c == nil {
		c = &commit{done: make(chan error, 1)}
	}
	c.recs, c.now = recs, now
	c.plain = rollup.AppendJournal(c.plain[:0], recs, now)
	c.frame = s2.Encode(c.frame[:cap(c.frame)], c.plain)
	return c
}

func (q *commits) put(c *commit) {
	c.recs = nil
	q.pool.Put(c)
}

func (q *commits) join(c *commit) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queue = append(q.queue, c)
}

// take moves what is to be written next from the queue to the group.
func (q *commits) take() []*commit {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.queue), maxGroup)
	q.group = append(q.group[:0], q.queue[:n]...)
	q.queue = slices.Delete(q.queue, 0, n)
	return q.group
}

// withdraw takes a commit back that nobody has begun to write.
func (q *commits) withdraw(c *commit) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.queue, c)
	if i < 0 {
		return false
	}
	q.queue = slices.Delete(q.queue, i, i+1)
	return true
}

// book journals the records and then books them. After an error nothing was
// booked; the sender repeats the batch. Whoever waits and finds the turn free
// writes for all who wait. A caller who gives up while the disk is slow leaves
// the queue; a batch that is being written already is waited for, since its
// outcome is its answer.
func (s *store) book(ctx context.Context, l *rollup.Ledger, recs []rollup.Record, now time.Time) error {
	c := s.commits.get(recs, now)
	defer s.commits.put(c)
	s.commits.join(c)
	for {
		select {
		case err := <-c.done:
			return err
		case s.commits.turn <- struct{}{}:
			s.write(context.WithoutCancel(ctx), l, s.commits.take())
			<-s.commits.turn
		case <-ctx.Done():
			if s.commits.withdraw(c) {
				return fmt.Errorf("journal a batch: %w", context.Cause(ctx))
			}
			return <-c.done
		}
	}
}

// write journals a group in one transaction and then books it, in turn with a
// snapshot of the books, and answers.
func (s *store) write(ctx context.Context, l *rollup.Ledger, group []*commit) {
	if len(group) == 0 {
		return // another one had the turn in between
	}
	err := s.writeGroup(ctx, l, group)
	for _, c := range group {
		c.done <- err
	}
}

func (s *store) writeGroup(ctx context.Context, l *rollup.Ledger, group []*commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ops := s.ops[:0]
	for i, c := range group {
		ops = append(ops, storage.SetOperation(frameKey(s.next+uint64(i)), c.frame))
	}
	s.ops = ops
	if err := s.client.Batch(ctx, ops...); err != nil {
		return fmt.Errorf("journal a batch: %w", err)
	}
	s.next += uint64(len(group))
	for _, c := range group {
		l.Add(c.recs, c.now)
	}
	return nil
}
