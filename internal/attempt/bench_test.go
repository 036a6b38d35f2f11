package attempt

import (
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
)

// agentTrace is an agent's trace of four calls and eight other spans, the
// shape that the memory's bound is stated for.
func agentTrace(n int, failing bool) *Batch {
	var trace llm.TraceID
	binary.BigEndian.PutUint64(trace[:], uint64(n)+1)
	b := &Batch{}
	agent := llm.SpanID{1}
	b.Skeletons = append(b.Skeletons, &llm.Skeleton{Trace: trace, Span: agent, Name: "invoke_agent", Barrier: true, Start: base, End: base + 9000*ms})
	for i := range 4 {
		at := base + int64(i)*2000*ms
		c := &llm.Call{
			Trace: trace, Span: llm.SpanID{2, byte(i)}, Parent: agent, Name: "chat gpt-4o", Kind: llm.KindClient, Start: at, End: at + 1000*ms,
			Role: llm.RoleInference, Operation: llm.OpChat, Ref: llm.ModelRef{Provider: "openai", Request: "gpt-4o"}, ResponseID: "resp",
		}
		c.Usage.Known = true
		c.Usage.Tokens[llm.Input] = int64(100 + i)
		if failing && i == 1 {
			c.Failure.Class, c.ResponseID, c.Usage = llm.ErrRateLimited, "", llm.Usage{}
		}
		b.Calls = append(b.Calls, c)
		b.Skeletons = append(b.Skeletons, &llm.Skeleton{
			Trace: trace, Span: llm.SpanID{3, byte(i)}, Parent: c.Span, Name: "POST", Kind: llm.KindClient, Start: at, End: at + 900*ms,
			HTTP: llm.HTTP{Method: "POST", Host: "api.openai.com", Path: "/v1/chat/completions", StatusCode: 200},
		})
		if i < 3 {
			b.Skeletons = append(b.Skeletons, &llm.Skeleton{Trace: trace, Span: llm.SpanID{4, byte(i)}, Parent: agent, Name: "execute_tool", Tool: true, Barrier: true, Start: at + 1100*ms, End: at + 1900*ms})
		}
	}
	return b
}

// 50,000 live traces of four calls and eight other spans fit into 64 MiB.
func TestMemoryFits(t *testing.T) {
	if testing.Short() {
		t.Skip("fills the memory")
	}
	heap := func() uint64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before := heap()
	m := NewMemory(Config{})
	const traces = 50_000
	var out []Verdict
	for i := range traces {
		out = m.Observe(agentTrace(i, false), t0, out[:0])
	}
	used := heap() - before
	s := m.Stats()
	if s.Traces != traces || s.Calls != 4*traces || s.Skeletons != 8*traces {
		t.Fatalf("%+v", s)
	}
	t.Logf("%.1f MiB on the heap, %.1f MiB by its own count", float64(used)/(1<<20), float64(s.Bytes)/(1<<20))
	if used > 64<<20 {
		t.Errorf("%d bytes for %d traces", used, traces)
	}
	runtime.KeepAlive(m)
}

// A clean trace costs no allocation once the memory is as full as it gets.
func TestObserveAllocatesNothing(t *testing.T) {
	m := NewMemory(Config{MaxTraces: 100})
	batch, out, n := agentTrace(0, false), []Verdict(nil), uint64(0)
	next := func() {
		n++
		var id llm.TraceID
		binary.BigEndian.PutUint64(id[8:], n)
		for _, c := range batch.Calls {
			c.Trace = id
		}
		for _, s := range batch.Skeletons {
			s.Trace = id
		}
		out = m.Observe(batch, t0, out[:0])
	}
	for range 1000 {
		next()
	}
	if a := testing.AllocsPerRun(1000, next); a != 0 {
		t.Errorf("%v allocations a trace", a)
	}
}

// One op is one trace of four calls and eight other spans through the memory,
// as one batch.
func BenchmarkObserve(b *testing.B) {
	for _, failing := range []bool{false, true} {
		b.Run(map[bool]string{false: "clean", true: "failing"}[failing], func(b *testing.B) {
			m := NewMemory(Config{MaxTraces: 10_000})
			batch := agentTrace(0, failing)
			var out []Verdict
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				var id llm.TraceID
				binary.BigEndian.PutUint64(id[8:], uint64(i))
				for _, c := range batch.Calls {
					c.Trace = id
				}
				for _, s := range batch.Skeletons {
					s.Trace = id
				}
				out = m.Observe(batch, t0.Add(time.Duration(i)), out[:0])
				i++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(4*i), "ns/call")
		})
	}
}

// One op is one complete trace reduced.
func BenchmarkReduce(b *testing.B) {
	batch := agentTrace(1, true)
	t := Trace{batch.Calls, batch.Skeletons}
	b.ReportAllocs()
	for b.Loop() {
		Reduce(t, Config{})
	}
}
