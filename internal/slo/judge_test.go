package slo_test

import (
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
)

// TestErrorPolicy is the default table: whose fault burns, by scope.
func TestErrorPolicy(t *testing.T) {
	p := slo.DefaultPolicy()
	for class, want := range map[llm.ErrorClass][slo.NumScopes]slo.Verdict{
		llm.ErrNone:           {slo.Good, slo.Good, slo.Good},
		llm.ErrRateLimited:    {slo.Bad, slo.Excluded, slo.Bad},
		llm.ErrOverloaded:     {slo.Bad, slo.Bad, slo.Bad},
		llm.ErrTimeout:        {slo.Bad, slo.Bad, slo.Bad},
		llm.ErrConnection:     {slo.Bad, slo.Bad, slo.Bad},
		llm.ErrServer:         {slo.Bad, slo.Bad, slo.Bad},
		llm.ErrQuotaExhausted: {slo.Bad, slo.Bad, slo.Bad},
		llm.ErrContextLength:  {slo.Excluded, slo.Excluded, slo.Excluded},
		llm.ErrContentFilter:  {slo.Excluded, slo.Excluded, slo.Excluded},
		llm.ErrAuth:           {slo.Bad, slo.Bad, slo.Bad},
		llm.ErrBadRequest:     {slo.Excluded, slo.Excluded, slo.Excluded},
		llm.ErrModelNotFound:  {slo.Bad, slo.Bad, slo.Bad},
		llm.ErrPolicyBlocked:  {slo.Excluded, slo.Excluded, slo.Excluded},
		llm.ErrCancelled:      {slo.Excluded, slo.Excluded, slo.Excluded},
		llm.ErrUnknown:        {slo.Bad, slo.Bad, slo.Bad},
		llm.NumErrorClasses:   {slo.Bad, slo.Bad, slo.Bad},
	} {
		for scope := range slo.NumScopes {
			if got := p.Verdict(scope, class); got != want[scope] {
				t.Errorf("%s in scope %s: %s, want %s", class, scope, got, want[scope])
			}
		}
	}
}

func TestPolicyOverrides(t *testing.T) {
	p := slo.DefaultPolicy()
	if !p.Set(slo.ScopeCall, llm.ErrContentFilter, slo.Bad) || p.Verdict(slo.ScopeCall, llm.ErrContentFilter) != slo.Bad {
		t.Error("the override does not hold")
	}
	if p.Verdict(slo.ScopeAttempt, llm.ErrContentFilter) != slo.Excluded {
		t.Error("the override reached another scope")
	}
	if p.Set(slo.ScopeCall, llm.ErrNone, slo.Bad) || p.Set(slo.ScopeCall, llm.ErrAuth, slo.Skip) || p.Set(slo.NumScopes, llm.ErrAuth, slo.Bad) || p.Set(slo.ScopeCall, llm.NumErrorClasses, slo.Bad) {
		t.Error("an override that means nothing was taken")
	}
	s := slo.Spec{Policy: &p}
	if s.Judge(&slo.Event{Class: llm.ErrContentFilter}) != slo.Bad {
		t.Error("a spec does not use its own policy")
	}
	batch := slo.DefaultPolicy()
	batch.Set(slo.ScopeCall, llm.ErrTimeout, slo.Excluded)
	s.Routes = map[string]*slo.Policy{"batch": &batch}
	for _, c := range []struct {
		route string
		class llm.ErrorClass
		want  slo.Verdict
	}{
		{"batch", llm.ErrTimeout, slo.Excluded},
		{"batch", llm.ErrContentFilter, slo.Excluded},
		{"batch", llm.ErrNone, slo.Good},
		{"chat", llm.ErrTimeout, slo.Bad},
		{"chat", llm.ErrContentFilter, slo.Bad},
	} {
		if got := s.Judge(&slo.Event{Route: c.route, Class: c.class}); got != c.want {
			t.Errorf("%s on %s is %s, want %s", c.class, c.route, got, c.want)
		}
	}
}

