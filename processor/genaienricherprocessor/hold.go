package genaienricherprocessor

import (
	"strings"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/attempt"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
)

// holder keeps LLM spans until their attempts are decided, with wait above 0.
// The enricher's lock guards it. Spans are bounded by number, which the memory
// counts, and by bytes; over either bound the oldest are decided early.
type holder struct {
	traces   map[llm.TraceID][]*heldSpan
	bytes    int
	maxBytes int
	sizer    ptrace.ProtoMarshaler
	out      outbox
}

// heldSpan is one span in custody, in a request of its own.
type heldSpan struct {
	td    ptrace.Traces
	entry entry
	res   llmspan.ResourceView
	scope llmspan.ScopeView
	bytes int
}

func newHolder(next consumer.Traces, cfg *AttemptsConfig) *holder {
	return &holder{traces: map[llm.TraceID][]*heldSpan{}, maxBytes: cfg.MaxHeldBytes, out: newOutbox(next, cfg.MaxHeld)}
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
	s.entry.claims = ownClaims(e.claims)
	for _, t := range [...]*string{&s.entry.name, &s.entry.alias, &s.entry.prompt} {
		*t = strings.Clone(*t)
	}
	s.bytes = h.sizer.TracesSize(s.td)
	h.bytes += s.bytes
	h.traces[e.call.Trace] = append(h.traces[e.call.Trace], s)
}

// releaseLocked takes the copies of a span out of custody: more than one where
// it was delivered again meanwhile.
func (h *holder) releaseLocked(k llm.SpanKey) (out []*heldSpan) {
	rest := h.traces[k.Trace][:0]
	for _, s := range h.traces[k.Trace] {
		if s.entry.call.Span == k.Span {
			out = append(out, s)
			h.bytes -= s.bytes
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
	for i := range b.kin.traces {
		t := &b.kin.traces[i]
		if !t.failed {
			continue
		}
		for _, s := range p.held.traces[t.id] {
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

// dueLocked rules on what is decided by now, and on the oldest of what is held
// while that is too many bytes.
func (p *enricher) dueLocked(now time.Time) []ruling {
	out := p.decideLocked(p.memory.Due(now, nil))
	for p.held.bytes > p.held.maxBytes {
		shed := p.memory.Shed(nil)
		if len(shed) == 0 {
			break
		}
		out = append(out, p.decideLocked(shed)...)
	}
	return out
}
