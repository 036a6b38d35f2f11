package genaienricherprocessor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/spanledger/spanledger/internal/sim"
)

// backend is what comes next: it keeps the spans that it accepted, and refuses
// while refuse says so.
type backend struct {
	mu      sync.Mutex
	reads   bool // and leaves what it gets as it is
	refuse  func(ptrace.Traces) error
	spans   []ptrace.Span
	offered int
}

func (b *backend) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: !b.reads}
}

func (b *backend) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.offered++
	if b.refuse != nil {
		if err := b.refuse(td); err != nil {
			for sp := range sim.Spans(td) {
				if !b.reads { // it may have worked on them before it failed
					sp.SetName("spoilt")
				}
			}
			return err
		}
	}
	for sp := range sim.Spans(td) {
		b.spans = append(b.spans, sp)
	}
	return nil
}

// refusing changes what it refuses; nil accepts everything.
func (b *backend) refusing(f func(ptrace.Traces) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = f
}

func (b *backend) taken() []ptrace.Span {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.spans)
}

func (b *backend) asked() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.offered
}

func (b *backend) names() (out []string) {
	for _, sp := range b.taken() {
		out = append(out, sp.Name())
	}
	return out
}

// waiting starts a processor as the collector does; change may be nil.
func waiting(t *testing.T, next consumer.Traces, change func(*AttemptsConfig)) processor.Traces {
	t.Helper()
	f := NewFactory()
	cfg := f.CreateDefaultConfig().(*Config)
	cfg.Attempts.Wait = 10 * time.Second
	if change != nil {
		change(&cfg.Attempts)
	}
	set := processortest.NewNopSettings(f.Type())
	set.ID = component.NewID(f.Type())
	p, err := f.CreateTraces(t.Context(), set, cfg, next)
	require.NoError(t, err)
	require.NoError(t, p.Start(t.Context(), componenttest.NewNopHost()))
	return p
}

// failing is a request with one failed call below a span that is not there; a
// name that begins with "db" makes a span that is no call.
func failing(names ...string) ptrace.Traces {
	td := ptrace.NewTraces()
	ss := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
	for _, name := range names {
		sp := ss.Spans().AppendEmpty()
		sp.SetName(name)
		sp.SetTraceID(pcommon.TraceID([]byte(fmt.Sprintf("%-16.16s", name))))
		sp.SetSpanID(pcommon.SpanID([]byte(fmt.Sprintf("%-8.8s", name))))
		sp.SetParentSpanID(pcommon.SpanID{9})
		sp.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now()))
		sp.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(time.Millisecond)))
		if !strings.HasPrefix(name, "db") {
			sp.Attributes().PutStr("gen_ai.operation.name", "chat")
			sp.Attributes().PutStr("gen_ai.request.model", "gpt-4o")
			sp.Attributes().PutStr("error.type", "rate_limit_exceeded")
			sp.Status().SetCode(ptrace.StatusCodeError)
		}
	}
	return td
}

var errBusy = errors.New("busy")

// Every story is told twice: before a component that works on what it gets, and
// before one that only reads.
func TestHeld(t *testing.T) {
	t.Run("works on spans", func(t *testing.T) { testHeld(t, false) })
	t.Run("reads spans", func(t *testing.T) { testHeld(t, true) })
}

