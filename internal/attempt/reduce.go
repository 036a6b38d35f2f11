package attempt

import (
	"cmp"
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Reduce finds the attempts in complete traces. The result does not depend on
// the order of the input or on spans given twice.
func Reduce(t Trace, cfg Config) Result {
	cfg = cfg.withDefaults()
	in := newInput(t)
	strict := in.reduce(&cfg, cfg.WeakEvidence)
	out := in.result(strict)
	if !cfg.WeakEvidence {
		out.Probable = in.probable(in.reduce(&cfg, true), strict)
	}
	return out
}

// input is the spans of Reduce as records, each once.
type input struct {
	traces []llm.TraceID
	calls  []callRec
	skels  []skelRec
	ct, st []int32 // trace numbers
	starts map[llm.SpanKey]int64
}

func newInput(t Trace) *input {
	in := &input{}
	for _, c := range t.Calls {
		in.traces = append(in.traces, c.Trace)
	}
	for _, s := range t.Skeletons {
		in.traces = append(in.traces, s.Trace)
	}
	slices.SortFunc(in.traces, func(a, b llm.TraceID) int { return slices.Compare(a[:], b[:]) })
	in.traces = slices.Compact(in.traces)
	calls := make(map[nodeKey]int)
	skels := make(map[nodeKey]int)
	addSkel := func(k nodeKey, rec *skelRec) {
		if i, ok := calls[k]; ok { // the call says more, but not what bars attempts
			mergeWrapper(&in.calls[i], rec)
			return
		}
		if i, ok := skels[k]; ok {
			in.skels[i].merge(rec)
			return
		}
		skels[k] = len(in.skels)
		in.skels, in.st = append(in.skels, *rec), append(in.st, k.trace)
	}
	for _, c := range t.Calls {
		k := nodeKey{in.trace(c.Trace), c.Span}
		switch c.Role {
		case llm.RoleInference, llm.RoleRollup:
			var rec callRec
			rec.fill(c, nil)
			if i, ok := calls[k]; ok {
				if rec.before(&in.calls[i]) {
					in.calls[i] = rec
				}
				continue
			}
			calls[k] = len(in.calls)
			in.calls, in.ct = append(in.calls, rec), append(in.ct, k.trace)
		case llm.RoleTransport:
			var rec skelRec
			rec.fillProvider(c)
			addSkel(k, &rec)
		}
	}
	for _, s := range t.Skeletons {
		var rec skelRec
		rec.fill(s)
		addSkel(nodeKey{in.trace(s.Trace), s.Span}, &rec)
	}
	in.starts = make(map[llm.SpanKey]int64, len(in.calls)+len(in.skels))
	for i := range in.calls {
		in.starts[in.key(int32(i))] = in.calls[i].start
	}
	for i := range in.skels {
		in.starts[in.skelKey(int32(i))] = in.skels[i].start
	}
	return in
}

// before picks one of two deliveries of a span that differ, so that the order
// of the input does not.
func (c *callRec) before(o *callRec) bool {
	return cmp.Or(cmp.Compare(c.start, o.start), cmp.Compare(c.end, o.end), cmp.Compare(c.class, o.class),
		cmp.Compare(c.content, o.content), cmp.Compare(c.in, o.in), cmp.Compare(c.out, o.out)) < 0
}

// mergeWrapper tells a roll-up what its skeleton knows: whether attempts cross
// it. Without one they do not.
func mergeWrapper(c *callRec, s *skelRec) {
	if c.role == llm.RoleRollup && !s.has(fBarrier) {
		c.flags &^= fBarrier
	}
}

func (in *input) trace(id llm.TraceID) int32 {
	i, _ := slices.BinarySearchFunc(in.traces, id, func(a, b llm.TraceID) int { return slices.Compare(a[:], b[:]) })
	return int32(i)
}

func (in *input) reduce(cfg *Config, weak bool) *reducer {
	r := &reducer{cfg: cfg, weak: weak}
	if len(in.traces) > 1 {
		r.callTrace, r.skelTrace = in.ct, in.st
	}
	r.run(in.calls, in.skels)
	return r
}

func (in *input) key(call int32) llm.SpanKey {
	return llm.SpanKey{Trace: in.traces[in.ct[call]], Span: in.calls[call].span}
}

func (in *input) skelKey(i int32) llm.SpanKey {
	return llm.SpanKey{Trace: in.traces[in.st[i]], Span: in.skels[i].span}
}

// result turns chains into groups.
func (in *input) result(r *reducer) Result {
	var out Result
	grouped := make(map[llm.SpanKey]bool)
	for i := range r.done {
		c := &r.done[i]
		if !c.answered && r.unobserved(c.final) {
			out.Unobserved = append(out.Unobserved, in.key(c.final))
		}
		if c.n > 1 {
			out.Groups = append(out.Groups, in.group(r, c))
		}
	}
	owned := make(map[int32]int)
	for i := range r.http {
		h := &r.http[i]
		owned[h.owner] = max(owned[h.owner], len(h.members))
		out.Groups = append(out.Groups, in.httpGroup(h))
	}
	for i := range out.Groups {
		for _, k := range out.Groups[i].Spans {
			grouped[k] = true
		}
	}
	for i := range in.calls {
		c, k := &in.calls[i], in.key(int32(i))
		if !grouped[k] {
			out.Ungrouped = append(out.Ungrouped, k)
		}
		if c.isLLM() && c.hidden > 1 && owned[int32(i)] == 0 {
			out.Opaque = append(out.Opaque, Opaque{k, int(c.hidden), stamp.EvidenceExplicit})
		}
	}
	for i := range in.skels {
		k := in.skelKey(int32(i))
		if !grouped[k] {
			out.Ungrouped = append(out.Ungrouped, k)
		}
		if call, ok := r.lone(i); ok {
			out.Lone = append(out.Lone, Lone{k, call})
		}
	}
	out.LeafAttempts, out.LogicalCalls = amplification(r, owned)
	in.sort(&out)
	return out
}

func (in *input) group(r *reducer, c *chain) Group {
	g := Group{Level: LevelCall, Kind: stamp.KindRetry, Final: in.key(c.final), Evidence: c.evid, Futile: c.futile}
	var prev *callRec
	for i := c.head; i != none; i = r.next[i] {
		rec := &in.calls[i]
		g.Spans = append(g.Spans, in.key(i))
		kind := r.kinds[i]
		if prev == nil {
			kind = stamp.KindFirst
		}
		g.Kinds = append(g.Kinds, kind)
		g.Kind = groupKind(g.Kind, kind)
		if rec.failed() {
			g.Classes = append(g.Classes, rec.class)
		}
		if prev != nil && kind != stamp.KindHedge {
			g.Backoff += max(0, rec.start-prev.end)
		}
		if i != c.final || !c.answered {
			switch {
			case rec.has(fUsage):
				g.WastedTokens += int64(rec.in) + int64(rec.out)
			case !rec.class.NeverBilled():
				g.WastedUnknown++
			}
		}
		prev = rec
	}
	final := &in.calls[c.final]
	g.End = endOf(final.class)
	switch {
	case g.End != Recovered:
		g.WastedLatency = max(0, in.calls[c.tail].end-in.calls[c.head].start)
	case g.Kind != stamp.KindHedge:
		g.WastedLatency = max(0, final.start-in.calls[c.head].start)
	}
	return g
}

// groupKind: any hedge makes a group a hedge, else any change of model or
// provider a fallback.
func groupKind(g, attempt stamp.Kind) stamp.Kind {
	switch {
	case g == stamp.KindHedge || attempt == stamp.KindHedge:
		return stamp.KindHedge
	case attempt == stamp.KindFallback:
		return stamp.KindFallback
	}
	return g
}

func endOf(c llm.ErrorClass) End {
	switch {
	case c == llm.ErrNone:
		return Recovered
	case c == llm.ErrCancelled:
		return Cancelled
	case c.Retryable():
		return Exhausted
	}
	return Failed
}

func (in *input) httpGroup(h *httpChain) Group {
	g := Group{Level: LevelTransport, Owner: in.calls[h.owner].span, Kind: stamp.KindRetry, Evidence: stamp.EvidenceTransport}
	var prev *skelRec
	for _, i := range h.members {
		s := &in.skels[i]
		g.Spans = append(g.Spans, in.skelKey(i))
		if prev == nil {
			g.Kinds = append(g.Kinds, stamp.KindFirst)
		} else {
			g.Kinds = append(g.Kinds, stamp.KindRetry)
			g.Backoff += max(0, s.start-prev.end)
		}
		if s.class != llm.ErrNone {
			g.Classes = append(g.Classes, s.class)
		}
		prev = s
	}
	first := &in.skels[h.members[0]]
	g.Final = g.Spans[len(g.Spans)-1]
	if g.End = endOf(prev.class); g.End == Recovered {
		g.WastedLatency = max(0, prev.start-first.start)
	} else {
		g.WastedLatency = max(0, prev.end-first.start)
	}
	return g
}

// probable are the failures that weak evidence alone ties to a success.
func (in *input) probable(weak, strict *reducer) []llm.SpanKey {
	var out []llm.SpanKey
	settled := make(map[int32]bool)
	for i := range strict.done {
		if c := &strict.done[i]; c.answered {
			for j := c.head; j != none; j = strict.next[j] {
				settled[j] = true
			}
		}
	}
	for i := range weak.done {
		c := &weak.done[i]
		if !c.answered || c.evid != stamp.EvidenceWeak {
			continue
		}
		for j := c.head; j != none; j = weak.next[j] {
			if in.calls[j].failed() && !settled[j] {
				out = append(out, in.key(j))
			}
		}
	}
	slices.SortFunc(out, in.byStart)
	return out
}

// amplification counts what was sent at the bottom and what was asked at the
// top.
func amplification(r *reducer, owned map[int32]int) (leaf, logical int) {
	inner := make(map[int32]bool) // calls with an LLM span above
	outer := make(map[int32]bool) // calls with an LLM span below
	for i := range r.calls {
		if !r.calls[i].isLLM() {
			continue
		}
		hops := 0
		for p := r.up[i]; p != none && int(p) < len(r.up) && hops <= len(r.up); p = r.up[p] {
			hops++
			if c := r.call(p); c != nil && c.isLLM() {
				inner[int32(i)], outer[p] = true, true
				break
			}
		}
	}
	for i := range r.calls {
		if r.calls[i].isLLM() && !outer[int32(i)] && !r.calls[i].has(fAuxiliary) {
			leaf += max(1, int(r.calls[i].hidden), owned[int32(i)])
		}
	}
	for i := range r.done {
		if !inner[r.done[i].head] {
			logical++
		}
	}
	return leaf, logical
}

func (in *input) sort(out *Result) {
	slices.SortFunc(out.Groups, func(a, b Group) int {
		return in.byStart(a.Spans[0], b.Spans[0])
	})
	byID := func(a, b llm.SpanKey) int {
		return cmp.Or(slices.Compare(a.Trace[:], b.Trace[:]), slices.Compare(a.Span[:], b.Span[:]))
	}
	slices.SortFunc(out.Ungrouped, byID)
	slices.SortFunc(out.Unobserved, in.byStart)
	slices.SortFunc(out.Opaque, func(a, b Opaque) int { return in.byStart(a.Span, b.Span) })
	slices.SortFunc(out.Lone, func(a, b Lone) int { return in.byStart(a.Span, b.Span) })
}

// byStart orders spans by start, then trace and span id.
func (in *input) byStart(a, b llm.SpanKey) int {
	return cmp.Or(cmp.Compare(in.starts[a], in.starts[b]), slices.Compare(a.Trace[:], b.Trace[:]), slices.Compare(a.Span[:], b.Span[:]))
}
