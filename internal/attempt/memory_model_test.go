package attempt

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

var t0 = time.Unix(1_700_000_000, 0)

// anySpan draws a span of trace t with id n, below any earlier span, a parent
// that never comes, or none.
func anySpan(t *rapid.T, trace byte, n int) (*llm.Call, *llm.Skeleton) {
	draw := func(label string, max int) int { return rapid.IntRange(0, max).Draw(t, label) }
	var parent llm.SpanID
	switch p := draw("parent", n+1); {
	case p == n+1:
		parent = llm.SpanID{0xff, byte(draw("missing", 1))}
	case p > 0:
		parent = llm.SpanID{byte(p)}
	}
	start := base + int64(draw("start", 40))*250*ms
	end := start + int64(draw("took", 20))*250*ms
	id := llm.SpanID{byte(n)}
	switch kind := draw("kind", 9); {
	case kind <= 5:
		c := &llm.Call{
			Trace: llm.TraceID{trace}, Span: id, Parent: parent, Start: start, End: end, Role: llm.RoleInference, Operation: llm.OpChat,
			Ref: llm.ModelRef{Provider: "openai", Request: fmt.Sprint("m", draw("model", 1))},
		}
		c.Failure.Class = []llm.ErrorClass{llm.ErrNone, llm.ErrNone, llm.ErrRateLimited, llm.ErrServer, llm.ErrCancelled, llm.ErrAuth}[draw("class", 5)]
		if content := draw("content", 3); content > 0 {
			c.Attempt.Content[3] = byte(content)
		}
		if draw("id", 5) == 0 {
			c.Attempt.CallID = "call"
		}
		c.Attempt.Hidden = max(0, draw("hidden", 5)-2)
		if !c.Failed() {
			c.Usage.Known = true
			c.Usage.Tokens[llm.Input], c.Usage.Tokens[llm.Output] = int64(draw("in", 2)), int64(draw("out", 2))
			if r := draw("response", 3); r > 0 {
				c.ResponseID = fmt.Sprint("resp-", r)
			}
		}
		if kind == 5 {
			c.Role = llm.RoleRollup
		}
		return c, nil
	default:
		s := &llm.Skeleton{Trace: llm.TraceID{trace}, Span: id, Parent: parent, Start: start, End: end, Name: []string{"step", "model_retry", "Run"}[draw("name", 2)]}
		s.Status = llm.StatusCode(draw("status", 2))
		switch kind {
		case 7:
			s.Tool = true
		case 8:
			s.Kind, s.HTTP = llm.KindClient, llm.HTTP{Method: "POST", Host: "h", Path: "/v1", StatusCode: []int{200, 429, 500}[draw("http", 2)]}
		case 9:
			s.Kind, s.HTTP = llm.KindServer, llm.HTTP{StatusCode: []int{200, 502}[draw("http", 1)]}
		}
		return nil, s
	}
}

func anyTrace(t *rapid.T, trace byte) Trace {
	var tr Trace
	for n := range rapid.IntRange(1, 14).Draw(t, "spans") {
		if c, s := anySpan(t, trace, n+1); c != nil {
			tr.Calls = append(tr.Calls, c)
		} else {
			tr.Skeletons = append(tr.Skeletons, s)
		}
	}
	return tr
}

// split deals the spans of traces out to batches, in any order.
func split(t *rapid.T, tr Trace, batches int) []*Batch {
	out := make([]*Batch, batches)
	for i := range out {
		out[i] = &Batch{}
	}
	for _, c := range tr.Calls {
		b := out[rapid.IntRange(0, batches-1).Draw(t, "batch")]
		b.Calls = append(b.Calls, c)
	}
	for _, s := range tr.Skeletons {
		b := out[rapid.IntRange(0, batches-1).Draw(t, "batch")]
		b.Skeletons = append(b.Skeletons, s)
	}
	return out
}

// attemptsOf is what Reduce says of every call of a trace, as stamps.
func attemptsOf(tr Trace, r *Result) map[llm.SpanID]stamp.Attempt {
	calls := map[llm.SpanID]*llm.Call{}
	for _, c := range tr.Calls {
		calls[c.Span] = c
	}
	m := map[llm.SpanID]stamp.Attempt{}
	for i := range r.Groups {
		g := &r.Groups[i]
		if g.Level != LevelCall {
			continue
		}
		for j, k := range g.Spans {
			a := stamp.Attempt{Group: g.Spans[0].Span, Number: j + 1, Kind: g.Kinds[j], Evidence: g.Evidence, Count: len(g.Spans), Final: stamp.No}
			if k == g.Final {
				a.Final = stamp.Yes
			}
			if j > 0 {
				a.Futile = a.Kind == stamp.KindRetry && futile(calls[g.Spans[j-1].Span].Failure.Class)
			}
			m[k.Span] = a
		}
	}
	return m
}

