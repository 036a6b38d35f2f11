package attempt

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// summary is what went out about a whole logical call.
type summary struct {
	call             int32
	attempts         int32
	duration, wasted int64
	outcome          stamp.Outcome
}

// loneRec is a failed HTTP call to a provider that no LLM span describes.
type loneRec struct {
	skel  int32
	num   int32
	group llm.SpanID
	final bool
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
	ran := e.failed || e.http || m.cfg.CrossTrace
	if ran {
		r.partial = !complete
		r.run(e.calls, e.skels)
		for i := range r.done {
			m.settle(e, &r.done[i], complete)
		}
		if e.failed && !m.cfg.WeakEvidence && len(e.calls) > 1 {
			m.probable(e, complete)
		}
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
		m.crossTrace(e, c)
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
		b.set(fFutile, r.kinds[r.next[i]] == stamp.KindRetry && futile(a.class))
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
	head, final := &e.calls[c.head], &e.calls[c.final]
	s := summary{call: c.final, duration: max(0, final.end-head.start)}
	for i := c.head; i != none; i = r.next[i] {
		s.attempts += m.attemptsIn(e, i, true)
	}
	kind := stamp.KindRetry
	for i := r.next[c.head]; i != none; i = r.next[i] {
		kind = groupKind(kind, r.kinds[i])
	}
	switch {
	case !c.answered:
		s.wasted = max(0, e.calls[c.tail].end-head.start)
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
	x := e.extra()
	x.sums = append(x.sums, s)
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

// attemptsIn counts the attempts inside one span: by its own word, by its HTTP
// children, or one.
func (m *Memory) attemptsIn(e *entry, call int32, ran bool) int32 {
	n := max(1, int32(e.calls[call].hidden))
	if ran {
		for i := range m.strict.http {
			if h := &m.strict.http[i]; h.owner == call {
				n = max(n, int32(len(h.members)))
			}
		}
	}
	if e.http {
		for i := range e.skels {
			if s := &e.skels[i]; s.parent == e.calls[call].span && s.resend > 0 && s.has(fHTTPClient) {
				n = max(n, int32(s.resend)+1)
			}
		}
	}
	return n
}

// inside looks into one due span: attempts that it hides, and whether it could
// have hidden any unseen.
func (m *Memory) inside(e *entry, call int32, ran bool) {
	c := &e.calls[call]
	if !c.isLLM() {
		return
	}
	if c.hidden == 0 && !e.hasHTTP(c.span) {
		c.set(fBlind, true)
	}
	if c.hidden <= 1 && !e.http || c.has(fGrouped) {
		return
	}
	n := m.attemptsIn(e, call, ran)
	if n <= 1 {
		return
	}
	s := summary{call: call, attempts: n, duration: c.end - c.start, outcome: stamp.OutcomeRecoveredRetry}
	if c.failed() {
		s.outcome, s.wasted = failureOutcome(c), s.duration
	} else if ran {
		for i := range m.strict.http {
			if h := &m.strict.http[i]; h.owner == call {
				s.wasted = max(s.wasted, e.skels[h.members[len(h.members)-1]].start-e.skels[h.members[0]].start)
			}
		}
	}
	x := e.extra()
	x.sums = append(x.sums, s)
}

func (e *entry) hasHTTP(parent llm.SpanID) bool {
	for i := range e.skels {
		if s := &e.skels[i]; s.parent == parent && s.has(fHTTPClient) {
			return true
		}
	}
	return false
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

// lones records failed HTTP calls to a provider without an LLM span, and what
// later answers them: a request under the same missing parent, or that parent.
func (m *Memory) lones(e *entry) {
	r := &m.strict
	for i := range e.skels {
		s := &e.skels[i]
		if !s.has(fProvider) || s.has(fEmitted) {
			continue
		}
		group, ok := r.lone(i)
		answer := false
		if p, known := e.find(s.parent); !ok && s.has(fSucceeded) && !(known && p >= 0) {
			group, answer = s.parent, e.loneGroup(s.parent) > 0
		}
		if ok || answer {
			x := e.extra()
			x.lones = append(x.lones, loneRec{int32(i), e.loneGroup(group) + 1, group, answer})
		}
	}
	if e.more == nil || len(e.more.lones) == 0 {
		return
	}
	for i := range e.calls {
		c := &e.calls[i]
		if n := e.loneGroup(c.span); n > 0 && c.has(fDue) && !c.has(fGrouped) && c.num == 0 {
			c.group, c.num, c.kind, c.evid = c.span, sat8(int(n)+1), stamp.KindRetry, stamp.EvidenceTransport
			c.final, c.count = stamp.Yes, c.num
			c.set(fGrouped, true)
			s := summary{call: int32(i), attempts: max(int32(c.num), m.attemptsIn(e, int32(i), true)), duration: c.end - c.start, outcome: stamp.OutcomeRecoveredRetry}
			if c.failed() {
				s.outcome = failureOutcome(c)
			}
			e.more.sums = append(e.more.sums, s)
		}
	}
}

func (e *entry) loneGroup(id llm.SpanID) int32 {
	n := int32(0)
	if e.more != nil && !id.IsZero() {
		for i := range e.more.lones {
			if e.more.lones[i].group == id {
				n++
			}
		}
	}
	return n
}

// verdict reads back what was concluded about one call of the batch.
func (m *Memory) verdict(f *ref) Verdict {
	switch f.kind {
	case refDropped:
		return Verdict{}
	case refTransport, refTransportSeen:
		return f.e.loneVerdict(^f.i, f.kind == refTransportSeen)
	}
	if f.kind == refFresh && m.cfg.Wait > 0 && !f.e.direct {
		return Verdict{Held: true} // also if overflow has decided it by now: Due tells, once
	}
	v := f.e.verdict(f.i)
	v.Redelivered = f.kind == refSeen
	return v
}

func (e *entry) verdict(i int32) Verdict {
	c := &e.calls[i]
	if c.has(fHeld) {
		return Verdict{Held: true}
	}
	v := Verdict{
		Bill:       Bill{Status: c.bill, Of: c.billOf, Rollup: c.has(fRollup)},
		Unobserved: c.has(fUnobs), Recovers: c.recovers, Late: c.has(fLate), Futile: c.has(fFutile) && c.has(fGrouped),
		Undetectable: c.has(fBlind),
	}
	v.Attempt.Probable = c.has(fProbable)
	if c.has(fGrouped) {
		v.Attempt = stamp.Attempt{
			Group: c.group, Number: int(c.num), Kind: c.kind, Evidence: c.evid, Count: int(c.count), Final: c.final,
			Probable: c.has(fProbable),
		}
	}
	if e.more != nil {
		for j := range e.more.sums {
			if s := &e.more.sums[j]; s.call == i {
				v.Call = stamp.CallSummary{Set: true, Attempts: int(s.attempts), Duration: s.duration, WastedLatency: s.wasted, Outcome: s.outcome}
				break
			}
		}
	}
	return v
}

func (e *entry) loneVerdict(skel int32, seen bool) Verdict {
	v := Verdict{Bill: Bill{Status: NoBill}, Redelivered: seen}
	if e.more == nil {
		return v
	}
	for i := range e.more.lones {
		l := &e.more.lones[i]
		if l.skel != skel {
			continue
		}
		v.Attempt = stamp.Attempt{Group: l.group, Number: int(l.num), Kind: stamp.KindRetry, Evidence: stamp.EvidenceTransport}
		if l.num == 1 {
			v.Attempt.Kind = stamp.KindFirst
		}
		if l.final {
			v.Attempt.Final, v.Attempt.Count = stamp.Yes, int(l.num)
		}
	}
	return v
}
