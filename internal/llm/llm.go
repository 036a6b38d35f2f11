// Package llm says what one model call is: plain values that every other
// package of spanledger passes around, from the standard library alone.
//
// A [Call] is what a dialect reader made of one span: who was asked, who
// answered, the [Usage] as disjoint buckets of tokens, when, and how it
// ended. Nothing here knows a span attribute, a price or a route.
package llm

// TraceID and SpanID are the ids of OpenTelemetry, byte for byte.
type (
	TraceID [16]byte
	SpanID  [8]byte
)

// IsZero reports whether the id was never set.
func (id TraceID) IsZero() bool { return id == TraceID{} }

// IsZero reports whether the id was never set (a root span has no parent).
func (id SpanID) IsZero() bool { return id == SpanID{} }

// SpanKey names one span in the world. Deliveries of the same span share it.
type SpanKey struct {
	Trace TraceID
	Span  SpanID
}

// Operation is the class of work that was asked of a model.
type Operation uint8

// The operations that can carry a bill of their own, and the ones that are
// read only to be told apart from those.
const (
	OpUnknown Operation = iota
	OpChat
	OpTextCompletion
	OpGenerateContent
	OpEmbeddings
	OpRerank
	OpImage
	OpSpeech
	OpTranscription
)

var operationNames = [...]string{"unknown", "chat", "text_completion", "generate_content", "embeddings", "rerank", "image", "speech", "transcription"}

func (o Operation) String() string { return nameOf(operationNames[:], int(o)) }

// Generates reports whether the operation produces text, the class within
// which two calls may be attempts of one another.
func (o Operation) Generates() bool {
	return o == OpUnknown || o == OpChat || o == OpTextCompletion || o == OpGenerateContent
}

// Role says what a span is to the books.
type Role uint8

const (
	// RoleNone: no LLM span at all.
	RoleNone Role = iota
	// RoleInference: one call to a model, as seen by a client or a gateway;
	// the only role that is billed by default.
	RoleInference
	// RoleRollup: an agent, workflow or wrapper span that repeats the usage of
	// calls below it; billed only where nothing below it was (rule R7).
	RoleRollup
	// RoleTransport: an HTTP client span to a provider's inference endpoint,
	// standing in for a call that left no LLM span; never priced.
	RoleTransport
)

var roleNames = [...]string{"none", "inference", "rollup", "transport"}

func (r Role) String() string { return nameOf(roleNames[:], int(r)) }

// Layer says from where a call was observed, for the billing policy when one
// call was described more than once (rules R5 and R6).
type Layer uint8

const (
	LayerClient Layer = iota
	LayerFramework
	LayerGateway
	LayerProvider
)

var layerNames = [...]string{"client", "framework", "gateway", "provider"}

func (l Layer) String() string { return nameOf(layerNames[:], int(l)) }

// SpanKind and StatusCode are those of OpenTelemetry.
type (
	SpanKind   uint8
	StatusCode uint8
)

const (
	KindUnspecified SpanKind = iota
	KindInternal
	KindServer
	KindClient
	KindProducer
	KindConsumer
)

const (
	StatusUnset StatusCode = iota
	StatusOK
	StatusError
)

// ModelRef is how a span names a model, as emitted; comparable, so that it
// is the key of the caches that resolve it once.
type ModelRef struct {
	Provider string // e.g. "aws.bedrock", "openai.chat", "strands-agents"
	Server   string // server.address, where the span has it
	Request  string // the model asked for
	Response string // the model that answered, by its own word
	// Deployment is what a gateway or cloud says it used: an Azure deployment,
	// litellm.provider.model, an inference profile.
	Deployment string
}

// Model is the identity of a model: who made it, what it is, where it was
// served. It is immutable once resolved and may be shared.
type Model struct {
	Ref ModelRef
	// ID is the canonical id without platform decoration, region or snapshot:
	// "gpt-4o", "claude-sonnet-4-5". Never empty for a span that named a model.
	ID       string
	Vendor   string // who made it: "openai", "anthropic", "google", "meta" ...; "" unknown
	Family   string // "claude-sonnet", "gpt", "gemini-flash" ...
	Version  string // generation and snapshot as far as the id tells: "4.5@20250929"
	Platform string // where it was served: "openai", "aws.bedrock", "gcp.vertex_ai", "openrouter" ...
	Region   string // geo prefix or region: "us", "eu", "global", "us-west-2"; "" none given
	// Snapshot is the dated id ("gpt-4o-2024-08-06") or equal to ID.
	Snapshot string
	// Name is the cleaned id that prices are looked up by: lower case, route
	// prefixes and ARN wrapping removed, geo and vendor prefix, revision and
	// variant kept as the platform's price list spells them.
	Name string
	// Variant is a suffix that changes the price: "batch", "free", "online",
	// "fast" ...; "" none.
	Variant string
	// FineTuned is set for ft: ids and Azure's .ft deployments.
	FineTuned bool
	// Opaque is set where the id is a name of the user's own (an application
	// inference profile, an Azure deployment): only a map can resolve it.
	Opaque bool
	// Match compares what was asked for with what answered.
	Match Match
}

