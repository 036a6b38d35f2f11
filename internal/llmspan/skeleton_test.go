package llmspan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
)

func TestSkeletonTellsBarriersToolsAndTransport(t *testing.T) {
	for _, row := range []struct {
		name, story   string
		barrier, tool bool
		http          llm.HTTP
	}{
		{name: "agent", story: "span invoke_agent\ngen_ai.operation.name = \"invoke_agent\"", barrier: true},
		{name: "tool", story: "span execute_tool x\ngen_ai.operation.name = \"execute_tool\"", barrier: true, tool: true},
		{name: "OpenInference tool", story: "span x\nopeninference.span.kind = \"TOOL\"", barrier: true, tool: true},
		{name: "OpenInference chain is transparent", story: "span x\nopeninference.span.kind = \"CHAIN\""},
		{name: "Traceloop workflow", story: "span x\ntraceloop.span.kind = \"workflow\"", barrier: true},
		{name: "Traceloop task is transparent", story: "span x\ntraceloop.span.kind = \"task\""},
		{name: "AI SDK tool", story: "span ai.toolCall\nai.operationId = \"ai.toolCall\"", barrier: true, tool: true},
		{name: "MLflow agent", story: "span x\nmlflow.spanType = \"\\\"AGENT\\\"\"", barrier: true},
		{name: "plain", story: "span retry"},
		{
			name:  "HTTP today",
			story: "span POST\nhttp.request.method = \"POST\"\nurl.full = \"https://u:p@api.openai.com:443/v1/chat/completions?a=b#c\"\nhttp.response.status_code = 429\nhttp.request.header.x-stainless-retry-count = [\"1\"]",
			http:  llm.HTTP{Method: "POST", Host: "api.openai.com", Path: "/v1/chat/completions", StatusCode: 429, Resend: 1},
		},
		{
			name:  "HTTP of old",
			story: "span HTTP POST\nhttp.method = \"POST\"\nnet.peer.name = \"api.openai.com\"\nhttp.target = \"/v1/embeddings?x\"\nhttp.status_code = \"200\"\nhttp.resend_count = 2",
			http:  llm.HTTP{Method: "POST", Host: "api.openai.com", Path: "/v1/embeddings", StatusCode: 200, Resend: 2},
		},
		{
			name:  "no connection",
			story: "span POST\nerror refused\nhttp.request.method = \"POST\"\nserver.address = \"[::1]\"\nurl.path = \"/v1/messages\"",
			http:  llm.HTTP{Method: "POST", Host: "::1", Path: "/v1/messages", ConnectionError: true},
		},
		{
			name:  "Kong's balancer",
			story: "span kong.balancer\nnet.peer.name = \"api.openai.com\"\ntry_count = 2\nhttp.status_code = 200",
			http:  llm.HTTP{Method: "POST", Host: "api.openai.com", StatusCode: 200, Resend: 1},
		},
		{
			name:  "mirrored traffic",
			story: "span POST\nhttp.request.method = \"POST\"\nagentgateway.outbound.kind = \"Mirror\"",
			http:  llm.HTTP{Method: "POST", Outbound: "Mirror"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, span := only(parseStory(t, row.story))
			var sk llm.Skeleton
			ReadSkeleton(span, &sk)
			if sk.Barrier != row.barrier || sk.Tool != row.tool {
				t.Errorf("barrier %v, tool %v", sk.Barrier, sk.Tool)
			}
			if diff := cmp.Diff(row.http, sk.HTTP); diff != "" {
				t.Error(diff)
			}
			if sk.Span != (llm.SpanID{2}) || sk.End-sk.Start != 1e9 || sk.Name != span.Name() {
				t.Errorf("%+v", sk)
			}
		})
	}
}

func TestCandidates(t *testing.T) {
	for story, want := range map[string]bool{
		"span GET /users\nhttp.request.method = \"GET\"":    false,
		"span x\nlanguage = \"go\"\nlanguage.code = \"de\"": false,
		"span x\ngenerator = \"x\"\ngen = 1":                false,
		"span x\nmlflow.experiment = 1":                     false,
		"span call\nai.model = \"x\"":                       false,
		"span x\ngen_ai.request.model = \"m\"":              true,
		"span call_llm":                                     true,
		"span claude_code.tool":                             true,
		"span retry.attempt.3":                              true,
	} {
		_, scope, span := only(parseStory(t, story))
		if IsCandidate(&scope, span) != want || (Look(&scope, span)&SeenLLM != 0) != want {
			t.Errorf("%q: candidate %v", story, !want)
		}
	}
}

