package main

import (
	"encoding/json"
	"slices"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/attempt"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/scenario"
)

// answer is what is known of a trace; fields that are absent are not asserted.
type answer struct {
	Groups       []group           `json:"groups"`
	Ungrouped    []string          `json:"ungrouped"`
	Opaque       []hidden          `json:"opaque,omitempty"`
	OutcomeHints map[string]string `json:"outcome_hints,omitempty"`
}

type hidden struct {
	Span     string `json:"span"`
	Count    int    `json:"count"`
	Evidence string `json:"evidence"`
}

type group struct {
	SpanIDs        []string `json:"span_ids"`
	Level          string   `json:"level"`
	Owner          string   `json:"owner,omitempty"`
	Kind           string   `json:"kind,omitempty"`
	AttemptKinds   []string `json:"attempt_kinds,omitempty"`
	Final          string   `json:"final,omitempty"`
	Outcome        string   `json:"outcome,omitempty"`
	Evidence       *string  `json:"evidence,omitempty"`
	FailureClasses []string `json:"failure_classes,omitempty"`
	WastedLatency  *int64   `json:"wasted_latency_ms,omitempty"`
	Backoff        *int64   `json:"backoff_ms,omitempty"`
	WastedTokens   *int64   `json:"wasted_tokens,omitempty"`
	Futile         *bool    `json:"futile,omitempty"`
}

// groups finds the group of LLM spans that a span belongs to.
func (a *answer) groups() map[string]*group {
	out := map[string]*group{}
	for i := range a.Groups {
		if a.Groups[i].Level == "call" {
			for _, id := range a.Groups[i].SpanIDs {
				out[id] = &a.Groups[i]
			}
		}
	}
	return out
}

// withoutWeak is the answer where weak evidence is off.
func (a *answer) withoutWeak() answer {
	out := *a
	out.Groups, out.Ungrouped = nil, slices.Clone(a.Ungrouped)
	for _, g := range a.Groups {
		if g.Evidence != nil && *g.Evidence == "weak" {
			out.Ungrouped = append(out.Ungrouped, g.SpanIDs...)
			continue
		}
		out.Groups = append(out.Groups, g)
	}
	return out
}

// reader reads spans as the processor does, with a content key of its own.
var reader = func() *llmspan.Reader {
	r, err := llmspan.NewReader(llmspan.Options{ContentKey: llmspan.ContentKey{1}})
	if err != nil {
		panic(err)
	}
	return r
}()

// reduce holds what is not stamped: outcomes, classes, what was lost, and the
// attempts of the transport.
func (c *traceCase) reduce(spans []scenario.Span, weak bool, want *answer) verdict {
	t := read(scenario.Traces(spans, scenario.Epoch))
	r := attempt.Reduce(t, attempt.Config{WeakEvidence: weak, CrossTrace: c.Config.CrossTrace})
	got, expected := told(&r), *want
	expected.Ungrouped = slices.Sorted(slices.Values(want.Ungrouped))
	for i := range got.Groups {
		var w group
		if i < len(expected.Groups) {
			w = expected.Groups[i]
		}
		got.Groups[i].only(&w)
	}
	return sameJSON(&expected, &got)
}

// sameJSON compares part by part, so that a report shows what differs.
func sameJSON(want, got *answer) verdict {
	parts := func(a *answer) []any {
		out := []any{a.Ungrouped, a.Opaque, a.OutcomeHints, len(a.Groups)}
		for i := range a.Groups {
			out = append(out, a.Groups[i])
		}
		return out
	}
	names := []string{"ungrouped ", "opaque ", "outcome hints ", "groups: "}
	w, g := parts(want), parts(got)
	for i := range min(len(w), len(g)) {
		a, _ := json.Marshal(w[i])
		b, _ := json.Marshal(g[i])
		if string(a) == string(b) || string(a) == "null" && string(b) == "[]" || string(a) == "[]" && string(b) == "null" {
			continue
		}
		name := ""
		if i < len(names) {
			name = names[i]
		}
		return missed(name+string(a), string(b))
	}
	return verdict{mark: right}
}

// read reads all spans of a batch.
func read(td ptrace.Traces) attempt.Trace {
	var t attempt.Trace
	for _, rs := range td.ResourceSpans().All() {
		res := llmspan.ReadResource(rs)
		for _, ss := range rs.ScopeSpans().All() {
			scope := llmspan.ReadScope(ss)
			for _, sp := range ss.Spans().All() {
				c := new(llm.Call)
				if reader.IsCandidate(&scope, sp) && reader.Read(&res, &scope, sp, c) {
					c.Attempt.Content, _ = reader.Content(sp)
					t.Calls = append(t.Calls, c)
					continue
				}
				sk := new(llm.Skeleton)
				llmspan.ReadSkeleton(sp, sk)
				t.Skeletons = append(t.Skeletons, sk)
				if reader.ReadTransport(&res, &scope, sp, c) {
					t.Calls = append(t.Calls, c)
				}
			}
		}
	}
	return t
}

const millisecond = 1_000_000

// told is a result in the words of the cases.
func told(r *attempt.Result) answer {
	var a answer
	for i := range r.Groups {
		g := &r.Groups[i]
		evidence, wasted, backoff := g.Evidence.String(), g.WastedLatency/millisecond, g.Backoff/millisecond
		o := group{
			Level: "call", Kind: g.Kind.String(), Final: label(g.Final.Span), Outcome: g.End.String(), Evidence: &evidence,
			WastedLatency: &wasted, Backoff: &backoff, WastedTokens: &g.WastedTokens, Futile: &g.Futile,
		}
		if g.Level == attempt.LevelTransport {
			o.Level = "transport"
		}
		if !g.Owner.IsZero() {
			o.Owner = label(g.Owner)
		}
		for _, k := range g.Spans {
			o.SpanIDs = append(o.SpanIDs, label(k.Span))
		}
		for _, k := range g.Kinds {
			o.AttemptKinds = append(o.AttemptKinds, k.String())
		}
		for _, k := range g.Classes {
			o.FailureClasses = append(o.FailureClasses, k.String())
		}
		a.Groups = append(a.Groups, o)
	}
	for _, k := range r.Ungrouped {
		a.Ungrouped = append(a.Ungrouped, label(k.Span))
	}
	slices.Sort(a.Ungrouped)
	for _, o := range r.Opaque {
		a.Opaque = append(a.Opaque, hidden{label(o.Span.Span), o.Count, o.Evidence.String()})
	}
	for _, k := range r.Unobserved {
		if a.OutcomeHints == nil {
			a.OutcomeHints = map[string]string{}
		}
		a.OutcomeHints[label(k.Span)] = "recovered_unobserved"
	}
	return a
}

// only drops the fields that the expected group leaves open.
func (g *group) only(want *group) {
	if want.Kind == "" {
		g.Kind = ""
	}
	if want.AttemptKinds == nil {
		g.AttemptKinds = nil
	}
	if want.Final == "" {
		g.Final = ""
	}
	if want.Outcome == "" {
		g.Outcome = ""
	}
	if want.Owner == "" {
		g.Owner = ""
	}
	if want.FailureClasses == nil {
		g.FailureClasses = nil
	}
	drop(&g.Evidence, want.Evidence)
	drop(&g.WastedLatency, want.WastedLatency)
	drop(&g.Backoff, want.Backoff)
	drop(&g.WastedTokens, want.WastedTokens)
	drop(&g.Futile, want.Futile)
}

func drop[T any](got **T, want *T) {
	if want == nil {
		*got = nil
	}
}

func label(id llm.SpanID) string { return scenario.Label([8]byte(id)) }
