package llmspan

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/recorded"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/stamp"
)

const generated = "<!-- Written by the tests of internal/llmspan from the tables of the code: `make golden`. -->\n"

// TestAttributesPage keeps docs/attributes.md equal to the code.
func TestAttributesPage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Attributes that spanledger writes\n\n" + generated + `
Everything is written under ` + "`spanledger.*`" + `; no other attribute of a span is changed, unless a profile of
other products' names is switched on. Silence means ordinary: with ` + "`stamp: standard`" + ` an attribute is written
when it says something (column "standard"), with ` + "`stamp: full`" + ` whenever it is known. Attributes of the same names
that arrive with a span are removed and counted first, unless ` + "`trust_upstream: true`" + `.

Amounts are doubles in units of ` + "`spanledger.cost.currency`" + `. A double decodes back to the exact amount, to
1e-12, up to 8,192 units; where it would not, the exact decimal stands beside it.

| attribute | type | standard | meaning |
|---|---|---|---|
`)
	for _, k := range outKeys {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.key, k.kind, k.standard, k.meaning)
	}
	b.WriteString("\n## Names of other products\n\n`cost_attributes` writes the same figures once more under names that a backend shows by itself. " +
		"A name that the emitter set is never overwritten. All but `semconv` mean US dollars, and are left out for other currencies.\n\n| profile | attributes |\n|---|---|\n")
	for i, n := range compatNames {
		span := ptrace.NewSpan()
		s := plainStamp()
		s.Cost.Components[stamp.CompCacheWrite] = money.FromPico(1)
		WriteCompat(span, &s, 1<<i)
		var names []string
		for k := range span.Attributes().All() {
			names = append(names, "`"+k+"`")
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", n, strings.Join(names, ", "))
	}
	scenario.Golden(t, filepath.Join(scenario.Root(), "docs", "attributes.md"), []byte(b.String()))
}

// TestEveryKeyWrittenIsDocumented: the page leaves nothing out.
func TestEveryKeyWrittenIsDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, k := range outKeys {
		documented[k.key] = true
	}
	huge := money.FromWords(1<<20, 12345)
	s := fullStamp()
	s.Cost.Status, s.Cost.Total, s.Cost.AtLeast = stamp.StatusReported, huge, huge
	s.Cost.HasList, s.Cost.List, s.Cost.HasReported, s.Cost.Reported = true, huge, true, huge
	for i := range s.Cost.Components {
		s.Cost.Components[i] = huge
	}
	s.Call.Cost = huge
	s.Attempt.Probable, s.Attempt.Futile, s.TimeReceived, s.Error = true, true, true, llm.ErrServer
	s.Attempt.TakesOver, s.Call.Backoff = s.Attempt.Group, 1
	s.Model.Region, s.Model.RetirementDate, s.Model.Replacement, s.Model.Policy = "eu", "2027-01-01", "x", "unapproved"
	s.Model.PromptCache = stamp.CacheRead
	s.Substitution = stamp.Substitution{For: "x", By: "provider", Difference: huge, HasDifference: true}
	s.Estimate = stamp.Estimate{Basis: "content", InputTokens: 1, OutputTokens: 1, Cost: huge, Currency: "USD"}
	partial, duplicate := s, s
	partial.Cost.Status = stamp.StatusPartial
	duplicate.Cost.Status, duplicate.Cost.DuplicateOf = stamp.StatusDuplicate, llm.SpanID{1}
	written := map[string]bool{}
	for _, one := range []stamp.Stamp{s, partial, duplicate} {
		span := ptrace.NewSpan()
		Write(span, &one, Full)
		for k := range span.Attributes().All() {
			k = general(k)
			written[k] = true
			if !documented[k] {
				t.Errorf("%s is not on the page", k)
			}
		}
	}
	for k := range documented {
		if !written[k] {
			t.Errorf("%s is on the page and never written", k)
		}
	}
}

// general folds the keys that the page lists as one.
func general(k string) string {
	if strings.HasPrefix(k, ownerPrefix) {
		return ownerPrefix + "<key>"
	}
	for c := range stamp.NumComponents {
		if k == componentKeys[c] {
			return Prefix + "cost.<component>"
		}
		if k == componentExactKeys[c] {
			return Prefix + "cost.<component>_exact"
		}
	}
	switch k {
	case kCostListExact, kCostReportedExact, kCostAtLeastExact:
		return Prefix + "cost.<component>_exact"
	}
	return k
}

// TestDialectsPage keeps docs/dialects.md equal to the code.
func TestDialectsPage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Dialects that spanledger reads\n\n" + generated + `
A span is recognised by its markers, its instrumentation scope and its service, never by a model's name alone. Markers
that deny beat markers that allow: agents, workflows, tools, retrievals and the wrappers of SDKs repeat the usage of the
calls below them. A model without usage is no evidence of a call; a failed call without usage is a call.

