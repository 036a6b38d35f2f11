package attempt

import (
	"cmp"
	"slices"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
)

// settleTime is how long a decision that looks made waits for spans out of
// order: a success for an earlier failure, a failure after its parent or after
// a linked success.
const settleTime = int64(2 * time.Second)

// pending is one held call.
type pending struct {
	call         int32
	seq          int64 // order of arrival
	arrived, due int64
	reason       Reason
}

// hold takes the calls that just arrived into custody and reckons when every
// held call of the trace is due.
func (m *Memory) hold(e *entry, at int64) {
	for i := range e.calls {
		c := &e.calls[i]
		if c.has(fEmitted | fHeld) {
			continue
		}
		c.set(fHeld, true)
		x := e.extra()
		if len(x.pending) == 0 {
			m.waiting = append(m.waiting, e)
		}
		x.pending = append(x.pending, pending{int32(i), m.seq, at, at + int64(m.cfg.Wait), ByWait})
		m.seq++
		m.heldCalls++
	}
	if e.http {
		m.decideLones(e)
	}
	if e.more != nil && len(e.more.pending) > 0 {
		m.schedule(e, at)
	}
	for m.heldCalls > m.cfg.MaxHeld && len(m.waiting) > 0 {
		m.release(m.waiting[0], ByOverflow)
	}
}

// decideLones gives HTTP calls without an LLM span their verdict: they are
// never held.
func (m *Memory) decideLones(e *entry) {
	m.strict.partial = true
	m.strict.run(e.calls, e.skels)
	m.lones(e)
	for i := range e.skels {
		if e.skels[i].has(fProvider) {
			e.skels[i].flags |= fEmitted
		}
	}
}

func (p *pending) by(due int64, reason Reason) {
	if due < p.due {
		p.due, p.reason = due, reason
	}
}

// schedule brings the due times of a trace's held calls forward by what is now
// known.
func (m *Memory) schedule(e *entry, at int64) {
	r := &m.strict
	if e.failed {
		r.partial = false
		r.run(e.calls, e.skels)
	}
	m.scheduleRoots(e, at+settleTime)
	for k := range e.more.pending {
		p := &e.more.pending[k]
		c := &e.calls[p.call]
		switch {
		case !c.failed() || !c.isLLM():
			if _, ok := e.find(c.parent); ok {
				p.by(at+settleTime, ByParent)
			}
			p.by(p.arrived+settleTime, BySuccess)
		case m.recovered(p.call):
			p.by(at+settleTime, BySuccess)
		case m.crosses(c): // another trace may answer
		case e.scopeSeen(c):
			p.by(at+settleTime, ByParent)
		}
	}
}

// scopeSeen reports whether the span has arrived below which further attempts
// at a failed call would stand: its parent, or the parent of the wrapper that
// failed with it. A call without a parent has nothing to wait for.
func (e *entry) scopeSeen(c *callRec) bool {
	parent := c.parent
	for range len(e.calls) + len(e.skels) {
		if parent.IsZero() {
			return true
		}
		i, ok := e.find(parent)
		switch {
		case !ok:
			return false
		case i >= 0:
			return true
		case e.skels[^i].has(fBarrier) || !e.skels[^i].failed():
			return true
		}
		parent = e.skels[^i].parent
	}
	return true
}

// Due appends the held calls whose group is decided by now, in order of
// arrival.
func (m *Memory) Due(now time.Time, out []Decision) []Decision {
	at := now.UnixNano()
	for m.hurried = true; m.hurried; { // what is due may make others due
		m.hurried = false
		for k := 0; k < len(m.waiting); {
			e := m.waiting[k]
			if m.releaseDue(e, at) {
				k++
			}
		}
	}
	return m.take(out)
}

// Flush decides everything that is held, for shutdown.
func (m *Memory) Flush(_ time.Time, out []Decision) []Decision {
	for len(m.waiting) > 0 {
		m.release(m.waiting[0], ByFlush)
	}
	return m.take(out)
}

// Shed decides the trace that has held calls longest, as incomplete, for a
// holder that has no room.
func (m *Memory) Shed(out []Decision) []Decision {
	if len(m.waiting) > 0 {
		m.release(m.waiting[0], ByOverflow)
	}
	return m.take(out)
}

// take hands out the decisions made so far.
func (m *Memory) take(out []Decision) []Decision {
	slices.SortFunc(m.forced, func(a, b decided) int { return cmp.Compare(a.seq, b.seq) })
	for i := range m.forced {
		out = append(out, m.forced[i].Decision)
	}
	m.forced = m.forced[:0]
	return out
}

// decided is a decision with its place in the order of arrival.
type decided struct {
	Decision
	seq int64
}

// NextDue is the earliest time at which Due may have something; zero never.
func (m *Memory) NextDue() time.Time {
	if len(m.forced) > 0 {
		return time.Unix(0, 1)
	}
	var next int64
	for _, e := range m.waiting {
		for i := range e.more.pending {
			if d := e.more.pending[i].due; next == 0 || d < next {
				next = d
			}
		}
	}
	if next == 0 {
		return time.Time{}
	}
	return time.Unix(0, next)
}

// releaseDue decides what is due in a trace; it reports whether calls are
// still held there.
func (m *Memory) releaseDue(e *entry, at int64) (left bool) {
	any := false
	for i := range e.more.pending {
		if p := &e.more.pending[i]; p.due <= at {
			e.calls[p.call].set(fDue, true)
			any = true
		}
	}
	if !any {
		return true
	}
	if e.failed {
		m.withMates(e)
	}
	m.withRootMates(e, at)
	m.emit(e, -1)
	return len(e.more.pending) > 0
}

// withMates makes all attempts of an answered group due with the first.
func (m *Memory) withMates(e *entry) {
	r := &m.strict
	r.partial = false
	r.run(e.calls, e.skels)
	for k := range r.done {
		c := &r.done[k]
		due := false
		for i := c.head; i != none; i = r.next[i] {
			due = due || e.calls[i].has(fDue)
		}
		if !due || !c.answered {
			continue
		}
		for i := c.head; i != none; i = r.next[i] {
			if e.calls[i].has(fHeld) {
				e.calls[i].set(fDue, true)
			}
		}
	}
}

// release decides everything that a trace holds.
func (m *Memory) release(e *entry, why Reason) {
	if e.more == nil || len(e.more.pending) == 0 {
		return
	}
	for i := range e.more.pending {
		e.calls[e.more.pending[i].call].set(fDue, true)
	}
	if why != ByWait {
		m.stats.Incomplete += int64(len(e.more.pending))
	}
	m.emit(e, int(why))
}

// emit decides the due calls of a trace and moves them out. A negative why
// keeps each call's own reason.
func (m *Memory) emit(e *entry, why int) {
	kept := e.more.pending[:0]
	var out []pending
	for _, p := range e.more.pending {
		if e.calls[p.call].has(fDue) {
			out = append(out, p)
		} else {
			kept = append(kept, p)
		}
	}
	m.decide(e, true)
	for _, p := range out {
		d := decided{Decision{llm.SpanKey{Trace: e.id, Span: e.calls[p.call].span}, e.verdict(p.call), p.reason}, p.seq}
		if why >= 0 {
			d.Reason = Reason(why)
		}
		m.forced = append(m.forced, d)
	}
	m.heldCalls -= len(out)
	e.more.pending = kept
	if len(kept) == 0 {
		if i := slices.Index(m.waiting, e); i >= 0 {
			m.waiting = slices.Delete(m.waiting, i, i+1)
		}
	}
}
