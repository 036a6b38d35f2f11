package attempt

import (
	"cmp"
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// chain is a unit of the bottom-up reduction: one call, or several linked as
// attempts. Its members are linked by reducer.next.
type chain struct {
	head, tail, final int32 // calls
	n                 int32
	evid              stamp.Evidence // of the weakest link; EvidenceNone for one call
	hedged, futile    bool
	answered          bool // the final attempt succeeded
	// What the unit was lifted through.
	lifted, retryWrap bool
	wrap              uint32 // name of the outermost wrapper
	// scope is the node below which the unit ended up: none for a root, at or
	// above the number of spans for a parent that never arrived.
	scope int32
}

const none = int32(-1)

type nodeKey struct {
	trace int32
	span  llm.SpanID
}

// reducer runs the reduction; its slices are reused between runs.
type reducer struct {
	cfg  *Config
	weak bool
	// partial: more spans may come, so that a weak link needs the parent to
	// have been seen (children arrive before it).
	partial bool
	// apart leaves root calls unlinked: their attempts are in other traces.
	apart bool
	calls []callRec
	skels []skelRec
	// callTrace and skelTrace number the traces; nil where there is only one.
	callTrace, skelTrace []int32

	index       map[nodeKey]int32
	first, sibl []int32 // children of each node: calls, skeletons, missing parents
	up          []int32 // parent of each node, none for roots
	seen        []bool

	next  []int32 // the following attempt of each call
	kinds []stamp.Kind
	links []stamp.Evidence // evidence of the link to the predecessor
	stack []chain
	open  []int32
	units []unitSpan
	roots []chain // single root calls, for links across traces
	done  []chain
	http  []httpChain
}

// run reduces calls and skels, which must hold each span once.
func (r *reducer) run(calls []callRec, skels []skelRec) {
	r.calls, r.skels = calls, skels
	r.done, r.http, r.stack, r.roots = r.done[:0], r.http[:0], r.stack[:0], r.roots[:0]
	r.next = fill(r.next, len(calls), none)
	r.kinds = fill(r.kinds, len(calls), stamp.KindNone)
	r.links = fill(r.links, len(calls), stamp.EvidenceNone)
	r.build()
	n := len(calls) + len(skels)
	for i := range int32(len(r.first)) {
		switch {
		case int(i) >= n:
			r.collapseRoot(i)
		case r.up[i] == none:
			r.root(i)
		}
	}
	r.finish(0)
	if r.apart {
		r.done = append(r.done, r.roots...)
		return
	}
	r.linkRoots()
}

func fill[T any](s []T, n int, v T) []T {
	s = slices.Grow(s[:0], n)[:n]
	for i := range s {
		s[i] = v
	}
	return s
}

// build indexes the spans and links children to parents. Children of the same
// parent that never arrived share a node of their own.
func (r *reducer) build() {
	n := len(r.calls) + len(r.skels)
	if r.index == nil {
		r.index = make(map[nodeKey]int32, n)
	}
	clear(r.index)
	for i := range n {
		r.index[nodeKey{r.trace(i), r.id(i)}] = int32(i)
	}
	r.first, r.sibl, r.up = fill(r.first, n, none), fill(r.sibl, n, none), fill(r.up, n, none)
	r.seen = fill(r.seen, n, false)
	for i := range n {
		parent := r.parent(i)
		if parent.IsZero() || parent == r.id(i) {
			continue
		}
		k := nodeKey{r.trace(i), parent}
		p, ok := r.index[k]
		if !ok {
			p = int32(len(r.first))
			r.first = append(r.first, none)
			r.index[k] = p
		}
		r.up[i] = p
		r.sibl[i], r.first[p] = r.first[p], int32(i)
	}
}

func (r *reducer) trace(i int) int32 {
	switch {
	case r.callTrace == nil:
		return 0
	case i < len(r.calls):
		return r.callTrace[i]
	}
	return r.skelTrace[i-len(r.calls)]
}

func (r *reducer) id(i int) llm.SpanID {
	if i < len(r.calls) {
		return r.calls[i].span
	}
	return r.skels[i-len(r.calls)].span
}

func (r *reducer) parent(i int) llm.SpanID {
	if i < len(r.calls) {
		return r.calls[i].parent
	}
	return r.skels[i-len(r.calls)].parent
}

// call returns the call of a node, nil for others.
func (r *reducer) call(i int32) *callRec {
	if i >= 0 && int(i) < len(r.calls) {
		return &r.calls[i]
	}
	return nil
}

// skel returns the skeleton of a node, nil for others.
func (r *reducer) skel(i int32) *skelRec {
	if j := int(i) - len(r.calls); j >= 0 && j < len(r.skels) {
		return &r.skels[j]
	}
	return nil
}

// barrier, wrapFailed, wrapName and wrapRetry describe a node as a wrapper. A
// parent that never arrived is transparent, nameless and did not fail.
func (r *reducer) barrier(i int32) bool {
	if c := r.call(i); c != nil {
		return c.has(fBarrier)
	}
	s := r.skel(i)
	return s != nil && s.has(fBarrier)
}

func (r *reducer) wrapFailed(i int32) bool {
	if c := r.call(i); c != nil {
		return c.failed()
	}
	s := r.skel(i)
	return s != nil && s.failed()
}

func (r *reducer) wrapName(i int32) (name uint32, retry bool) {
	if c := r.call(i); c != nil {
		return 0, c.has(fRetryName)
	}
	if s := r.skel(i); s != nil {
		return s.name, s.has(fRetryName)
	}
	return 0, false
}

// root reduces a span without a parent.
func (r *reducer) root(i int32) {
	base := len(r.stack)
	r.unit(i)
	for j := base; j < len(r.stack); j++ {
		r.stack[j].scope = none
	}
	if c := r.call(i); r.cfg.CrossTrace && c != nil && c.isLLM() && len(r.stack) == base+1 {
		r.roots = append(r.roots, r.stack[base])
		r.stack = r.stack[:base]
		return
	}
	r.finish(base)
}

func (r *reducer) collapseRoot(i int32) {
	base := len(r.stack)
	r.collapse(i)
	r.finish(base)
}

// collapse pushes the linked units below a node on the stack.
func (r *reducer) collapse(i int32) {
	base := len(r.stack)
	for child := r.first[i]; child != none; child = r.sibl[child] {
		r.unit(child)
	}
	r.link(base, i)
	for j := base; j < len(r.stack); j++ {
		r.stack[j].scope = i
	}
}

// unit pushes what a child contributes to its parent's units: itself if it is
// an LLM span, else the only unit below it, if it lifts. A failed unit lifts
// through failed wrappers only: a failure in a wrapper that is fine was
// handled there.
func (r *reducer) unit(child int32) {
	if int(child) < len(r.seen) {
		if r.seen[child] {
			return
		}
		r.seen[child] = true
	}
	base := len(r.stack)
	r.collapse(child)
	if c := r.call(child); c != nil && c.isLLM() {
		r.finish(base)
		r.transport(child)
		if !c.has(fAuxiliary) {
			r.stack = append(r.stack, chain{head: child, tail: child, final: child, n: 1, answered: !c.failed()})
		}
		return
	}
	if len(r.stack) != base+1 || r.barrier(child) || !r.stack[base].answered && !r.wrapFailed(child) {
		r.finish(base)
		return
	}
	u := &r.stack[base]
	name, retry := r.wrapName(child)
	u.lifted, u.wrap, u.retryWrap = true, name, u.retryWrap || retry
}

// finish takes the units above base off the stack: they link no further.
func (r *reducer) finish(base int) {
	r.done = append(r.done, r.stack[base:]...)
	r.stack = r.stack[:base]
}

// less orders calls by start, end and span id.
func (r *reducer) less(a, b int32) int {
	x, y := &r.calls[a], &r.calls[b]
	return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.end, y.end), slices.Compare(x.span[:], y.span[:]))
}