// Match is the verdict on requested against served model.
type Match uint8

const (
	MatchUnknown   Match = iota // no word on who answered
	MatchExact                  // the same id
	MatchVersion                // the same model, a snapshot of it named
	MatchAlias                  // a moving alias or deployment name resolved
	MatchDifferent              // another model answered
)

var matchNames = [...]string{"unknown", "exact", "version", "alias", "different"}

func (m Match) String() string { return nameOf(matchNames[:], int(m)) }

// Call is one description of one call to a model.
//
// Strings may alias the memory of the span they were read from: a holder that
// outlives the batch copies what it keeps. Call holds no prompt, completion,
// status message or exception text.
type Call struct {
	Trace  TraceID
	Span   SpanID
	Parent SpanID
	Name   string // span name
	Kind   SpanKind
	Status StatusCode
	Start  int64 // Unix nanoseconds, as emitted (0: the emitter gave none)
	End    int64 // Unix nanoseconds
	// Service is service.name and Instance service.instance.id of the resource.
	Service, Instance string
	Scope             string // instrumentation scope name

	Dialect   string
	Operation Operation
	Role      Role
	Layer     Layer

	Ref            ModelRef
	ResponseID     string
	ConversationID string
	Streaming      bool
	// FirstChunk is the time to first chunk in nanoseconds; 0 unknown.
	FirstChunk int64

	Usage Usage
	Basis TokenBasis
	// Tier is the service tier that served the call ("flex", "priority",
	// "batch", "fast"); "" standard. Geo is the provider's inference geography.
	Tier, Geo string
	// Quality is the quality or resolution that was asked for, of pictures and
	// film ("hd", "low", "1080p"); "" none told.
	Quality string
	// Reported is a cost figure found on the span. Billed says that it comes
	// from the billing provider itself; all others are evidence only.
	Reported Reported

	Failure  Failure
	Attempt  AttemptEvidence
	Identity Identity
	// Conflicts counts contradictions found while reading (negative
	// remainders, strings that are no numbers, wrong types).
	Conflicts int
}

// Key names the span of the call.
func (c *Call) Key() SpanKey { return SpanKey{c.Trace, c.Span} }

// Failed reports whether the call ended without a useful answer.
func (c *Call) Failed() bool { return c.Failure.Class != ErrNone }

// Reported is a cost that the emitter wrote; Amount is a decimal string in
// units of Currency (ISO 4217), "" none.
type Reported struct {
	Amount, Currency string
	Billed           bool
	// Cached: a gateway answered from a cache of its own, so nobody billed.
	Cached bool
}

// AttemptEvidence is what a span says about attempts at its own call.
type AttemptEvidence struct {
	// CallID ties attempts explicitly (litellm.call_id or configured keys).
	CallID string
	// Hidden is the number of attempts inside this one span (at least 1 once
	// reported; 0 unknown), from counters or messages.
	Hidden int
	// Number is an explicit attempt number of this span, 1-based; 0 unknown.
	Number int
	// FallbackIndex is the gateway's own index of a fallback, 0 none.
	FallbackIndex int
	// Content is a keyed hash of the canonical request; zero where content is
	// absent, was not computed, or matching is off.
	Content [16]byte
	// Shape of the request, for matching where content is off.
	MaxTokens   int64
	Temperature string
	OutputType  string
	// Auxiliary marks a gateway's own helper calls and mirrored traffic, which
	// are no attempts of anything.
	Auxiliary bool
}

// Skeleton is what is kept of a span that is no LLM span, so that attempts
// can be told from its shape.
type Skeleton struct {
	Trace        TraceID
	Span, Parent SpanID
	Name         string
	Kind         SpanKind
	Status       StatusCode
	Start, End   int64 // Unix nanoseconds
	// Barrier: an agent, workflow or tool span; attempts do not cross it.
	Barrier bool
	// Tool: a tool span; its start between two calls breaks a weak link.
	Tool bool
	// HTTP describes an HTTP client or server span; Method "" otherwise.
	HTTP HTTP
}

// HTTP is the transport evidence of one span.
type HTTP struct {
	Method, Host, Path string
	StatusCode         int // 0 unknown
	Resend             int // http.request.resend_count or captured retry header; 0 first or unknown
	// ConnectionError: the request failed without a status.
	ConnectionError bool
	// Outbound is agentgateway.outbound.kind ("Primary", "Policy", "Mirror").
	Outbound string
}

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "invalid"
}
