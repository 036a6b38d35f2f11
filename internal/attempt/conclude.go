package attempt

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// summary is what went out about a whole logical call.
type summary struct {
	call             int32
	attempts         int32
	duration, wasted int64 // nanoseconds
	backoff          int64 // part of wasted
	outcome          stamp.Outcome
}

// conclude decides the calls of a trace that arrived in this batch, or holds
// them.
func (m *Memory) conclude(e *entry, at int64) {
	if m.cfg.Wait > 0 && !e.gone {
		m.hold(e, at)
		return
	}
	e.direct = true
	for i := range e.calls {
		if c := &e.calls[i]; !c.has(fEmitted) {
			c.set(fDue, true)
		}
	}
	m.decide(e, false)
}

// decide gives the calls marked due their verdicts. Without complete, more
// spans of the trace are expected.
func (m *Memory) decide(e *entry, complete bool) {
	m.bills.judge(e)
	r := &m.strict
	ran := e.failed && e.withinReach() || e.http || m.cfg.CrossTrace
	if ran {
		r.partial = !complete
		r.run(e.calls, e.skels)
		for i := range r.done {
			m.settle(e, &r.done[i], complete)
		}
		if e.failed && !m.cfg.WeakEvidence && len(e.calls) > 1 {
			m.probable(e, complete)
		}
		m.takeOver(e)
		m.lones(e)
	}
	for i := range e.calls {
		c := &e.calls[i]
		if !c.has(fDue) {
			continue
		}
		m.inside(e, int32(i), ran)
		c.flags = c.flags&^(fDue|fHeld) | fEmitted
	}
	for i := range e.skels {
		if e.skels[i].has(fProvider) {
			e.skels[i].flags |= fEmitted
		}
	}
}

// withinReach reports whether a due call could be tied to any failure at all:
// a long trace with one early failure is not reduced again for every call.
func (e *entry) withinReach() bool {
	for i := range e.calls {
		if c := &e.calls[i]; c.has(fDue) && (c.failed() || c.callID != 0 || c.start <= e.lastFailed+strongGap) {
			return true
		}
	}
	return false
}

// settle stamps the due members of a chain. What went out before stays: a
// failure that passed as a call of its own is attempt one of a group that
// takes its name, and never learns of it.
func (m *Memory) settle(e *entry, c *chain, complete bool) {
	r, due := &m.strict, false
	for i := c.head; i != none; i = r.next[i] {
		due = due || e.calls[i].has(fDue)
	}
	if !due {
		return
	}
	if tail := &e.calls[c.tail]; !c.answered && tail.has(fDue) && r.unobserved(c.tail) {
		tail.set(fUnobs|fProbable, true)
	}
	if c.n == 1 {
		m.crossTrace(e, c.head, complete)
		return
	}
	total := m.number(e, c)
	decided := c.answered || complete || c.scope == none || int(c.scope) < len(r.up)
	for i := c.head; i != none; i = r.next[i] {
		x := &e.calls[i]
		if !x.has(fDue) {
			continue
		}
		x.set(fGrouped, true)
		switch {
		case i != c.final:
			x.final = stamp.No
		case decided:
			x.final = stamp.Yes
			m.summarise(e, c)
		}
		if decided {
			x.count = total
		}
	}
}

// number gives the members of a chain their group and number. Those that have
// them keep them; a newcomer takes the next number, also when it turns out to
// have been earlier.
func (m *Memory) number(e *entry, c *chain) (total uint8) {
	r := &m.strict
	group, late := llm.SpanID{}, false
	for i := c.head; i != none; i = r.next[i] {
		x := &e.calls[i]
		if x.num > 0 && group.IsZero() {
			group = x.group
		}
		late = late || x.has(fEmitted) && (!x.failed() || x.final == stamp.Yes)
	}
	for i := c.head; i != none && group.IsZero(); i = r.next[i] {
		if x := &e.calls[i]; x.has(fEmitted) && x.failed() {
			group = x.span // whoever keeps books has it under its own name
		}
	}
	if group.IsZero() {
		group = e.calls[c.head].span
	}
	for i := c.head; i != none; i = r.next[i] {
		x := &e.calls[i]
		if x.num > 0 {
			group, total = x.group, max(total, x.num)
			continue
		}
		x.num = sat8(int(e.lastNumber(group)) + 1)
		x.group, x.kind, x.evid = group, r.kinds[i], c.evid
		if i == c.head {
			x.kind = stamp.KindFirst
		}
		if late && !x.has(fEmitted) {
			x.set(fLate, true)
			m.stats.Late++
		}
		total = max(total, x.num)
	}
	for i := c.head; r.next[i] != none; i = r.next[i] {
		a, b := &e.calls[i], &e.calls[r.next[i]]
		b.set(fFutile, !b.has(fEmitted) && r.kinds[r.next[i]] == stamp.KindRetry && futile(a.class))
	}
	return total
}

