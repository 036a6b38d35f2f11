package llmspan

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/stamp"
)

// plainStory is a 20-attribute span of the conventions.
const plainStory = `
span chat gpt-4o
scope io.opentelemetry.openai 1.2.0
service checkout
kind client
ok
gen_ai.operation.name = "chat"
gen_ai.provider.name = "openai"
gen_ai.request.model = "gpt-4o"
gen_ai.response.model = "gpt-4o-2024-08-06"
gen_ai.response.id = "chatcmpl-ABCDEFGHIJKLMNOP"
gen_ai.response.finish_reasons = ["stop"]
gen_ai.conversation.id = "conv-0123456789"
gen_ai.usage.input_tokens = 2048
gen_ai.usage.output_tokens = 300
gen_ai.usage.cache_read.input_tokens = 1536
gen_ai.usage.reasoning.output_tokens = 256
gen_ai.request.max_tokens = 512
gen_ai.request.temperature = 0.7
gen_ai.request.top_p = 0.9
gen_ai.output.type = "text"
gen_ai.agent.name = "helper"
server.address = "api.openai.com"
server.port = 443
openai.response.service_tier = "default"
app.route = "checkout"
`

// webStory is a 20-attribute span of a web server.
const webStory = `
span GET /users/{id}
scope io.opentelemetry.tomcat
kind server
http.request.method = "GET"
http.route = "/users/{id}"
http.response.status_code = 200
url.path = "/users/17"
url.scheme = "https"
url.query = "a=b"
server.address = "shop.example"
server.port = 443
client.address = "10.1.2.3"
network.peer.address = "10.1.2.3"
network.peer.port = 51234
network.protocol.version = "1.1"
user_agent.original = "curl/8"
thread.id = 17
thread.name = "exec-1"
app.tenant = "t-1"
code.function = "getUser"
code.namespace = "shop.Users"
enduser.role = "admin"
messaging.system = "none"
`

