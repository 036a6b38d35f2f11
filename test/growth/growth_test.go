// Package growth offers the exporter more routes than it may keep, and looks
// at its memory and at its totals.
package growth

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/exporter/genairollupexporter"
)

// source makes stamped calls, each with ids of its own.
type source struct {
	batch ptrace.Traces
	spans []ptrace.Span
	n     uint64
	// varied calls take from 1 ms to 100 s and stream; else each takes 1 s.
	varied bool
}

func newSource() *source {
	s := &source{batch: ptrace.NewTraces()}
	all := s.batch.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for range 100 {
		sp := all.AppendEmpty()
		a := sp.Attributes()
		for _, kv := range [][2]string{
			{"gen_ai.operation.name", "chat"}, {"gen_ai.provider.name", "openai"}, {"gen_ai.request.model", "m"},
			{"spanledger.cost.status", "priced"}, {"spanledger.cost.currency", "USD"},
			{"spanledger.model.id", ""}, {"spanledger.model.vendor", "openai"}, {"spanledger.model.platform", "openai"},
			{"spanledger.route", ""},
		} {
			a.PutStr(kv[0], kv[1])
		}
		a.PutInt("gen_ai.usage.input_tokens", 10)
		a.PutInt("gen_ai.usage.output_tokens", 1)
		a.PutDouble("spanledger.cost.total", 0.001)
		a.PutDouble("spanledger.cost.input", 0.001)
	}
	for i := range all.Len() {
		s.spans = append(s.spans, all.At(i))
	}
	return s
}

// send sends n calls; name gives the route and model of each.
func (s *source) send(t *testing.T, to exporter.Traces, n int, name func(i uint64) (route, model string)) {
	for range n / len(s.spans) {
		now := time.Now()
		for _, sp := range s.spans {
			s.n++
			var trace pcommon.TraceID
			binary.BigEndian.PutUint64(trace[:8], s.n*0x9e3779b97f4a7c15)
			binary.BigEndian.PutUint64(trace[8:], s.n)
			sp.SetTraceID(trace)
			sp.SetSpanID(pcommon.SpanID(trace[8:]))
			took := time.Second
			if s.varied {
				took = time.Duration(math.Pow(10, 6+5*float64(s.n*0x9e3779b97f4a7c15>>32)/(1<<32)))
				sp.Attributes().PutDouble("gen_ai.response.time_to_first_chunk", took.Seconds()/5)
				sp.Attributes().PutInt("gen_ai.usage.output_tokens", 100)
			}
			sp.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-took)))
			sp.SetEndTimestamp(pcommon.NewTimestampFromTime(now))
			route, model := name(s.n)
			sp.Attributes().PutStr("spanledger.route", route)
			sp.Attributes().PutStr("spanledger.model.id", model)
		}
		require.NoError(t, to.ConsumeTraces(context.Background(), s.batch))
	}
}

func start(t *testing.T, conf map[string]any) (exporter.Traces, string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	conf["ui"] = map[string]any{"endpoint": l.Addr().String()}
	f := genairollupexporter.NewFactory()
	cfg := f.CreateDefaultConfig()
	require.NoError(t, confmap.NewFromStringMap(conf).Unmarshal(cfg))
	e, err := f.CreateTraces(t.Context(), exportertest.NewNopSettings(f.Type()), cfg)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, e.Shutdown(context.Background())) })
	return e, l.Addr().String()
}

// heap is what is in use after a collection, in MiB.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

type totals struct {
	Totals struct {
		Calls, Billed, Tokens int64
		Cost                  []struct{ Total string }
	}
	Rows []json.RawMessage
}

func read(t *testing.T, addr string) (out totals) {
	res, err := http.Get("http://" + addr + "/api/v1/rollups") //nolint:noctx // a test's own server
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, &out))
	return out
}

// A million routes: the memory is that of the cap, and every call is in the
// totals.
func TestAMillionRoutes(t *testing.T) {
	e, addr := start(t, map[string]any{"dedupe": map[string]any{"max_spans": 50_000}})
	s := newSource()
	fresh := func(i uint64) (string, string) { return fmt.Sprint("route-", i), "m" }
	s.send(t, e, 100_000, fresh)
	before := heap()
	s.send(t, e, 900_000, fresh)
	after := heap()
	got := read(t, addr)
	t.Logf("%.1f MiB after 100,000 routes, %.1f after 1,000,000; %d rows", before, after, len(got.Rows))
	require.Less(t, after, before+4)
	require.Equal(t, int64(1_000_000), got.Totals.Calls)
	require.Equal(t, int64(1_000_000), got.Totals.Billed)
	require.Equal(t, int64(11_000_000), got.Totals.Tokens)
	require.Equal(t, "1000", got.Totals.Cost[0].Total)
}

// The same with all three histograms of each in exponential buckets too, and
// durations that fill them.
func TestAThousandRoutesTimesTwentyModelsInExponentialBuckets(t *testing.T) {
	empty := heap()
	e, addr := start(t, map[string]any{"aggregation_cardinality_limit": 25_000, "histogram_aggregation": "both"})
	s := newSource()
	s.varied = true
	s.send(t, e, 400_000, func(i uint64) (string, string) { return fmt.Sprint("route-", i/20%1000), fmt.Sprint("m-", i%20) })
	used := heap() - empty
	got := read(t, addr)
	t.Logf("%.1f MiB for %d rows", used, len(got.Rows))
	require.Len(t, got.Rows, 20_000)
	require.Less(t, used, 200.0)
	require.Equal(t, int64(400_000), got.Totals.Billed)
}

// A thousand routes with twenty models each, with their default SLOs, in 200
// MiB.
func TestAThousandRoutesTimesTwentyModels(t *testing.T) {
	empty := heap()
	e, addr := start(t, map[string]any{"aggregation_cardinality_limit": 25_000})
	s := newSource()
	s.send(t, e, 200_000, func(i uint64) (string, string) { return fmt.Sprint("route-", i/20%1000), fmt.Sprint("m-", i%20) })
	used := heap() - empty
	got := read(t, addr)
	t.Logf("%.1f MiB for %d rows", used, len(got.Rows))
	require.Len(t, got.Rows, 20_000)
	require.Less(t, used, 200.0)
	require.Equal(t, int64(200_000), got.Totals.Billed)
	require.Equal(t, "200", got.Totals.Cost[0].Total)
}
