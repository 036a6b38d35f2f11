package attempt

import (
	"crypto/sha256"
	"encoding/json"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spanledger/spanledger/internal/failure"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/scenario"
)

type oracleCase struct {
	Name   string
	Config struct {
		WeakEvidence bool `json:"weak_evidence"`
		CrossTrace   bool `json:"cross_trace"`
	}
	Spans    []oracleSpan
	Expected oracleExpected
}

type oracleSpan struct {
	Trace, ID, Parent, Name, Kind string
	StartMS                       int64  `json:"start_ms"`
	EndMS                         int64  `json:"end_ms"`
	ArrivalMS                     *int64 `json:"arrival_ms"`
	Status                        string
	StatusMessage                 string `json:"status_message"`
	Attributes                    map[string]any
	Resource                      map[string]any
	Events                        []struct {
		Name       string
		Attributes map[string]any
	}
}

type oracleExpected struct {
	Groups       []oracleGroup
	Ungrouped    []string
	Opaque       []oracleOpaque
	OutcomeHints map[string]string `json:"outcome_hints"`
}

type oracleOpaque struct {
	Span     string
	Count    int
	Evidence string
}

type oracleGroup struct {
	SpanIDs        []string `json:"span_ids"`
	Level, Owner   string
	Kind           string
	AttemptKinds   []string `json:"attempt_kinds"`
	Final, Outcome string
	Evidence       *string
	FailureClasses []string `json:"failure_classes"`
	WastedLatency  *int64   `json:"wasted_latency_ms"`
	Backoff        *int64   `json:"backoff_ms"`
	WastedTokens   *int64   `json:"wasted_tokens"`
	Futile         *bool
}

