package attempt

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
)

// opBytes is the length of one operation: what to do, and a span.
const opBytes = 6

// spanOf makes a span of six bytes: any trace of five, any parent among the
// spans of that trace, overlapping in all ways, failed or not, alike or not.
func spanOf(n int, b []byte) (*llm.Call, *llm.Skeleton) {
	trace, id := llm.TraceID{1 + b[1]%5}, llm.SpanID{1 + byte(n%200)}
	var parent llm.SpanID
	if b[2]%4 > 0 {
		parent = llm.SpanID{1 + b[2]/4%12}
	}
	start := base + int64(b[3])*100*ms
	end := start + int64(b[4]%16)*100*ms
	if b[0]&8 == 0 {
		c := &llm.Call{
			Trace: trace, Span: id, Parent: parent, Start: start, End: end, Role: llm.RoleInference, Operation: llm.OpChat,
			Ref: llm.ModelRef{Provider: "openai", Request: []string{"m0", "m1"}[b[4]>>4&1]},
		}
		c.Failure.Class = []llm.ErrorClass{llm.ErrNone, llm.ErrRateLimited, llm.ErrServer, llm.ErrAuth}[b[5]&3]
		c.Attempt.Content[0] = b[5] >> 2 & 3
		c.Attempt.Number, c.Attempt.Hidden = int(b[5]>>4&3), int(b[5]>>6)
		if !c.Failed() {
			c.Usage.Known = true
			c.Usage.Tokens[llm.Input] = int64(b[5] >> 4)
		}
		if b[0]&16 != 0 {
			c.Role = llm.RoleRollup
		}
		return c, nil
	}
	s := &llm.Skeleton{Trace: trace, Span: id, Parent: parent, Start: start, End: end, Name: []string{"step", "model_retry"}[b[5]&1]}
	s.Status, s.Tool = llm.StatusCode(b[5]>>1%3), b[5]&8 != 0
	if b[5]&16 != 0 {
		s.Kind, s.HTTP = llm.KindClient, llm.HTTP{Method: "POST", Host: "h", Path: "/v1", StatusCode: []int{200, 429}[b[5]>>5&1]}
	}
	return nil, s
}

// history is the naive memory: it keeps all, forgets whole traces by the rule
// in the documentation, and remembers in which order.
type history struct {
	limit            int
	ttl              time.Duration
	known            []llm.TraceID // quietest first
	last             map[llm.TraceID]time.Time
	evicted, expired int64
}

func (h *history) observe(b *Batch, now time.Time) {
	for len(h.known) > 0 && now.Sub(h.last[h.known[0]]) > h.ttl {
		h.known = h.known[1:]
		h.expired++
	}
	touched := map[llm.TraceID]bool{}
	touch := func(t llm.TraceID) {
		if touched[t] && slices.Contains(h.known, t) {
			return
		}
		h.known = append(slices.DeleteFunc(h.known, func(k llm.TraceID) bool { return k == t }), t)
		touched[t], h.last[t] = true, now
	}
	for i, c := range b.Calls {
		if i > 0 && b.Calls[i-1].Trace == c.Trace {
			continue // still the same trace at hand
		}
		if !slices.Contains(h.known, c.Trace) && len(h.known) >= h.limit {
			h.known = h.known[1:]
			h.evicted++
		}
		touch(c.Trace)
	}
	for _, s := range b.Skeletons {
		if slices.Contains(h.known, s.Trace) {
			touch(s.Trace)
		}
	}
}

// Any spans in any batches: the memory remembers the traces that the naive
// history does, never more than its caps, and says how many it gave up. With a
// wait and room for all, it says of every call what the reduction of its whole
// trace says, and every call once.
func FuzzMemory(f *testing.F) {
	f.Add([]byte{0, 0, 4, 1, 1, 5, 0, 0, 4, 9, 1, 4, 7, 0, 0, 0, 0, 0})
	f.Add([]byte{0, 1, 0, 1, 1, 1, 7, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1, 1, 0, 3, 0, 1, 1, 1, 0, 4, 0, 1, 1, 1, 7, 9, 9, 9, 9, 9})
	f.Add([]byte{8, 0, 0, 1, 15, 21, 0, 0, 5, 2, 3, 5, 8, 0, 5, 7, 3, 16, 7, 1, 0, 0, 0, 0, 0, 0, 5, 9, 3, 4})
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) > 150*opBytes {
			return
		}
		const limit, maxCalls, maxSkeletons = 3, 6, 5
		small := NewMemory(Config{MaxTraces: limit, MaxCalls: maxCalls, MaxSkeletons: maxSkeletons, TTL: 20 * time.Second})
		naive := &history{limit: limit, ttl: 20 * time.Second, last: map[llm.TraceID]time.Time{}}
		waiting, held := NewMemory(Config{Wait: 10 * time.Second}), map[llm.SpanKey]int{}
		var all Trace
		now, soon, b := t0, t0, &Batch{}
		deliver := func() {
			small.Observe(b, now, nil)
			naive.observe(b, now)
			s := small.Stats()
			if s.Traces > limit || s.Calls > limit*maxCalls || s.Skeletons > limit*maxSkeletons {
				t.Fatalf("over the caps: %+v", s)
			}
			if s.Evicted != naive.evicted || s.Expired != naive.expired || s.Traces != len(naive.known) {
				t.Fatalf("%+v; the naive history evicted %d, expired %d and knows %d", s, naive.evicted, naive.expired, len(naive.known))
			}
			for _, known := range naive.known {
				if !small.Holds(known) {
					t.Fatalf("trace %x is forgotten", known[0])
				}
			}
			waiting.Observe(b, soon, nil)
			b = &Batch{}
		}
		for n := 0; len(ops) >= opBytes; n, ops = n+1, ops[opBytes:] {
			if ops[0]&7 == 7 {
				deliver()
				now = now.Add(time.Duration(ops[1]%32) * time.Second)
				continue
			}
			c, s := spanOf(n, ops)
			if c != nil {
				b.Calls, all.Calls = append(b.Calls, c), append(all.Calls, c)
				held[c.Key()]++
			} else {
				b.Skeletons, all.Skeletons = append(b.Skeletons, s), append(all.Skeletons, s)
			}
		}
		deliver()
		for _, d := range waiting.Due(soon.Add(time.Minute), nil) {
			if held[d.Key]--; held[d.Key] != 0 {
				t.Fatalf("%x was decided twice, or never came", d.Key.Span[0])
			}
			delete(held, d.Key)
			tr := traceOf(all, d.Key.Trace)
			result := Reduce(tr, Config{})
			want, got := attemptsOf(tr, &result)[d.Key.Span], d.Verdict.Attempt
			if got.Probable = false; got != want {
				t.Fatalf("%x: %s", d.Key.Span[0], fmt.Sprintf("got %+v, want %+v", got, want))
			}
		}
		if len(held) > 0 {
			t.Fatalf("%d calls were never decided", len(held))
		}
	})
}

func traceOf(all Trace, id llm.TraceID) (tr Trace) {
	for _, c := range all.Calls {
		if c.Trace == id {
			tr.Calls = append(tr.Calls, c)
		}
	}
	for _, s := range all.Skeletons {
		if s.Trace == id {
			tr.Skeletons = append(tr.Skeletons, s)
		}
	}
	return tr
}
