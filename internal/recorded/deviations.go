package recorded

// Deviation is where a recording cannot tell the truth, and why: what is nil
// or empty is as the provider served it.
type Deviation struct {
	Why              string
	Answers, Refused *int
	Tokens           map[string]int64 // by bucket; nil as served
	Cost             string           // USD; "" as served
	Bound            bool             // the cost is a lower bound (partial), which no total counts
}

// The reasons, each a defect of the instrumentation that no reader of its
// spans can mend.
const (
	noStreamUsage = "the instrumentation reports no usage of streamed chat completions"
	noCache       = "the instrumentation does not report cached tokens"
	noReasoning   = "the instrumentation does not report reasoning tokens; they are priced as output"
	noTTL         = "the instrumentation does not tell cache writes for an hour from those for five minutes"
	cutLost       = "the instrumentation leaves no LLM span of a stream that was cut"
	cutUnknown    = "the span of the cut stream has no usage: it is no_usage, not zero"
	cutInput      = "the span of the cut stream has the input, which came first: a lower bound"
	noTransport   = "the exporter drops HTTP spans, so that refused requests inside a call are not seen"
	cutCrash      = "the instrumentation lets a rejection go unhandled, which ends a process that has no handler; no LLM span"
)

var none = 0

// Deviations by client/scenario.
func Deviations() map[string]Deviation {
	nothing := map[string]int64{}
	uncached := map[string]int64{"input": 2048, "output": 30}
	unreasoned := map[string]int64{"input": 120, "output": 300}
	oneTTL := map[string]int64{"input": 100, "cache_read": 1500, "cache_write": 400, "output": 30}
	input := map[string]int64{"input": 120}
	lost := Deviation{Why: cutLost, Answers: &none, Tokens: nothing, Cost: "0"}
	crash := Deviation{Why: cutCrash, Answers: &none, Tokens: nothing, Cost: "0"}
	unknown := Deviation{Why: cutUnknown, Tokens: nothing, Cost: "0"}
	bound := Deviation{Why: cutInput, Tokens: input, Cost: "0.00036", Bound: true}
	unstreamed := Deviation{Why: noStreamUsage, Tokens: nothing, Cost: "0"}
	noCached := Deviation{Why: noCache, Tokens: uncached, Cost: "0.00542"}
	noThought := Deviation{Why: noReasoning, Tokens: unreasoned}
	return map[string]Deviation{
		"ai-5.0.277+anthropic/cut":            lost,
		"ai-5.0.277+openai/cached":            noCached,
		"ai-5.0.277+openai/reasoning":         noThought,
		"ai-5.0.277+openai/cut":               lost,
		"ai-6.0.326+anthropic/cut":            lost,
		"ai-6.0.326+openai/cut":               lost,
		"ai-7.0.173+anthropic/cached":         {Why: noTTL, Tokens: oneTTL, Cost: "0.0027"},
		"ai-7.0.173+anthropic/cut":            unknown,
		"ai-7.0.173+openai/reasoning":         noThought,
		"ai-7.0.173+openai/cut":               unknown,
		"anthropic-0.137.0+openinference/cut": bound,
		"anthropic-0.137.0+openllmetry/cut":   bound,
		"anthropic-1.12.0+native/cut":         bound,
		"genai-1.52.0+openllmetry/cut":        unknown,
		"langchain-1.5.8+openinference/cut":   unknown,
		"openai-6.49.0+langfuse/retry":        {Why: noTransport, Refused: &none},
		"openai-6.49.0+langfuse/fallback":     {Why: noTransport, Refused: &none},
		"openai-6.49.0+langfuse/exhausted":    {Why: noTransport, Refused: &none},
		"openai-6.49.0+langfuse/cut":          lost,
		"openai-6.49.0+openinference/stream":  unstreamed,
		"openai-6.49.0+openinference/cut":     crash,
		"openai-6.49.0+openllmetry/stream":    unstreamed,
		"openai-6.49.0+openllmetry/cached":    noCached,
		"openai-6.49.0+openllmetry/reasoning": noThought,
		"openai-6.49.0+openllmetry/cut":       lost,
		"openai-6.49.0+otel/cached":           noCached,
		"openai-6.49.0+otel/reasoning":        noThought,
		"openai-6.49.0+otel/cut":              lost,
	}
}
