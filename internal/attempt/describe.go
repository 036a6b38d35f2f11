package attempt

import "github.com/spanledger/spanledger/internal/llm"

// proof is why two spans are taken for descriptions of one call.
type proof uint8

const (
	noProof proof = iota
	byResponse
	byPlace // one within the other, the same model and tokens
)

// describe compares two calls; from is the outer one where one contains the
// other. A span between them may not have arrived: then two instrumentations
// that tell of equal tokens at the same time are taken for nested. Calls of
// one instrumentation are not, since a fan-out looks just so.
func (e *entry) describe(i, j int32) (from, to int32, why proof) {
	x, y := &e.calls[i], &e.calls[j]
	if x.start > y.end+skewInTrace || y.start > x.end+skewInTrace {
		return i, j, noProof
	}
	if x.resp != 0 && x.resp == y.resp {
		return i, j, byResponse
	}
	if x.parent == y.parent || !x.mayRepeat(y) {
		return i, j, noProof // before any search for ancestors: a fan-out has many pairs
	}
	from, to = i, j
	nested := e.above(i, j)
	if nested == notAbove {
		from, to, nested = j, i, e.above(j, i)
	}
	switch {
	case nested == above && e.within(to, from):
		why = byPlace
	case nested != notAbove || x.scope == y.scope:
	case !x.has(fUsage) && !y.has(fUsage):
		// Both failed. Without tokens the class has to agree, and the line of the
		// inner one to end where the outer one's does not: below a root that nobody
		// sends, all lines end in the same span.
		if x.class != y.class {
			break
		}
		if a, b := e.lost(i), e.lost(j); e.within(to, from) && !a.IsZero() && a != b {
			why = byPlace
		} else if e.within(from, to) && !b.IsZero() && a != b {
			from, to, why = to, from, byPlace
		}
	case !x.has(fUsage) || !y.has(fUsage):
	case e.within(to, from) && e.orphan(to): // to is i: its line to j may lack a span
		why = byPlace
	case e.within(from, to) && e.orphan(from):
		from, to, why = to, from, byPlace
	}
	return from, to, why
}

// within reports whether call i lies in the time of call j, give or take the
// resolution of clocks.
func (e *entry) within(i, j int32) bool {
	inner, outer := &e.calls[i], &e.calls[j]
	return inner.start >= outer.start-nestedMargin && inner.end <= outer.end+nestedMargin
}

// mayRepeat reports whether two calls, if nested, would be one: the same model
// and equal tokens, or the same end and tokens on one of them only; failures need no tokens.
func (c *callRec) mayRepeat(o *callRec) bool {
	switch {
	case c.family != o.family || c.family == 0:
		return false
	case c.has(fUsage) && o.has(fUsage):
		return c.in == o.in && c.out == o.out && c.in|c.out != 0
	case c.has(fUsage) || o.has(fUsage):
		return c.failed() == o.failed()
	}
	return c.failed() && o.failed()
}

type relation uint8

const (
	notAbove relation = iota
	above
	aboveBarrier // an agent or tool stands between
)

// above reports whether call i is an ancestor of call j.
func (e *entry) above(i, j int32) relation {
	rel := above
	parent := e.calls[j].parent
	for range min(len(e.calls)+len(e.skels), 256) {
		if parent.IsZero() {
			return notAbove
		}
		if parent == e.calls[i].span {
			return rel
		}
		k, ok := e.find(parent)
		if !ok {
			return notAbove
		}
		if k >= 0 {
			if e.calls[k].has(fBarrier) {
				rel = aboveBarrier
			}
			parent = e.calls[k].parent
			continue
		}
		if e.skels[^k].has(fBarrier) {
			rel = aboveBarrier
		}
		parent = e.skels[^k].parent
	}
	return notAbove
}

// orphan reports whether the line of parents of a call ends in a span that
// never arrived.
func (e *entry) orphan(i int32) bool { return !e.lost(i).IsZero() }

// lost is the span in which the line of parents of a call ends without having
// arrived; zero where it reaches a root.
func (e *entry) lost(i int32) llm.SpanID {
	parent := e.calls[i].parent
	for range min(len(e.calls)+len(e.skels), 256) {
		if parent.IsZero() {
			break
		}
		k, ok := e.find(parent)
		switch {
		case !ok:
			return parent
		case k >= 0:
			parent = e.calls[k].parent
		default:
			parent = e.skels[^k].parent
		}
	}
	return llm.SpanID{}
}
