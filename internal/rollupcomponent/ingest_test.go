package rollupcomponent

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/scenario"
)

func newTestIngester(t *testing.T, c Config, book func(context.Context, []rollup.Record) error) *ingester {
	t.Helper()
	in, err := newIngester(&c, componenttest.NewNopTelemetrySettings(), book, func(int64) { t.Error("a span could not be read") })
	require.NoError(t, err)
	return in
}

// stampedSpans are n calls of 20 attributes, as a GenAI SDK and the enricher
// leave them, with ids from first on.
func stampedSpans(n, first int) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	rs.Resource().Attributes().PutStr("tenant", "acme")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	for i := range n {
		id := first + i
		span := spans.AppendEmpty()
		span.SetName("chat gpt-4o")
		span.SetTraceID(pcommon.TraceID{0: 1, 12: byte(id >> 24), 13: byte(id >> 16), 14: byte(id >> 8), 15: byte(id)})
		span.SetSpanID(pcommon.SpanID{0: 1, 4: byte(id >> 24), 5: byte(id >> 16), 6: byte(id >> 8), 7: byte(id)})
		now := time.Now()
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-2 * time.Second)))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(now.Add(-time.Second)))
		a := span.Attributes()
		a.PutStr("gen_ai.operation.name", "chat")
		a.PutStr("gen_ai.provider.name", "openai")
		a.PutStr("gen_ai.request.model", "gpt-4o")
		a.PutStr("gen_ai.response.model", "gpt-4o-2024-08-06")
		a.PutStr("gen_ai.response.id", fmt.Sprintf("resp-%d", id))
		a.PutInt("gen_ai.usage.input_tokens", 1000)
		a.PutInt("gen_ai.usage.output_tokens", 100)
		a.PutInt("gen_ai.request.max_tokens", 4096)
		a.PutDouble("gen_ai.request.temperature", 0.5)
		a.PutStr("server.address", "api.openai.com")
		a.PutStr("spanledger.cost.status", "priced")
		a.PutDouble("spanledger.cost.total", 0.0035)
		a.PutDouble("spanledger.cost.input", 0.0025)
		a.PutDouble("spanledger.cost.output", 0.001)
		a.PutStr("spanledger.cost.currency", "USD")
		a.PutStr("spanledger.cost.price_id", "openai/gpt-4o@2024-10-02")
		a.PutStr("spanledger.model.id", "gpt-4o")
		a.PutStr("spanledger.model.vendor", "openai")
		a.PutStr("spanledger.model.platform", "openai")
		a.PutStr("spanledger.route", "checkout")
	}
	return td
}

// A batch larger than the memory of one Add reaches the ledger in parts, each
// record with its own values.
func TestBatchesAreSplit(t *testing.T) {
	sizes, seen := []int{}, map[int]bool{}
	c := NewDefaultConfig()
	c.Dimensions = []Dimension{{Name: attrModel}, {Name: "tenant"}, {Name: "gen_ai.request.max_tokens"}, {Name: "nowhere", Default: "unset"}}
	in := newTestIngester(t, c, func(_ context.Context, recs []rollup.Record) error {
		sizes = append(sizes, len(recs))
		for i := range recs {
			r := &recs[i]
			require.Equal(t, []string{"gpt-4o", "acme", "4096", "unset"}, r.Dims)
			require.Equal(t, "0.0035", r.Stamp.Cost.Total.String())
			require.Equal(t, int64(1000), r.Call.Usage.Tokens[0])
			seen[int(r.Call.Span[6])<<8|int(r.Call.Span[7])] = true
		}
		return nil
	})
	require.NoError(t, in.consume(t.Context(), stampedSpans(600, 0)))
	require.Equal(t, []int{256, 256, 88}, sizes)
	require.Len(t, seen, 600)
}

func TestWeights(t *testing.T) {
	for _, c := range []struct {
		upstream Sampling
		state    string
		weight   float64
		unknown  bool
	}{
		{"none", "", 1, false},
		{"none", "ot=th:c", 1, false}, // not declared, so not used
		{"0.25", "", 4, false},
		{"tracestate", "ot=th:c", 4, false},
		{"tracestate", "vendor=x,ot=rv:0123456789abcd;th:8", 2, false},
		{"tracestate", "vendor=x,ot=rv:abc;th:8", 1, true}, // the random value has 14 digits: the entry is damaged
		{"tracestate", "ot=th:C", 1, true},
		{"tracestate", "ot=th:0", 1, false},
		{"tracestate", "ot=th:fd70a3d70a3d71", 100, false}, // 1 %
		{"tracestate", "", 1, true},
		{"tracestate", "ot=th:", 1, true},
		{"tracestate", "ot=th:zz", 1, true},
		{"tracestate", "ot=th:0123456789abcdef", 1, true},
	} {
		cfg := NewDefaultConfig()
		cfg.Sampling.Upstream = c.upstream
		in := newTestIngester(t, cfg, nil)
		span := ptrace.NewSpan()
		span.TraceState().FromRaw(c.state)
		weight, unknown := in.weight(span)
		require.InDelta(t, c.weight, weight, 1e-9, "%s %q", c.upstream, c.state)
		require.Equal(t, c.unknown, unknown, "%s %q", c.upstream, c.state)
	}
}

func newTestEngine(tb testing.TB) *Engine {
	tb.Helper()
	c := NewDefaultConfig()
	e, err := NewEngine(&c, Settings{Telemetry: componenttest.NewNopTelemetrySettings()})
	require.NoError(tb, err)
	return e
}

// One op is one span through reading and booking; spans that are known again
// take the same way but for the books.
func BenchmarkConsume(b *testing.B) {
	const size = 100
	e := newTestEngine(b)
	batches := make([]ptrace.Traces, 0, b.N/size+1)
	for i := range cap(batches) {
		batches = append(batches, stampedSpans(size, i*size))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, td := range batches {
		if err := e.Consume(b.Context(), td); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if got := e.Snapshot().Totals.Billed; got != int64(len(batches)*size) {
		b.Fatalf("%d of %d spans were billed", got, len(batches)*size)
	}
}

// Reading and booking allocate nothing for a span that is like others before.
func TestConsumeDoesNotAllocate(t *testing.T) {
	if scenario.Race {
		t.Skip("make test runs this without the race detector, with which pools forget")
	}
	e := newTestEngine(t)
	const size, runs = 100, 20
	batches := make([]ptrace.Traces, 0, 2*runs+10)
	for i := range cap(batches) {
		batches = append(batches, stampedSpans(size, i*size))
	}
	next := 0
	consume := func() {
		if err := e.Consume(t.Context(), batches[next]); err != nil {
			t.Fatal(err)
		}
		next++
	}
	for range runs {
		consume()
	}
	perSpan := testing.AllocsPerRun(runs, consume) / size
	require.Less(t, perSpan, 0.1, "allocations a span")
}
