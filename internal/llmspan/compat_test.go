package llmspan

import (
	"encoding/json"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/stamp"
)

const allCompat = CompatSemConv | CompatOpenInference | CompatOpenLIT | CompatLangfuse | CompatSentry

func TestCompatWritesTheSameFigures(t *testing.T) {
	s := plainStamp()
	span := ptrace.NewSpan()
	WriteCompat(span, &s, allCompat)
	total := s.Cost.Total.Float64()
	for _, k := range []string{"gen_ai.usage.cost.amount", "llm.cost.total", "gen_ai.usage.cost", "gen_ai.cost.total_tokens"} {
		if v, ok := span.Attributes().Get(k); !ok || v.Double() != total {
			t.Errorf("%s is not %v", k, total)
		}
	}
	in, _ := span.Attributes().Get("llm.cost.prompt")
	out, _ := span.Attributes().Get("llm.cost.completion")
	if in.Double() != 0.0032 || out.Double() != 0.00405 {
		t.Errorf("sides: %v and %v", in.Double(), out.Double())
	}
	details, _ := span.Attributes().Get("langfuse.observation.cost_details")
	var d map[string]float64
	if err := json.Unmarshal([]byte(details.Str()), &d); err != nil || d["total"] != total || d["input_cached_tokens"] != 0.00192 {
		t.Errorf("%s: %v", details.Str(), err)
	}
}

func TestCompatLeavesTheEmittersNamesAlone(t *testing.T) {
	s := plainStamp()
	span := ptrace.NewSpan()
	m := span.Attributes()
	theirs := []string{"gen_ai.usage.cost.amount", "llm.cost.total", "gen_ai.usage.cost", "gen_ai.cost.total_tokens", "langfuse.observation.cost_details"}
	for _, k := range theirs {
		m.PutStr(k, "theirs")
	}
	WriteCompat(span, &s, allCompat)
	for _, k := range theirs {
		if v, _ := m.Get(k); v.Str() != "theirs" {
			t.Errorf("%s = %s", k, v.AsString())
		}
	}
	if _, ok := m.Get("gen_ai.usage.cost.source"); ok {
		t.Error("a source of ours beside an amount of theirs")
	}
	if v, ok := m.Get("llm.cost.prompt"); !ok || v.Double() != 0.0032 {
		t.Error("a name that was free was not written")
	}
}

func TestCompatIsSilentWithoutATotalInDollars(t *testing.T) {
	span := ptrace.NewSpan()
	s := plainStamp()
	s.Cost.Status = stamp.StatusUnpricedModel
	WriteCompat(span, &s, allCompat)
	if span.Attributes().Len() != 0 {
		t.Error("a cost of an unpriced call")
	}
	s = plainStamp()
	s.Cost.Currency = "EUR"
	WriteCompat(span, &s, allCompat)
	if _, ok := span.Attributes().Get("llm.cost.total"); ok || span.Attributes().Len() != 3 {
		t.Error("euros under a name that means dollars")
	}
}

func TestParseCompat(t *testing.T) {
	if c, err := ParseCompat([]string{"sentry", "semconv"}); err != nil || c != CompatSentry|CompatSemConv {
		t.Error(c, err)
	}
	if _, err := ParseCompat([]string{"datadog"}); err == nil {
		t.Error("accepted an unknown profile")
	}
}
