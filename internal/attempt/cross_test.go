package attempt

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// rootCall is a trace of its own that asks the same as all others.
func rootCall(trace byte, at int64, class llm.ErrorClass) *llm.Call {
	c := &llm.Call{Trace: llm.TraceID{trace}, Span: llm.SpanID{trace}, Role: llm.RoleInference, Start: base + at*ms, End: base + (at+100)*ms, Instance: "i-1"}
	c.Failure.Class, c.Attempt.Content[0] = class, 1
	return c
}

func decisions(out []Decision) map[byte]Verdict {
	m := map[byte]Verdict{}
	for _, d := range out {
		m[d.Key.Span[0]] = d.Verdict
	}
	return m
}

// A failed root call is held for the answer of another trace, and both are let
// go together, two seconds after the answer came; whichever came first.
func TestRootsOfTwoTracesAreHeldForEachOther(t *testing.T) {
	failure, answer := rootCall(1, 0, llm.ErrRateLimited), rootCall(2, 1000, llm.ErrNone)
	for _, order := range [][]*llm.Call{{failure, answer}, {answer, failure}} {
		m := NewMemory(Config{CrossTrace: true, Wait: 10 * time.Second})
		m.Observe(&Batch{Calls: order[:1]}, t0, nil)
		m.Observe(&Batch{Calls: order[1:]}, t0.Add(time.Second), nil)
		if early := m.Due(t0.Add(1900*time.Millisecond), nil); len(early) > 0 {
			t.Fatalf("decided early: %+v", early)
		}
		got := decisions(m.Due(t0.Add(3*time.Second), nil))
		if len(got) != 2 {
			t.Fatalf("%d decided two seconds after the second came", len(got))
		}
		want := stamp.Attempt{Group: llm.SpanID{1}, Number: 1, Count: 2, Kind: stamp.KindFirst, Evidence: stamp.EvidenceStrong, Final: stamp.No}
		if got[1].Attempt != want {
			t.Errorf("failure: %+v", got[1].Attempt)
		}
		want.Number, want.Kind, want.Final = 2, stamp.KindRetry, stamp.Yes
		if got[2].Attempt != want {
			t.Errorf("answer: %+v", got[2].Attempt)
		}
		if c := got[2].Call; c.Attempts != 2 || c.Outcome != stamp.OutcomeRecoveredRetry || c.Duration != 1100*ms || c.WastedLatency != 1000*ms {
			t.Errorf("call: %+v", c)
		}
		m.Book(answer.Key(), money.FromPico(5), true)
		if _, known := m.CallCost(answer.Key()); known {
			t.Error("the failure has not said what it cost")
		}
		m.Book(failure.Key(), money.FromPico(2), true)
		if cost, known := m.CallCost(answer.Key()); !known || cost != money.FromPico(7) {
			t.Errorf("cost %v, known %v", cost, known)
		}
	}
}

// Without an answer the wait runs out, and with another instance or another
// content nothing is one call.
func TestRootsThatStandAlone(t *testing.T) {
	for name, change := range map[string]func(c *llm.Call){
		"other instance":   func(c *llm.Call) { c.Instance = "i-2" },
		"no instance":      func(c *llm.Call) { c.Instance = "" },
		"other content":    func(c *llm.Call) { c.Attempt.Content[0] = 2 },
		"a parent":         func(c *llm.Call) { c.Parent = llm.SpanID{9} },
		"too late":         func(c *llm.Call) { c.Start, c.End = c.Start+400_000*ms, c.End+400_000*ms },
		"while it ran":     func(c *llm.Call) { c.Start = base },
		"only a number":    func(c *llm.Call) { c.Attempt.Content, c.Attempt.Number = [16]byte{}, 2 },
		"another question": func(c *llm.Call) { c.Attempt.Content, c.Operation = [16]byte{}, llm.OpEmbeddings },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := rootCall(1, 0, llm.ErrRateLimited), rootCall(2, 1000, llm.ErrNone)
			change(b)
			m := NewMemory(Config{CrossTrace: true, Wait: 10 * time.Second})
			m.Observe(&Batch{Calls: []*llm.Call{a, b}}, t0, nil)
			if got := decisions(m.Due(t0.Add(9*time.Second), nil)); len(got) != 1 {
				t.Errorf("%d decided before the wait of the failure is over", len(got))
			}
			got := decisions(m.Due(t0.Add(10*time.Second), nil))
			if v, ok := got[1]; !ok || v.Attempt != (stamp.Attempt{}) {
				t.Errorf("failure: %+v", got)
			}
		})
	}
}

