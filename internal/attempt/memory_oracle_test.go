package attempt

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// deliveries splits a case's spans into batches: by arrival_ms where the case
// has it, else at random. Without anyOrder a span comes no sooner than those
// that ended before it, as exporters send them.
func deliveries(rng *rand.Rand, c *oracleCase, anyOrder bool) [][]oracleSpan {
	if c.Spans[0].ArrivalMS != nil {
		spans := slices.Clone(c.Spans)
		slices.SortStableFunc(spans, func(a, b oracleSpan) int { return cmp.Compare(*a.ArrivalMS, *b.ArrivalMS) })
		var out [][]oracleSpan
		for i, s := range spans {
			if i == 0 || *s.ArrivalMS != *spans[i-1].ArrivalMS {
				out = append(out, nil)
			}
			out[len(out)-1] = append(out[len(out)-1], s)
		}
		return out
	}
	spans := shuffled(rng, c.Spans)
	if !anyOrder {
		slices.SortStableFunc(spans, func(a, b oracleSpan) int { return cmp.Compare(a.EndMS, b.EndMS) })
	}
	var out [][]oracleSpan
	for len(spans) > 0 {
		n := 1 + rng.IntN(len(spans))
		out, spans = append(out, spans[:n]), spans[n:]
	}
	return out
}

func batchOf(tb testing.TB, spans []oracleSpan) *Batch {
	tb.Helper()
	t := readAll(tb, spans)
	return &Batch{Calls: t.Calls, Skeletons: t.Skeletons}
}

// groupOf is the expected group of every span.
func groupOf(e *oracleExpected) map[string]*oracleGroup {
	m := map[string]*oracleGroup{}
	for i := range e.Groups {
		if e.Groups[i].Level == "call" {
			for _, id := range e.Groups[i].SpanIDs {
				m[id] = &e.Groups[i]
			}
		}
	}
	return m
}

// checkSubset holds forward stamps against the answer for the complete trace:
// links may be missing, none may contradict it.
func checkSubset(tb testing.TB, want *oracleExpected, got map[string]Verdict, inOrder bool) {
	tb.Helper()
	groups := groupOf(want)
	for id, v := range got {
		a := v.Attempt
		if a.Group.IsZero() {
			continue
		}
		g := groups[id]
		if g == nil {
			tb.Errorf("%s is stamped into a group, but stands alone", id)
			continue
		}
		if groups[unpad(a.Group)] != g {
			tb.Errorf("%s is stamped into group %s, not one of %v", id, unpad(a.Group), g.SpanIDs)
		}
		if inOrder && a.Final == stamp.Yes && g.Final != id && !v.Late {
			tb.Errorf("%s is stamped final, %s is", id, g.Final)
		}
		if i := slices.Index(g.SpanIDs, id); i > 0 && a.Kind != stamp.KindFirst && a.Kind.String() != g.AttemptKinds[i] && len(got) == len(g.SpanIDs) {
			tb.Errorf("%s is a %s, not a %s", id, a.Kind, g.AttemptKinds[i])
		}
	}
}

func modes(c *oracleCase) map[bool]oracleExpected {
	strict := withoutWeak(c.Expected)
	if !c.Config.WeakEvidence {
		return map[bool]oracleExpected{false: strict}
	}
	return map[bool]oracleExpected{true: c.Expected, false: strict}
}

// Forward: whatever the order and the batches, what is stamped is part of the
// answer for the complete trace, and a batch delivered again is stamped again
// in the same way. Weak links take a parent's arrival for the end of its
// children, so they are held to exporters' order.
func TestForwardNeverContradicts(t *testing.T) {
	for _, c := range oracle(t) {
		for weak, want := range modes(&c) {
			t.Run(fmt.Sprintf("%s/weak=%v", c.Name, weak), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(3, 4))
				for range 20 {
					m := NewMemory(Config{WeakEvidence: weak, CrossTrace: c.Config.CrossTrace})
					now, got := time.Unix(1_700_000_000, 0), map[string]Verdict{}
					var seen [][]oracleSpan
					for _, spans := range deliveries(rng, &c, !weak) {
						now = now.Add(300 * time.Millisecond)
						b := batchOf(t, spans)
						for i, v := range m.Observe(b, now, nil) {
							if id := unpad(b.Calls[i].Span); !v.Redelivered {
								got[id] = v
							}
						}
						seen = append(seen, spans)
						again := seen[rng.IntN(len(seen))]
						b = batchOf(t, again)
						for i, v := range m.Observe(b, now, nil) {
							first := got[unpad(b.Calls[i].Span)]
							if first.Redelivered = true; v != first {
								t.Fatalf("%s: first %+v, delivered again %+v", unpad(b.Calls[i].Span), first, v)
							}
						}
					}
					checkSubset(t, &want, got, weak)
				}
			})
		}
	}
}

