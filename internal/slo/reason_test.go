package slo_test

import (
	"slices"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
)

// TestReasonsAreForetold: whatever is judged, a bad or excluded event has a
// reason that the objective listed beforehand, and a good one has none. So the
// series that stand at zero from the start are all that there will be.
func TestReasonsAreForetold(t *testing.T) {
	cent := money.FromPico(money.Scale / 100)
	strict := slo.DefaultPolicy()
	strict.Set(slo.ScopeCall, llm.ErrContentFilter, slo.Bad)
	strict.Set(slo.ScopeCall, llm.ErrAuth, slo.Good)
	lenient := slo.DefaultPolicy()
	lenient.Set(slo.ScopeCall, llm.ErrTimeout, slo.Excluded)
	ruled := []slo.Verdict{slo.Good, slo.Bad, slo.Excluded}
	seen, n := map[slo.Reason]bool{}, 0
	for _, limits := range []slo.Limits{
		{Duration: time.Second},
		{TimeToFirstChunk: time.Second},
		{TimePerOutputToken: 50 * time.Millisecond},
		{Cost: cent},
		{Duration: time.Second, TimeToFirstChunk: time.Second, TimePerOutputToken: 50 * time.Millisecond, Cost: cent},
	} {
		for kind := range slo.NumKinds {
			for scope := range slo.NumScopes {
				for _, policy := range []*slo.Policy{nil, &strict} {
					s := slo.Spec{Kind: kind, Scope: scope, Limits: limits, Policy: policy}
					if kind == slo.Availability {
						s.Limits = slo.Limits{}
					}
					if policy != nil {
						s.Routes, s.Ruled = map[string]*slo.Policy{"batch": &lenient}, ruled
					}
					bad, excluded := s.Reasons()
					for e := range events(cent) {
						if e.Probable && scope != slo.ScopeCall {
							continue // only calls are told to have probably recovered
						}
						n++
						if policy != nil { // every kind of event meets every rule and both routes
							e.Route = []string{"batch", "chat"}[n%2]
							e.Ruled = []slo.Verdict{slo.Skip, slo.Good, slo.Bad, slo.Excluded, slo.Skip}[n%5]
						}
						v, why := s.JudgeWhy(&e)
						seen[why] = true
						switch {
						case v == slo.Bad && !slices.Contains(bad, why), v == slo.Excluded && !slices.Contains(excluded, why):
							t.Fatalf("%s %s %+v: %+v is %s for %q, foretold were bad %v and excluded %v", kind, scope, s.Limits, e, v, why, bad, excluded)
						case (v == slo.Good || v == slo.Skip) && why != slo.ReasonNone:
							t.Fatalf("%+v is %s, and yet for %q", e, v, why)
						case v != s.Judge(&e):
							t.Fatalf("%+v: two verdicts", e)
						}
					}
				}
			}
		}
	}
	words := map[string]bool{}
	for why := range slo.NumReasons {
		if !seen[why] {
			t.Errorf("%q was given to no event: the test proves less than it says", why)
		}
		if words[why.String()] {
			t.Errorf("%q stands for two reasons", why)
		}
		words[why.String()] = true
	}
}

// events are all combinations of what an SLO looks at.
func events(cent money.Amount) func(func(slo.Event) bool) {
	return func(yield func(slo.Event) bool) {
		for class := range llm.NumErrorClasses {
			for bits := range 1 << 5 {
				for _, took := range []time.Duration{time.Millisecond, time.Second, time.Minute} {
					for _, first := range []time.Duration{0, time.Millisecond, 2 * time.Second} {
						e := slo.Event{
							Class: class, Probable: class != llm.ErrNone && bits&1 != 0, Streaming: bits&2 != 0, Priced: bits&4 != 0,
							Duration: took, TimeToFirstChunk: first, OutputTokens: 10,
						}
						if bits&8 != 0 {
							e.Cost = cent.Add(cent)
						}
						if bits&16 != 0 {
							e.OutputTokens = -1
						}
						if !yield(e) {
							return
						}
					}
				}
			}
		}
	}
}

// TestReasonSaysWhatBroke: the first of the limits that an answer broke, the
// class of a failure, and the limit where a failure only counts because it
// lasted too long.
func TestReasonSaysWhatBroke(t *testing.T) {
	fast := slo.Spec{Kind: slo.Duration, Limits: slo.Limits{Duration: 8 * time.Second}}
	goodput := slo.Spec{Kind: slo.Composite, Limits: slo.Limits{Duration: 8 * time.Second, TimeToFirstChunk: time.Second}}
	for _, c := range []struct {
		spec slo.Spec
		e    slo.Event
		want string
	}{
		{slo.Spec{}, slo.Event{Class: llm.ErrServer}, "bad server_error"},
		{slo.Spec{}, slo.Event{Class: llm.ErrContentFilter}, "excluded content_filter"},
		{slo.Spec{}, slo.Event{Class: llm.ErrServer, Probable: true}, "excluded recovered_probable"},
		{fast, slo.Event{Duration: 9 * time.Second}, "bad duration"},
		{fast, slo.Event{Duration: 9 * time.Second, Class: llm.ErrTimeout}, "bad duration"},
		{fast, slo.Event{Duration: time.Second, Class: llm.ErrTimeout}, "excluded timeout"},
		{fast, slo.Event{Duration: 9 * time.Second, Class: llm.ErrCancelled}, "bad duration"},
		{goodput, slo.Event{Duration: 9 * time.Second, Class: llm.ErrTimeout}, "bad timeout"},
		{goodput, slo.Event{Duration: 9 * time.Second, Streaming: true, TimeToFirstChunk: 2 * time.Second}, "bad duration"},
		{goodput, slo.Event{Duration: time.Second, Streaming: true}, "excluded not_measured"},
		{slo.Spec{}, slo.Event{Ruled: slo.Bad}, "bad rule"},
		{slo.Spec{}, slo.Event{Ruled: slo.Good, Class: llm.ErrServer}, "good "},
		{slo.Spec{}, slo.Event{Ruled: slo.Excluded, Class: llm.ErrServer}, "excluded rule"},
		{slo.Spec{}, slo.Event{Ruled: slo.Bad, Class: llm.ErrServer, Probable: true}, "excluded recovered_probable"},
		{fast, slo.Event{Ruled: slo.Excluded, Duration: 9 * time.Second}, "excluded rule"},
		{fast, slo.Event{Ruled: slo.Excluded, Duration: 9 * time.Second, Class: llm.ErrCancelled}, "excluded rule"},
		{fast, slo.Event{Ruled: slo.Bad, Duration: time.Second}, "excluded rule"},
		{fast, slo.Event{Ruled: slo.Bad, Duration: 9 * time.Second}, "bad duration"},
		{goodput, slo.Event{Ruled: slo.Bad, Duration: time.Second}, "bad rule"},
	} {
		v, why := c.spec.JudgeWhy(&c.e)
		if got := v.String() + " " + why.String(); got != c.want {
			t.Errorf("%+v of %s: %s, want %s", c.e, c.spec.Kind, got, c.want)
		}
	}
}