func oracle(tb testing.TB) []oracleCase {
	tb.Helper()
	data, err := os.ReadFile(scenario.OraclePath("retries.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var cases []oracleCase
	if err := json.Unmarshal(data, &cases); err != nil {
		tb.Fatal(err)
	}
	return cases
}

func pad8(s string) (id llm.SpanID)   { copy(id[:], s); return }
func pad16(s string) (id llm.TraceID) { copy(id[:], s); return }
func unpad(id llm.SpanID) string      { return strings.TrimRight(string(id[:]), "\x00") }

const ms = int64(1_000_000)

// base keeps the oracle's clock away from zero.
const base = int64(1_700_000_000_000) * ms

var llmOps = map[string]llm.Operation{
	"chat": llm.OpChat, "generate_content": llm.OpGenerateContent, "text_completion": llm.OpTextCompletion, "embeddings": llm.OpEmbeddings,
}

var retryAttempt = regexp.MustCompile(`^retry\.attempt\.\d+$`)

// read is a reader for the oracle's spans alone, so that this package is
// tested without the package that reads spans in earnest.
func (s *oracleSpan) read() (*llm.Call, *llm.Skeleton) {
	str := func(keys ...string) string {
		for _, k := range keys {
			switch v := s.Attributes[k].(type) {
			case string:
				return v
			case float64:
				return strconv.Itoa(int(v))
			case []any:
				if len(v) > 0 {
					return v[0].(string)
				}
			}
		}
		return ""
	}
	num := func(keys ...string) int64 { n, _ := strconv.ParseInt(str(keys...), 10, 64); return n }
	kind := map[string]llm.SpanKind{"INTERNAL": llm.KindInternal, "SERVER": llm.KindServer, "CLIENT": llm.KindClient}[s.Kind]
	status := map[string]llm.StatusCode{"OK": llm.StatusOK, "ERROR": llm.StatusError}[s.Status]
	op := str("gen_ai.operation.name")
	_, isOp := llmOps[op]
	aiOp := str("ai.operationId")
	isLLM := isOp || str("openinference.span.kind") == "LLM" || str("openinference.span.kind") == "EMBEDDING" ||
		strings.HasSuffix(aiOp, ".doGenerate") || strings.HasSuffix(aiOp, ".doStream") || strings.HasSuffix(aiOp, ".doEmbed") ||
		op == "" && (s.Name == "llm.call" || retryAttempt.MatchString(s.Name))
	if !isLLM {
		oi := str("openinference.span.kind")
		return nil, &llm.Skeleton{
			Trace: pad16(s.Trace), Span: pad8(s.ID), Parent: pad8(s.Parent), Name: s.Name, Kind: kind, Status: status,
			Start: base + s.StartMS*ms, End: base + s.EndMS*ms,
			Barrier: slices.Contains([]string{"invoke_agent", "invoke_workflow", "execute_tool"}, op) || oi == "AGENT" || oi == "TOOL",
			Tool:    op == "execute_tool" || oi == "TOOL",
			HTTP: llm.HTTP{Method: str("http.request.method"), Host: str("server.address"), Path: str("url.path"),
				StatusCode: int(num("http.response.status_code")), Outbound: str("agentgateway.outbound.kind"), Resend: int(num("http.request.resend_count"))},
		}
	}
	c := &llm.Call{
		Trace: pad16(s.Trace), Span: pad8(s.ID), Parent: pad8(s.Parent), Name: s.Name, Kind: kind, Status: status,
		Start: base + s.StartMS*ms, End: base + s.EndMS*ms, Operation: llmOps[op], Role: llm.RoleInference,
		Ref:            llm.ModelRef{Provider: str("gen_ai.provider.name", "gen_ai.system"), Request: str("gen_ai.request.model", "llm.model_name")},
		ResponseID:     str("gen_ai.response.id"),
		ConversationID: str("gen_ai.conversation.id"),
	}
	c.Instance, _ = s.Resource["service.instance.id"].(string)
	c.Usage.Tokens[llm.Input] = num("gen_ai.usage.input_tokens", "llm.token_count.prompt")
	c.Usage.Tokens[llm.Output] = num("gen_ai.usage.output_tokens")
	c.Usage.Known = c.Usage.TotalInput()+c.Usage.TotalOutput() > 0
	sig := failure.Signals{
		StatusError: status == llm.StatusError, ErrorType: str("error.type"), StatusMessage: s.StatusMessage, Provider: c.Ref.Provider,
		HTTPStatus: int(num("http.response.status_code")), FinishReason: str("gen_ai.response.finish_reasons"), HasOutput: c.Usage.TotalOutput() > 0,
		VendorCodes: [3]string{str("litellm.provider.error.code"), str("gen_ai.error.code")},
	}
	for _, e := range s.Events {
		if e.Name == "exception" {
			sig.ExceptionType, _ = e.Attributes["exception.type"].(string)
			sig.ExceptionMessage, _ = e.Attributes["exception.message"].(string)
		}
	}
	c.Failure = failure.Classify(&sig)
	c.Attempt = llm.AttemptEvidence{CallID: str("litellm.call_id"), FallbackIndex: int(num("fallback.index")), MaxTokens: num("gen_ai.request.max_tokens")}
	if n := num("retry.count"); n > 0 {
		c.Attempt.Number = int(n) + 1
	}
	if n := num("retry_attempts", "retry.attempt", "bifrost.retries"); n > 0 {
		c.Attempt.Hidden = int(n) + 1
	}
	if m := regexp.MustCompile(`Failed after (\d+) attempts|\((\d+) sub-exceptions?\)`).FindStringSubmatch(sig.ExceptionMessage); m != nil {
		c.Attempt.Hidden, _ = strconv.Atoi(m[1] + m[2])
	}
	if m := str("gen_ai.input.messages", "ai.prompt.messages"); m != "" {
		sum := sha256.Sum256([]byte(m))
		copy(c.Attempt.Content[:], sum[:])
	}
	return c, nil
}

func readAll(spans []oracleSpan) Trace {
	var t Trace
	for i := range spans {
		if c, s := spans[i].read(); c != nil {
			t.Calls = append(t.Calls, c)
		} else {
			t.Skeletons = append(t.Skeletons, s)
		}
	}
	return t
}

// answer is a result in the oracle's own words; fields that the case leaves
// out are left out here too.
func answer(r *Result, want *oracleExpected) oracleExpected {
	got := oracleExpected{Groups: []oracleGroup{}}
	for i := range r.Groups {
		g := &r.Groups[i]
		o := oracleGroup{Level: [...]string{"call", "transport"}[g.Level], Kind: g.Kind.String(), Final: unpad(g.Final.Span), Outcome: g.End.String()}
		if !g.Owner.IsZero() {
			o.Owner = unpad(g.Owner)
		}
		for _, k := range g.Spans {
			o.SpanIDs = append(o.SpanIDs, unpad(k.Span))
		}
		for _, k := range g.Kinds {
			o.AttemptKinds = append(o.AttemptKinds, k.String())
		}
		var w oracleGroup
		if i < len(want.Groups) {
			w = want.Groups[i]
		}
		if w.Evidence != nil {
			e := g.Evidence.String()
			o.Evidence = &e
		}
		if w.FailureClasses != nil {
			for _, c := range g.Classes {
				o.FailureClasses = append(o.FailureClasses, c.String())
			}
		}
		given := func(w *int64, v int64) *int64 {
			if w == nil {
				return nil
			}
			return &v
		}
		o.WastedLatency = given(w.WastedLatency, g.WastedLatency/ms)
		o.Backoff = given(w.Backoff, g.Backoff/ms)
		o.WastedTokens = given(w.WastedTokens, g.WastedTokens)
		if w.Futile != nil {
			o.Futile = &g.Futile
		}
		got.Groups = append(got.Groups, o)
	}
	got.Ungrouped = []string{}
	for _, k := range r.Ungrouped {
		got.Ungrouped = append(got.Ungrouped, unpad(k.Span))
	}
	slices.Sort(got.Ungrouped)
	for _, o := range r.Opaque {
		got.Opaque = append(got.Opaque, oracleOpaque{unpad(o.Span.Span), o.Count, o.Evidence.String()})
	}
	for _, k := range r.Unobserved {
		if got.OutcomeHints == nil {
			got.OutcomeHints = map[string]string{}
		}
		got.OutcomeHints[unpad(k.Span)] = "recovered_unobserved"
	}
	return got
}

// withoutWeak is the answer where weak evidence is off.
func withoutWeak(e oracleExpected) oracleExpected {
	out := e
	out.Groups, out.Ungrouped = []oracleGroup{}, slices.Clone(e.Ungrouped)
	for _, g := range e.Groups {
		if g.Evidence != nil && *g.Evidence == "weak" {
			out.Ungrouped = append(out.Ungrouped, g.SpanIDs...)
			continue
		}
		out.Groups = append(out.Groups, g)
	}
	return out
}

func shuffled[T any](rng *rand.Rand, s []T) []T {
	s = slices.Clone(s)
	rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

func TestOracle(t *testing.T) {
	for _, c := range oracle(t) {
		for _, weak := range []bool{c.Config.WeakEvidence, false} {
			want := c.Expected
			if !weak {
				want = withoutWeak(want)
			}
			slices.Sort(want.Ungrouped)
			t.Run(c.Name+map[bool]string{true: "/weak", false: ""}[weak], func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, 2))
				for range 20 {
					r := Reduce(readAll(shuffled(rng, c.Spans)), Config{WeakEvidence: weak, CrossTrace: c.Config.CrossTrace})
					if diff := cmp.Diff(want, answer(&r, &want)); diff != "" {
						t.Fatalf("(-want +got)\n%s", diff)
					}
				}
			})
		}
	}
}
