package attempt

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

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
	}
	for i := range m.strict.http {
		h := &m.strict.http[i]
		if !ran || h.owner != call {
			continue
		}
		first, last := &e.skels[h.members[0]], &e.skels[h.members[len(h.members)-1]]
		if !c.failed() {
			s.wasted = max(s.wasted, last.start-first.start)
		}
		s.backoff = max(s.backoff, h.backoff(e.skels))
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
