package genaienricherprocessor

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"

	"github.com/spanledger/spanledger/internal/scenario"
)

// What the memory cannot keep of one large trace shows.
func TestForgottenSpansAreCounted(t *testing.T) {
	tel, sink := componenttest.NewTelemetry(), new(consumertest.TracesSink)
	p := newFromYAML(t, nil, tel, sink)
	require.NoError(t, p.Start(t.Context(), componenttest.NewNopHost()))
	var spans []scenario.Span
	for i := range 1_002 {
		spans = append(spans, scenario.Span{ID: fmt.Sprint("c", i), Parent: "p", Name: "chat", Kind: "CLIENT", EndMS: 5, Attributes: map[string]any{
			"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
		}})
	}
	for i := range 4_003 {
		spans = append(spans, scenario.Span{ID: fmt.Sprint("s", i), Parent: "p", Name: "step", EndMS: 5})
	}
	require.NoError(t, p.ConsumeTraces(t.Context(), scenario.Traces(spans, scenario.Epoch)))
	counters := printCounters(t, tel)
	require.Contains(t, counters, "forgotten what=call 2\n")
	require.Contains(t, counters, "forgotten what=span 3\n")
	require.Equal(t, len(spans), sink.SpanCount())
	require.NoError(t, p.Shutdown(t.Context()))
}
