package rollup

// pending holds the calls that wait for their end, in order of their last
// arrival, and those settled lately, in order of settlement, so that what is
// due is always at a head. It is capped: when full it forgets the call that
// was settled longest ago, else settles the one that has waited longest.
type pending struct {
	settle int64 // how long a failure waits for a retry
	memory int64 // how long a settled call is remembered
	limit  int

	byKey      map[callKey]*group
	open, done groupList
	free       *group
	standing   int // calls for which HTTP requests stand in
}

// groupList is an intrusive list, the longest untouched at its head.
type groupList struct {
	head, tail *group
	n          int
}

func newPending(settle, memory int64, limit int) pending {
	return pending{settle: settle, memory: max(memory, settle), limit: max(1, limit), byKey: map[callKey]*group{}}
}

// group finds or opens the group of an attempt.
func (l *Ledger) group(e *entry) (g *group, isNew bool) {
	key := callKey{e.Call.Trace, e.Stamp.Attempt.Group}
	if e.standsIn() {
		key.id = e.Call.Parent
	}
	if key.id.IsZero() {
		key.id = e.Call.Span
	}
	return l.groupAt(key, e.now)
}

func (l *Ledger) groupAt(key callKey, now int64) (g *group, isNew bool) {
	p := &l.calls
	if g := p.byKey[key]; g != nil {
		return g, false
	}
	if len(p.byKey) >= p.limit {
		victim := p.done.head
		if victim == nil {
			victim = p.open.head
			l.self.SettledEarly++
			l.settleFailure(victim, now)
		}
		p.drop(victim)
	}
	if g = p.free; g != nil {
		p.free = g.next
		*g = group{}
	} else {
		g = &group{}
	}
	g.key = key
	p.byKey[key] = g
	return g, true
}

// move puts a group at the tail of the list of its new state.
func (p *pending) move(g *group, state groupState, now int64) {
	g.list.remove(g)
	g.state, g.touched = state, now
	g.list = &p.done
	if state == groupOpen {
		g.list = &p.open
	}
	g.list.push(g)
}

func (p *pending) drop(g *group) {
	g.list.remove(g)
	if g.standing {
		p.standing--
	}
	delete(p.byKey, g.key)
	*g = group{next: p.free}
	p.free = g
}

func (l *groupList) push(g *group) {
	g.prev, g.next = l.tail, nil
	if l.tail == nil {
		l.head = g
	} else {
		l.tail.next = g
	}
	l.tail = g
	l.n++
}

func (l *groupList) remove(g *group) {
	if l == nil {
		return // in no list yet
	}
	if g.prev == nil {
		l.head = g.next
	} else {
		g.prev.next = g.next
	}
	if g.next == nil {
		l.tail = g.prev
	} else {
		g.next.prev = g.prev
	}
	g.prev, g.next = nil, nil
	l.n--
}
