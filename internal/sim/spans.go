package sim

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// request builds the trace of one user request. Times are nanoseconds since
// its start until finish moves them to the present.
type request struct {
	sim   *Sim
	route *route
	td    ptrace.Traces
	app   ptrace.ScopeSpans // the application's own spans
	llm   ptrace.ScopeSpans // the instrumentation's
	http_ ptrace.ScopeSpans
	trace pcommon.TraceID
	stack []openSpan
	now   int64
	n     int // calls described so far, for response ids
}

type openSpan struct {
	span ptrace.Span
	id   pcommon.SpanID
}

func (s *Sim) newRequest(rt *route) *request {
	r := &request{sim: s, route: rt, td: ptrace.NewTraces(), now: 1} // a time of 0 would be a missing one
	rs := r.td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", rt.service)
	rs.Resource().Attributes().PutStr("deployment.environment.name", "production")
	r.app = rs.ScopeSpans().AppendEmpty()
	r.app.Scope().SetName("app")
	r.llm = rs.ScopeSpans().AppendEmpty()
	r.llm.Scope().SetName("simulated-instrumentation")
	r.http_ = rs.ScopeSpans().AppendEmpty()
	r.http_.Scope().SetName("simulated-http")
	binary.BigEndian.PutUint64(r.trace[:8], s.rng.Uint64()|1)
	binary.BigEndian.PutUint64(r.trace[8:], s.rng.Uint64())
	return r
}

func (r *request) newSpanID() (id pcommon.SpanID) {
	binary.BigEndian.PutUint64(id[:], r.sim.rng.Uint64()|1)
	return id
}

func (r *request) parent() pcommon.SpanID {
	if len(r.stack) == 0 {
		return pcommon.SpanID{}
	}
	return r.stack[len(r.stack)-1].id
}

func (r *request) span(ss ptrace.ScopeSpans, id, parent pcommon.SpanID, name string, kind ptrace.SpanKind, start, end int64) ptrace.Span {
	sp := ss.Spans().AppendEmpty()
	sp.SetTraceID(r.trace)
	sp.SetSpanID(id)
	sp.SetParentSpanID(parent)
	sp.SetName(name)
	sp.SetKind(kind)
	sp.SetStartTimestamp(pcommon.Timestamp(start))
	sp.SetEndTimestamp(pcommon.Timestamp(end))
	return sp
}

func (r *request) open(name string, kind ptrace.SpanKind) openSpan {
	id := r.newSpanID()
	o := openSpan{r.span(r.app, id, r.parent(), name, kind, r.now, 0), id}
	r.stack = append(r.stack, o)
	r.now += 1_000_000
	return o
}

func (r *request) root(name string) { r.open(name, ptrace.SpanKindServer) }

func (r *request) close(o openSpan) {
	r.now += 1_000_000
	o.span.SetEndTimestamp(pcommon.Timestamp(r.now))
	r.stack = r.stack[:len(r.stack)-1]
}

// finish closes what is open and moves the trace so that it ends at end.
func (r *request) finish(end time.Time) ptrace.Traces {
	for len(r.stack) > 0 {
		r.close(r.stack[len(r.stack)-1])
	}
	Shift(r.td, end.UnixNano()-r.now)
	return r.td
}

func (r *request) tool(name string, millis int) {
	sp := r.span(r.app, r.newSpanID(), r.parent(), "execute_tool "+name, ptrace.SpanKindInternal, r.now, r.now+int64(millis)*1_000_000)
	sp.Attributes().PutStr("gen_ai.operation.name", "execute_tool")
	sp.Attributes().PutStr("gen_ai.tool.name", name)
	r.now += int64(millis) * 1_000_000
}

// activity is a span around one try, which fails with it.
func (r *request) activity(name string, start, end int64, fail *failure) pcommon.SpanID {
	id := r.newSpanID()
	sp := r.span(r.app, id, r.parent(), name, ptrace.SpanKindInternal, start, end)
	if fail != nil {
		sp.Status().SetCode(ptrace.StatusCodeError)
	}
	return id
}

func (r *request) http(parent pcommon.SpanID, start, end int64, fail *failure) {
	sp := r.span(r.http_, r.newSpanID(), parent, "POST", ptrace.SpanKindClient, start, end)
	a := sp.Attributes()
	a.PutStr("http.request.method", "POST")
	a.PutStr("url.full", "https://api.openai.com/v1/chat/completions")
	a.PutStr("server.address", "api.openai.com")
	status := int64(200)
	if fail != nil {
		status = int64(fail.status)
		sp.Status().SetCode(ptrace.StatusCodeError)
		a.PutStr("error.type", strconv.FormatInt(status, 10))
	}
	a.PutInt("http.response.status_code", status)
}

