package attempt

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
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

// oracle reads the third-party cases and, of the same form, traces of our own:
// shapes that those leave out.
func oracle(tb testing.TB) []oracleCase {
	tb.Helper()
	var all []oracleCase
	for _, path := range []string{scenario.OraclePath("retries.json"), filepath.Join("testdata", "traces.json")} {
		data, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		var cases []oracleCase
		if err := json.Unmarshal(data, &cases); err != nil {
			tb.Fatalf("%s: %v", path, err)
		}
		all = append(all, cases...)
	}
	return all
}

func pad8(s string) (id llm.SpanID)   { copy(id[:], s); return }
func pad16(s string) (id llm.TraceID) { copy(id[:], s); return }
func unpad(id llm.SpanID) string      { return strings.TrimRight(string(id[:]), "\x00") }

const ms = int64(1_000_000)

// base keeps the oracle's clock away from zero.
const base = int64(1_700_000_000_000) * ms

var reader = func() *llmspan.Reader {
	r, err := llmspan.NewReader(llmspan.Options{ContentKey: llmspan.ContentKey{1}})
	if err != nil {
		panic(err)
	}
	return r
}()

// pdata writes the span as a batch of its own.
func (s *oracleSpan) pdata(tb testing.TB) ptrace.ResourceSpans {
	tb.Helper()
	rs := ptrace.NewTraces().ResourceSpans().AppendEmpty()
	span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	must := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	must(rs.Resource().Attributes().FromRaw(integers(s.Resource)))
	must(span.Attributes().FromRaw(integers(s.Attributes)))
	span.SetTraceID(pcommon.TraceID(pad16(s.Trace)))
	span.SetSpanID(pcommon.SpanID(pad8(s.ID)))
	span.SetParentSpanID(pcommon.SpanID(pad8(s.Parent)))
	span.SetName(s.Name)
	span.SetKind(map[string]ptrace.SpanKind{"INTERNAL": ptrace.SpanKindInternal, "SERVER": ptrace.SpanKindServer, "CLIENT": ptrace.SpanKindClient}[s.Kind])
	span.SetStartTimestamp(pcommon.Timestamp(base + s.StartMS*ms))
	span.SetEndTimestamp(pcommon.Timestamp(base + s.EndMS*ms))
	span.Status().SetCode(map[string]ptrace.StatusCode{"OK": ptrace.StatusCodeOk, "ERROR": ptrace.StatusCodeError}[s.Status])
	span.Status().SetMessage(s.StatusMessage)
	for _, e := range s.Events {
		ev := span.Events().AppendEmpty()
		ev.SetName(e.Name)
		must(ev.Attributes().FromRaw(integers(e.Attributes)))
	}
	return rs
}

// integers undoes JSON's view that every number is a float.
func integers(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if f, ok := v.(float64); ok && f == float64(int64(f)) {
			v = int64(f)
		}
		out[k] = v
	}
	return out
}

// read reads the span as the processor does.
func (s *oracleSpan) read(tb testing.TB) (*llm.Call, *llm.Skeleton) {
	tb.Helper()
	rs := s.pdata(tb)
	res, scope := llmspan.ReadResource(rs), llmspan.ReadScope(rs.ScopeSpans().At(0))
	span := rs.ScopeSpans().At(0).Spans().At(0)
	var c llm.Call
	if reader.IsCandidate(&scope, span) && reader.Read(&res, &scope, span, &c) {
		c.Attempt.Content, _ = reader.Content(span)
		return &c, nil
	}
	var sk llm.Skeleton
	llmspan.ReadSkeleton(span, &sk)
	if reader.ReadTransport(&res, &scope, span, &c) {
		return &c, &sk
	}
	return nil, &sk
}

func readAll(tb testing.TB, spans []oracleSpan) Trace {
	tb.Helper()
	var t Trace
	for i := range spans {
		c, s := spans[i].read(tb)
		if c != nil {
			t.Calls = append(t.Calls, c)
		}
		if s != nil {
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
					r := Reduce(readAll(t, shuffled(rng, c.Spans)), Config{WeakEvidence: weak, CrossTrace: c.Config.CrossTrace})
					if diff := cmp.Diff(want, answer(&r, &want)); diff != "" {
						t.Fatalf("(-want +got)\n%s", diff)
					}
				}
			})
		}
	}
}