func testHeld(t *testing.T, reads bool) {
	t.Helper()
	for name, story := range map[string]func(*testing.T){
		"other spans pass at once, a failure after the wait": func(t *testing.T) {
			next := &backend{reads: reads}
			p := waiting(t, next, nil)
			require.NoError(t, p.ConsumeTraces(t.Context(), failing("call", "db")))
			require.Equal(t, []string{"db"}, next.names())
			time.Sleep(9900 * time.Millisecond)
			require.Len(t, next.taken(), 1)
			time.Sleep(releaseEvery + 100*time.Millisecond)
			require.Equal(t, []string{"db", "call"}, next.names())
			require.NoError(t, p.Shutdown(t.Context()))
			require.Len(t, next.taken(), 2)
		},
		"over the number, the oldest go first": func(t *testing.T) {
			next := &backend{reads: reads}
			p := waiting(t, next, func(c *AttemptsConfig) { c.MaxHeld = 2 })
			for _, n := range []string{"a", "b", "c", "d"} {
				require.NoError(t, p.ConsumeTraces(t.Context(), failing(n)))
			}
			require.Equal(t, []string{"a", "b"}, next.names())
			require.NoError(t, p.Shutdown(t.Context()))
			require.Equal(t, []string{"a", "b", "c", "d"}, next.names())
		},
		"over the bytes, the oldest go first": func(t *testing.T) {
			next := &backend{reads: reads}
			p := waiting(t, next, func(c *AttemptsConfig) { c.MaxHeldBytes = 3000 })
			for _, n := range []string{"a", "b", "c"} {
				td := failing(n)
				for sp := range sim.Spans(td) {
					sp.Attributes().PutStr("gen_ai.input.messages", strings.Repeat("x", 1000))
				}
				require.NoError(t, p.ConsumeTraces(t.Context(), td))
			}
			require.Equal(t, []string{"a"}, next.names())
			require.NoError(t, p.Shutdown(t.Context()))
			require.Equal(t, []string{"a", "b", "c"}, next.names())
		},
		"a shutdown lets go in order of arrival": func(t *testing.T) {
			next := &backend{reads: reads}
			p := waiting(t, next, nil)
			var want []string
			for i := range 50 {
				n := fmt.Sprint("call", i*7919%50)
				want = append(want, n)
				require.NoError(t, p.ConsumeTraces(t.Context(), failing(n)))
			}
			require.NoError(t, p.Shutdown(t.Context()))
			require.Equal(t, want, next.names())
		},
		"refused spans are offered again, whole and in order": func(t *testing.T) {
			next := &backend{reads: reads}
			p := waiting(t, next, nil)
			require.NoError(t, p.ConsumeTraces(t.Context(), failing("a", "b")))
			time.Sleep(time.Second)
			require.NoError(t, p.ConsumeTraces(t.Context(), failing("c")))
			next.refusing(func(ptrace.Traces) error { return errBusy })
			time.Sleep(15 * time.Second)
			require.Empty(t, next.taken())
			require.Greater(t, next.asked(), 10)
			next.refusing(nil)
			time.Sleep(releaseEvery + 50*time.Millisecond)
			synctest.Wait()
			require.Equal(t, []string{"a", "b", "c"}, next.names())
			require.NoError(t, p.Shutdown(t.Context()))
			require.Len(t, next.taken(), 3)
		},
		"another request's refusal loses nothing": func(t *testing.T) {
			next := &backend{reads: reads, refuse: func(td ptrace.Traces) error {
				for sp := range sim.Spans(td) {
					if sp.Name() == "db" {
						return errBusy
					}
				}
				return nil
			}}
			p := waiting(t, next, nil)
			require.NoError(t, p.ConsumeTraces(t.Context(), failing("call")))
			time.Sleep(10*time.Second - releaseEvery/2) // the next batch comes just before the loop does
			time.Sleep(releaseEvery/2 - time.Nanosecond)
			require.Empty(t, next.taken())
			time.Sleep(time.Nanosecond)
			require.ErrorIs(t, p.ConsumeTraces(t.Context(), failing("db")), errBusy, "whoever sent it is told")
			require.NoError(t, p.Shutdown(t.Context()))
			require.Equal(t, []string{"call"}, next.names())
		},
		"while too much is refused nothing more is taken in": func(t *testing.T) {
			next := &backend{reads: reads, refuse: func(ptrace.Traces) error { return errBusy }}
			p := waiting(t, next, func(c *AttemptsConfig) { c.MaxHeld = 3 })
			accepted := 0
			for i := range 100 {
				if err := p.ConsumeTraces(t.Context(), failing(fmt.Sprint("call", i))); err == nil {
					accepted++
				} else {
					require.False(t, consumererror.IsPermanent(err), "it can be sent again")
				}
			}
			require.Less(t, accepted, 10)
			next.refusing(nil)
			require.NoError(t, p.Shutdown(t.Context()))
			require.Len(t, next.taken(), accepted, "what was accepted comes out")
		},
		"what is refused for good does not stop the rest": func(t *testing.T) {
			next := &backend{reads: reads, refuse: func(ptrace.Traces) error { return consumererror.NewPermanent(errBusy) }}
			p := waiting(t, next, nil)
			require.NoError(t, p.ConsumeTraces(t.Context(), failing("a")))
			time.Sleep(11 * time.Second)
			require.Equal(t, 1, next.asked())
			next.refusing(nil)
			require.NoError(t, p.ConsumeTraces(t.Context(), failing("b")))
			require.NoError(t, p.Shutdown(t.Context()))
			require.Equal(t, []string{"b"}, next.names())
		},
		"a shutdown waits for a next component that is slow to accept": func(t *testing.T) {
			until := time.Now().Add(4 * time.Second)
			next := &backend{reads: reads, refuse: func(ptrace.Traces) error {
				if time.Now().Before(until) {
					return errBusy
				}
				return nil
			}}
			p := waiting(t, next, nil)
			require.NoError(t, p.ConsumeTraces(t.Context(), failing("a", "b")))
			require.NoError(t, p.Shutdown(t.Context()))
			require.Equal(t, []string{"a", "b"}, next.names())
		},
		"a shutdown says what it lost": func(t *testing.T) {
			next := &backend{reads: reads, refuse: func(ptrace.Traces) error { return errBusy }}
			p := waiting(t, next, nil)
			require.NoError(t, p.ConsumeTraces(t.Context(), failing("a", "b")))
			require.ErrorContains(t, p.Shutdown(t.Context()), "2 held spans are lost")
		},
		"a span that comes again while it is held comes out twice, stamped alike": func(t *testing.T) {
			next := &backend{reads: reads}
			p := waiting(t, next, nil)
			for range 2 {
				require.NoError(t, p.ConsumeTraces(t.Context(), failing("a")))
			}
			require.NoError(t, p.Shutdown(t.Context()))
			require.Equal(t, []string{"a", "a"}, next.names())
			require.Equal(t, next.taken()[0].Attributes().AsRaw(), next.taken()[1].Attributes().AsRaw())
		},
		"a reload of the configuration loses nothing": func(t *testing.T) {
			next := &backend{reads: reads}
			var want []string
			for round := range 3 {
				p := waiting(t, next, nil)
				n := fmt.Sprint("call", round)
				want = append(want, n)
				require.NoError(t, p.ConsumeTraces(t.Context(), failing(n)))
				time.Sleep(time.Second)
				require.NoError(t, p.Shutdown(t.Context()))
			}
			require.Equal(t, want, next.names())
		},
		"what comes after the end is not kept": func(t *testing.T) {
			next := &backend{reads: reads}
			p := waiting(t, next, nil)
			require.NoError(t, p.Shutdown(t.Context()))
			require.NoError(t, p.ConsumeTraces(t.Context(), failing("late")))
			require.Equal(t, []string{"late"}, next.names())
		},
		"a fleet comes out whole whatever is refused": func(t *testing.T) {
			n := 0
			next := &backend{reads: reads, refuse: func(ptrace.Traces) error {
				if n++; n%3 != 0 {
					return errBusy
				}
				return nil
			}}
			p := waiting(t, next, func(c *AttemptsConfig) { c.MaxHeld = 40 })
			fleet := sim.New(sim.Config{Seed: 5, Scenario: "outage"})
			sent := map[pcommon.SpanID]bool{}
			for range 200 {
				td := fleet.Next(time.Now())
				for sp := range sim.Spans(td) {
					sent[sp.SpanID()] = true
				}
				offers := 0
				for offered := false; !offered; time.Sleep(50 * time.Millisecond) {
					offers++
					require.Less(t, offers, 100, "never taken in")
					again := ptrace.NewTraces()
					td.CopyTo(again)
					offered = p.ConsumeTraces(t.Context(), again) == nil
				}
			}
			require.NoError(t, p.Shutdown(t.Context()))
			for _, sp := range next.taken() {
				require.NotEqual(t, "spoilt", sp.Name())
				delete(sent, sp.SpanID())
			}
			require.Empty(t, sent)
			require.False(t, slices.Contains(next.names(), ""))
		},
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, story) })
	}
}