Of several names for one thing the one of the lowest rank is taken; they are never added together. Counts may be ints,
integral doubles or decimal text, objects JSON or Python text or maps. A value of a wrong type is left alone and counted.
Names without a namespace are read only on spans of the emitter they belong to. Kinds and operations are taken whatever
their case. What a database, a queue or a tool server was asked is no call, unless a marker says that it is one.
`)
	for id := range dialects {
		d := &dialects[id]
		fmt.Fprintf(&b, "\n## %s (`%s`)\n\nKnown by: %s. Seen from: %s.\n", d.title, d.name, d.marker, d.layer)
		read := namesReadOf(dialectID(id))
		if len(read) == 0 {
			b.WriteString("\nIt has no names of its own.\n")
			continue
		}
		b.WriteString("\n| attribute | read as | form | rank |\n|---|---|---|---|\n")
		for _, k := range read {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %d |\n", k.key, meaning(k), formNames[k.form], k.rank)
		}
	}
	b.WriteString("\n## Fields that can be mapped\n\n`mapping` gives the value of a field by an expression of your own, above all dialects:\n\n")
	for _, f := range Fields() {
		fmt.Fprintf(&b, "- `%s`\n", f)
	}
	b.WriteString("\n## Inference endpoints (transport)\n\nAn HTTP client span to one of these hosts, on a path of inference, stands in for a call that left no LLM span.\n\n| host | platform |\n|---|---|\n")
	for _, h := range hosts {
		fmt.Fprintf(&b, "| `%s` | `%s` |\n", h.Name, h.Platform)
	}
	realClients(t, &b)
	scenario.Golden(t, filepath.Join(scenario.Root(), "docs", "dialects.md"), []byte(b.String()))
}

// namesReadOf are the names of a dialect, and those without a namespace that it
// shares with another.
func namesReadOf(id dialectID) []keyDef {
	out := slices.Clone(dialects[id].keys)
	for other := range dialects {
		for _, k := range dialects[other].keys {
			if dialectID(other) != id && k.gate&dialectGate(id) != 0 {
				out = append(out, k)
			}
		}
	}
	return out
}

// realClients prints what was recorded, and what its spans leave out.
func realClients(t *testing.T, b *strings.Builder) {
	t.Helper()
	all, err := recorded.All()
	if err != nil {
		t.Fatal(err)
	}
	b.WriteString(`
## Real clients

Recorded from the npm registry at these versions (name, version, "+" its instrumentation or the provider asked), against
a local stand-in for the provider whose own log is the truth. Books equal that log in every scenario but these, where
the spans do not tell; ` + "`make clients`" + ` records them anew.

| client | scenarios | where its spans do not tell |
|---|---|---|
`)
	for i := 0; i < len(all); {
		var scenarios, gaps []string
		client := all[i].Client
		for ; i < len(all) && all[i].Client == client; i++ {
			scenarios = append(scenarios, all[i].Scenario)
			if why := all[i].Deviation.Why; why != "" {
				gaps = append(gaps, all[i].Scenario+": "+why)
			}
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", client, strings.Join(scenarios, ", "), strings.Join(gaps, "<br>"))
	}
}

func meaning(k keyDef) string {
	switch k.form {
	case formMark:
		return flagNames[k.slot]
	case formCount, formSeconds, formMillis, formHeader:
		return countNames[k.slot]
	case formMoney:
		return "cost"
	}
	return textNames[k.slot]
}