func TestLookTellsStampsAndTransport(t *testing.T) {
	for story, want := range map[string]Seen{
		"span GET\nkind server\nurl.path = \"/v1/messages\"":                                   0,
		"span POST\nkind client\nurl.full = \"https://x/y\"":                                   SeenHTTP,
		"span x\nspanledger.route = \"r\"":                                                     SeenStamps,
		"span x\nspanledgerish.route = \"r\"":                                                  0,
		"span chat\nspanledger.route = \"r\"\ngen_ai.system = \"x\"\nhttp.url = \"https://x\"": SeenStamps | SeenLLM,
	} {
		_, scope, span := only(parseStory(t, story))
		if got := Look(&scope, span); got != want {
			t.Errorf("%q: %b, want %b", story, got, want)
		}
		if got := IsStampedOrCandidate(span); got != (want&(SeenLLM|SeenStamps) != 0) {
			t.Errorf("%q: worth reading: %v", story, got)
		}
	}
}

func TestHostMatches(t *testing.T) {
	for _, row := range []struct {
		pattern, host string
		want          bool
	}{
		{"api.openai.com", "API.OpenAI.com", true},
		{"api.openai.com", "api.openai.com.evil.example", false},
		{"*.openai.azure.com", "x.openai.azure.com", true},
		{"*.openai.azure.com", ".openai.azure.com", false},
		{"bedrock-runtime.*.amazonaws.com", "bedrock-runtime.eu-west-1.amazonaws.com", true},
		{"bedrock-runtime.*.amazonaws.com", "bedrock-runtime.amazonaws.com", false},
	} {
		if hostMatches(row.pattern, row.host) != row.want {
			t.Errorf("%s and %s: %v", row.pattern, row.host, !row.want)
		}
	}
}

func TestHostsOfOnesOwn(t *testing.T) {
	r, err := NewReader(Options{Hosts: []Host{{"*.internal", "vllm"}}})
	if err != nil {
		t.Fatal(err)
	}
	res, scope, span := only(parseStory(t, "span POST\nkind client\nhttp.request.method = \"POST\"\nurl.full = \"http://llm.internal/v1/completions\"\nhttp.response.status_code = 503"))
	var c llm.Call
	if !r.ReadTransport(&res, &scope, span, &c) || c.Ref.Provider != "vllm" || c.Failure.Class != llm.ErrOverloaded || c.Operation != llm.OpTextCompletion {
		t.Errorf("%+v", c)
	}
}

// A mapping makes calls of spans in nobody's dialect, and stands above the
// dialects where both speak.
func TestMappingStandsAboveTheDialects(t *testing.T) {
	attr := func(k string) Hook {
		return func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) (string, bool) {
			v, ok := s.Attributes().Get(k)
			if !ok {
				return "", false
			}
			return v.AsString(), true
		}
	}
	r, err := NewReader(Options{Mapping: map[Field]Hook{
		FieldOperation: attr("my.op"), FieldRequestModel: attr("my.model"), FieldInputTokens: attr("my.in"), FieldOutputTokens: attr("my.out"),
		FieldFirstChunk: attr("my.ttft"), FieldCacheRead: attr("my.cached"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	res, scope, span := only(parseStory(t, `
span ours
my.op = "chat"
my.model = "house-7b"
my.in = 120
my.out = 30
my.ttft = 0.5
my.cached = "many"
gen_ai.request.model = "theirs"
`))
	var c llm.Call
	if !r.IsCandidate(&scope, span) || !r.Read(&res, &scope, span, &c) {
		t.Fatal("no call")
	}
	if c.Ref.Request != "house-7b" || c.Usage.Tokens[llm.Input] != 120 || c.Usage.Tokens[llm.Output] != 30 || c.FirstChunk != 5e8 || c.Conflicts != 1 {
		t.Errorf("%+v", c)
	}
	if _, err := NewReader(Options{Mapping: map[Field]Hook{"price": attr("x")}}); err == nil {
		t.Error("accepted a field that is none")
	}
}