func TestJudge(t *testing.T) {
	cent := money.FromPico(money.Scale / 100)
	answers := slo.Spec{}
	fast := slo.Spec{Kind: slo.Duration, Limits: slo.Limits{Duration: 8 * time.Second}}
	first := slo.Spec{Kind: slo.TimeToFirstChunk, Limits: slo.Limits{TimeToFirstChunk: time.Second}}
	firstOfAttempt := first
	firstOfAttempt.Scope = slo.ScopeAttempt
	pace := slo.Spec{Kind: slo.TimePerOutputToken, Limits: slo.Limits{TimePerOutputToken: 50 * time.Millisecond}}
	cheap := slo.Spec{Kind: slo.CostPerCall, Limits: slo.Limits{Cost: cent}}
	goodput := slo.Spec{Kind: slo.Composite, Limits: slo.Limits{TimeToFirstChunk: time.Second, TimePerOutputToken: 50 * time.Millisecond}}
	thrifty := slo.Spec{Kind: slo.Composite, Limits: slo.Limits{Duration: 8 * time.Second, Cost: cent}}
	stream := func(ttft, whole time.Duration, tokens int64) slo.Event {
		return slo.Event{Streaming: true, TimeToFirstChunk: ttft, Duration: whole, OutputTokens: tokens}
	}
	failed := func(c llm.ErrorClass, d time.Duration) slo.Event {
		return slo.Event{Class: c, Duration: d, Streaming: true}
	}
	for _, c := range []struct {
		name string
		spec slo.Spec
		e    slo.Event
		want slo.Verdict
	}{
		{"an answer", answers, slo.Event{}, slo.Good},
		{"a server error", answers, failed(llm.ErrServer, 1), slo.Bad},
		{"a bad request", answers, failed(llm.ErrBadRequest, 1), slo.Excluded},
		{"a failure that was probably recovered", answers, slo.Event{Class: llm.ErrServer, Probable: true}, slo.Excluded},

		{"exactly in time", fast, slo.Event{Duration: 8 * time.Second}, slo.Good},
		{"a nanosecond late", fast, slo.Event{Duration: 8*time.Second + 1}, slo.Bad},
		{"a quick failure says nothing on speed", fast, failed(llm.ErrServer, time.Second), slo.Excluded},
		{"a timeout after the time was up", fast, failed(llm.ErrTimeout, time.Minute), slo.Bad},
		{"a slow bad request is still the client's", fast, failed(llm.ErrBadRequest, time.Minute), slo.Excluded},
		{"given up in time", fast, failed(llm.ErrCancelled, time.Second), slo.Excluded},
		{"given up because it took too long", fast, failed(llm.ErrCancelled, time.Minute), slo.Bad},
		{"slow and probably recovered", fast, slo.Event{Class: llm.ErrTimeout, Duration: time.Minute, Probable: true}, slo.Excluded},

		{"a first chunk in time", first, stream(time.Second, time.Minute, 9), slo.Good},
		{"a late first chunk", first, stream(2*time.Second, time.Minute, 9), slo.Bad},
		{"no streaming, no question", first, slo.Event{Duration: time.Minute}, slo.Skip},
		{"a stream without a measured chunk", first, stream(0, time.Minute, 9), slo.Excluded},
		{"given up before any chunk, too late", first, failed(llm.ErrCancelled, 2*time.Second), slo.Bad},
		{"the same as an attempt", firstOfAttempt, failed(llm.ErrCancelled, 2*time.Second), slo.Excluded},

		{"50 ms a token", pace, stream(time.Second, 6*time.Second, 101), slo.Good},
		{"51 ms a token", pace, stream(time.Second, 6100*time.Millisecond, 101), slo.Bad},
		{"a single token has no pace", pace, stream(time.Second, 6*time.Second, 1), slo.Skip},
		{"an unknown number of tokens", pace, stream(time.Second, 6*time.Second, -1), slo.Excluded},
		{"a first chunk after the end", pace, stream(7*time.Second, 6*time.Second, 101), slo.Excluded},

		{"a cent", cheap, slo.Event{Cost: cent, Priced: true}, slo.Good},
		{"a pico-unit more", cheap, slo.Event{Cost: cent.Add(money.FromPico(1)), Priced: true}, slo.Bad},
		{"an unknown price is not a low one", cheap, slo.Event{}, slo.Excluded},

		{"goodput", goodput, stream(time.Second, 6*time.Second, 101), slo.Good},
		{"one limit broken is enough", goodput, stream(time.Second, time.Minute, 101), slo.Bad},
		{"broken outweighs unknown", goodput, stream(2*time.Second, time.Minute, -1), slo.Bad},
		{"unknown outweighs kept", goodput, stream(time.Second, time.Minute, -1), slo.Excluded},
		{"an answer to which no limit applies", goodput, slo.Event{}, slo.Good},
		{"a failure is no goodput", goodput, failed(llm.ErrServer, 1), slo.Bad},
		{"a refusal of ours is none of its business", goodput, failed(llm.ErrPolicyBlocked, time.Minute), slo.Excluded},
		{"quick and cheap", thrifty, slo.Event{Duration: time.Second, Cost: cent, Priced: true}, slo.Good},
		{"quick at an unknown price", thrifty, slo.Event{Duration: time.Second}, slo.Excluded},
	} {
		if got := c.spec.Judge(&c.e); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestJudgeDoesNotAllocate(t *testing.T) {
	s := slo.Spec{Kind: slo.Composite, Limits: slo.Limits{Duration: time.Second, TimeToFirstChunk: time.Second, Cost: money.FromPico(1)}}
	e := slo.Event{Streaming: true, Duration: time.Minute, OutputTokens: 5}
	if n := testing.AllocsPerRun(100, func() { s.Judge(&e) }); n != 0 {
		t.Errorf("%v allocations a judgement", n)
	}
}
