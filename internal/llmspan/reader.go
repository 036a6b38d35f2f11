package llmspan

import (
	"math/bits"
	"strconv"
	"strings"
	"time"

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

// Read fills c from the span and reports whether the span is a call, or a
// wrapper that repeats the usage of calls (Role says which). c is overwritten
// whole; its strings alias the memory of the batch. Nothing is allocated for
// a span in the plain spelling of the conventions, and the span is not
// changed.
func (r *Reader) Read(res *ResourceView, scope *ScopeView, span ptrace.Span, c *llm.Call) bool {
	var s scan
	name := span.Name()
	s.gates = gatesOf(res, scope, name)
	s.attributes(span.Attributes())
	if len(r.mapping) > 0 {
		r.applyMapping(&s, res, scope, span)
	}
	d := s.dialect(res, scope, name)
	role, op := s.role(name, span.Status().Code() == ptrace.StatusCodeError || s.texts[sErrorType] != "" || s.dialectError())
	if role == llm.RoleNone {
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
	}
	return 0
}

// layerOf says from where the call was seen. The server side of a call is a
// gateway's, whoever wrote the span.
func layerOf(d dialectID, res *ResourceView, scope *ScopeView, kind llm.SpanKind, name string) llm.Layer {
	switch {
	case scope.provider, res.provider:
		return llm.LayerProvider
	case res.known && dialects[res.product].layer == llm.LayerGateway, kind == llm.KindServer:
		return llm.LayerGateway
	case scope.framework && d != dlLiteLLM, name == "call_llm":
		return llm.LayerFramework
	}
	return dialects[d].layer
}

// refer fills who was asked and who answered, and for whom.
func (s *scan) refer(c *llm.Call, d dialectID) {
	t := &s.texts
	r := &c.Ref
	r.Provider, r.Server = s.provider(d), t[sServer]
	r.Request, r.Response, r.Deployment = t[sRequestModel], t[sResponseModel], t[sDeployment]
	c.ResponseID, c.ConversationID = t[sResponseID], t[sConversation]
	id := &c.Identity
	id.Agent, id.Workflow = t[sAgent], t[sWorkflow]
	id.Prompt, id.PromptVersion = t[sPrompt], t[sPromptVersion]
	id.Team, id.User, id.Tenant, id.CostCenter = t[sTeam], t[sUser], t[sTenant], t[sCostCenter]
	id.GatewayRoute = t[sRoute]
}

// describe fills how the call was made and served.
func (s *scan) describe(c *llm.Call) {
	t := &s.texts
	c.Streaming = isTrue(t[sStreaming]) || strings.HasSuffix(t[sVercelOp], ".doStream")
	c.Tier, c.Geo = tierOf(t[sTier]), t[sGeo]
	if c.Geo == "not_available" {
		c.Geo = ""
	}
}

// tierOf spells the standard tier as silence.
func tierOf(t string) string {
	switch t {
	case "default", "auto", "standard", "STANDARD", "on_demand", "ON_DEMAND", "DEFAULT", "unspecified":
		return ""
	}
	return t
}

// aggregate lets usage that a wrapper declares as a sum stand for its usage.
func (s *scan) aggregate() {
	if !s.has(nInput) && s.has(nAggInput) {
		s.setCount(nInput, s.counts[nAggInput])
	}
	if !s.has(nOutput) && s.has(nAggOutput) {
		s.setCount(nOutput, s.counts[nAggOutput])
	}
}

// attempts fills what the span says about attempts at its own call.
func (s *scan) attempts(c *llm.Call, ev *events, statusMessage string) {
	a := &c.Attempt
	a.CallID = s.texts[sCallID]
	a.Hidden = s.hiddenAttempts(ev, statusMessage)
	a.FallbackIndex = int(min(s.counts[nFallbackIndex], 1<<20))
	a.MaxTokens, a.Temperature, a.OutputType = s.counts[nMaxTokens], s.texts[sTemperature], s.texts[sOutputType]
	a.Auxiliary = s.texts[sPurpose] != ""
	if s.has(nAttemptNumber) { // emitters count retries: the first has none
		c.Attempt.Number = int(min(s.counts[nAttemptNumber], 1<<20)) + 1
	} else if rest, ok := strings.CutPrefix(c.Name, "retry.attempt."); ok {
		if n, _, ok := leadingInt(rest); ok {
			c.Attempt.Number = n + 1
		}
	}
}

// firstChunk settles the time to the first chunk, in nanoseconds.
func (s *scan) firstChunk(c *llm.Call, ev *events) {
	at := ev.firstChunkAt
	if t := s.texts[sFirstChunkAt]; t != "" && at == 0 {
		if p, err := time.Parse(time.RFC3339Nano, unquote(t)); err == nil {
			at = p.UnixNano()
		} else {
			s.conflicts++
		}
	}
	switch {
	case s.has(nFirstChunk):
		c.FirstChunk = s.counts[nFirstChunk]
	case at > c.Start && c.Start > 0:
		c.FirstChunk = at - c.Start
	}
	if c.FirstChunk > 0 {
		c.Streaming = true
	}
}

// reported fills the emitter's own cost. Only a figure of the provider that
// bills counts as the bill; a gateway's answer from its own cache is a bill
// of nothing.
func (s *scan) reported(c *llm.Call, d dialectID) {
	billing := d == dlOpenRouter
	switch {
	case isTrue(s.texts[sCacheHit]):
		c.Reported = llm.Reported{Amount: "0", Currency: "USD", Billed: true}
	case s.billed != "":
		c.Reported = llm.Reported{Amount: decimalText(s.billed), Currency: "USD", Billed: true}
	case s.counts[nTicks] > 0:
		c.Reported = llm.Reported{Amount: dollarsOfTicks(s.counts[nTicks]), Currency: "USD", Billed: true}
	case s.moneyRank[mOpenRouterCost] != 0:
		c.Reported = llm.Reported{Amount: s.moneyOf(mOpenRouterCost), Currency: "USD", Billed: billing}
	case s.moneyRank[mCost] != 0:
		c.Reported = llm.Reported{Amount: s.moneyOf(mCost), Currency: s.texts[sCurrency]}
		c.Reported.Billed = s.texts[sCostSource] == "provider" && reportsBills(c.Ref.Provider)
		if c.Reported.Currency == "" {
			c.Reported.Currency = "USD"
		}
	case s.texts[sBlobCost] != "":
		c.Reported = llm.Reported{Amount: decimalText(costText(s.texts[sBlobCost])), Currency: "USD"}
	}
	if c.Reported.Amount == "" {
		c.Reported = llm.Reported{}
	}
}

// moneyOf is a cost as a decimal; text that is none is a conflict.
func (s *scan) moneyOf(m slot) string {
	t := moneyText(s.money[m])
	if t == "" {
		s.conflicts++
	}
	return t
}

// reportsBills: the providers whose answers carry what they charged.
func reportsBills(provider string) bool {
	switch provider {
	case "openrouter", "x_ai", "xai", "perplexity":
		return true
	}
	return false
}

// dollarsOfTicks spells ticks of 1e-10 dollars as a decimal.
func dollarsOfTicks(n int64) string {
	const perDollar = 10_000_000_000
	b := make([]byte, 0, 24)
	b = strconv.AppendInt(b, n/perDollar, 10)
	if frac := n % perDollar; frac > 0 {
		b = append(b, '.')
		for div := int64(perDollar / 10); frac > 0; div /= 10 {
			b = append(b, byte('0'+frac/div))
			frac %= div
		}
	}
	return string(b)
}
