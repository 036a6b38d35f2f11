package attempt

import (
	"github.com/spanledger/spanledger/internal/llm"
)

// enter returns the entry of a trace that has a call, new or touched.
func (m *Memory) enter(id llm.TraceID, at int64) *entry {
	e := m.trace(id)
	if e == nil {
		e = m.newEntry(id)
	} else if e.bare {
		m.bare.remove(e)
		e.bare, e.epoch = false, 0
	}
	m.touch(e, at)
	return e
}

func (m *Memory) newEntry(id llm.TraceID) *entry {
	if len(m.traces) >= m.cfg.MaxTraces {
		m.evict()
	}
	if len(m.spare) == 0 {
		m.stock()
	}
	last := len(m.spare) - 1
	e := m.spare[last]
	m.spare = m.spare[:last]
	e.id = id
	m.traces[id] = e
	m.present.add(id)
	e.grow(m, entryBytes+int64(cap(e.calls))*callBytes+int64(cap(e.skels))*skelBytes)
	return e
}

// room is an entry with space for an ordinary trace.
type room struct {
	entry
	calls [4]callRec
	skels [8]skelRec
}

// stock makes entries in blocks: one allocation for many traces. The entries
// of a block are about equally old, so a block is freed about as a whole.
func (m *Memory) stock() {
	block := make([]room, 16)
	for i := range block {
		r := &block[i]
		r.entry.calls, r.entry.skels = r.calls[:0], r.skels[:0]
		m.spare = append(m.spare, &r.entry)
	}
}

// recycle keeps the entries of dropped traces for new ones, once nothing of the
// running batch refers to them.
func (m *Memory) recycle() {
	for _, e := range m.dropped {
		if len(m.spare) >= maxSpare || cap(e.calls) > 16 || cap(e.skels) > 32 {
			continue
		}
		*e = entry{calls: e.calls[:0], skels: e.skels[:0]}
		m.spare = append(m.spare, e)
	}
	clear(m.dropped)
	m.dropped = m.dropped[:0]
}

// touch moves an entry to the young end, once per batch.
func (m *Memory) touch(e *entry, at int64) {
	if e.epoch == m.epoch {
		return
	}
	q := m.queueOf(e)
	if e.epoch != 0 {
		q.remove(e)
	}
	e.touched, e.epoch = at, m.epoch
	q.push(e)
	m.touched = append(m.touched, e)
}

func (m *Memory) queueOf(e *entry) *queue {
	if e.bare {
		return &m.bare
	}
	return &m.main
}

// queue is a list of entries in the order of their last batch.
type queue struct{ head, tail *entry }

func (q *queue) push(e *entry) {
	e.prev, e.next = q.tail, nil
	if q.tail != nil {
		q.tail.next = e
	} else {
		q.head = e
	}
	q.tail = e
}

func (q *queue) remove(e *entry) {
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		q.head = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	} else {
		q.tail = e.prev
	}
	e.prev, e.next = nil, nil
}

func (m *Memory) drop(e *entry) {
	m.queueOf(e).remove(e)
	delete(m.traces, e.id)
	m.present.remove(e.id)
	e.gone = true
	m.stats.Bytes -= e.size
	m.dropped = append(m.dropped, e)
}

// evict drops the quietest trace, one without a call before any other; what it
// holds is decided first.
func (m *Memory) evict() {
	e := m.bare.head
	if e == nil {
		e = m.main.head
	}
	if e == nil {
		return
	}
	m.release(e, ByOverflow)
	m.drop(e)
	if !e.bare {
		m.stats.Evicted++
	}
}

func (m *Memory) expire(at int64) {
	for e := m.main.head; e != nil && at-e.touched > int64(m.cfg.TTL); e = m.main.head {
		m.release(e, ByWait)
		m.drop(e)
		m.stats.Expired++
	}
	for e := m.bare.head; e != nil && at-e.touched > int64(m.cfg.Wait); e = m.bare.head {
		m.drop(e)
	}
}

func (m *Memory) shrink() {
	for m.stats.Bytes > m.cfg.MaxBytes && len(m.traces) > 1 {
		m.evict()
	}
	clear(m.refs) // an evicted trace must not live on in a buffer
	clear(m.touched)
	m.recycle()
}
