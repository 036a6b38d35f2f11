package llmspan

import (
	"math/bits"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
)

// Reader turns spans into calls. It is immutable and safe for concurrent use.
type Reader struct {
	mapping []mapped
	hosts   []Host
	content ContentKey
}

// Options configure a [Reader]; the zero value reads all known dialects.
type Options struct {
	// Mapping gives the value of a field for emitters of one's own; what a hook
	// returns stands above what the dialects say.
	Mapping map[Field]Hook
	// Hosts are inference endpoints beyond the built-in table, for transport.
	Hosts []Host
	// ContentKey keys the fingerprints of [Reader.Content]; zero switches them
	// off. It should be random and live no longer than the process.
	ContentKey ContentKey
}

// NewReader makes a reader; it fails on mappings of unknown fields.
func NewReader(o Options) (*Reader, error) {
	m, err := newMapping(o.Mapping)
	if err != nil {
		return nil, err
	}
	return &Reader{mapping: m, hosts: o.Hosts, content: o.ContentKey}, nil
}

// IsCandidate is [IsCandidate], but for mappings that may turn any span into
// a call: with one of the marking fields mapped every span is a candidate.
func (r *Reader) IsCandidate(scope *ScopeView, span ptrace.Span) bool {
	return len(r.mapping) > 0 && r.marks() || IsCandidate(scope, span)
}

// Look is [Look], but for mappings that may turn any span into a call.
func (r *Reader) Look(scope *ScopeView, span ptrace.Span) Seen {
	seen := Look(scope, span)
	if len(r.mapping) > 0 && r.marks() {
		seen |= SeenLLM
	}
	return seen
}

// Read fills c from the span and reports whether the span is a call, or a
// wrapper that repeats the usage of calls (Role says which). c is overwritten
// whole; its strings alias the memory of the batch. Nothing is allocated for
// a span in the plain spelling of the conventions, and the span is not
// changed.
func (r *Reader) Read(res *ResourceView, scope *ScopeView, span ptrace.Span, c *llm.Call) bool {
	scope.learn()
	var s scan
	name := span.Name()
	s.gates = gatesOf(res, scope, name)
	s.attributes(span.Attributes())
	if len(r.mapping) > 0 {
		r.applyMapping(&s, res, scope, span)
	}
	d := s.dialect(res, scope, name)
	failed := span.Status().Code() == ptrace.StatusCodeError || s.texts[sErrorType] != "" || s.dialectError()
	if s.flag(fHTTP) && span.Kind() == ptrace.SpanKindClient {
		failed = false // one exchange that failed is no call, whatever the baggage says
	}
	role, op := s.role(name, failed)
	if role == llm.RoleNone || partOfRequest(res, scope, span) {
		return false
	}
	s.fixups(d)
	s.models()

	*c = llm.Call{}
	c.Role, c.Operation, c.Dialect = role, op, dialects[d].name
	readSpan(span, res, scope, c)
	c.Layer = layerOf(d, res, scope, c.Kind, name)
	s.refer(c, d)
	e := emitter{
		dialect: d, known: scope.known, scope: scope.Name, version: scope.Version,
		provider: c.Ref.Provider, model: c.Ref.Request, op: op,
	}
	if e.model == "" {
		e.model = c.Ref.Response
	}
	if role == llm.RoleRollup {
		s.aggregate()
	}
	c.Basis = s.usage(&e, &c.Usage)
	if len(r.mapping) > 0 {
		r.applyUnits(&s, op, &c.Usage, res, scope, span)
	}
	s.describe(c)

	var ev events
	if span.Events().Len() > 0 {
		readEvents(span, &ev)
	}
	c.Failure = s.failure(span, &ev, c.Ref.Provider, c.Usage.TotalOutput() > 0)
	s.attempts(c, &ev, span.Status().Message())
	s.firstChunk(c, &ev)
	s.reported(c, d)
	c.Conflicts = s.conflicts
	return true
}

