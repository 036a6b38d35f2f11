package genairollupexporter

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// A client that makes up a model name for every call: memory stays flat, the
// totals are right, the junk is in overflow rows, and what a route really uses
// is still known.
func TestJunkModelNames(t *testing.T) {
	e := start(t, componenttest.NewNopHost(), `
ui: {endpoint: "localhost:0"}
aggregation_cardinality_limit: 1000
dedupe: {max_spans: 10000}
receipts: 10
inventory: {max_entries: 2000}
`)
	const batches, size = 100, 1000
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early uint64
	for b := range batches {
		e.send(t, junk(b*size, size))
		if b == batches/10 {
			early = heap()
		}
	}
	late := heap()
	t.Logf("heap after a tenth %d, after all %d bytes", early, late)
	require.Less(t, float64(late), 1.2*float64(early), "nine tenths of the junk took no memory: %d, then %d bytes", early, late)

	var out struct {
		Totals struct {
			Spans int64
			Cost  []struct{ Total string }
		}
		Rows []struct {
			Overflow bool
			Statuses map[string]int64
		}
	}
	require.NoError(t, json.Unmarshal(get(t, "http://"+e.inner.pageAddr+"/api/v1/rollups"), &out))
	require.EqualValues(t, batches*size, out.Totals.Spans)
	require.Equal(t, "100.1", out.Totals.Cost[0].Total)
	require.LessOrEqual(t, len(out.Rows), 1100)
	overflow, all := int64(0), int64(0)
	for _, r := range out.Rows {
		all += r.Statuses["priced"]
		if r.Overflow {
			overflow += r.Statuses["priced"]
		}
	}
	require.EqualValues(t, batches*size, all)
	require.Greater(t, overflow, int64(batches*size*9/10))

	var inventory struct {
		Models   []struct{ Name string }
		Overflow int64
	}
	require.NoError(t, json.Unmarshal(get(t, "http://"+e.inner.pageAddr+"/api/v1/inventory"), &inventory))
	require.LessOrEqual(t, len(inventory.Models), 2000)
	require.Greater(t, inventory.Overflow, int64(batches*size/2))
	real := 0
	for _, m := range inventory.Models {
		if !strings.HasPrefix(m.Name, "junk") {
			real++
		}
	}
	require.Equal(t, 1, real, "the one real model is still known")
}

// junk makes calls with a model name each; every hundredth is a real one.
func junk(from, n int) ptrace.Traces {
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	now := time.Now()
	for i := from; i < from+n; i++ {
		span := spans.AppendEmpty()
		var trace pcommon.TraceID
		var id pcommon.SpanID
		binary.BigEndian.PutUint64(trace[8:], uint64(i+1))
		binary.BigEndian.PutUint64(id[:], uint64(i+1))
		span.SetTraceID(trace)
		span.SetSpanID(id)
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-2 * time.Second)))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(now.Add(-time.Second)))
		model, cost := fmt.Sprintf("junk-%d", i), 0.001
		if i%100 == 0 {
			model, cost = "gpt-4o", 0.0011
		}
		for k, v := range map[string]string{
			"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": model,
			"spanledger.cost.status": "priced", "spanledger.cost.currency": "USD", "spanledger.cost.price_id": "embedded@7:openai/" + model,
			"spanledger.model.id": model, "spanledger.model.vendor": "openai", "spanledger.model.platform": "openai",
			"spanledger.route": "checkout",
		} {
			span.Attributes().PutStr(k, v)
		}
		span.Attributes().PutDouble("spanledger.cost.total", cost)
		span.Attributes().PutDouble("spanledger.cost.input", cost)
	}
	return td
}
