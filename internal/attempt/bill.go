package attempt

import (
	"cmp"
	"slices"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
)

// Two descriptions of one call overlap in time, give or take the clocks: of
// the same trace a little, of different hosts and traces more.
const (
	skewInTrace  = int64(2 * time.Second)
	skewAcross   = int64(60 * time.Second)
	nestedMargin = int64(50 * time.Millisecond)
)

// biller decides which description of a call carries its bill. The first one
// that went out keeps it; among those that go out together the policy decides.
type biller struct {
	cfg    *Config
	same   []int32 // per call: a call that it describes again, or none
	below  []int32 // per call: the call below it that it describes by its place
	billed responses
}

func (b *biller) init(cfg *Config) {
	b.cfg, b.billed.limit = cfg, cfg.MaxResponses
}

// judge decides the bill of the due calls of a trace.
func (b *biller) judge(e *entry) {
	if len(e.calls) > 1 {
		b.relate(e)
	}
	rollups := false
	for i := range e.calls {
		c := &e.calls[i]
		if !c.has(fDue) || c.has(fJudged) {
			continue
		}
		switch {
		case c.role == llm.RoleRollup:
			rollups = true
			continue
		case c.failedFree():
			b.failure(e, int32(i))
		case len(e.calls) > 1:
			b.cluster(e, int32(i))
		}
		c.set(fJudged, true)
	}
	for i := 0; rollups && i < len(e.calls); i++ {
		if c := &e.calls[i]; c.has(fDue) && !c.has(fJudged) {
			b.rollup(e, int32(i))
			c.set(fJudged, true)
		}
	}
	for i := range e.calls {
		if c := &e.calls[i]; c.has(fDue) && c.bill == Billed && c.resp != 0 {
			b.across(e, c)
		}
	}
}

// neverBilled: a failure of a class that providers do not charge, unless a
// response id, output tokens or the provider's own figure prove an answer.
func neverBilled(c *callRec) bool {
	return c.failed() && c.class.NeverBilled() && c.out == 0 && c.resp == 0 && !c.has(fReported)
}

// bills reports whether a call is billed and has something to bill, so that
// other descriptions of it are duplicates.
func (c *callRec) bills() bool {
	return c.has(fJudged) && c.bill == Billed && c.has(fUsage|fReported)
}

// relate gathers the descriptions of each call: all that share its response
// id, and for a call without that proof at most one below it, so that two
// calls below one wrapper are never taken for each other.
func (b *biller) relate(e *entry) {
	b.same = fill(b.same, len(e.calls), none)
	b.below = fill(b.below, len(e.calls), none)
	for i := range e.calls {
		x := &e.calls[i]
		if x.has(fJudged) || !x.isLLM() {
			continue
		}
		for j := range e.calls {
			y := &e.calls[j]
			if j == i || !y.isLLM() {
				continue
			}
			switch from, to, proof := e.describe(int32(i), int32(j)); {
			case proof == byResponse:
				b.unite(from, to)
			case proof == byPlace && b.nearer(e, to, b.below[from]) && !e.answeredAfter(from, to):
				b.below[from] = to
			}
		}
	}
	for i, j := range b.below {
		if j != none {
			b.unite(int32(i), j)
		}
	}
}

// unite and rootOf are a union-find over the calls of one trace.
func (b *biller) unite(i, j int32) {
	if i, j = b.rootOf(i), b.rootOf(j); i != j {
		b.same[max(i, j)] = min(i, j)
	}
}

func (b *biller) rootOf(i int32) int32 {
	for b.same[i] != none {
		i = b.same[i]
	}
	return i
}

// nearer prefers, among the calls that one may describe again, one with usage,
// then the last to end.
func (b *biller) nearer(e *entry, i, than int32) bool {
	if than == none {
		return true
	}
	x, y := &e.calls[i], &e.calls[than]
	return cmp.Or(cmp.Compare(use(x), use(y)), cmp.Compare(x.end, y.end), slices.Compare(y.span[:], x.span[:])) > 0
}

func use(c *callRec) int {
	switch {
	case c.has(fReported):
		return 3
	case c.has(fUsage) && !c.failed():
		return 2
	case c.has(fUsage):
		return 1
	}
	return 0
}

// cluster decides a call among all descriptions of the same one.
func (b *biller) cluster(e *entry, i int32) {
	root := b.rootOf(i)
	c := &e.calls[i]
	best := none
	for j := range e.calls {
		x := &e.calls[j]
		if !x.isLLM() || b.rootOf(int32(j)) != root || x.has(fJudged) && !x.bills() && x.bill != Duplicate || neverBilled(x) && !x.has(fJudged) {
			continue
		}
		if x.has(fJudged) {
			if int32(j) == i {
				continue
			}
			c.bill, c.billOf = Duplicate, x.span
			if x.bill == Duplicate {
				c.billOf = x.billOf
			}
			if c.billOf == c.span {
				c.bill, c.billOf = Billed, llm.SpanID{}
			}
			return
		}
		if best == none || b.preferred(e, int32(j), best) {
			best = int32(j)
		}
	}
	id := e.billedRollup(i)
	if best != none && best != i {
		w := &e.calls[best]
		if id.IsZero() {
			id = e.billedRollup(best)
		}
		w.bill = Billed
		w.set(fJudged, true)
		if id.IsZero() {
			c.bill, c.billOf = Duplicate, w.span
			return
		}
		w.bill, w.billOf = Duplicate, id
	}
	if !id.IsZero() {
		c.bill, c.billOf = Duplicate, id
	}
}

// preferred reports whether description i is billed rather than j: what the
// billing provider reports, what has usage, then the policy.
func (b *biller) preferred(e *entry, i, j int32) bool {
	x, y := &e.calls[i], &e.calls[j]
	if u, v := use(x), use(y); u != v {
		return u > v
	}
	inner := 0 // positive: i is nearer to the provider
	if e.above(j, i) != notAbove {
		inner = 1
	} else if e.above(i, j) != notAbove {
		inner = -1
	}
	switch b.cfg.Billing {
	case BillGateway:
		if p, q := gatewayRank(x.layer), gatewayRank(y.layer); p != q {
			return p > q
		}
	case BillClient:
		inner = -inner
	}
	if inner == 0 && x.layer != y.layer && b.cfg.Billing == BillClient {
		return x.layer < y.layer
	}
	return cmp.Or(-inner, cmp.Compare(x.start, y.start), slices.Compare(x.span[:], y.span[:])) < 0
}

func gatewayRank(l llm.Layer) int {
	switch l {
	case llm.LayerGateway:
		return 2
	case llm.LayerProvider:
		return 1
	}
	return 0
}

// across looks a billed response id up among those of other traces, and
// remembers it. Local servers number their answers carelessly, so that an
// equal id must also agree in tokens and time.
func (b *biller) across(e *entry, c *callRec) {
	if !c.has(fUsage | fReported) {
		return
	}
	old := b.billed.find(c.resp)
	switch {
	case old == nil:
		b.billed.add(billedID{resp: c.resp, trace: e.id, span: c.span, start: c.start, end: c.end, in: c.in, out: c.out})
	case old.trace == e.id && e.knows(old.span): // the trace has judged for itself
	case old.trace == e.id && old.span == c.span:
	case c.start <= old.end+skewAcross && old.start <= c.end+skewAcross && c.in == old.in && c.out == old.out:
		c.bill, c.billOf = Duplicate, old.span
	}
}

func (e *entry) knows(id llm.SpanID) bool {
	_, ok := e.find(id)
	return ok
}
