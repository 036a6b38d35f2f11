package llmspan

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

var words = rapid.StringMatching(`[a-z0-9.:/-]{0,12}`)

// amounts are of every size, far beyond what a double holds exactly.
var amounts = rapid.Custom(func(t *rapid.T) money.Amount {
	switch rapid.IntRange(0, 2).Draw(t, "size") {
	case 0:
		return money.FromPico(rapid.Int64Range(-1e9, 1e12).Draw(t, "pico"))
	case 1:
		return money.FromPico(rapid.Int64().Draw(t, "pico"))
	}
	return money.FromWords(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "hi"), rapid.Uint64().Draw(t, "lo"))
})

func enum[T ~uint8](t *rapid.T, n int) T {
	return T(rapid.IntRange(0, n-1).Draw(t, "enum"))
}

var stamps = rapid.Custom(func(t *rapid.T) stamp.Stamp {
	var s stamp.Stamp
	b := func() bool { return rapid.Bool().Draw(t, "bool") }
	w := func() string { return words.Draw(t, "word") }
	id := func() (id llm.SpanID) {
		if b() {
			copy(id[:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "id"))
		}
		return id
	}
	c := &s.Cost
	c.Status = enum[stamp.Status](t, int(stamp.NumStatuses))
	c.Currency, c.PriceID, c.DuplicateOf = w(), w(), id()
	c.Total, c.AtLeast = amounts.Draw(t, "total"), amounts.Draw(t, "least")
	for i := range c.Components {
		if b() {
			c.Components[i] = amounts.Draw(t, "component")
		}
	}
	c.List, c.HasList = amounts.Draw(t, "list"), b()
	c.Reported, c.HasReported = amounts.Draw(t, "reported"), b()
	c.Modifiers = rapid.SliceOfN(words, 0, 3).Draw(t, "modifiers")
	c.Basis, c.Use = enum[llm.TokenBasis](t, 3), enum[stamp.Use](t, int(stamp.NumUses))
	s.Model = stamp.Model{
		ID: w(), Vendor: w(), Platform: w(), Version: w(), Family: w(), Region: w(),
		Match: enum[llm.Match](t, 5), Lifecycle: enum[stamp.Lifecycle](t, int(stamp.NumLifecycles)),
		RetirementDate: w(), Replacement: w(), Policy: w(), ContextRatio: rapid.Float64Range(0, 2).Draw(t, "ratio"),
	}
	s.Model.PromptCache = enum[stamp.PromptCache](t, int(stamp.NumPromptCaches))
	s.Substitution = stamp.Substitution{For: w(), By: w(), Difference: amounts.Draw(t, "difference"), HasDifference: b()}
	s.Estimate = stamp.Estimate{
		Basis: w(), InputTokens: rapid.Int64().Draw(t, "in"), OutputTokens: rapid.Int64().Draw(t, "out"),
		Cost: amounts.Draw(t, "estimate"), Currency: w(),
	}
	s.Attempt = stamp.Attempt{
		Group: id(), Number: rapid.IntRange(0, 9).Draw(t, "number"), Kind: enum[stamp.Kind](t, int(stamp.NumKinds)),
		Evidence: enum[stamp.Evidence](t, int(stamp.NumEvidences)), Count: rapid.IntRange(0, 9).Draw(t, "count"),
		Final: enum[stamp.Tri](t, 3), Probable: b(), Futile: b(), TakesOver: llm.SpanID{7: byte(rapid.IntRange(0, 9).Draw(t, "takes over"))},
	}
	s.Error = enum[llm.ErrorClass](t, int(llm.NumErrorClasses))
	const longest = 1<<23*1_000_000_000 - 1 // nanoseconds that a double of seconds still tells apart: from there on they are 1.9 ns apart
	s.Call = stamp.CallSummary{
		Set: b(), Cost: amounts.Draw(t, "call"), HasCost: b(), Attempts: rapid.IntRange(0, 9).Draw(t, "attempts"),
		Duration: rapid.Int64Range(0, longest).Draw(t, "duration"), WastedLatency: rapid.Int64Range(0, longest).Draw(t, "wasted"), Backoff: rapid.Int64Range(0, longest).Draw(t, "backoff"),
		Outcome: enum[stamp.Outcome](t, int(stamp.NumOutcomes)),
	}
	s.Route, s.RouteSource, s.TimeReceived = w(), w(), b()
	s.ReceivedAt = rapid.Int64().Draw(t, "received")
	for _, k := range []string{"", "cost_center", "team", "user"} {
		if b() {
			s.Owners = append(s.Owners, stamp.Owner{Key: k, Value: w()})
		}
	}
	return s
})

// Law: what is written is read back, to the last pico-unit.
func TestReadOfWriteIsTheSameStamp(t *testing.T) {
	for _, p := range []Profile{Standard, Full} {
		rapid.Check(t, func(t *rapid.T) {
			s := stamps.Draw(t, "stamp")
			span := ptrace.NewSpan()
			Write(span, &s, p)
			var got stamp.Stamp
			if ok := ReadStamp(span, &got); ok != (s.Cost.Status != stamp.StatusNone) {
				t.Fatalf("stamped: %v for status %q", ok, s.Cost.Status)
			}
			want := Canonical(&s, p)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b money.Amount) bool { return a == b })); diff != "" {
				t.Fatalf("profile %d: read differs from written (-want +got)\n%s", p, diff)
			}
		})
	}
}

// Law: writing twice is writing once.
func TestWriteIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := stamps.Draw(t, "stamp")
		one, two := ptrace.NewSpan(), ptrace.NewSpan()
		Write(one, &s, Full)
		Write(two, &s, Full)
		Write(two, &s, Full)
		if !one.Attributes().Equal(two.Attributes()) || one.Attributes().Len() != two.Attributes().Len() {
			t.Fatal("a second write changed the span")
		}
	})
}

// Law: stripping leaves nothing of ours and everything else.
func TestStripStampsRemovesOursAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := stamps.Draw(t, "stamp")
		span := ptrace.NewSpan()
		span.Attributes().PutStr("gen_ai.request.model", "gpt-4o")
		span.Attributes().PutStr("spanledgerx", "not ours")
		Write(span, &s, Full)
		n := span.Attributes().Len() - 2
		if got := StripStamps(span); got != n {
			t.Fatalf("removed %d of %d", got, n)
		}
		if span.Attributes().Len() != 2 || StripStamps(span) != 0 {
			t.Fatal("not ours alone")
		}
	})
}

func TestStripStampsLeavesReadOnlySpansWithoutStampsAlone(t *testing.T) {
	td := ptrace.NewTraces()
	span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.Attributes().PutStr("gen_ai.request.model", "gpt-4o")
	td.MarkReadOnly()
	if n := StripStamps(span); n != 0 {
		t.Fatalf("removed %d", n)
	}
}

func TestReadStampIgnoresForeignTypesAndWords(t *testing.T) {
	span := ptrace.NewSpan()
	m := span.Attributes()
	m.PutInt(kCostStatus, 1)
	m.PutStr(kCostTotal, "12")
	m.PutDouble(kCostList, math.NaN())
	m.PutStr(kModelMatch, "perhaps")
	m.PutStr(kAttemptGroup, "zz")
	m.PutStr(kCostExact, "1e999999")
	m.PutEmptyMap(kRoute)
	var s stamp.Stamp
	if ReadStamp(span, &s) {
		t.Fatal("read a stamp from nothing that is one")
	}
	if diff := cmp.Diff(stamp.Stamp{}, s, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b money.Amount) bool { return a == b })); diff != "" {
		t.Fatal(diff)
	}
}
