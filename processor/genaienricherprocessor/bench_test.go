package genaienricherprocessor

import (
	"encoding/binary"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/spanledger/spanledger/internal/scenario"
)

const benchBatch = 100

// answered is a batch of ordinary answered calls of 20 attributes each, every
// one in a trace of its own.
func answered() ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "checkout")
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("opentelemetry.instrumentation.openai_v2")
	now := time.Now()
	for i := range benchBatch {
		sp := ss.Spans().AppendEmpty()
		sp.SetName("chat gpt-4o")
		sp.SetKind(ptrace.SpanKindClient)
		sp.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-time.Second)))
		sp.SetEndTimestamp(pcommon.NewTimestampFromTime(now))
		a := sp.Attributes()
		a.PutStr("gen_ai.operation.name", "chat")
		a.PutStr("gen_ai.provider.name", "openai")
		a.PutStr("gen_ai.request.model", "gpt-4o")
		a.PutStr("gen_ai.response.model", "gpt-4o-2024-08-06")
		a.PutStr("gen_ai.response.id", "chatcmpl-"+strconv.Itoa(i))
		a.PutInt("gen_ai.usage.input_tokens", int64(1000+i))
		a.PutInt("gen_ai.usage.output_tokens", int64(100+i))
		a.PutInt("gen_ai.usage.cache_read.input_tokens", 512)
		a.PutEmptySlice("gen_ai.response.finish_reasons").AppendEmpty().SetStr("stop")
		a.PutInt("gen_ai.request.max_tokens", 4096)
		a.PutDouble("gen_ai.request.temperature", 0.2)
		a.PutDouble("gen_ai.request.top_p", 1)
		a.PutStr("gen_ai.output.type", "text")
		a.PutStr("gen_ai.conversation.id", "conversation-"+strconv.Itoa(i))
		a.PutStr("server.address", "api.openai.com")
		a.PutInt("server.port", 443)
		a.PutStr("user.id", "user-"+strconv.Itoa(i))
		a.PutStr("code.function.name", "answer")
		a.PutInt("thread.id", 7)
		a.PutStr("thread.name", "worker")
	}
	return td
}

// fresh copies a batch under ids that were never seen.
func fresh(from ptrace.Traces, salt uint64) ptrace.Traces {
	td := ptrace.NewTraces()
	from.CopyTo(td)
	for i, sp := range td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		var id pcommon.TraceID
		binary.BigEndian.PutUint64(id[:], salt)
		binary.BigEndian.PutUint64(id[8:], uint64(i+1)*0x9e3779b97f4a7c15)
		sp.SetTraceID(id)
		sp.SetSpanID(pcommon.SpanID(id[8:]))
		if v, ok := sp.Attributes().Get("gen_ai.response.id"); ok {
			v.SetStr(v.Str() + "-" + strconv.FormatUint(salt, 36))
		}
	}
	return td
}

// One op is one batch of 100 answered calls through consume; copying the
// batch is not timed.
func BenchmarkConsume(b *testing.B) {
	for _, stamp := range []string{stampStandard, stampFull} {
		b.Run(stamp, func(b *testing.B) {
			p := newBenchEnricher(b, stamp)
			from := answered()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				td := fresh(from, uint64(i+1))
				b.StartTimer()
				if _, err := p.consume(b.Context(), td); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*benchBatch), "ns/span")
		})
	}
}

func newBenchEnricher(tb testing.TB, stamp string) *enricher {
	tb.Helper()
	cfg := createDefaultConfig().(*Config)
	cfg.Stamp = stamp
	p, err := newEnricher(processortest.NewNopSettings(NewFactory().Type()), cfg, consumertest.NewNop())
	require.NoError(tb, err)
	return p
}

// The budget of DESIGN.md section 13 is gated by allocations: one for each
// attribute written and two more, and none for a span that is no LLM span.
func TestAllocationsPerSpan(t *testing.T) {
	if scenario.Race {
		t.Skip("make test runs this without the race detector, with which pools forget")
	}
	p := newBenchEnricher(t, stampStandard)
	from := answered()
	batches := make([]ptrace.Traces, 60)
	for i := range batches {
		batches[i] = fresh(from, uint64(i+1))
	}
	before := from.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().Len()
	next := 0
	perBatch := testing.AllocsPerRun(len(batches)-1, func() {
		_, _ = p.consume(t.Context(), batches[next])
		next++
	})
	written := batches[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().Len() - before
	require.LessOrEqual(t, perBatch/benchBatch, float64(written+2), "allocations a span, with %d attributes written", written)

	plain := ptrace.NewTraces()
	spans := plain.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for range benchBatch {
		sp := spans.AppendEmpty()
		sp.SetName("SELECT")
		sp.Attributes().PutStr("db.system", "postgresql")
	}
	perBatch = testing.AllocsPerRun(50, func() { _, _ = p.consume(t.Context(), plain) })
	require.Less(t, perBatch/benchBatch, 0.05, "allocations a span that is none of ours")
}
