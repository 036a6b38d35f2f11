package genaienricherprocessor

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
)

// kin says what the spans of a batch have to do with one another: which traces
// hold calls, which of those a failed one, and where every span hangs. Most
// calls are the only span of their trace in a batch: nobody there stands above
// them, and where they hang is not noted.
type kin struct {
	byTrace map[llm.TraceID]int32
	traces  []traceKin // with a call in the batch
	parent  map[llm.SpanKey]node
	named   []llm.Identity // of spans that are no call
}

type traceKin struct {
	id     llm.TraceID
	spans  int // calls, and others once skeletons are read
	failed bool
}

// node is where a span hangs. entry is its index, -1 for spans that are no
// call; who is 1 + the index of whom such a span names, 0 nobody.
type node struct {
	parent llm.SpanID
	entry  int
	who    int
}

func newKin() kin {
	return kin{byTrace: map[llm.TraceID]int32{}, parent: map[llm.SpanKey]node{}}
}

func (k *kin) reset() {
	clear(k.byTrace)
	clear(k.parent)
	clear(k.named)
	k.traces, k.named = k.traces[:0], k.named[:0]
}

// link gathers the calls by their traces.
func (k *kin) link(entries []entry) {
	for i := range entries {
		e := &entries[i]
		if i > 0 && entries[i-1].call.Trace == e.call.Trace {
			e.trace = entries[i-1].trace
		} else {
			e.trace = k.enter(e.call.Trace)
		}
		t := &k.traces[e.trace]
		t.spans++
		t.failed = t.failed || e.call.Failed()
	}
}

func (k *kin) enter(id llm.TraceID) int32 {
	at, ok := k.byTrace[id]
	if !ok {
		at = int32(len(k.traces))
		k.byTrace[id] = at
		k.traces = append(k.traces, traceKin{id: id})
	}
	return at
}

// of returns what is known of a trace, nil for one without a call.
func (k *kin) of(id llm.TraceID) *traceKin {
	if at, ok := k.byTrace[id]; ok {
		return &k.traces[at]
	}
	return nil
}

// hang notes where the spans hang, and whom those that are no call name.
func (b *batch) hang() {
	k := &b.kin
	for i := range b.entries {
		if e := &b.entries[i]; !b.alone(e) {
			k.parent[e.call.Key()] = node{parent: e.call.Parent, entry: i}
		}
	}
	for i := range b.skeletons {
		s := &b.skeletons[i]
		key := llm.SpanKey{Trace: s.Trace, Span: s.Span}
		if _, twice := k.parent[key]; twice {
			continue
		}
		n := node{parent: s.Parent, entry: -1}
		k.named = append(k.named, llm.Identity{})
		if n.who = len(k.named); !llmspan.ReadIdentity(b.others[i].Attributes(), &k.named[n.who-1]) {
			k.named, n.who = k.named[:n.who-1], 0
		}
		k.parent[key] = n
	}
}

// alone reports whether a call is the only span of its trace in the batch.
func (b *batch) alone(e *entry) bool { return b.kin.traces[e.trace].spans == 1 }

// maxDepth bounds the walk up a trace, whatever parents claim.
const maxDepth = 128