// Held until all is there, the memory says what Reduce says, whatever the
// batches; the naive full history is its model.
func TestMemoryAgainstFullHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{WeakEvidence: rapid.Bool().Draw(t, "weak"), Wait: 10 * time.Second}
		tr := anyTrace(t, 1)
		want := Reduce(tr, cfg)
		attempts, unobserved, probable := attemptsOf(tr, &want), map[llm.SpanKey]bool{}, map[llm.SpanKey]bool{}
		for _, k := range want.Unobserved {
			unobserved[k] = true
		}
		for _, k := range want.Probable {
			probable[k] = true
		}
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
			a.Probable = false
			if a != attempts[d.Key.Span] {
				t.Errorf("%x: got %+v, want %+v", d.Key.Span[0], a, attempts[d.Key.Span])
			}
			if d.Verdict.Unobserved != unobserved[d.Key] {
				t.Errorf("%x: unobserved %v", d.Key.Span[0], d.Verdict.Unobserved)
			}
			if d.Verdict.Attempt.Probable != (unobserved[d.Key] || probable[d.Key]) {
				t.Errorf("%x: probable %v", d.Key.Span[0], d.Verdict.Attempt.Probable)
			}
		}
	})
}

// Forward, whatever arrives how: verdicts are stable under redelivery, numbers
// are unique within a group, every group is named after one of its possible
// members, and no response is billed twice.
func TestForwardLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := NewMemory(Config{WeakEvidence: rapid.Bool().Draw(t, "weak")})
		tr := anyTrace(t, 1)
		calls, got := map[llm.SpanID]*llm.Call{}, map[llm.SpanID]Verdict{}
		for _, c := range tr.Calls {
			calls[c.Span] = c
		}
		now := t0
		for _, b := range split(t, tr, 3) {
			for range 2 {
				for i, v := range m.Observe(b, now, nil) {
					id := b.Calls[i].Span
					if first, ok := got[id]; ok {
						if first.Redelivered = true; v != first {
							t.Fatalf("%x: first %+v, then %+v", id[0], first, v)
						}
						continue
					}
					got[id] = v
				}
			}
			now = now.Add(time.Second)
		}
		type place struct {
			group  llm.SpanID
			number int
		}
		taken := map[place]llm.SpanID{}
		for id, v := range got {
			a := v.Attempt
			if a.Group.IsZero() {
				continue
			}
			p := place{a.Group, a.Number}
			if o, ok := taken[p]; ok {
				t.Errorf("%x and %x are both attempt %d of %x", id[0], o[0], a.Number, a.Group[0])
			}
			taken[p] = id
			first := calls[a.Group]
			if first == nil || first.Role != llm.RoleInference {
				t.Errorf("%x: group %x is no call", id[0], a.Group[0])
			}
			if a.Count > 0 && a.Number > a.Count && !v.Late {
				t.Errorf("%x: attempt %d of %d", id[0], a.Number, a.Count)
			}
		}
		oneBill(t, calls, got)
	})
}

// oneBill checks that, of the calls that share a response id and a time, one
// is billed, and that a duplicate names a span that is.
func oneBill(t *rapid.T, calls map[llm.SpanID]*llm.Call, got map[llm.SpanID]Verdict) {
	for id, v := range got {
		c := calls[id]
		if v.Bill.Status != Duplicate && v.Bill.Status != NoBill {
			for other, w := range got {
				o := calls[other]
				if other != id && c.Role == llm.RoleInference && o.Role == llm.RoleInference && c.ResponseID != "" && c.ResponseID == o.ResponseID &&
					c.Start <= o.End && o.Start <= c.End && w.Bill.Status == Billed {
					t.Errorf("%x and %x are both billed for %s", id[0], other[0], c.ResponseID)
				}
			}
		}
		if v.Bill.Status == Duplicate {
			w, ok := got[v.Bill.Of]
			again := ok && c.Failed() && calls[v.Bill.Of].Failed() && w.Bill.Status == NotBillable // a failure told twice
			if !ok || w.Bill.Status != Billed && !again || v.Bill.Of == id {
				t.Errorf("%x is a duplicate of %x, which is %v", id[0], v.Bill.Of[0], w.Bill.Status)
			}
		}
	}
}

