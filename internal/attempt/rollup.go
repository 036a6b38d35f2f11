package attempt

import "github.com/spanledger/spanledger/internal/llm"

// rollup decides a span that repeats the usage of others: it is billed only if
// nothing below it is. A billed call of unknown descent within its time and its
// sums counts as below; one that names no model, where the roll-up does, does
// not.
func (b *biller) rollup(e *entry, i int32) {
	c := &e.calls[i]
	if !c.has(fReported) && c.in == 0 && c.out == 0 {
		c.bill = NoBill // it repeats nothing, even where it says so with zeros
		return
	}
	if neverBilled(c) {
		c.bill = NotBillable
		return
	}
	for j := range e.calls {
		x := &e.calls[j]
		if int32(j) == i || !x.has(fUsage|fReported) || x.has(fJudged) && x.bill != Billed && x.bill != Duplicate || neverBilled(x) {
			continue
		}
		if !e.inside(int32(j), i) || x.role == llm.RoleRollup && x.has(fJudged) && !x.has(fRollup) || x.nameless() && !c.nameless() {
			continue
		}
		c.bill, c.billOf = NoBill, x.span
		if x.bill == Duplicate {
			c.billOf = x.billOf
		}
		return
	}
	if id := e.billedRollup(i); !id.IsZero() {
		c.bill, c.billOf = NoBill, id
		return
	}
	for j := range e.calls { // a gateway's request below the client's call
		if x := &e.calls[j]; x.isLLM() && x.bills() && e.repeats(int32(j), i) {
			c.bill, c.billOf = NoBill, x.span
			return
		}
	}
	c.bill = Billed
	c.set(fRollup, true)
	for j := range e.calls { // what it was billed for, as far as nothing went out
		if x := &e.calls[j]; x.has(fDue) && x.isLLM() && x.nameless() && x.bill == Billed && e.inside(int32(j), i) {
			x.bill, x.billOf = Duplicate, c.span
		}
	}
}

// inside reports whether a call is one of those that a roll-up adds up.
func (e *entry) inside(call, rollup int32) bool {
	if e.above(rollup, call) != notAbove {
		return true
	}
	x, c := &e.calls[call], &e.calls[rollup]
	return x.isLLM() && e.orphan(call) && e.within(call, rollup) && x.in <= c.in && x.out <= c.out
}

// nameless: nothing says which model was called, so that no list has a price
// for it. Codex names the model on the turn alone.
func (c *callRec) nameless() bool { return c.family == 0 && !c.has(fReported) }

// repeats reports whether a call tells again of the roll-up below it, such as
// a client's call of the gateway whose own request span has the usage.
func (e *entry) repeats(call, rollup int32) bool {
	x, y := &e.calls[call], &e.calls[rollup]
	return x.has(fUsage) && y.has(fUsage) && x.mayRepeat(y) && e.above(call, rollup) != notAbove
}

// billedRollup is the roll-up that was already billed in a call's stead: the
// nearest above it, or one below that the call repeats.
func (e *entry) billedRollup(i int32) llm.SpanID {
	for j := range e.calls {
		if x := &e.calls[j]; int32(j) != i && x.billedRollup() && e.repeats(i, int32(j)) {
			return x.span
		}
	}
	parent := e.calls[i].parent
	for range min(len(e.calls)+len(e.skels), 256) {
		k, ok := e.find(parent)
		switch {
		case parent.IsZero():
			return llm.SpanID{}
		case !ok:
			return e.rollupAround(i)
		case k < 0:
			parent = e.skels[^k].parent
			continue
		}
		if x := &e.calls[k]; x.billedRollup() {
			return x.span
		}
		parent = e.calls[k].parent
	}
	return llm.SpanID{}
}

func (c *callRec) billedRollup() bool { return c.has(fRollup) && c.has(fJudged) && c.bill == Billed }

// rollupAround is a billed roll-up in whose time, and in whose sums, a call of
// unknown descent lies: the span between them has not arrived. It is the
// counterpart of the rule by which such a call, billed first, counts as below.
func (e *entry) rollupAround(i int32) llm.SpanID {
	c := &e.calls[i]
	for j := range e.calls {
		x := &e.calls[j]
		if int32(j) != i && x.billedRollup() && e.within(i, int32(j)) && c.in <= x.in && c.out <= x.out {
			return x.span
		}
	}
	return llm.SpanID{}
}
