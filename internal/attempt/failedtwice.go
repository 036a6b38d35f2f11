package attempt

// failedFree is a failure that bears no bill: of a class that is never billed,
// or one that says nothing of usage.
func (c *callRec) failedFree() bool {
	return c.failed() && (neverBilled(c) || !c.has(fUsage|fReported))
}

// failure decides which description of a call that failed stands for it: a
// framework and the SDK below it both tell of the same failure, which is one
// attempt. The one that went out first does, then the one that a bill would go
// to.
func (b *biller) failure(e *entry, i int32) {
	c := &e.calls[i]
	c.bill = c.unbilled()
	if len(e.calls) < 2 {
		return
	}
	root, best := b.rootOf(i), i
	for j := range e.calls {
		x := &e.calls[j]
		switch {
		case int32(j) == i || !x.failed() || !x.isLLM() || b.rootOf(int32(j)) != root:
		case x.has(fJudged) && x.bill == Duplicate:
			if x.billOf != c.span {
				c.bill, c.billOf = Duplicate, x.billOf
				return
			}
		case x.has(fJudged):
			c.bill, c.billOf = Duplicate, x.span
			return
		case b.preferred(e, int32(j), best):
			best = int32(j)
		}
	}
	if best == i {
		return
	}
	w := &e.calls[best]
	if w.failedFree() {
		w.bill = w.unbilled()
	} else {
		b.cluster(e, best)
	}
	w.set(fJudged, true)
	if c.bill, c.billOf = Duplicate, w.span; w.bill == Duplicate {
		c.billOf = w.billOf
	}
}

func (c *callRec) unbilled() BillStatus {
	if neverBilled(c) {
		return NotBillable
	}
	return Billed
}

// answeredAfter reports whether a call that failed holds an answer after the
// failure below it: then it failed for reasons of its own.
func (e *entry) answeredAfter(outer, inner int32) bool {
	if !e.calls[outer].failed() {
		return false
	}
	for j := range e.calls {
		x := &e.calls[j]
		if x.isLLM() && !x.failed() && x.start >= e.calls[inner].start && e.within(int32(j), outer) && e.above(outer, int32(j)) != notAbove {
			return true
		}
	}
	return false
}
