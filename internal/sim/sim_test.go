package sim

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

var end = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func produce(cfg Config, n int) ([]byte, *Truth) {
	s := New(cfg)
	var m ptrace.ProtoMarshaler
	var all []byte
	for range n {
		b, err := m.MarshalTraces(s.Next(end))
		if err != nil {
			panic(err)
		}
		all = append(all, b...)
	}
	return all, s.Truth()
}

func TestTheSameSeedSendsTheSameSpans(t *testing.T) {
	a, ta := produce(Config{Seed: 7}, 300)
	b, tb := produce(Config{Seed: 7}, 300)
	require.Equal(t, a, b)
	require.Equal(t, ta.Total().Cost(), tb.Total().Cost())
	c, _ := produce(Config{Seed: 8}, 300)
	require.NotEqual(t, a, c)
}

// Every way in which a call can end occurs, so that a test on the simulator
// meets them all.
func TestAFleetHasEverything(t *testing.T) {
	s := New(Config{Seed: 1})
	for range 3000 {
		s.Next(end)
	}
	total := s.Truth().Total()
	for _, outcome := range []string{"success", "recovered_retry", "recovered_fallback", "failed"} {
		require.Positive(t, total.Calls[outcome], outcome)
	}
	require.Positive(t, total.Unpriced)
	require.Greater(t, total.Attempts, total.CallsTotal())
	require.Greater(t, total.Spans, total.Attempts)
	require.Len(t, s.Truth().Routes(), len(routes))
	require.NotEqual(t, "0", total.Wasted())
	raced := s.Truth().Route("autocomplete")
	require.Greater(t, raced.Attempts, raced.CallsTotal(), "hedges")
	require.NotEqual(t, total.Cost(), total.Naive())
}

// The truth about tries adds up with the counts, and names spans that were
// sent.
func TestEveryTryIsTold(t *testing.T) {
	s := New(Config{Seed: 3})
	var calls, tries int64
	for range 500 {
		sent := map[pcommon.SpanID]bool{}
		for sp := range Spans(s.Next(end)) {
			sent[sp.SpanID()] = true
		}
		for _, c := range s.Last() {
			calls++
			tries += int64(len(c.Tries))
			for _, try := range c.Tries {
				require.NotEmpty(t, try)
				for _, id := range try {
					require.True(t, sent[id])
					delete(sent, id) // no span describes two tries
				}
			}
		}
	}
	total := s.Truth().Total()
	require.Equal(t, total.CallsTotal(), calls)
	require.Equal(t, total.Attempts, tries)
}

func TestAnOutageIsCoveredByFallbacks(t *testing.T) {
	s := New(Config{Seed: 1, Scenario: "outage"})
	for range 3000 {
		s.Next(end)
	}
	checkout := s.Truth().Route("checkout")
	require.Greater(t, checkout.Calls["recovered_fallback"]*4, checkout.CallsTotal(), "a good part falls back")
	require.Less(t, checkout.Calls["failed"]*20, checkout.CallsTotal(), "few calls fail")
}

func TestTruthAddsUp(t *testing.T) {
	_, a := produce(Config{Seed: 1}, 200)
	_, b := produce(Config{Seed: 2}, 200)
	sum := NewTruth()
	sum.Add(a)
	sum.Add(b)
	require.Equal(t, a.Total().CallsTotal()+b.Total().CallsTotal(), sum.Total().CallsTotal())
	data, err := json.Marshal(sum)
	require.NoError(t, err)
	require.Contains(t, string(data), `"cost_usd"`)
}

func TestCostIsExact(t *testing.T) {
	for _, c := range []struct {
		model string
		u     usage
		want  string
	}{
		{"gpt-4o", usage{input: 1000, cacheRead: 400, output: 100}, "0.003"},
		{"claude-sonnet", usage{input: 1000, cacheRead: 500, cacheWrite: 300, output: 100}, "0.003375"},
		{"gemini-2.5-pro", usage{input: 200_000, output: 10}, "0.2501"},
		{"gemini-2.5-pro", usage{input: 200_001, output: 10}, "0.5001525"},
	} {
		require.Equal(t, c.want, decimal(models[c.model].cost(c.u)), c.model)
	}
	require.Nil(t, models["house"].cost(usage{input: 1}))
}