// describe makes one LLM span of a try.
func (r *request) describe(c *call, m model, u usage, fail *failure, start, end int64, parent pcommon.SpanID, prefix string) pcommon.SpanID {
	id := r.newSpanID()
	r.describeAs(id, c, m, u, fail, start, end, parent, prefix)
	return id
}

func (r *request) describeAs(id pcommon.SpanID, c *call, m model, u usage, fail *failure, start, end int64, parent pcommon.SpanID, prefix string) {
	kind, name := ptrace.SpanKindClient, c.operation+" "+m.request
	if prefix != "" {
		kind, name = ptrace.SpanKindInternal, prefix
	} else {
		r.n++
	}
	sp := r.span(r.llm, id, parent, name, kind, start, end)
	answered := ""
	if fail == nil {
		answered = fmt.Sprintf("resp-%x-%d", r.trace[:8], max(1, r.n+boolInt(prefix != "")))
	}
	if c.openInference {
		openInference(sp.Attributes(), c, m, u, answered)
	} else {
		semconv(sp.Attributes(), r, c, m, u, answered)
	}
	if fail != nil {
		sp.Status().SetCode(ptrace.StatusCodeError)
		sp.Attributes().PutStr("error.type", fail.errorType)
		if fail.status != 0 {
			sp.Attributes().PutInt("http.response.status_code", int64(fail.status))
		}
	}
}

func semconv(a pcommon.Map, r *request, c *call, m model, u usage, answered string) {
	a.EnsureCapacity(24)
	a.PutStr("gen_ai.operation.name", c.operation)
	a.PutStr("gen_ai.provider.name", m.provider)
	a.PutStr("gen_ai.request.model", m.request)
	a.PutInt("gen_ai.request.max_tokens", 4096)
	a.PutDouble("gen_ai.request.temperature", 0.2)
	a.PutDouble("gen_ai.request.top_p", 1)
	a.PutStr("gen_ai.output.type", "text")
	a.PutStr("gen_ai.conversation.id", fmt.Sprintf("conversation-%x", r.trace[:6]))
	a.PutStr("server.address", "llm.example.internal")
	a.PutInt("server.port", 443)
	a.PutStr("user.id", fmt.Sprintf("user-%d", r.trace[5]))
	a.PutStr("code.function.name", "answer")
	a.PutInt("thread.id", int64(r.trace[7]))
	a.PutStr("gen_ai.input.messages", `[{"role":"user","parts":[{"type":"text","content":"`+c.prompt+`"}]}]`)
	if c.id != "" {
		a.PutStr("litellm.call_id", c.id)
	}
	if r.route.agent != "" {
		a.PutStr("gen_ai.agent.name", r.route.agent)
	}
	if answered != "" {
		a.PutStr("gen_ai.response.id", answered)
		a.PutStr("gen_ai.response.model", m.served)
		a.PutEmptySlice("gen_ai.response.finish_reasons").AppendEmpty().SetStr("stop")
	}
	if u.total() == 0 {
		return
	}
	a.PutInt("gen_ai.usage.input_tokens", u.input)
	if u.cacheRead > 0 {
		a.PutInt("gen_ai.usage.cache_read.input_tokens", u.cacheRead)
	}
	if u.cacheWrite > 0 {
		a.PutInt("gen_ai.usage.cache_write.input_tokens", u.cacheWrite)
	}
	if c.operation != "embeddings" {
		a.PutInt("gen_ai.usage.output_tokens", u.output)
	}
	if u.reasoning > 0 {
		a.PutInt("gen_ai.usage.reasoning.output_tokens", u.reasoning)
	}
}

func openInference(a pcommon.Map, c *call, m model, u usage, answered string) {
	a.EnsureCapacity(12)
	a.PutStr("openinference.span.kind", "LLM")
	a.PutStr("llm.provider", m.provider)
	a.PutStr("llm.model_name", m.request)
	a.PutStr("llm.input_messages.0.message.role", "user")
	a.PutStr("llm.input_messages.0.message.content", c.prompt)
	if answered != "" {
		a.PutStr("llm.response.model_name", m.served)
	}
	if u.total() == 0 {
		return
	}
	a.PutInt("llm.token_count.prompt", u.input)
	a.PutInt("llm.token_count.completion", u.output)
	a.PutInt("llm.token_count.total", u.total())
	if u.cacheRead > 0 {
		a.PutInt("llm.token_count.prompt_details.cache_read", u.cacheRead)
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
