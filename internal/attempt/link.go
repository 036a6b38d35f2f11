package attempt

import (
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// maxOpen bounds the chains of one scope that still wait for a successor; in a
// fan-out of more failures the oldest are given up. maxRacers bounds the search
// for a third racer.
const (
	maxOpen   = 256
	maxRacers = 64
)

// unitSpan is the time of one unit before linking, and the chain it went to.
type unitSpan struct {
	start, end int64
	chain      int32
}

// link joins the units above base, which share the node as their scope, and
// leaves the chains they form on the stack.
func (r *reducer) link(base int, node int32) {
	if len(r.stack)-base < 2 {
		return
	}
	slices.SortFunc(r.stack[base:], func(a, b chain) int { return r.less(a.head, b.head) })
	r.units, r.open = r.units[:0], r.open[:0]
	for i := base; i < len(r.stack); i++ {
		u := &r.stack[i]
		r.units = append(r.units, unitSpan{r.calls[u.head].start, r.calls[u.tail].end, none})
	}
	k := int32(base) // chains so far are stack[base:k]
	for i := base; i < len(r.stack); i++ {
		b := r.stack[i]
		j, l := r.best(i-base, &b, node)
		if j == none {
			j = k
			r.stack[k] = b
			r.open = append(r.open, k)
			k++
		} else {
			r.join(&r.stack[j], &b, l)
		}
		r.units[i-base].chain = j
	}
	r.stack = r.stack[:k]
}

// linkage is a way in which one unit may follow another.
type linkage struct {
	evid  stamp.Evidence
	hedge bool
	gap   int64
}

func (l linkage) better(o linkage) bool {
	if l.evid != o.evid {
		return l.evid > o.evid
	}
	if l.hedge != o.hedge {
		return o.hedge
	}
	return l.gap < o.gap
}

// best finds the open chain that unit b continues: the strongest evidence,
// then the smallest gap, then the lowest span id. Chains that nothing later
// can join are dropped from the open list on the way.
func (r *reducer) best(unit int, b *chain, node int32) (int32, linkage) {
	best, by := none, linkage{}
	start := r.calls[b.head].start
	kept := r.open[:0]
	for _, j := range r.open {
		a := &r.stack[j]
		if a.answered && r.calls[a.tail].end-overlap <= start && r.calls[a.final].end-overlap <= start {
			continue // an answer closes a chain
		}
		kept = append(kept, j)
		l, ok := r.follows(a, b, j, unit, node)
		if !ok {
			continue
		}
		if best == none || l.better(by) || !by.better(l) && slices.Compare(r.calls[a.tail].span[:], r.calls[r.stack[best].tail].span[:]) < 0 {
			best, by = j, l
		}
	}
	if len(kept) > maxOpen {
		kept = append(kept[:0], kept[len(kept)-maxOpen:]...)
	}
	r.open = kept
	return best, by
}

// follows reports whether chain b may continue chain a, and on what evidence.
func (r *reducer) follows(a, b *chain, j int32, unit int, node int32) (linkage, bool) {
	x, y := &r.calls[a.tail], &r.calls[b.head]
	if int(a.n+b.n) > r.cfg.MaxAttempts {
		return linkage{}, false
	}
	evid := match(x, y)
	if evid == stamp.EvidenceNone {
		return linkage{}, false
	}
	gap := y.start - x.end
	if gap < -overlap {
		return linkage{evid, true, -gap}, evid > stamp.EvidenceWeak && b.n == 1 && r.races(a, x, y)
	}
	if a.answered || !x.failed() {
		return linkage{}, false
	}
	l := linkage{evid, false, max(gap, 0)}
	switch {
	case evid == stamp.EvidenceWeak:
		return l, r.weak && gap <= weakGap && r.weakly(a, b, j, unit, node)
	case evid == stamp.EvidenceExplicit && x.callID != 0 && x.callID == y.callID:
		return l, true
	}
	return l, gap <= strongGap
}

// match compares two calls by what they were asked, not by when. An equal id
// decides; content decides where both have it; a reported number or fallback
// index says that there was a predecessor; the shape is the weakest.
func match(a, b *callRec) stamp.Evidence {
	switch {
	case a.op.Generates() != b.op.Generates(), !a.op.Generates() && a.op != b.op:
		return stamp.EvidenceNone
	case a.callID != 0 && a.callID == b.callID:
		return stamp.EvidenceExplicit
	case a.content != 0 && b.content != 0 && a.content != b.content:
		return stamp.EvidenceNone
	case numbered(a, b):
		return stamp.EvidenceExplicit
	case a.content != 0 && a.content == b.content:
		return stamp.EvidenceStrong
	case a.callID != 0 && b.callID != 0, a.conv != b.conv:
		return stamp.EvidenceNone
	case a.model == b.model && (a.shape != b.shape || a.op != b.op && a.op != llm.OpUnknown && b.op != llm.OpUnknown):
		return stamp.EvidenceNone
	}
	return stamp.EvidenceWeak
}

// numbered reports whether b says itself that it is the attempt after a.
func numbered(a, b *callRec) bool {
	if !a.failed() {
		return false
	}
	if b.fallback > 0 && b.number <= 1 {
		return a.fallback == b.fallback-1
	}
	return b.number >= 2 && a.model == b.model && a.fallback == b.fallback && max(a.number, 1) == b.number-1
}

// races reports whether two overlapping calls are a hedge: one answer only,
// and the loser was cancelled or the second was sent late. A pair without an
// answer counts while a third racer has one.
func (r *reducer) races(a *chain, x, y *callRec) bool {
	late := y.start-x.start >= hedgeOffset
	switch {
	case a.answered && !y.failed():
		return false
	case a.answered || !y.failed():
		loser := x
		if y.failed() {
			loser = y
		}
		return late || loser.class == llm.ErrCancelled
	}
	if !late && (x.class != llm.ErrCancelled || y.class != llm.ErrCancelled) {
		return false
	}
	if len(r.units) > maxRacers {
		return false
	}
	for i := range r.calls {
		z := &r.calls[i]
		if z != x && z != y && !z.failed() && z.isLLM() && z.parent == x.parent && z.start >= y.start && z.start < x.end-overlap && match(x, z) > stamp.EvidenceWeak {
			return true
		}
	}
	return false
}

// weakly holds the rules for a link without content: position has to prove
// what the request cannot.
func (r *reducer) weakly(a, b *chain, j int32, unit int, node int32) bool {
	x, y := &r.calls[a.tail], &r.calls[b.head]
	if x.class == llm.ErrCancelled || r.partial && int(node) >= len(r.up) {
		return false
	}
	if y.start-x.start < (x.end-x.start)/2 {
		return false // a short failure's sibling that began with it, within the allowance for clocks
	}
	_, parentRetry := r.wrapName(node)
	wrapRetry := a.retryWrap || b.retryWrap
	switch {
	case x.model == y.model && !x.class.Retryable():
		return false
	case x.model != y.model && !parentRetry && !wrapRetry:
		return false
	case (a.lifted || b.lifted) && !wrapRetry && (a.lifted != b.lifted || a.wrap != b.wrap):
		return false
	}
	for i := len(r.units) - 1; i >= 0; i-- { // neighbours first
		u := &r.units[i]
		if i != unit && u.chain != j && u.start <= y.start && u.end > x.start {
			return false
		}
	}
	for i := range r.skels {
		s := &r.skels[i]
		if s.has(fTool) && s.start >= x.start && s.start <= y.start && r.sameTrace(a.tail, i) {
			return false
		}
	}
	return true
}

func (r *reducer) sameTrace(call int32, skel int) bool {
	return r.callTrace == nil || r.callTrace[call] == r.skelTrace[skel]
}

// join appends chain b to chain a.
func (r *reducer) join(a, b *chain, l linkage) {
	x, y := &r.calls[a.tail], &r.calls[b.head]
	kind := stamp.KindRetry
	switch {
	case l.hedge:
		kind = stamp.KindHedge
	case x.model != y.model:
		kind = stamp.KindFallback
	}
	r.next[a.tail], r.kinds[b.head], r.links[b.head] = b.head, kind, l.evid
	if a.n == 1 {
		a.evid = l.evid
	}
	a.evid = min(a.evid, l.evid)
	if b.n > 1 {
		a.evid = min(a.evid, b.evid)
	}
	if !l.hedge && x.model == y.model && futile(x.class) {
		a.futile = true
	}
	a.futile = a.futile || b.futile
	a.hedged = a.hedged || b.hedged || l.hedge
	if !l.hedge || !a.answered { // a hedge's winner stays the final attempt
		a.final, a.answered = b.final, b.answered
	}
	a.tail = b.tail
	a.n += b.n
	a.lifted, a.wrap, a.retryWrap = b.lifted, b.wrap, b.retryWrap
}

// futile reports a class that the same request cannot get over. A cancelled or
// unexplained failure may well pass.
func futile(c llm.ErrorClass) bool {
	return c != llm.ErrNone && !c.Retryable() && c != llm.ErrCancelled && c != llm.ErrUnknown
}

// sameRequest: across traces a number alone proves nothing, the same instance
// may have asked many things.
func sameRequest(a, b *callRec) bool {
	return match(a, b) > stamp.EvidenceWeak && (a.callID != 0 && a.callID == b.callID || a.content != 0 && a.content == b.content)
}

// linkRoots links single root calls across traces: by content or id only, on
// the same service instance, after a failure.
func (r *reducer) linkRoots() {
	slices.SortFunc(r.roots, func(a, b chain) int { return r.less(a.head, b.head) })
	k := 0
	for i := range r.roots {
		b := r.roots[i]
		best := none
		var by linkage
		for j := range k {
			a := &r.roots[j]
			x, y := &r.calls[a.tail], &r.calls[b.head]
			gap := y.start - x.end
			evid := match(x, y)
			if a.answered || !sameRequest(x, y) || x.instance == 0 || x.instance != y.instance || gap < -overlap || gap > strongGap || int(a.n) >= r.cfg.MaxAttempts {
				continue
			}
			if l := (linkage{evid, false, max(gap, 0)}); best == none || l.better(by) {
				best, by = int32(j), l
			}
		}
		if best == none {
			r.roots[k] = b
			k++
			continue
		}
		r.join(&r.roots[best], &b, by)
	}
	r.done = append(r.done, r.roots[:k]...)
}
