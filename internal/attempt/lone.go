package attempt

import (
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
)

// takeover says which HTTP spans a call stands for again, now that it has come.
type takeover struct {
	call int32
	id   llm.SpanID // under which they meet
}

// meet is the id under which the HTTP spans of one call meet: that of the span
// above them, which may be the call itself, else their own.
func (s *skelRec) meet() llm.SpanID {
	if s.parent.IsZero() {
		return s.span
	}
	return s.parent
}

// lones lets failed HTTP calls to a provider stand for their call where no LLM
// span describes it.
func (m *Memory) lones(e *entry) {
	for i := range e.skels {
		s := &e.skels[i]
		if s.has(fProvider) && !s.has(fEmitted) {
			_, alone := m.strict.lone(i)
			s.set(fStandIn, alone)
			e.standIns = e.standIns || alone
		}
	}
}

// takeOver lets a due call take the place of HTTP spans that passed before it,
// as failures of a call without a span, and turn out to be none. Where it is
// the span that they meet under, nobody needs to be told.
func (m *Memory) takeOver(e *entry) {
	for i := range e.skels {
		s := &e.skels[i]
		if !e.standIns || !s.has(fStandIn) || !s.has(fEmitted) || s.has(fTaken) || m.strict.stillAlone(i) {
			continue
		}
		if c, ok := e.find(s.meet()); !ok || c < 0 || !e.calls[c].isLLM() {
			call := e.takerOf(s)
			if call == none {
				continue // a later call will
			}
			x := e.extra()
			x.takes = append(x.takes, takeover{call, s.meet()})
		}
		for j := range e.skels {
			if o := &e.skels[j]; o.meet() == s.meet() {
				o.set(fTaken, o.has(fStandIn))
			}
		}
	}
}

// stillAlone reports whether an HTTP span, or another that meets with it, is
// all that is left of a call.
func (r *reducer) stillAlone(skel int) bool {
	for i := range r.skels {
		if o := &r.skels[i]; o.has(fStandIn) && o.meet() == r.skels[skel].meet() {
			if _, alone := r.lone(i); alone {
				return true
			}
		}
	}
	return false
}

// takerOf is the due call that is to name an HTTP span: one around it in time,
// else any that has no other to name.
func (e *entry) takerOf(s *skelRec) int32 {
	taker := none
	for i := range e.calls {
		c := &e.calls[i]
		if !c.has(fDue) || !c.isLLM() || !e.takenBy(int32(i)).IsZero() {
			continue
		}
		if c.start <= s.start+overlap && c.end >= s.end-overlap {
			return int32(i)
		}
		if taker == none {
			taker = int32(i)
		}
	}
	return taker
}

// takenBy is the id that a call takes over, zero for nearly all.
func (e *entry) takenBy(call int32) llm.SpanID {
	if e.more != nil {
		for i := range e.more.takes {
			if t := &e.more.takes[i]; t.call == call {
				return t.id
			}
		}
	}
	return llm.SpanID{}
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