// The memory stays below its caps whatever comes, and its own count of bytes
// comes back to zero.
func TestMemoryBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{MaxTraces: 3, MaxCalls: 4, MaxSkeletons: 3, MaxHeld: 5, MaxResponses: 2, TTL: 20 * time.Second}
		if rapid.Bool().Draw(t, "hold") {
			cfg.Wait = 5 * time.Second
		}
		m, now, in, out := NewMemory(cfg), t0, 0, 0
		for range rapid.IntRange(1, 12).Draw(t, "batches") {
			tr := anyTrace(t, byte(rapid.IntRange(1, 6).Draw(t, "trace")))
			for _, v := range m.Observe(&Batch{Calls: tr.Calls, Skeletons: tr.Skeletons}, now, nil) {
				in++
				if !v.Held {
					out++
				} else if v.Redelivered {
					in--
				}
			}
			out += len(m.Due(now, nil))
			s := m.Stats()
			if s.Traces > 3 || s.Calls > 12 || s.Skeletons > 9 || s.Held > 5 || len(m.bills.billed.ring) > 2 {
				t.Fatalf("over the caps: %+v", s)
			}
			if s.Held != in-out {
				t.Fatalf("%d held, %d came in and %d went out", s.Held, in, out)
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 8).Draw(t, "pause")) * time.Second)
		}
		out += len(m.Flush(now, nil))
		if in != out {
			t.Fatalf("%d came in, %d went out", in, out)
		}
		m.Observe(&Batch{}, now.Add(time.Hour), nil)
		if s := m.Stats(); s.Traces != 0 || s.Bytes != 0 || s.Held != 0 {
			t.Fatalf("not empty after all expired: %+v", s)
		}
	})
}

// A reduction does not depend on the order of its input, nor on repetition.
func TestReduceIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{WeakEvidence: rapid.Bool().Draw(t, "weak"), CrossTrace: rapid.Bool().Draw(t, "cross")}
		a, b := anyTrace(t, 1), anyTrace(t, 2)
		tr := Trace{append(a.Calls, b.Calls...), append(a.Skeletons, b.Skeletons...)}
		want := fmt.Sprintf("%+v", Reduce(tr, cfg))
		mixed := Trace{rapid.Permutation(tr.Calls).Draw(t, "calls"), rapid.Permutation(tr.Skeletons).Draw(t, "skeletons")}
		mixed.Calls = append(mixed.Calls, tr.Calls[:len(tr.Calls)/2]...)
		if got := fmt.Sprintf("%+v", Reduce(mixed, cfg)); got != want {
			t.Fatalf("order matters:\n%s\n%s", want, got)
		}
	})
}

// Cycles and spans that are their own parent end, and every span is answered
// for once.
func TestCyclesEnd(t *testing.T) {
	at := func(id, parent byte) *llm.Call {
		return &llm.Call{Span: llm.SpanID{id}, Parent: llm.SpanID{parent}, Role: llm.RoleInference, Start: base, End: base + ms, Failure: llm.Failure{Class: llm.ErrServer}}
	}
	tr := Trace{Calls: []*llm.Call{at(1, 2), at(2, 1), at(3, 3), at(4, 1)}}
	r := Reduce(tr, Config{WeakEvidence: true})
	if len(r.Ungrouped) != 4 {
		t.Errorf("%d spans answered for", len(r.Ungrouped))
	}
	m := NewMemory(Config{WeakEvidence: true})
	if got := m.Observe(&Batch{Calls: tr.Calls}, t0, nil); len(got) != 4 {
		t.Errorf("%d verdicts", len(got))
	}
}

// The cost of a call is that of all its attempts; unknown stays unknown.
func TestCallCost(t *testing.T) {
	m := NewMemory(Config{})
	call := func(id byte, start int64, class llm.ErrorClass) *llm.Call {
		c := &llm.Call{Trace: llm.TraceID{1}, Span: llm.SpanID{id}, Parent: llm.SpanID{9}, Role: llm.RoleInference, Start: base + start*ms, End: base + (start+100)*ms}
		c.Failure.Class, c.Attempt.Content[0] = class, 7
		return c
	}
	a, b := call(1, 0, llm.ErrServer), call(2, 500, llm.ErrNone)
	m.Observe(&Batch{Calls: []*llm.Call{a}}, t0, nil)
	m.Book(a.Key(), money.FromPico(0), false)
	v := m.Observe(&Batch{Calls: []*llm.Call{b}}, t0, nil)[0]
	if v.Attempt.Number != 2 || v.Call.Attempts != 2 || v.Call.Outcome != stamp.OutcomeRecoveredRetry {
		t.Fatalf("%+v", v)
	}
	m.Book(b.Key(), money.FromPico(5), true)
	if _, known := m.CallCost(b.Key()); known {
		t.Error("the failed attempt did not say what it cost, but the call claims to know")
	}
	m.Book(a.Key(), money.FromPico(3), true)
	if cost, known := m.CallCost(b.Key()); !known || cost != money.FromPico(8) {
		t.Errorf("cost %v, known %v", cost, known)
	}
}
