package genaienricherprocessor

import (
	"flag"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/scenario"
)

// One call that is described at several layers costs what it cost, once: with
// wait in any order of arrival, any split into batches and delays up to
// the time that decisions settle; and forward, where nothing is held, wherever the descriptions
// carry the same usage.
func TestLayersOfOneCallAreBilledOnce(t *testing.T) {
	// Every check starts a processor; ask for more with -rapid.checks.
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		require.NoError(t, f.Value.Set("25"))
		t.Cleanup(func() { require.NoError(t, f.Value.Set(f.DefValue)) })
	}
	for _, s := range scenario.Stories(t, "testdata/pairs") {
		spans, err := scenario.ParseSpans(s.Section("spans"))
		require.NoError(t, err)
		cost, err := money.Parse(strings.TrimSpace(string(s.Section("cost"))))
		require.NoError(t, err)
		equal := strings.TrimSpace(string(s.Section("equal"))) == "yes"
		t.Run(s.Name, func(t *testing.T) {
			t.Run("wait", func(t *testing.T) { billedOnce(t, "10s", spans, cost) })
			if equal {
				t.Run("forward", func(t *testing.T) { billedOnce(t, "0s", spans, cost) })
			}
		})
	}
}

// apart is how long after the first span of a trace the last one may come for
// their layers to be weighed together: decisions settle for two seconds.
const apart = 1900 * time.Millisecond

func indices(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

// delivery is one batch and how long it is until the next one comes.
type delivery struct {
	spans []scenario.Span
	pause time.Duration
}

// billedOnce delivers the spans in any order, batches and pace.
func billedOnce(t *testing.T, wait string, spans []scenario.Span, want money.Amount) {
	t.Helper()
	cfg, err := configOf([]byte("attempts: {wait: " + wait + "}"))
	require.NoError(t, err)
	rapid.Check(t, func(rt *rapid.T) {
		var plan []delivery
		order := make([]scenario.Span, len(spans))
		for to, from := range rapid.Permutation(indices(len(spans))).Draw(rt, "order") {
			order[to] = spans[from]
		}
		left := apart
		for len(order) > 0 {
			n := rapid.IntRange(1, len(order)).Draw(rt, "batch")
			pause := time.Duration(rapid.Int64Range(0, int64(left/time.Millisecond)).Draw(rt, "pause")) * time.Millisecond
			plan = append(plan, delivery{order[:n], pause})
			order, left = order[n:], left-pause
		}
		var out []ptrace.Traces
		// The bubble's clock stands still but for the pauses.
		synctest.Test(t, func(t *testing.T) { out = deliver(t, cfg, plan) })
		got, n := billed(rt, out)
		require.Equal(rt, len(spans), n, "every span comes out")
		if want != got {
			rt.Fatalf("billed %s, it cost %s:\n%s", got, want, printed(out))
		}
	})
}

func deliver(t *testing.T, cfg *Config, plan []delivery) []ptrace.Traces {
	t.Helper()
	time.Sleep(time.Until(scenario.Epoch)) // bubbles begin in the year 2000
	f := NewFactory()
	set := processortest.NewNopSettings(f.Type())
	set.ID = component.NewID(f.Type())
	sink := new(consumertest.TracesSink)
	p, err := f.CreateTraces(t.Context(), set, cfg, sink)
	require.NoError(t, err)
	require.NoError(t, p.Start(t.Context(), componenttest.NewNopHost()))
	for _, d := range plan {
		require.NoError(t, p.ConsumeTraces(t.Context(), scenario.Traces(d.spans, scenario.Epoch)))
		time.Sleep(d.pause)
	}
	require.NoError(t, p.Shutdown(t.Context()))
	return sink.AllTraces()
}

// billed adds up what carries a cost.
func billed(rt *rapid.T, all []ptrace.Traces) (total money.Amount, spans int) {
	for _, td := range all {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					spans++
					if v, ok := span.Attributes().Get("spanledger.cost.total"); ok {
						a, ok := money.FromFloat64(v.Double())
						require.True(rt, ok)
						total = total.Add(a)
					}
				}
			}
		}
	}
	return total, spans
}

// printed is who was billed, in order of release.
func printed(all []ptrace.Traces) string {
	var b strings.Builder
	for _, td := range all {
		b.WriteString("batch\n")
		b.WriteString(scenario.PrintStamps(td, "spanledger.cost."))
	}
	return b.String()
}
