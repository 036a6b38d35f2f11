package attempt

import (
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

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
		if p, known := e.find(s.parent); !ok && s.has(fSucceeded) && (!known || p < 0) {
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

// lone reports whether a failed HTTP span to a provider is all that is left of
// a call, and the span id under which its attempts meet: no LLM span above it
// or around it in time, and no later request of the same kind that succeeded.
func (r *reducer) lone(skel int) (llm.SpanID, bool) {
	s := &r.skels[skel]
	node := int32(skel + len(r.calls))
	if !s.has(fProvider) || s.class == llm.ErrNone || s.has(fSucceeded) {
		return llm.SpanID{}, false
	}
	hops := 0
	for i := r.up[node]; i != none && int(i) < len(r.up) && hops <= len(r.up); i = r.up[i] {
		hops++
		if c := r.call(i); c != nil && c.isLLM() {
			return llm.SpanID{}, false
		}
	}
	trace := r.trace(int(node))
	for i := range r.calls {
		c := &r.calls[i]
		if c.isLLM() && c.start <= s.start+overlap && c.end >= s.end-overlap && r.trace(i) == trace {
			return llm.SpanID{}, false // siblings: some SDKs do not nest their HTTP spans
		}
	}
	first := s
	for i := range r.skels {
		o := &r.skels[i]
		if i == skel || o.endpoint != s.endpoint || !o.has(fHTTPClient) || r.trace(i+len(r.calls)) != trace {
			continue
		}
		if o.has(fSucceeded) && o.start >= s.end-overlap && o.start-s.end <= weakGap {
			return llm.SpanID{}, false // sent again, with success
		}
		if o.parent == s.parent && o.has(fProvider) && o.class != llm.ErrNone && (o.start < first.start || o.start == first.start && slices.Compare(o.span[:], first.span[:]) < 0) {
			first = o
		}
	}
	if p := r.up[node]; p != none && int(p) >= len(r.up) {
		return s.parent, true // the parent never arrived: it is the call
	}
	return first.span, true
}
