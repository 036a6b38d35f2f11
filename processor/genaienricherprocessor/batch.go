package genaienricherprocessor

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/attempt"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/stamp"
)

// entry is one LLM span on its way through a batch.
type entry struct {
	call  llm.Call
	span  ptrace.Span
	res   *llmspan.ResourceView
	scope *llmspan.ScopeView
	model *llm.Model
	first *llm.Model // of the group's first attempt, where that is another span
	trace int32      // among the traces of the batch
	// at is the time of the call for prices: its start, or the time of receipt
	// where the start is unusable.
	at    int64
	stamp stamp.Stamp

	// How far the ladders of route and owners were climbed: a claim for each
	// owner, the nearest name for a route and what it is, an alias that a
	// gateway resolved, the nearest prompt, and the first span above that the
	// batch does not hold.
	claims           []claim
	name, nameSource string
	alias, prompt    string
	top              llm.SpanID
}

// batch is the working memory of one consume call, reused between calls. Its
// entries alias the batch's spans and are cleared before the next one.
type batch struct {
	resources []llmspan.ResourceView
	scopes    []llmspan.ScopeView
	entries   []entry
	skeletons []llm.Skeleton
	// others are the spans that may be worth a skeleton once the traces with
	// calls are known.
	others []ptrace.Span
	kin    kin

	observe  attempt.Batch
	verdicts []attempt.Verdict
	rulings  []ruling
	stripped int

	claims []claim // of all entries
}

func newBatch() *batch { return &batch{kin: newKin()} }

// reset forgets the last batch, so that nothing of it is kept alive.
func (b *batch) reset() {
	clear(b.resources)
	clear(b.scopes)
	clear(b.entries)
	clear(b.skeletons)
	clear(b.others)
	b.kin.reset()
	clear(b.observe.Calls)
	clear(b.observe.Models)
	clear(b.observe.Skeletons)
	clear(b.verdicts)
	clear(b.rulings)
	clear(b.claims)
	b.claims = b.claims[:0]
	b.resources, b.scopes, b.entries = b.resources[:0], b.scopes[:0], b.entries[:0]
	b.skeletons, b.others, b.verdicts = b.skeletons[:0], b.others[:0], b.verdicts[:0]
	b.rulings = b.rulings[:0]
	b.observe.Calls, b.observe.Models, b.observe.Skeletons = b.observe.Calls[:0], b.observe.Models[:0], b.observe.Skeletons[:0]
	b.observe.Fingerprint = nil
	b.stripped = 0
}

// collect finds the calls of the batch. Views are counted first, since entries
// point into their slices.
func (b *batch) collect(td ptrace.Traces, reader *llmspan.Reader, trustUpstream bool) {
	nScopes := 0
	for _, rs := range td.ResourceSpans().All() {
		nScopes += rs.ScopeSpans().Len()
	}
	b.resources = grow(b.resources, td.ResourceSpans().Len())
	b.scopes = grow(b.scopes, nScopes)
	for _, rs := range td.ResourceSpans().All() {
		b.resources = append(b.resources, llmspan.ReadResource(rs))
		res := &b.resources[len(b.resources)-1]
		for _, ss := range rs.ScopeSpans().All() {
			b.scopes = append(b.scopes, llmspan.ReadScope(ss))
			scope := &b.scopes[len(b.scopes)-1]
			for _, span := range ss.Spans().All() {
				seen := reader.Look(scope, span)
				if seen&llmspan.SeenStamps != 0 && !trustUpstream {
					b.stripped += llmspan.StripStamps(span)
				}
				if seen&llmspan.SeenLLM != 0 && b.read(reader.Read, res, scope, span) {
					continue
				}
				// A failed HTTP call to a provider may be all that is left of a
				// call; it is read as one, and as the span that it is.
				if seen&llmspan.SeenHTTP != 0 && span.Status().Code() == ptrace.StatusCodeError {
					b.read(reader.ReadTransport, res, scope, span)
				}
				b.others = append(b.others, span)
			}
		}
	}
}

type readFunc func(*llmspan.ResourceView, *llmspan.ScopeView, ptrace.Span, *llm.Call) bool

func (b *batch) read(read readFunc, res *llmspan.ResourceView, scope *llmspan.ScopeView, span ptrace.Span) bool {
	b.entries = append(b.entries, entry{})
	e := &b.entries[len(b.entries)-1]
	if !read(res, scope, span, &e.call) {
		b.entries = b.entries[:len(b.entries)-1]
		return false
	}
	e.span, e.res, e.scope = span, res, scope
	return true
}

// skeletonsOf reads the other spans of traces that hold a call, here or in
// memory; others are those alone from then on, in the order of the skeletons.
func (b *batch) skeletonsOf(holds func(llm.TraceID) bool) {
	var last llm.TraceID
	var here *traceKin
	wanted := false
	b.skeletons = grow(b.skeletons, len(b.others))
	for i := range b.others {
		trace := llm.TraceID(b.others[i].TraceID())
		if trace != last || i == 0 {
			here = b.kin.of(trace)
			last, wanted = trace, here != nil || holds(trace)
		}
		if !wanted {
			continue
		}
		b.skeletons = append(b.skeletons, llm.Skeleton{})
		s := &b.skeletons[len(b.skeletons)-1]
		llmspan.ReadSkeleton(b.others[i], s)
		if here != nil {
			here.spans++
		}
		b.others[len(b.skeletons)-1] = b.others[i]
	}
	clear(b.others[len(b.skeletons):])
	b.others = b.others[:len(b.skeletons)]
}

// claim gives every entry room for n claims.
func (b *batch) claim(n int) {
	if n == 0 {
		return
	}
	b.claims = grow(b.claims, n*len(b.entries))[:n*len(b.entries)]
	for i := range b.entries {
		b.entries[i].claims = b.claims[i*n : (i+1)*n : (i+1)*n]
	}
}

func grow[T any](s []T, n int) []T {
	if cap(s)-len(s) < n {
		return append(make([]T, 0, len(s)+n), s...)
	}
	return s
}
