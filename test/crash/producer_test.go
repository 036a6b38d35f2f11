package crash

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/spanledger/spanledger/internal/sim"
)

// producer is one simulated client fleet with an exporter that repeats a
// request, byte for byte, until it is acknowledged, and now and then once
// more, as one does whose acknowledgement got lost.
type producer struct {
	fleet *sim.Sim
	rng   *rand.Rand
	// split is the share, in percent, of requests whose spans come in two batches.
	split int
	rest  ptrace.Traces // the second parts, for the next batch
	again [][]byte
	tally
}

// tally says what the load was like.
type tally struct{ batches, split, refused, repeated int }

const (
	requestsPerBatch = 10
	pause            = 40 * time.Millisecond
	patience         = 60 * time.Second
)

func newProducer(seed uint64, split int) *producer {
	return &producer{
		fleet: sim.New(sim.Config{Seed: seed}), rng: rand.New(rand.NewPCG(seed, 7)), split: split, rest: ptrace.NewTraces(),
	}
}

// run sends until done is set, and then what is left of it.
func (p *producer) run(t *testing.T, c *collector, done *atomic.Bool) {
	for last := false; !last; time.Sleep(pause) {
		last = done.Load()
		batch := p.rest
		p.rest = ptrace.NewTraces()
		for range requestsPerBatch {
			td := p.fleet.Next(time.Now())
			if !last && p.rng.IntN(100) < p.split && !together[service(td)] {
				p.tally.split++
				cut(td, p.rng).ResourceSpans().MoveAndAppendTo(p.rest.ResourceSpans())
			}
			td.ResourceSpans().MoveAndAppendTo(batch.ResourceSpans())
		}
		body, err := ptraceotlp.NewExportRequestFromTraces(batch).MarshalProto()
		if err == nil {
			err = p.deliver(c, body)
		}
		if err == nil && len(p.again) > 0 && (last || p.rng.IntN(4) == 0) {
			err = p.deliver(c, p.again[0])
			p.again = p.again[1:]
			p.repeated++
		}
		if err != nil {
			t.Errorf("a batch was not acknowledged within %v: %v", patience, err)
			return
		}
		if p.rng.IntN(20) == 0 {
			p.again = append(p.again, body)
		}
		p.batches++
	}
}

func (p *producer) deliver(c *collector, body []byte) (err error) {
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(pause) {
		if err = c.post(body); err == nil {
			return nil
		}
		p.refused++
	}
	return err
}

// together are the services whose requests are not cut: an enricher that does
// not wait judges a race once its answer is there, and a framework's failure
// by what it has seen of the SDK's, so that their calls depend on the cut even
// without a restart. They are killed between batches like all others.
var together = map[string]bool{"autocomplete": true, "checkout": true}

func service(td ptrace.Traces) string {
	name, _ := td.ResourceSpans().At(0).Resource().Attributes().Get("service.name")
	return name.Str()
}

// cut takes a request apart at a random moment, as an exporter's timer does:
// td keeps the spans that had ended by then, the others are returned. What is
// around one try, below the request or an agent, stays whole: an enricher that
// does not wait cannot tell what a span is whose parent has not come, with or
// without a restart.
func cut(td ptrace.Traces, rng *rand.Rand) ptrace.Traces {
	byID, ends := map[pcommon.SpanID]ptrace.Span{}, []pcommon.Timestamp{}
	for sp := range sim.Spans(td) {
		byID[sp.SpanID()] = sp
		ends = append(ends, sp.EndTimestamp())
	}
	slices.Sort(ends)
	at := ends[rng.IntN(len(ends))]
	early := map[pcommon.SpanID]bool{}
	for id, sp := range byID {
		end := sp.EndTimestamp()
		for up, ok := byID[sp.ParentSpanID()]; ok && aroundTry(up); up, ok = byID[up.ParentSpanID()] {
			end = max(end, up.EndTimestamp())
		}
		early[id] = end <= at
	}
	late := ptrace.NewTraces()
	td.CopyTo(late)
	keep(td, func(sp ptrace.Span) bool { return early[sp.SpanID()] })
	keep(late, func(sp ptrace.Span) bool { return !early[sp.SpanID()] })
	return late
}

// aroundTry is false for what holds several calls: the request and the agent.
func aroundTry(sp ptrace.Span) bool {
	op, ok := sp.Attributes().Get("gen_ai.operation.name")
	return !sp.ParentSpanID().IsEmpty() && !(ok && op.Str() == "invoke_agent")
}

func keep(td ptrace.Traces, wanted func(ptrace.Span) bool) {
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			ss.Spans().RemoveIf(func(sp ptrace.Span) bool { return !wanted(sp) })
			return ss.Spans().Len() == 0
		})
		return rs.ScopeSpans().Len() == 0
	})
}

// The load is what this test stands on: a request that was cut loses no span
// and keeps their order in time.
func TestCutKeepsEverySpan(t *testing.T) {
	fleet, rng := sim.New(sim.Config{Seed: 1}), rand.New(rand.NewPCG(1, 1))
	apart := 0
	for range 200 {
		td := fleet.Next(time.Now())
		n := td.SpanCount()
		late := cut(td, rng)
		require.Equal(t, n, td.SpanCount()+late.SpanCount())
		if late.SpanCount() > 0 {
			apart++
		}
	}
	require.Greater(t, apart, 50)
}
