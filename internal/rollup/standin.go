package rollup

import (
	"math"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Some instrumentations leave no span of a call that failed, only those of its
// HTTP requests. They stand in for the call: together they are one failure, and
// each is an attempt. But in forward mode such a span may also have passed
// before the span of its call, which then says all that they say and more. So
// what stands in is counted when it settles, and not at all where the call
// comes before that.

// standsIn reports a failed HTTP request that stands for a call without a span.
func (e *entry) standsIn() bool {
	return e.Call.Role == llm.RoleTransport && e.Stamp.Attempt.Evidence == stamp.EvidenceTransport && e.Stamp.Attempt.Group.IsZero()
}

// standIn lets a request wait with the others below the same span. Where that
// span is known it was the call, and the request says nothing new.
func (l *Ledger) standIn(e *entry, res *AddResult) {
	if parent := e.Call.Parent; !parent.IsZero() && l.spans.find(spanKey(e.Call.Trace, parent)) != nil {
		return
	}
	l.failed(e, res)
}

// takeOver ends the waiting of what stood in for a call that has come. It
// reports whether the failure that the call tells of was counted already.
func (l *Ledger) takeOver(e *entry) (counted bool) {
	if l.calls.standing > 0 {
		counted = l.endStandIn(callKey{e.Call.Trace, e.Call.Span}, e)
	}
	if id := e.Stamp.Attempt.TakesOver; !id.IsZero() {
		key := callKey{e.Call.Trace, id}
		counted = l.endStandIn(key, e) || counted
		if !counted { // what still comes below that span is known to stand for nothing
			g, _ := l.groupAt(key, e.now)
			l.calls.move(g, groupAnswered, e.now)
		}
	}
	return counted
}

func (l *Ledger) endStandIn(key callKey, e *entry) (counted bool) {
	g := l.calls.byKey[key]
	switch {
	case g == nil || !g.standing:
		return false
	case g.state == groupFailed:
		return e.class != llm.ErrNone
	}
	l.settled(g)
	l.calls.drop(g)
	return false
}

// note counts a request among those that stand in for the call.
func (p *pending) note(g *group, class llm.ErrorClass) {
	if !g.standing {
		g.standing = true
		p.standing++
	}
	if n := &g.requests[class]; *n < math.MaxUint8 {
		*n++
	}
}

// bookRequests counts the requests that stood in for a call as its attempts.
func (l *Ledger) bookRequests(g *group) {
	kind := stamp.KindFirst
	for class, n := range g.requests {
		for range n {
			l.totals.Attempts++
			g.s.Attempts[kind]++
			g.s.AttemptsFailed[class]++
			kind = stamp.KindRetry
			if llm.ErrorClass(class) == llm.ErrUnknown {
				l.self.Unclassified++
			}
			if g.tg.attemptScope {
				ev := g.final
				ev.Class = llm.ErrorClass(class)
				l.slos.judgeAttempt(g.tg, g.s, &ev, g.at, g.timed)
			}
		}
	}
}