func TestNoAllocationPerSpan(t *testing.T) {
	r, err := NewReader(Options{})
	if err != nil {
		t.Fatal(err)
	}
	res, scope, plain := only(parseStory(t, plainStory))
	webRes, webScope, web := only(parseStory(t, webStory))
	_, _, post := only(parseStory(t, postStory))
	_, _, asked := only(parseStory(t, `gen_ai.input.messages = "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"capital of France?\"}]}]"`))
	var c llm.Call
	var sk llm.Skeleton
	var stamped stamp.Stamp
	full := fullStamp()
	marked := ptrace.NewSpan()
	Write(marked, &full, Full)
	ReadStamp(marked, &stamped)
	for name, f := range map[string]func(){
		"candidate":      func() { IsCandidate(&webScope, web) },
		"look":           func() { Look(&webScope, web) },
		"read":           func() { r.Read(&res, &scope, plain, &c) },
		"read transport": func() { r.ReadTransport(&webRes, &webScope, post, &c) },
		"read skeleton":  func() { ReadSkeleton(web, &sk) },
		"read stamp":     func() { ReadStamp(marked, &stamped) },
		"strip":          func() { StripStamps(web) },
		"content":        func() { Content(asked, testKey) },
	} {
		if name == "content" && scenario.Race {
			continue // its pool forgets on purpose
		}
		if n := testing.AllocsPerRun(200, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if IsCandidate(&webScope, web) || c.Role != llm.RoleTransport && c.Role != llm.RoleInference {
		t.Error("read the wrong things")
	}
}

const postStory = `
span POST
kind client
http.request.method = "POST"
url.full = "https://api.openai.com/v1/chat/completions?x=1"
http.response.status_code = 200
`

// Law: at most one allocation per attribute written, plus two; a list costs
// two more than its entries, which is how the data model holds one.
func TestWriteAllocatesOncePerAttribute(t *testing.T) {
	for name, s := range map[string]stamp.Stamp{"plain": plainStamp(), "full": fullStamp()} {
		for _, p := range []Profile{Standard, Full} {
			empty := ptrace.NewSpan()
			Write(empty, &s, p)
			written := empty.Attributes().Len()
			if n := len(s.Cost.Modifiers); n > 0 {
				written += n + 2
			}
			spans := make([]ptrace.Span, 0, 101)
			for range cap(spans) {
				spans = append(spans, ptrace.NewSpan())
			}
			i := 0
			n := testing.AllocsPerRun(100, func() { Write(spans[i], &s, p); i++ })
			if n > float64(written+2) {
				t.Errorf("%s, profile %d: %v allocations for %d attributes", name, p, n, written)
			}
		}
	}
}

func plainStamp() stamp.Stamp {
	s := stamp.Stamp{Route: "checkout", Owners: []stamp.Owner{{Key: "team", Value: "search"}}}
	s.Cost = stamp.Cost{Status: stamp.StatusPriced, Currency: "USD", PriceID: "openai/gpt-4o@2026-11-01", Total: money.FromPico(7_250_000_000)}
	s.Cost.Components[stamp.CompInput] = money.FromPico(1_280_000_000)
	s.Cost.Components[stamp.CompCacheRead] = money.FromPico(1_920_000_000)
	s.Cost.Components[stamp.CompOutput] = money.FromPico(440_000_000)
	s.Cost.Components[stamp.CompReasoning] = money.FromPico(3_610_000_000)
	s.Model = stamp.Model{ID: "gpt-4o", Vendor: "openai", Platform: "openai", Version: "4o@2024-08-06", Family: "gpt", Match: llm.MatchVersion, Lifecycle: stamp.LifecycleActive, ContextRatio: 0.016}
	return s
}

func fullStamp() stamp.Stamp {
	s := plainStamp()
	s.Attempt = stamp.Attempt{Group: llm.SpanID{1, 2, 3}, Number: 2, Kind: stamp.KindRetry, Evidence: stamp.EvidenceStrong, Count: 2, Final: stamp.Yes}
	s.Call = stamp.CallSummary{Set: true, Cost: s.Cost.Total, HasCost: true, Attempts: 2, Duration: 3e9, WastedLatency: 1e9, Outcome: stamp.OutcomeRecoveredRetry}
	s.Cost.Modifiers = []string{"priority"}
	s.RouteSource = "expression"
	return s
}

func BenchmarkIsCandidateOfWebSpan(b *testing.B) {
	_, scope, span := only(parseStory(b, webStory))
	b.ReportAllocs()
	for b.Loop() {
		IsCandidate(&scope, span)
	}
}

func BenchmarkLookAtWebSpan(b *testing.B) {
	_, scope, span := only(parseStory(b, webStory))
	b.ReportAllocs()
	for b.Loop() {
		Look(&scope, span)
	}
}

func BenchmarkReadPlainSpan(b *testing.B) {
	r, _ := NewReader(Options{})
	res, scope, span := only(parseStory(b, plainStory))
	var c llm.Call
	b.ReportAllocs()
	for b.Loop() {
		r.Read(&res, &scope, span, &c)
	}
}

func BenchmarkReadSkeletonOfWebSpan(b *testing.B) {
	_, _, span := only(parseStory(b, webStory))
	var sk llm.Skeleton
	b.ReportAllocs()
	for b.Loop() {
		ReadSkeleton(span, &sk)
	}
}

func BenchmarkReadTransport(b *testing.B) {
	r, _ := NewReader(Options{})
	res, scope, span := only(parseStory(b, postStory))
	var c llm.Call
	b.ReportAllocs()
	for b.Loop() {
		r.ReadTransport(&res, &scope, span, &c)
	}
}

// benchmarkWrite writes on fresh copies, made by the hundred with the clock
// stopped.
func benchmarkWrite(b *testing.B, s stamp.Stamp, p Profile) {
	b.Helper()
	_, _, span := only(parseStory(b, plainStory))
	spans := make([]ptrace.Span, 1000)
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		at := i % len(spans)
		if at == 0 {
			b.StopTimer()
			for k := range spans {
				spans[k] = ptrace.NewSpan()
				span.CopyTo(spans[k])
			}
			b.StartTimer()
		}
		Write(spans[at], &s, p)
	}
}

func BenchmarkWriteStandard(b *testing.B) { benchmarkWrite(b, plainStamp(), Standard) }
func BenchmarkWriteFull(b *testing.B)     { benchmarkWrite(b, fullStamp(), Full) }

func BenchmarkReadStamp(b *testing.B) {
	_, _, span := only(parseStory(b, plainStory))
	s := plainStamp()
	Write(span, &s, Standard)
	b.ReportAllocs()
	for b.Loop() {
		ReadStamp(span, &s)
	}
}

// The floor that everything is a ratio to: decoding the span.
func BenchmarkDecodeFloor(b *testing.B) {
	td := ptrace.NewTraces()
	ss := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	_, _, span := only(parseStory(b, plainStory))
	for range 100 {
		span.CopyTo(ss.AppendEmpty())
	}
	m := ptrace.ProtoMarshaler{}
	data, err := m.MarshalTraces(td)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%100 == 0 {
			if _, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(data); err != nil {
				b.Fatal(err)
			}
		}
	}
}
