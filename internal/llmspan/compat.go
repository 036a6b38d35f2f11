package llmspan

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Compat is a set of other products' cost attributes, under which the same
// figures are written so that a backend shows them by itself.
type Compat uint8

const (
	// CompatSemConv is the open proposal of the GenAI conventions.
	CompatSemConv Compat = 1 << iota
	// CompatOpenInference is llm.cost.*, as Phoenix and others read it.
	CompatOpenInference
	// CompatOpenLIT is gen_ai.usage.cost.
	CompatOpenLIT
	// CompatLangfuse is langfuse.observation.cost_details.
	CompatLangfuse
	// CompatSentry is gen_ai.cost.*_tokens, which are dollars.
	CompatSentry
)

var compatNames = [...]string{"semconv", "openinference", "openlit", "langfuse", "sentry"}

// ParseCompat makes a set of profile names; it fails on an unknown one.
func ParseCompat(names []string) (Compat, error) {
	var c Compat
next:
	for _, n := range names {
		for i, known := range compatNames {
			if n == known {
				c |= 1 << i
				continue next
			}
		}
		return 0, fmt.Errorf("%q is no cost attribute profile (one of %s)", n, strings.Join(compatNames[:], ", "))
	}
	return c, nil
}

// WriteCompat writes the cost under the names of the profiles, after
// [Write]. Only calls with a total have one there; a name that the emitter
// set stands. All profiles but the conventions' mean US dollars, so a cost in
// another currency is written under those alone.
func WriteCompat(span ptrace.Span, s *stamp.Stamp, profiles Compat) {
	if profiles == 0 || !s.Cost.Status.HasCost() {
		return
	}
	m := span.Attributes()
	c := &s.Cost
	if profiles&CompatSemConv != 0 {
		writeSemConvCost(m, c)
	}
	if c.Currency != "USD" {
		return
	}
	in, out := sides(c)
	if profiles&CompatOpenInference != 0 {
		unlessSet(m, "llm.cost.total", c.Total)
		unlessSet(m, "llm.cost.prompt", in)
		unlessSet(m, "llm.cost.completion", out)
		unlessZero(m, "llm.cost.prompt_details.cache_read", c.Components[stamp.CompCacheRead])
		unlessZero(m, "llm.cost.prompt_details.cache_write", c.Components[stamp.CompCacheWrite])
		unlessZero(m, "llm.cost.completion_details.reasoning", c.Components[stamp.CompReasoning])
	}
	if profiles&CompatOpenLIT != 0 {
		unlessSet(m, "gen_ai.usage.cost", c.Total)
	}
	if profiles&CompatLangfuse != 0 {
		if v, ok := m.GetOrPutEmpty("langfuse.observation.cost_details"); !ok {
			v.SetStr(costDetails(c))
		}
	}
	if profiles&CompatSentry != 0 {
		unlessSet(m, "gen_ai.cost.total_tokens", c.Total)
		unlessSet(m, "gen_ai.cost.input_tokens", in)
		unlessSet(m, "gen_ai.cost.output_tokens", out)
	}
}

// writeSemConvCost writes the three names together or not at all: an amount
// of ours beside a source of theirs would be a lie.
func writeSemConvCost(m pcommon.Map, c *stamp.Cost) {
	v, set := m.GetOrPutEmpty("gen_ai.usage.cost.amount")
	if set {
		return
	}
	v.SetDouble(c.Total.Float64())
	m.PutStr("gen_ai.usage.cost.currency", c.Currency)
	source := "local"
	if c.Status == stamp.StatusReported {
		source = "provider"
	}
	m.PutStr("gen_ai.usage.cost.source", source)
}

// sides splits the receipt into what went in and what came out; fees for
// tools and requests are in the total alone.
func sides(c *stamp.Cost) (in, out money.Amount) {
	p := &c.Components
	return p[stamp.CompInput].Add(p[stamp.CompCacheRead]).Add(p[stamp.CompCacheWrite]), p[stamp.CompOutput].Add(p[stamp.CompReasoning])
}

func unlessSet(m pcommon.Map, k string, a money.Amount) {
	if v, set := m.GetOrPutEmpty(k); !set {
		v.SetDouble(a.Float64())
	}
}

func unlessZero(m pcommon.Map, k string, a money.Amount) {
	if !a.IsZero() {
		unlessSet(m, k, a)
	}
}

// costDetails is Langfuse's object of buckets, with exact decimals.
func costDetails(c *stamp.Cost) string {
	b := make([]byte, 0, 128)
	b = append(b, '{')
	for i := range c.Components {
		if a := c.Components[i]; !a.IsZero() {
			b = append(b, '"')
			b = append(b, langfuseBuckets[i]...)
			b = append(b, `":`...)
			b = append(b, a.String()...)
			b = append(b, ',')
		}
	}
	b = append(b, `"total":`...)
	b = append(b, c.Total.String()...)
	return string(append(b, '}'))
}

// langfuseBuckets are the names that Langfuse gives the parts.
var langfuseBuckets = [stamp.NumComponents]string{
	"input", "input_cached_tokens", "input_cache_creation", "output", "output_reasoning_tokens",
	"audio", "image", "tool", "request", "other",
}