// partOfRequest: the provider's own spans of how it served one request, such
// as each run of the model (rule R6). The request's span has their sum.
func partOfRequest(res *ResourceView, scope *ScopeView, span ptrace.Span) bool {
	return span.Kind() == ptrace.SpanKindInternal && (scope.provider || res.provider)
}

// readSpan copies what every span has.
func readSpan(span ptrace.Span, res *ResourceView, scope *ScopeView, c *llm.Call) {
	c.Trace = llm.TraceID(span.TraceID())
	c.Span = llm.SpanID(span.SpanID())
	c.Parent = llm.SpanID(span.ParentSpanID())
	c.Name = span.Name()
	c.Kind = kindOf(span.Kind())
	c.Status = statusOf(span.Status().Code())
	c.Start, c.End = int64(span.StartTimestamp()), int64(span.EndTimestamp())
	c.Service, c.Instance, c.Scope = res.Service, res.Instance, scope.Name
}

// kindOf maps a kind of the wire, of which any number may come.
func kindOf(k ptrace.SpanKind) llm.SpanKind {
	if k < ptrace.SpanKindUnspecified || k > ptrace.SpanKindConsumer {
		return llm.KindUnspecified
	}
	return llm.SpanKind(k)
}

func statusOf(c ptrace.StatusCode) llm.StatusCode {
	switch c {
	case ptrace.StatusCodeOk:
		return llm.StatusOK
	case ptrace.StatusCodeError:
		return llm.StatusError
	}
	return llm.StatusUnset
}

// dialect names the emitter: the scope, else the product that the service is,
// else the span name, else the most particular keys.
func (s *scan) dialect(res *ResourceView, scope *ScopeView, name string) dialectID {
	if scope.known && scope.dialect != dlSemConv {
		return scope.dialect
	}
	if res.known {
		return res.product
	}
	if id, ok := dialectOfName(name); ok {
		return id
	}
	if strings.HasPrefix(s.texts[sProvider], "strands-agents") {
		return dlStrands
	}
	if s.seen == 0 {
		return dlSemConv
	}
	return dialectID(bits.TrailingZeros64(s.seen))
}

// dialectOfName knows the span names that only one emitter uses.
func dialectOfName(name string) (dialectID, bool) {
	if name == "" || strings.IndexByte("clRrm", name[0]) < 0 {
		return 0, false
	}
	switch {
	case strings.HasPrefix(name, "claude_code."):
		return dlClaudeCode, true
	case name == "call_llm":
		return dlADK, true
	case name == "litellm_request", name == "Received Proxy Server Request", name == "raw_gen_ai_request":
		return dlLiteLLM, true
	case name == "model_provider_inference":
		return dlTensorZero, true
	case name == "llm.call", strings.HasPrefix(name, "retry.attempt."):
		return dlBifrost, true
	}
	return 0, false
}

// gatesOf opens the keys without a namespace that belong to this emitter.
func gatesOf(res *ResourceView, scope *ScopeView, name string) gate {
	var g gate
	if scope.known {
		g |= dialectGate(scope.dialect)
	}
	if res.known {
		g |= dialectGate(res.product)
	}
	if id, ok := dialectOfName(name); ok {
		g |= dialectGate(id)
	}
	switch {
	case strings.HasPrefix(name, "fallback."):
		g |= gateBifrost
	case strings.HasSuffix(name, "_inference"):
		g |= gateTensorZero
	}
	return g
}

func dialectGate(d dialectID) gate {
	switch d {
	case dlClaudeCode:
		return gateClaudeCode
	case dlAgentGateway:
		return gateAgentGateway
	case dlBifrost:
		return gateBifrost
	case dlTensorZero:
		return gateTensorZero
	case dlPydantic:
		return gatePydantic
	case dlCodex:
		return gateCodex
	case dlAgentFramework:
		return gateAgentFramework
	}
	return 0
}
