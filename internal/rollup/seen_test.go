package rollup

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
)

// The set against a map and a list: same answers, same size, never more than
// its cap, and what it forgot before its time is counted.
func TestSeenIsABoundedSetInOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 40).Draw(t, "max")
		horizon := int64(rapid.IntRange(1, 50).Draw(t, "horizon")) * 2
		s := newSeen(horizon, limit, rapid.Uint64().Draw(t, "seed"))
		type arrival struct {
			key key128
			at  int64
		}
		var model []arrival
		early := int64(0)
		now := int64(1000)
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			now += int64(rapid.IntRange(0, 3).Draw(t, "wait")) * 2
			k := key128{uint64(rapid.IntRange(0, 60).Draw(t, "key")), 7}
			for len(model) > 0 && now-model[0].at > horizon {
				model = model[1:]
			}
			known := false
			for _, a := range model {
				known = known || a.key == k
			}
			if !known {
				if len(model) == limit {
					model, early = model[1:], early+1
				}
				model = append(model, arrival{k, now})
			}
			_, isNew := s.add(k, now, false)
			require.Equal(t, !known, isNew)
			require.Equal(t, len(model), s.n)
			require.Equal(t, early, s.early)
		}
		for i, a := range model {
			require.Equal(t, seenEntry{a.key, a.at}, *s.at(i))
		}
		used := 0
		for _, b := range s.index {
			for _, v := range b.slots {
				if s.alive(v) {
					used++
				}
			}
		}
		require.Equal(t, s.n, used, "slots that lead nowhere")
	})
}

func TestSpansAreKnownForTheHorizonAndNoLonger(t *testing.T) {
	cfg := storyConfig()
	cfg.Dedupe = Dedupe{Horizon: 10 * time.Minute, MaxSpans: 3}
	l := newLedger(t, cfg, "one")
	deliver := func(at time.Duration, id byte) AddResult {
		rec := parseRecord(t, []string{"cost=1"})
		rec.Call.Span = llm.SpanID{id}
		return l.Add([]Record{rec}, t0.Add(at))
	}
	require.Equal(t, 1, deliver(0, 1).Accepted)
	require.Equal(t, 1, deliver(10*time.Minute, 1).Redelivered)
	require.Equal(t, 1, deliver(10*time.Minute+time.Second, 1).Accepted, "beyond the horizon a span is a new one")
	deliver(11*time.Minute, 2)
	deliver(11*time.Minute, 3)
	require.Zero(t, l.Cut(t0.Add(11*time.Minute)).Self.EarlyEvicted)
	deliver(11*time.Minute, 4)
	require.Equal(t, int64(1), l.Cut(t0.Add(11*time.Minute)).Self.EarlyEvicted)
	require.Equal(t, 1, deliver(11*time.Minute, 1).Accepted, "forgotten early, and counted as such")
}

// Ids that count up, as simulators make them, are as different as random ones.
func TestKeysOfCountingIdsDiffer(t *testing.T) {
	spans, bills := map[key128]bool{}, map[key128]bool{}
	for i := range 300 {
		for j := range 300 {
			trace, span := llm.TraceID{15: byte(i), 14: byte(i >> 8)}, llm.SpanID{7: byte(j), 6: byte(j >> 8)}
			spans[spanKey(trace, span)] = true
			bills[billKey("chatcmpl-"+string(rune('a'+i%26))+string(rune('a'+j%26)), llm.TraceID{byte(i), byte(i >> 8), byte(j), byte(j >> 8)})] = true
		}
	}
	require.Len(t, spans, 300*300)
	require.Len(t, bills, 300*300)
}

func TestLongResponseIDsAreOfTheWholeWorld(t *testing.T) {
	a, b := llm.TraceID{1}, llm.TraceID{2}
	require.Equal(t, billKey("chatcmpl-0123456789", a), billKey("chatcmpl-0123456789", b))
	require.NotEqual(t, billKey("chatcmpl-0123456789", a), billKey("chatcmpl-0123456780", a))
	require.NotEqual(t, billKey("chatcmpl-012", a), billKey("chatcmpl-012", b))
	again := a
	require.Equal(t, billKey("chatcmpl-012", a), billKey("chatcmpl-012", again))
}