// manyRoots draws several traces whose calls are often roots of one instance.
func manyRoots(t *rapid.T) (all Trace) {
	for trace := range byte(rapid.IntRange(2, 4).Draw(t, "traces")) {
		for n := range rapid.IntRange(1, 3).Draw(t, "spans") {
			c, s := anySpan(t, trace+1, int(trace)*10+n+1)
			if s != nil {
				all.Skeletons = append(all.Skeletons, s)
				continue
			}
			c.Instance = []string{"", "i-1", "i-1", "i-1", "i-2"}[rapid.IntRange(0, 4).Draw(t, "instance")]
			if rapid.IntRange(0, 3).Draw(t, "root") > 0 {
				c.Parent = llm.SpanID{}
			}
			all.Calls = append(all.Calls, c)
		}
	}
	return all
}

// Held until all is there, what the memory says across traces is what the
// reduction of all of them says.
func TestCrossTraceAgainstFullHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{CrossTrace: true, Wait: 10 * time.Second}
		tr := manyRoots(t)
		result := Reduce(tr, cfg)
		want := attemptsOf(tr, &result)
		m, now := NewMemory(cfg), t0
		for _, b := range split(t, tr, 4) {
			m.Observe(b, now, nil)
			now = now.Add(time.Millisecond)
		}
		decided := m.Due(now.Add(time.Minute), nil)
		if len(decided) != len(tr.Calls) {
			t.Fatalf("%d decisions for %d calls", len(decided), len(tr.Calls))
		}
		for _, d := range decided {
			a := d.Verdict.Attempt
			if a.Probable = false; a != want[d.Key.Span] {
				t.Errorf("%x: got %+v, want %+v", d.Key.Span[0], a, want[d.Key.Span])
			}
		}
	})
}

// Forward, a link across traces is one that the reduction of all makes too,
// where attempts arrive in the order in which they were made.
func TestCrossTraceForwardIsASubset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := manyRoots(t)
		cfg := Config{CrossTrace: true}
		result := Reduce(tr, cfg)
		want := attemptsOf(tr, &result)
		m := NewMemory(cfg)
		for _, b := range split(t, tr, 1) {
			for i, v := range m.Observe(b, t0, nil) {
				a, w := v.Attempt, want[b.Calls[i].Span]
				if a.Group.IsZero() {
					continue
				}
				if a.Group != w.Group || a.Number != w.Number || a.Kind != w.Kind {
					t.Errorf("%x: got %+v, want %+v", b.Calls[i].Span[0], a, w)
				}
			}
		}
	})
}

// The index of roots stays within its bound, and what it gives up is counted.
func TestRootsAreBounded(t *testing.T) {
	m := NewMemory(Config{CrossTrace: true, MaxRoots: 10})
	for i := range byte(100) {
		c := rootCall(i+1, int64(i)*10_000, llm.ErrRateLimited)
		c.Attempt.Content[1] = i
		m.Observe(&Batch{Calls: []*llm.Call{c}}, t0, nil)
	}
	places := 0
	for _, set := range m.roots.byKey {
		places += len(set)
	}
	if places != 10 || len(m.roots.byKey) != 10 || m.Stats().EvictedRoots != 90 {
		t.Errorf("%d places under %d keys, %d evicted", places, len(m.roots.byKey), m.Stats().EvictedRoots)
	}
	for i := range byte(200) { // one question, asked without end
		m.Observe(&Batch{Calls: []*llm.Call{rootCall(i+101, int64(i)*10_000, llm.ErrRateLimited)}}, t0, nil)
		for _, set := range m.roots.byKey {
			if len(set) > maxMembers {
				t.Fatalf("%d calls under one key", len(set))
			}
		}
	}
}
