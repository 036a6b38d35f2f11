package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/spanledger/spanledger/internal/sim"
)

// corpus is one mix of spans in batches of 100.
type corpus struct {
	name                     string
	batches                  []ptrace.Traces
	spans, bytes, attributes int
	salt                     uint64
}

const batchSize = 100

// newCorpora makes the three mixes from the recordings and the simulator.
func newCorpora() ([]*corpus, error) {
	calls, err := llmSpans()
	if err != nil {
		return nil, err
	}
	var out []*corpus
	for _, mix := range []struct {
		name  string
		share int // LLM spans of a hundred
	}{{"100 % LLM spans", 100}, {"10 % LLM spans", 10}, {"no LLM spans", 0}} {
		c, err := mixed(mix.name, calls, mix.share)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// llmSpans are the LLM spans of the recordings and of a simulator run, each
// as a request of its own.
func llmSpans() ([]ptrace.Traces, error) {
	var out []ptrace.Traces
	take := func(td ptrace.Traces) {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, sp := range ss.Spans().All() {
					if isLLM(sp) {
						one := ptrace.NewTraces()
						r := one.ResourceSpans().AppendEmpty()
						rs.Resource().CopyTo(r.Resource())
						s := r.ScopeSpans().AppendEmpty()
						ss.Scope().CopyTo(s.Scope())
						sp.CopyTo(s.Spans().AppendEmpty())
						out = append(out, one)
					}
				}
			}
		}
	}
	_, file, _, _ := runtime.Caller(0)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(file), "..", "..", "testdata", "recorded", "*", "*.jsonl"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no recordings found: %w", err)
	}
	for _, f := range files {
		if err := eachRequest(f, take); err != nil {
			return nil, err
		}
	}
	fleet := sim.New(sim.Config{Seed: 3})
	for len(out) < 2000 {
		take(fleet.Next(time.Now()))
	}
	return out, nil
}

func eachRequest(path string, visit func(ptrace.Traces)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	var u ptrace.JSONUnmarshaler
	for lines.Scan() {
		td, err := u.UnmarshalTraces(lines.Bytes())
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		sim.ShiftToEnd(td, time.Now())
		visit(td)
	}
	return lines.Err()
}

func isLLM(sp ptrace.Span) bool {
	for k := range sp.Attributes().All() {
		if strings.HasPrefix(k, "gen_ai.") || strings.HasPrefix(k, "openinference.") || strings.HasPrefix(k, "ai.operationId") {
			return true
		}
	}
	return false
}

func mixed(name string, calls []ptrace.Traces, share int) (*corpus, error) {
	c := &corpus{name: name}
	next := 0
	for range 20 {
		td := ptrace.NewTraces()
		for i := range batchSize {
			if i*share/100 != (i+1)*share/100 {
				join(td, calls[next%len(calls)])
				next++
				continue
			}
			join(td, ordinary(uint64(len(c.batches)*batchSize+i)))
		}
		body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
		if err != nil {
			return nil, err
		}
		c.batches = append(c.batches, td)
		c.spans += td.SpanCount()
		c.bytes += len(body)
		for sp := range sim.Spans(td) {
			c.attributes += sp.Attributes().Len()
		}
	}
	return c, nil
}

// join puts the one span of a request into a batch, under the resource and the
// scope that it has, which an SDK sends once for all of its spans.
func join(td, one ptrace.Traces) {
	from := one.ResourceSpans().At(0)
	service := func(rs ptrace.ResourceSpans) string {
		v, _ := rs.Resource().Attributes().Get("service.name")
		return v.Str()
	}
	scope := from.ScopeSpans().At(0).Scope().Name()
	for _, rs := range td.ResourceSpans().All() {
		if service(rs) != service(from) {
			continue
		}
		for _, ss := range rs.ScopeSpans().All() {
			if ss.Scope().Name() == scope {
				from.ScopeSpans().At(0).Spans().At(0).CopyTo(ss.Spans().AppendEmpty())
				return
			}
		}
	}
	from.CopyTo(td.ResourceSpans().AppendEmpty())
}

// ordinary is a span of a database call with 20 attributes.
func ordinary(n uint64) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "orders")
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("db-instrumentation")
	sp := ss.Spans().AppendEmpty()
	var trace pcommon.TraceID
	var span pcommon.SpanID
	binary.BigEndian.PutUint64(trace[:], n*0x9e3779b97f4a7c15|1)
	binary.BigEndian.PutUint64(span[:], n+1)
	sp.SetTraceID(trace)
	sp.SetSpanID(span)
	sp.SetName("SELECT orders")
	sp.SetKind(ptrace.SpanKindClient)
	now := time.Now()
	sp.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-time.Second)))
	sp.SetEndTimestamp(pcommon.NewTimestampFromTime(now))
	for _, k := range []string{"db.system", "db.name", "db.statement", "db.operation", "db.user", "db.sql.table", "net.peer.name", "net.transport", "thread.name", "code.function", "code.namespace", "code.filepath", "server.address", "peer.service", "component", "span.layer"} {
		sp.Attributes().PutStr(k, "some value of ordinary length")
	}
	for _, k := range []string{"net.peer.port", "thread.id", "code.lineno", "db.rows"} {
		sp.Attributes().PutInt(k, int64(n%1000))
	}
	return td
}

// fresh is a copy of a batch under trace ids that were never used.
func (c *corpus) fresh(i int) ptrace.Traces {
	c.salt++
	td := ptrace.NewTraces()
	c.batches[i%len(c.batches)].CopyTo(td)
	for sp := range sim.Spans(td) {
		id := sp.TraceID()
		binary.BigEndian.PutUint64(id[8:], binary.BigEndian.Uint64(id[8:])^(c.salt*0x9e3779b97f4a7c15))
		sp.SetTraceID(id)
		if v, ok := sp.Attributes().Get("gen_ai.response.id"); ok {
			v.SetStr(fmt.Sprintf("%s-%d", v.Str(), c.salt))
		}
	}
	return td
}
