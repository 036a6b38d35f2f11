package attempt

import (
	"encoding/binary"
	"hash/maphash"
	"math"

	"github.com/spanledger/spanledger/internal/failure"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// flag is one fact about a record.
type flag uint32

const (
	// Facts of the span.
	fUsage     flag = 1 << iota // reported usage
	fAuxiliary                  // no attempt of anything
	fRetryName                  // the name says retry, fallback, router ...
	fReported                   // carries the billing provider's own figure
	fBarrier                    // attempts do not cross it
	fTool
	fError      // status ERROR
	fSucceeded  // an HTTP answer below 400, or status OK
	fServer     // kind SERVER
	fHTTPClient // an HTTP client span that may be an attempt
	fHTTP       // any HTTP span
	fProvider   // an HTTP client span to a provider's endpoint (llm.RoleTransport)
	fOwnRoute   // a server span of a path that serves no model
	fRead       // read from a skeleton, not only from a call to a provider

	// What was concluded; see Memory.
	fEmitted   // a verdict went out
	fGrouped   // ... as part of a group
	fHeld      // waiting for its verdict
	fDue       // about to get it
	fProbable  // ... as probably recovered
	fUnobs     // ... as recovered unobserved
	fLate      // ... after its group was decided
	fFutile    // retried what cannot pass
	fBlind     // retries inside it could not be seen
	fRollup    // billed in the stead of its children
	fJudged    // the bill is decided
	fBooked    // cost recorded
	fCostKnown // ... and known
	fCross     // grouped across traces
	fStandIn   // an HTTP span that stands for a call without a span
	fTaken     // ... which has come since
)

// callRec is what is kept of one LLM span: no pointers, so that the memory of
// many traces costs the garbage collector nothing and pins no batch.
type callRec struct {
	span, parent          llm.SpanID
	start, end            int64
	callID, content, resp uint64 // hashes; 0 none
	model, conv, shape    uint32 // hashes
	instance, family      uint32
	in, out               uint32 // tokens, saturated
	flags                 flag
	hidden                uint16 // attempts inside, 0 unknown
	number, fallback      uint8  // as reported
	class                 llm.ErrorClass
	op                    llm.Operation
	role                  llm.Role
	layer                 llm.Layer
	scope                 uint16 // hash: which instrumentation describes it

	// Conclusions.
	bill     BillStatus
	kind     stamp.Kind
	evid     stamp.Evidence
	final    stamp.Tri
	num      uint8
	count    uint8
	group    llm.SpanID
	billOf   llm.SpanID
	recovers llm.SpanID
	cost     money.Amount
}

func (c *callRec) has(f flag) bool { return c.flags&f != 0 }
func (c *callRec) failed() bool    { return c.class != llm.ErrNone }

// isLLM reports whether the record is a call and no roll-up.
func (c *callRec) isLLM() bool { return c.role == llm.RoleInference }

// skelRec is what is kept of any other span.
type skelRec struct {
	span, parent   llm.SpanID
	start, end     int64
	flags          flag
	name, endpoint uint32 // hashes
	status         uint16 // HTTP, 0 unknown
	resend         uint8
	class          llm.ErrorClass // of a failed HTTP client span
}

func (s *skelRec) has(f flag) bool { return s.flags&f != 0 }

// failed is a wrapper's failure: a SERVER span stays unset on a 429.
func (s *skelRec) failed() bool { return s.has(fError) || s.status >= 400 }

// retryable reports an HTTP failure after which clients send again.
func (s *skelRec) retryable() bool {
	switch s.status {
	case 0:
		return s.class == llm.ErrConnection
	case 408, 409, 425, 429:
		return true
	}
	return s.status >= 500
}

var seed = maphash.MakeSeed()

func hash64(s string) uint64 {
	if s == "" {
		return 0
	}
	return maphash.String(seed, s) | 1
}

func hash32(s string) uint32 { return uint32(hash64(s) >> 32) }

// mix folds a second hash into a first, order mattering.
func mix(a, b uint32) uint32 { return (a^b>>15)*0x9e3779b1 ^ b }

func sat32(n int64) uint32 { return uint32(min(max(n, 0), math.MaxUint32)) }
func sat16(n int) uint16   { return uint16(min(max(n, 0), math.MaxUint16)) }
func sat8(n int) uint8     { return uint8(min(max(n, 0), math.MaxUint8)) }

// fill reads a call; model may be nil.
func (r *callRec) fill(c *llm.Call, model *llm.Model) {
	*r = callRec{
		span: c.Span, parent: c.Parent, start: c.Start, end: max(c.Start, c.End),
		callID: hash64(c.Attempt.CallID), content: foldContent(c.Attempt.Content), resp: hash64(c.ResponseID),
		conv: hash32(c.ConversationID), instance: hash32(c.Instance),
		in: sat32(c.Usage.TotalInput()), out: sat32(c.Usage.TotalOutput()),
		hidden: sat16(c.Attempt.Hidden), number: sat8(c.Attempt.Number), fallback: sat8(c.Attempt.FallbackIndex),
		class: c.Failure.Class, op: c.Operation, role: c.Role, layer: c.Layer, scope: uint16(hash32(c.Scope)),
	}
	name := requestModel(c)
	r.model = mix(hash32(c.Ref.Provider), hash32(name))
	r.shape = mix(mix(uint32(c.Attempt.MaxTokens), hash32(c.Attempt.Temperature)), hash32(c.Attempt.OutputType))
	if model != nil && model.ID != "" {
		r.family = hash32(model.ID)
	} else {
		r.family = hash32(name)
	}
	r.set(fUsage, c.Usage.Known)
	r.set(fAuxiliary, c.Attempt.Auxiliary)
	r.set(fRetryName, retryName(c.Name))
	r.set(fReported, c.Reported.Billed && c.Reported.Amount != "")
	r.set(fServer, c.Kind == llm.KindServer)
	r.set(fBarrier, c.Role == llm.RoleRollup)
}

func (c *callRec) set(f flag, on bool) {
	if on {
		c.flags |= f
	}
}

// requestModel is the model asked for; dialects that name one model only put
// it where it belongs as far as they can tell.
func requestModel(c *llm.Call) string {
	if c.Ref.Request != "" {
		return c.Ref.Request
	}
	return c.Ref.Response
}

// foldContent keeps 64 of the 128 bits of a content hash: within one trace or
// five minutes of failed roots that is plenty.
func foldContent(c [16]byte) uint64 {
	if c == ([16]byte{}) {
		return 0
	}
	return (binary.LittleEndian.Uint64(c[:8]) ^ binary.LittleEndian.Uint64(c[8:])*0x9e3779b97f4a7c15) | 1
}

// fill reads a skeleton.
func (r *skelRec) fill(s *llm.Skeleton) {
	h := &s.HTTP
	*r = skelRec{
		span: s.Span, parent: s.Parent, start: s.Start, end: max(s.Start, s.End),
		name: hash32(s.Name), status: sat16(h.StatusCode), resend: sat8(h.Resend),
	}
	r.set(fRead, true)
	r.set(fBarrier, s.Barrier || s.Tool)
	r.set(fTool, s.Tool)
	r.set(fError, s.Status == llm.StatusError)
	r.set(fServer, s.Kind == llm.KindServer)
	r.set(fRetryName, retryName(s.Name))
	r.set(fSucceeded, s.Status != llm.StatusError && (h.StatusCode > 0 && h.StatusCode < 400 || h.StatusCode == 0 && s.Status == llm.StatusOK))
	http := h.Method != "" || h.StatusCode != 0 || h.ConnectionError || h.Outbound != ""
	r.set(fHTTP, http)
	r.set(fHTTPClient, http && s.Kind == llm.KindClient && h.Outbound != "Mirror" && h.Outbound != "Policy")
	r.set(fOwnRoute, s.Kind == llm.KindServer && servesNoModel(s.Name, h.Path))
	if http {
		r.endpoint = mix(mix(hash32(h.Method), hash32(h.Host)), hash32(h.Path))
	}
	switch {
	case h.ConnectionError || h.StatusCode == 0 && http && r.has(fError):
		r.class = llm.ErrConnection
	case h.StatusCode >= 400:
		r.class = failure.ByStatus(h.StatusCode, h.Host)
	case http && r.has(fError):
		r.class = llm.ErrUnknown
	}
}

// fillProvider reads an HTTP span that the reader took for a call to a
// provider; a skeleton of the same span says more and replaces the endpoint.
func (r *skelRec) fillProvider(c *llm.Call) {
	*r = skelRec{
		span: c.Span, parent: c.Parent, start: c.Start, end: max(c.Start, c.End),
		name: hash32(c.Name), status: sat16(c.Failure.HTTPStatus), class: c.Failure.Class,
		endpoint: mix(hash32(c.Name), hash32(c.Ref.Server)),
	}
	r.set(fHTTP|fHTTPClient|fProvider, true)
	r.set(fError, c.Failed())
	r.set(fSucceeded, !c.Failed())
}

func (s *skelRec) set(f flag, on bool) {
	if on {
		s.flags |= f
	}
}

// merge adds what another description of the same span knows.
func (s *skelRec) merge(o *skelRec) {
	s.flags |= o.flags
	if o.has(fProvider) {
		if s.class == llm.ErrNone || o.class != llm.ErrNone && o.class != llm.ErrUnknown {
			s.class = o.class
		}
	} else {
		s.endpoint, s.name, s.resend = o.endpoint, o.name, max(s.resend, o.resend)
	}
	s.status = max(s.status, o.status)
}