func (e *entry) lastNumber(group llm.SpanID) uint8 {
	last := uint8(0)
	for i := range e.calls {
		if c := &e.calls[i]; c.num > last && c.group == group {
			last = c.num
		}
	}
	return last
}

// summarise describes the logical call that ended with the final member.
func (m *Memory) summarise(e *entry, c *chain) {
	r := &m.strict
	s := r.summary(c)
	for i := c.head; i != none; i = r.next[i] {
		s.attempts += m.attemptsIn(e, i, true)
	}
	x := e.extra()
	x.sums = append(x.sums, s)
}

// summary is what a chain says of the whole call, but for the attempts hidden
// inside its members. A won race is no recovery: nothing had failed.
func (r *reducer) summary(c *chain) summary {
	head, final := &r.calls[c.head], &r.calls[c.final]
	s := summary{call: c.final, duration: max(0, final.end-head.start)}
	kind, before := stamp.KindRetry, head
	for i := r.next[c.head]; i != none; i = r.next[i] {
		kind = groupKind(kind, r.kinds[i])
		if r.kinds[i] != stamp.KindHedge {
			s.backoff += max(0, r.calls[i].start-before.end)
		}
		before = &r.calls[i]
	}
	switch {
	case !c.answered:
		s.wasted = max(0, r.calls[c.tail].end-head.start)
		s.outcome = failureOutcome(final)
	case kind == stamp.KindHedge:
		s.outcome = stamp.OutcomeSuccess
	default:
		s.wasted = max(0, final.start-head.start)
		s.outcome = stamp.OutcomeRecoveredRetry
		if kind == stamp.KindFallback {
			s.outcome = stamp.OutcomeRecoveredFallback
		}
	}
	s.backoff = min(s.backoff, s.wasted)
	return s
}

// failureOutcome is how a logical call ends whose final attempt failed.
func failureOutcome(c *callRec) stamp.Outcome {
	if c.has(fUnobs) {
		return stamp.OutcomeRecoveredProbable
	}
	switch c.class {
	case llm.ErrCancelled:
		return stamp.OutcomeCancelled
	case llm.ErrContextLength, llm.ErrContentFilter, llm.ErrBadRequest, llm.ErrPolicyBlocked:
		return stamp.OutcomeRejected
	}
	return stamp.OutcomeFailed
}

// probable marks due failures that only weak evidence ties to an answer, and
// tells a due answer of the failure that it recovers if that one has passed.
func (m *Memory) probable(e *entry, complete bool) {
	w := &m.loose
	w.partial = !complete
	w.run(e.calls, e.skels)
	for k := range w.done {
		c := &w.done[k]
		if !c.answered || c.n < 2 || c.evid != stamp.EvidenceWeak {
			continue
		}
		for i := c.head; i != none; i = w.next[i] {
			x := &e.calls[i]
			if !x.failed() || m.recovered(i) {
				continue
			}
			if x.has(fDue) {
				x.set(fProbable, true)
			} else if f := &e.calls[c.final]; f.has(fDue) && x.has(fEmitted) && !x.has(fProbable) {
				f.recovers = x.span
			}
		}
	}
}

// recovered reports whether strict evidence already ties a failure to an
// answer.
func (m *Memory) recovered(call int32) bool {
	r := &m.strict
	for i := call; i != none; i = r.next[i] {
		if !r.calls[i].failed() {
			return true
		}
	}
	return false
}