// One batch holds the complete trace: forward finds every group.
func TestForwardWholeTraceInOneBatch(t *testing.T) {
	for _, c := range oracle(t) {
		if c.Spans[0].ArrivalMS != nil || c.Config.CrossTrace {
			continue
		}
		for weak, want := range modes(&c) {
			t.Run(fmt.Sprintf("%s/weak=%v", c.Name, weak), func(t *testing.T) {
				m := NewMemory(Config{WeakEvidence: weak})
				b := batchOf(t, shuffled(rand.New(rand.NewPCG(5, 6)), c.Spans))
				got := map[string]Verdict{}
				for i, v := range m.Observe(b, time.Unix(1_700_000_000, 0), nil) {
					got[unpad(b.Calls[i].Span)] = v
				}
				checkComplete(t, &want, got)
			})
		}
	}
}

// checkComplete holds the verdicts of a complete trace against its answer.
func checkComplete(tb testing.TB, want *oracleExpected, got map[string]Verdict) {
	tb.Helper()
	groups := groupOf(want)
	for id, v := range got {
		a, g := v.Attempt, groups[id]
		if g == nil {
			if !a.Group.IsZero() {
				tb.Errorf("%s: grouped %+v", id, a)
			}
			continue
		}
		i := slices.Index(g.SpanIDs, id)
		w := stamp.Attempt{Group: pad8(g.SpanIDs[0]), Number: i + 1, Count: len(g.SpanIDs), Final: stamp.No, Evidence: a.Evidence, Probable: a.Probable}
		w.Kind, _ = stamp.ParseKind(g.AttemptKinds[i])
		if g.Evidence != nil {
			w.Evidence, _ = stamp.ParseEvidence(*g.Evidence)
		}
		if id == g.Final {
			w.Final = stamp.Yes
		}
		w.Futile = a.Futile
		if g.Futile != nil && !*g.Futile && a.Futile {
			tb.Errorf("%s: told as futile", id)
		}
		if g.Futile != nil && *g.Futile && !slices.ContainsFunc(g.SpanIDs, func(id string) bool { return got[id].Attempt.Futile }) {
			tb.Errorf("%v: none told as futile", g.SpanIDs)
		}
		if a != w {
			tb.Errorf("%s (-want +got)\n%s", id, gocmp.Diff(w, a))
		}
		if v.Call.Set != (id == g.Final) {
			tb.Errorf("%s: summary %v", id, v.Call.Set)
		}
		if id == g.Final && g.WastedLatency != nil && v.Call.WastedLatency != *g.WastedLatency*ms {
			tb.Errorf("%s: wasted %d, want %d ms", id, v.Call.WastedLatency, *g.WastedLatency)
		}
	}
	for _, o := range want.Opaque {
		if v := got[o.Span]; v.Call.Attempts != o.Count {
			tb.Errorf("%s: %d attempts inside, want %d", o.Span, v.Call.Attempts, o.Count)
		}
	}
	for id := range want.OutcomeHints {
		if !got[id].Unobserved {
			tb.Errorf("%s: not told as recovered unobserved", id)
		}
	}
	for id, v := range got {
		if v.Unobserved && want.OutcomeHints[id] == "" {
			tb.Errorf("%s: told as recovered unobserved", id)
		}
	}
}

// Held: with a wait, and all spans within the reorder window, every attribute
// is complete whatever the order and the batches.
func TestHeldIsComplete(t *testing.T) {
	for _, c := range oracle(t) {
		if c.Config.CrossTrace {
			continue
		}
		for weak, want := range modes(&c) {
			t.Run(fmt.Sprintf("%s/weak=%v", c.Name, weak), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(7, 8))
				for range 20 {
					m := NewMemory(Config{WeakEvidence: weak, Wait: 10 * time.Second})
					now, got := time.Unix(1_700_000_000, 0), map[string]Verdict{}
					collect := func() {
						for _, d := range m.Due(now, nil) {
							id := unpad(d.Key.Span)
							if _, twice := got[id]; twice {
								t.Fatalf("%s was decided twice", id)
							}
							got[id] = d.Verdict
						}
					}
					arrival := c.Spans[0].ArrivalMS != nil
					for _, spans := range deliveries(rng, &c, !arrival) {
						b := batchOf(t, spans)
						for i, v := range m.Observe(b, now, nil) {
							if !v.Held && !v.Redelivered && b.Calls[i].Role != llm.RoleTransport {
								t.Fatalf("%s was not held: %+v", unpad(b.Calls[i].Span), v)
							}
						}
						if arrival {
							now = now.Add(3 * time.Second)
							collect()
						} else {
							now = now.Add(10 * time.Millisecond)
						}
					}
					for range 16 {
						now = now.Add(time.Second)
						collect()
					}
					if s := m.Stats(); s.Held != 0 || s.Incomplete != 0 || !m.NextDue().IsZero() {
						t.Fatalf("left over: %+v, next %v", s, m.NextDue())
					}
					if arrival {
						checkSubset(t, &want, got, true)
						continue
					}
					checkComplete(t, &want, got)
				}
			})
		}
	}
}
