package main

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/sim"
)

// trial is one run of the simulator through the processor.
type trial struct {
	scenario string
	content  bool // the text of requests is on the spans
	weak     bool // weak evidence is switched on
}

func (t trial) String() string {
	words := []string{t.scenario}
	if t.scenario == "" {
		words[0] = "ordinary traffic"
	}
	words = append(words, map[bool]string{true: "with content", false: "without content"}[t.content])
	if t.weak {
		words = append(words, "weak evidence on")
	}
	return strings.Join(words, ", ")
}

// links are pairs of consecutive attempts at one logical call.
type links struct {
	stamped, correct int // that the processor stamped, and those that are true
	sent, found      int // that the simulator made, and those that were stamped
	hidden, counted  int // calls with several tries inside one span, and those with the right count
	wrong            []string
}

// runSimulator prints precision and recall of the links between attempts, for
// every scenario, with and without content.
func runSimulator(w io.Writer, out string, requests int) error {
	var report strings.Builder
	for _, name := range sim.Scenarios {
		for _, t := range []trial{{name, true, false}, {name, false, false}, {name, false, true}} {
			l, err := t.run(requests)
			progress("")
			if err != nil {
				return fmt.Errorf("simulator, %v: %w", t, err)
			}
			line := fmt.Sprintf("accuracy simulator (%v): precision %s, recall %s, hidden attempts counted %s",
				t, share(l.correct, l.stamped), share(l.found, l.sent), share(l.counted, l.hidden))
			fmt.Fprintln(w, line)
			fmt.Fprintf(&report, "%s\n%s\n", line, strings.Join(l.wrong, "\n"))
		}
	}
	return os.WriteFile(filepath.Join(out, "simulator.txt"), []byte(report.String()), 0o644)
}

func share(n, of int) string {
	if of == 0 {
		return "- (0/0)"
	}
	return fmt.Sprintf("%.4f (%d/%d)", float64(n)/float64(of), n, of)
}

// run sends whole traces in batches of random composition.
func (t trial) run(requests int) (*links, error) {
	g, err := enter(map[string]any{"attempts": map[string]any{"weak_evidence": t.weak}})
	if err != nil {
		return nil, err
	}
	s, rng, l := sim.New(sim.Config{Seed: 1, Scenario: t.scenario}), rand.New(rand.NewPCG(1, 2)), &links{}
	end := scenario.Epoch
	for done := 0; done < requests; {
		progress("simulator, %v: %d of %d", t, done, requests)
		var traces []ptrace.Traces
		var truth []sim.Logical
		for range min(1+rng.IntN(40), requests-done) {
			end = end.Add(50_000_000)
			td := s.Next(end)
			if !t.content {
				withoutContent(td)
			}
			traces, truth = append(traces, td), append(truth, s.Last()...)
			done++
		}
		if err := g.send(mixed(rng, traces)); err != nil {
			return nil, err
		}
		l.hold(truth, g.taken())
	}
	return l, g.leave()
}

// withoutContent removes what was asked.
func withoutContent(td ptrace.Traces) {
	for sp := range sim.Spans(td) {
		sp.Attributes().RemoveIf(func(k string, _ pcommon.Value) bool {
			return k == "gen_ai.input.messages" || strings.HasPrefix(k, "llm.input_messages.")
		})
	}
}

// mixed makes one batch of several traces, the spans of each scope in random
// order and the resources too.
func mixed(rng *rand.Rand, traces []ptrace.Traces) ptrace.Traces {
	out := ptrace.NewTraces()
	for _, i := range rng.Perm(len(traces)) {
		for _, rs := range traces[i].ResourceSpans().All() {
			to := out.ResourceSpans().AppendEmpty()
			rs.Resource().CopyTo(to.Resource())
			for _, ss := range rs.ScopeSpans().All() {
				scope := to.ScopeSpans().AppendEmpty()
				ss.Scope().CopyTo(scope.Scope())
				for _, n := range rng.Perm(ss.Spans().Len()) {
					ss.Spans().At(n).CopyTo(scope.Spans().AppendEmpty())
				}
			}
		}
	}
	return out
}

