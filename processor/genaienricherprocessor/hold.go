package genaienricherprocessor

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/attempt"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
)

// holder keeps LLM spans until their attempts are decided, with wait above 0.
// The enricher's lock guards it; what it holds is bounded by the memory, which
// decides the oldest early when too much is held.
type holder struct {
	next   consumer.Traces
	traces map[llm.TraceID][]*heldSpan

	// The loop that lets go of what nobody's batch does, and what the next
	// consumer refused, to be offered again. sending keeps releases in order.
	sending sync.Mutex
	unsent  ptrace.Traces
	done    chan struct{}
	wg      sync.WaitGroup
}

// heldSpan is one span in custody, in a request of its own.
type heldSpan struct {
	td    ptrace.Traces
	entry entry
	res   llmspan.ResourceView
	scope llmspan.ScopeView
}

func newHolder(next consumer.Traces) *holder {
	return &holder{next: next, traces: map[llm.TraceID][]*heldSpan{}, unsent: ptrace.NewTraces(), done: make(chan struct{})}
}

// takeLocked moves the held spans of a batch into custody. Entries stand in
// the order of the spans, so one pass finds them.
func (h *holder) takeLocked(td ptrace.Traces, b *batch) {
	next := 0
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		before := 0
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			before += ss.Spans().Len()
			had := ss.Spans().Len()
			ss.Spans().RemoveIf(func(span ptrace.Span) bool {
				if next >= len(b.entries) || b.entries[next].span != span {
					return false
				}
				i := next
				next++
				if !b.verdicts[i].Held {
					return false
				}
				h.keepLocked(&b.entries[i], rs, ss)
				return true
			})
			return had > 0 && ss.Spans().Len() == 0
		})
		return before > 0 && rs.ScopeSpans().Len() == 0
	})
}

func (h *holder) keepLocked(e *entry, rs ptrace.ResourceSpans, ss ptrace.ScopeSpans) {
	s := &heldSpan{td: ptrace.NewTraces()}
	ownRS := s.td.ResourceSpans().AppendEmpty()
	rs.Resource().CopyTo(ownRS.Resource())
	ownRS.SetSchemaUrl(rs.SchemaUrl())
	ownSS := ownRS.ScopeSpans().AppendEmpty()
	ss.Scope().CopyTo(ownSS.Scope())
	ownSS.SetSchemaUrl(ss.SchemaUrl())
	own := ownSS.Spans().AppendEmpty()
	e.span.MoveTo(own)
	s.entry, s.res, s.scope = *e, llmspan.ReadResource(ownRS), llmspan.ReadScope(ownSS)
	s.entry.span, s.entry.res, s.entry.scope = own, &s.res, &s.scope
	h.traces[e.call.Trace] = append(h.traces[e.call.Trace], s)
}

// releaseLocked takes the copies of a span out of custody: more than one where
// it was delivered again meanwhile.
func (h *holder) releaseLocked(k llm.SpanKey) (out []*heldSpan) {
	rest := h.traces[k.Trace][:0]
	for _, s := range h.traces[k.Trace] {
		if s.entry.call.Span == k.Span {
			out = append(out, s)
		} else {
			rest = append(rest, s)
		}
	}
	if len(rest) == 0 {
		delete(h.traces, k.Trace)
	} else {
		h.traces[k.Trace] = rest
	}
	return out
}

// contentLocked hashes the content of held calls in whose trace something has
// failed since.
func (p *enricher) contentLocked(b *batch) {
	if !p.cfg.Attempts.ContentMatching {
		return
	}
	for trace, failed := range b.traces {
		if !failed {
			continue
		}
		for _, s := range p.held.traces[trace] {
			if a := &s.entry.call.Attempt; a.Content == [16]byte{} {
				if c, ok := p.reader.Content(s.entry.span); ok {
					a.Content = c
					p.memory.SetContent(s.entry.call.Key(), c)
				}
			}
		}
	}
}

// decideLocked turns the memory's decisions into rulings on spans.
func (p *enricher) decideLocked(decisions []attempt.Decision) (out []ruling) {
	for i := range decisions {
		d := &decisions[i]
		for _, s := range p.held.releaseLocked(d.Key) {
			out = append(out, ruling{&s.entry, &d.Verdict, s.td})
		}
		p.tel.released[d.Reason].n++
	}
	return out
}

// startReleasing lets go of what is due while no batch comes by.
func (p *enricher) startReleasing() {
	p.held.wg.Go(func() {
		ticker := time.NewTicker(releaseEvery)
		defer ticker.Stop()
		for {
			select {
			case <-p.held.done:
				return
			case <-ticker.C:
				p.sendDue(context.Background(), false)
			}
		}
	})
}

// releaseEvery is how late a held span may be let go at most, while no batch
// comes by.
const releaseEvery = 200 * time.Millisecond

// sendDue sends what is due, or with all everything that is held. What the
// next consumer refuses is kept and offered again.
func (p *enricher) sendDue(ctx context.Context, all bool) {
	h := p.held
	h.sending.Lock()
	defer h.sending.Unlock()
	now := p.now()
	p.mu.Lock()
	var decisions []attempt.Decision
	if all {
		decisions = p.memory.Flush(now, nil)
	} else {
		decisions = p.memory.Due(now, nil)
	}
	rulings := p.decideLocked(decisions)
	p.concludeLocked(rulings)
	p.mu.Unlock()
	p.settle(ctx, rulings, now)
	for i := range rulings {
		rulings[i].td.ResourceSpans().MoveAndAppendTo(h.unsent.ResourceSpans())
	}
	if h.unsent.SpanCount() == 0 {
		return
	}
	td := ptrace.NewTraces()
	h.unsent.CopyTo(td)
	if err := h.next.ConsumeTraces(ctx, td); err != nil {
		p.log.Warn("Held spans were refused; they are offered again", zap.Int("spans", h.unsent.SpanCount()), zap.Error(err))
		return
	}
	h.unsent = ptrace.NewTraces()
}

// stopReleasing lets go of everything, in order.
func (p *enricher) stopReleasing(ctx context.Context) {
	if p.held == nil {
		return
	}
	select {
	case <-p.held.done:
		return
	default:
	}
	close(p.held.done)
	p.held.wg.Wait()
	p.sendDue(ctx, true)
}
