package attempt

import (
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// rootKey is what may tie root calls of different traces: the same content or
// the same id, asked by the same service instance.
type rootKey struct {
	hash     uint64
	instance uint32
	id       bool // of the call's id, not of its content
}

// rootRef is one place in the index: a root call under one of its keys.
type rootRef struct {
	key  rootKey
	span llm.SpanKey
}

// rootIndex finds root calls that may be attempts at one call though each is a
// trace of its own. It names spans only: what is known of them is in their
// traces, and a trace that was forgotten is forgotten here.
type rootIndex struct {
	byKey   map[rootKey][]llm.SpanKey // in order of arrival
	order   []rootRef                 // a ring
	oldest  int
	evicted int64
	members []member
	link    reducer
}

// member is a root call and the trace that holds it.
type member struct {
	e *entry
	i int32
}

func (x member) rec() *callRec { return &x.e.calls[x.i] }

// maxMembers bounds the root calls under one key, and those that are weighed
// together: of more the first to arrive are left out.
const maxMembers = 64

// crosses reports whether a call could be an attempt at a call of another
// trace: nothing is above it, and it says who asked and what.
func (m *Memory) crosses(c *callRec) bool {
	return m.cfg.CrossTrace && (c.parent.IsZero() || c.parent == c.span) && c.isLLM() && !c.has(fAuxiliary) && c.instance != 0 && (c.content != 0 || c.callID != 0)
}

func (c *callRec) rootKeys() (keys [2]rootKey, n int) {
	if c.content != 0 {
		keys[n] = rootKey{c.content, c.instance, false}
		n++
	}
	if c.callID != 0 {
		keys[n] = rootKey{c.callID, c.instance, true}
		n++
	}
	return keys, n
}

// addRoot puts a call that just arrived in the index; the oldest place goes
// when the index is full.
func (m *Memory) addRoot(e *entry, i int32) {
	c := &e.calls[i]
	if !m.crosses(c) {
		return
	}
	x, span := &m.roots, llm.SpanKey{Trace: e.id, Span: c.span}
	if x.byKey == nil {
		x.byKey, x.link = make(map[rootKey][]llm.SpanKey), reducer{cfg: &m.cfg}
	}
	keys, n := c.rootKeys()
	for _, k := range keys[:n] {
		set := slices.DeleteFunc(x.byKey[k], func(old llm.SpanKey) bool {
			known, _ := m.lookup(old)
			return known == nil || old == span
		})
		if len(set) >= maxMembers {
			set = slices.Delete(set, 0, 1)
		}
		x.byKey[k] = append(set, span)
		if len(x.order) < m.cfg.MaxRoots {
			x.order = append(x.order, rootRef{k, span})
			continue
		}
		x.forget(m, x.order[x.oldest])
		x.order[x.oldest] = rootRef{k, span}
		x.oldest = (x.oldest + 1) % len(x.order)
	}
}

// forget takes one place out; it counts where its trace is still known.
func (x *rootIndex) forget(m *Memory, r rootRef) {
	set := x.byKey[r.key]
	i := slices.Index(set, r.span)
	if i < 0 {
		return
	}
	if e, _ := m.lookup(r.span); e != nil {
		x.evicted++
	}
	if set = slices.Delete(set, i, i+1); len(set) == 0 {
		delete(x.byKey, r.key)
		return
	}
	x.byKey[r.key] = set
}

// gather collects the call and all that share a key with it, or with one that
// does.
func (m *Memory) gather(e *entry, call int32) (failed bool) {
	x := &m.roots
	x.members = append(x.members[:0], member{e, call})
	for k := 0; k < len(x.members); k++ {
		failed = failed || x.members[k].rec().failed()
		keys, n := x.members[k].rec().rootKeys()
		for _, key := range keys[:n] {
			for _, span := range x.byKey[key] {
				o, i := m.lookup(span)
				if o == nil || len(x.members) >= maxMembers || slices.Contains(x.members, member{o, i}) {
					continue
				}
				if c := &o.calls[i]; c.num == 0 || c.has(fCross) {
					x.members = append(x.members, member{o, i})
				}
			}
		}
	}
	return failed && len(x.members) > 1
}

// acrossTraces finds the attempts that a root call is one of; its members are
// indices into m.roots.members.
func (m *Memory) acrossTraces(e *entry, call int32) (*chain, bool) {
	if !m.crosses(&e.calls[call]) || !m.gather(e, call) {
		return nil, false
	}
	x := &m.roots
	r := &x.link
	r.calls, r.roots, r.done = r.calls[:0], r.roots[:0], r.done[:0]
	for i, o := range x.members {
		r.calls = append(r.calls, *o.rec())
		n := int32(i)
		r.roots = append(r.roots, chain{head: n, tail: n, final: n, n: 1, answered: !o.rec().failed(), scope: none})
	}
	n := len(r.calls)
	r.next, r.kinds, r.links = fill(r.next, n, none), fill(r.kinds, n, stamp.KindNone), fill(r.links, n, stamp.EvidenceNone)
	r.linkRoots()
	for k := range r.done {
		c := &r.done[k]
		for i := c.head; i != none; i = r.next[i] {
			if i == 0 { // the call that was asked for
				return c, c.n > 1
			}
		}
	}
	return nil, false
}

// crossTrace stamps a due root call as one of the attempts across traces.
func (m *Memory) crossTrace(e *entry, call int32, complete bool) {
	c, ok := m.acrossTraces(e, call)
	if !ok {
		return
	}
	total := m.numberRoots(c)
	x := &e.calls[call]
	x.set(fGrouped, true)
	decided := c.answered || complete
	switch {
	case c.final != 0:
		x.final = stamp.No
	case decided:
		x.final = stamp.Yes
		r := &m.roots.link
		s := r.summary(c)
		s.call = call
		for i := c.head; i != none; i = r.next[i] {
			o := m.roots.members[i]
			s.attempts += m.attemptsIn(o.e, o.i, o.e == e)
		}
		e.extra().sums = append(e.extra().sums, s)
	}
	if decided {
		x.count = total
	}
}

// numberRoots is number for attempts across traces.
func (m *Memory) numberRoots(c *chain) (total uint8) {
	r, members := &m.roots.link, m.roots.members
	group, late := members[c.head].rec().span, false
	for i := c.head; i != none; i = r.next[i] {
		x := members[i].rec()
		late = late || x.has(fEmitted) && (!x.failed() || x.final == stamp.Yes)
	}
	for i := c.head; i != none; i = r.next[i] {
		if x := members[i].rec(); x.num > 0 { // the earliest that has a group names it
			group = x.group
			break
		}
	}
	for _, o := range members {
		if x := o.rec(); x.num > 0 && x.group == group {
			total = max(total, x.num)
		}
	}
	prev := none
	for i := c.head; i != none; prev, i = i, r.next[i] {
		x := members[i].rec()
		if x.num == 0 {
			total = sat8(int(total) + 1)
			x.group, x.num, x.kind, x.evid = group, total, r.kinds[i], c.evid
			if i == c.head {
				x.kind = stamp.KindFirst
			}
			x.set(fCross, true)
			if late && !x.has(fEmitted) {
				x.set(fLate, true)
				m.stats.Late++
			}
		}
		if prev != none {
			x.set(fFutile, !x.has(fEmitted) && r.kinds[i] == stamp.KindRetry && futile(members[prev].rec().class))
		}
	}
	return total
}

// scheduleRoots brings the due times of answered attempts across traces
// forward, in whichever trace they are held.
func (m *Memory) scheduleRoots(e *entry, due int64) {
	for k := range e.more.pending {
		m.hurry(e, e.more.pending[k].call, due)
	}
}

// withRootMates makes all attempts across traces of an answered call due with
// the first of them.
func (m *Memory) withRootMates(e *entry, at int64) {
	for k := range e.more.pending {
		if call := e.more.pending[k].call; e.calls[call].has(fDue) {
			m.hurry(e, call, at)
		}
	}
}

func (m *Memory) hurry(e *entry, call int32, due int64) {
	if c, ok := m.acrossTraces(e, call); ok && c.answered {
		r := &m.roots.link
		for i := c.head; i != none; i = r.next[i] {
			o := m.roots.members[i]
			if p := o.e.pendingOf(o.i); p != nil {
				m.hurried = m.hurried || p.due > due
				p.by(due, BySuccess)
			}
		}
	}
}

func (e *entry) pendingOf(call int32) *pending {
	if e.more != nil {
		for k := range e.more.pending {
			if p := &e.more.pending[k]; p.call == call {
				return p
			}
		}
	}
	return nil
}

// crossCost is the sum over the attempts at a call that are traces of their
// own; unknown where one of them is not remembered.
func (m *Memory) crossCost(e *entry, call int32) (sum costSum) {
	m.gather(e, call)
	last, seen := uint8(0), 0
	for _, o := range m.roots.members {
		x := o.rec()
		if x.num == 0 || x.group != e.calls[call].group {
			continue
		}
		last, seen = max(last, x.num), seen+1
		sum.add(o.e.costOf(o.i))
	}
	sum.unknown = sum.unknown || seen != int(last)
	return sum
}