type spanKey struct {
	trace pcommon.TraceID
	span  pcommon.SpanID
}

func (k spanKey) String() string { return k.span.String() }

// try is one try of one logical call of the truth.
type try struct{ call, number int }

// hold compares the stamps of a batch with the truth about it.
func (l *links) hold(truth []sim.Logical, spans []ptrace.Span) {
	tries, stampsOf := map[spanKey]try{}, map[spanKey]stamped{}
	for _, sp := range spans {
		stampsOf[spanKey{sp.TraceID(), sp.SpanID()}] = stamps(sp)
	}
	for i, c := range truth {
		l.sent += len(c.Tries) - 1
		for n, described := range c.Tries {
			for _, id := range described {
				tries[spanKey{c.Trace, id}] = try{i, n}
			}
		}
		if c.Inside > 1 {
			l.hidden++
			if n, _ := stampsOf[spanKey{c.Trace, c.Tries[0][0]}]["spanledger.call.attempts"].(int64); n == int64(c.Inside) {
				l.counted++
			} else {
				l.wrong = append(l.wrong, fmt.Sprintf("%v: %d tries inside, %d stamped", c.Trace, c.Inside, n))
			}
		}
	}
	found := map[try]bool{} // a link by the try that it leads to
	for _, g := range groupsOf(spans, stampsOf) {
		for i := range g.attempts[1:] {
			l.stamped++
			from, ok := one(tries, g.attempts[i])
			to, same := one(tries, g.attempts[i+1])
			if ok && same && from.call == to.call && from.number+1 == to.number {
				l.correct++
				found[to] = true
			} else {
				l.wrong = append(l.wrong, fmt.Sprintf("%v: %v and %v are no consecutive tries of one call", g.trace, g.attempts[i], g.attempts[i+1]))
			}
		}
	}
	l.found += len(found)
	for i, c := range truth {
		for n := 1; n < len(c.Tries); n++ {
			if !found[try{i, n}] {
				l.wrong = append(l.wrong, fmt.Sprintf("%v: try %v was not linked to %v before it", c.Trace, c.Tries[n], c.Tries[n-1]))
			}
		}
	}
}

// one returns the try that all the spans describe; not ok where they do not
// describe the same one.
func one(tries map[spanKey]try, spans []spanKey) (try, bool) {
	t, ok := tries[spans[0]]
	for _, k := range spans[1:] {
		other, known := tries[k]
		ok = ok && known && other == t
	}
	return t, ok
}

// stampedGroup is the attempts of one group in order of their numbers, each
// with the spans that describe it.
type stampedGroup struct {
	trace    pcommon.TraceID
	attempts [][]spanKey
}

// groupsOf collects the spans of every stamped group.
func groupsOf(spans []ptrace.Span, stampsOf map[spanKey]stamped) []stampedGroup {
	type groupKey struct {
		trace pcommon.TraceID
		group string
	}
	members, order := map[groupKey]map[int64][]spanKey{}, []groupKey{}
	for _, sp := range spans {
		k := spanKey{sp.TraceID(), sp.SpanID()}
		p := stampsOf[k].place()
		if p.group == "" {
			continue
		}
		g := groupKey{k.trace, p.group}
		if members[g] == nil {
			members[g] = map[int64][]spanKey{}
			order = append(order, g)
		}
		members[g][p.number] = append(members[g][p.number], k)
	}
	var out []stampedGroup
	for _, k := range order {
		g := stampedGroup{trace: k.trace}
		for _, n := range slices.Sorted(maps.Keys(members[k])) {
			g.attempts = append(g.attempts, members[k][n])
		}
		out = append(out, g)
	}
	return out
}
