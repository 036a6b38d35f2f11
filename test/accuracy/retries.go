package main

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/scenario"
)

// traceCase is a trace and the attempts to be found in it.
type traceCase struct {
	Name   string
	Config struct {
		WeakEvidence bool `json:"weak_evidence"`
		CrossTrace   bool `json:"cross_trace"`
	}
	Spans    []scenario.Span
	Expected answer
}

// orders is in how many random orders every trace is sent.
const orders = 20

func checkRetries(data []byte, tick func(done, of int)) ([]verdict, error) {
	var cases []json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&cases); err != nil {
		return nil, err
	}
	out := make([]verdict, 0, len(cases))
	for i, raw := range cases {
		tick(i, len(cases))
		var c traceCase
		var v verdict
		if err := json.Unmarshal(raw, &c); err != nil {
			v = missed("a case", err.Error())
		} else {
			v = guarded(c.check)
		}
		v.id = cmp.Or(c.Name, fmt.Sprintf("case %d", i+1))
		out = append(out, v)
	}
	return out, nil
}

// check runs the case with the settings that it names, and without weak
// evidence too, which must take away the weak groups and nothing else.
func (c *traceCase) check() verdict {
	strict := c.Expected.withoutWeak()
	if c.Config.WeakEvidence {
		if v := c.with(true, &c.Expected); v.mark != right {
			return v
		}
	}
	return c.with(false, &strict)
}

// with holds the stamps of the processor and the results of the reduction
// against the answer.
func (c *traceCase) with(weak bool, want *answer) verdict {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, w := range c.ways() {
		for range w.orders {
			conf := map[string]any{"attempts": map[string]any{"weak_evidence": weak, "cross_trace": c.Config.CrossTrace, "wait": w.wait}}
			var batches []ptrace.Traces
			sent := 0
			for _, spans := range w.deliver(c, rng, weak) {
				batches = append(batches, scenario.Traces(spans, scenario.Epoch))
				sent += len(spans)
			}
			out, err := through(conf, batches...)
			if err != nil {
				return missed("a run", err.Error())
			}
			if len(out) != sent {
				return missed(fmt.Sprintf("%d spans out", sent), fmt.Sprint(len(out)))
			}
			if v := w.compare(want, bySpan(out)); v.mark != right {
				v.want = fmt.Sprintf("%s, weak_evidence %v: %s", w.name, weak, v.want)
				return v
			}
		}
	}
	for range orders {
		if v := c.reduce(shuffled(rng, c.Spans), weak, want); v.mark != right {
			v.want = fmt.Sprintf("reduced, weak_evidence %v: %s", weak, v.want)
			return v
		}
	}
	return verdict{mark: right}
}

// way is one way in which the spans of a case reach the processor.
type way struct {
	name    string
	wait    string
	orders  int
	deliver func(c *traceCase, rng *rand.Rand, weak bool) [][]scenario.Span
	compare func(want *answer, got map[string][]stamped) verdict
}

// ways: held back until everything has arrived, the stamps are the complete
// answer whatever the order and the batches. Passed on at once they are
// complete where one batch was one whole trace; else links may be missing, but
// none may contradict.
func (c *traceCase) ways() []way {
	if c.timed() {
		return []way{
			{"held, in order of arrival", "10s", 1, (*traceCase).byArrival, complete},
			{"forward, in order of arrival", "0s", 1, (*traceCase).byArrival, withoutContradiction},
		}
	}
	oneBatch := complete
	if slices.ContainsFunc(c.Spans, func(s scenario.Span) bool { return s.Trace != c.Spans[0].Trace }) {
		oneBatch = withoutContradiction
	}
	return []way{
		{"held, in random batches", "10s", orders, (*traceCase).split, complete},
		{"forward, in one batch", "0s", orders, (*traceCase).whole, oneBatch},
		{"forward, in random batches", "0s", orders, (*traceCase).exported, withoutContradiction},
	}
}

func (c *traceCase) timed() bool {
	return slices.ContainsFunc(c.Spans, func(s scenario.Span) bool { return s.ArrivalMS != nil })
}

// byArrival makes a batch of the spans that arrive together.
func (c *traceCase) byArrival(*rand.Rand, bool) (out [][]scenario.Span) {
	at := func(s *scenario.Span) float64 {
		if s.ArrivalMS == nil {
			return s.EndMS
		}
		return *s.ArrivalMS
	}
	spans := slices.Clone(c.Spans)
	slices.SortStableFunc(spans, func(a, b scenario.Span) int { return cmp.Compare(at(&a), at(&b)) })
	for i := range spans {
		if i == 0 || at(&spans[i]) != at(&spans[i-1]) {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], spans[i])
	}
	return out
}

func (c *traceCase) whole(rng *rand.Rand, _ bool) [][]scenario.Span {
	return [][]scenario.Span{shuffled(rng, c.Spans)}
}

func (c *traceCase) split(rng *rand.Rand, _ bool) [][]scenario.Span {
	return cut(rng, shuffled(rng, c.Spans))
}

// exported is split, but weak links take a parent's arrival for the end of its
// children, as exporters send them.
func (c *traceCase) exported(rng *rand.Rand, weak bool) [][]scenario.Span {
	spans := shuffled(rng, c.Spans)
	if weak {
		slices.SortStableFunc(spans, func(a, b scenario.Span) int { return cmp.Compare(a.EndMS, b.EndMS) })
	}
	return cut(rng, spans)
}

func cut(rng *rand.Rand, spans []scenario.Span) (out [][]scenario.Span) {
	for len(spans) > 0 {
		n := 1 + rng.IntN(len(spans))
		out, spans = append(out, spans[:n]), spans[n:]
	}
	return out
}

func shuffled[T any](rng *rand.Rand, s []T) []T {
	s = slices.Clone(s)
	rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

// bySpan keeps the stamps of every span, of each of its deliveries.
func bySpan(spans []ptrace.Span) map[string][]stamped {
	out := map[string][]stamped{}
	for _, sp := range spans {
		id := scenario.Label(sp.SpanID())
		out[id] = append(out[id], stamps(sp))
	}
	return out
}

// groupID is how the stamps spell the group that a span begins.
func groupID(label string) string {
	id := scenario.SpanID(label)
	return hex.EncodeToString(id[:])
}
