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
	content bool // the text of requests is on the spans
	weak    bool // weak evidence is switched on
}

func (t trial) String() string {
	if t.weak {
		return "without content, weak evidence on"
	}
	return map[bool]string{true: "with content", false: "without content"}[t.content]
}

// links are pairs of consecutive attempts at one logical call.
type links struct {
	calls            int // logical calls
	stamped, correct int // that the processor stamped, and those that are true
	sent, found      int // that the simulator made, and those that were stamped
	hidden, counted  int // calls with several tries inside one span, and those with the right count
	wrong            []string
}

func (l *links) String() string {
	return fmt.Sprintf("%d calls, precision %s, recall %s, hidden attempts counted %s",
		l.calls, share(l.correct, l.stamped), share(l.found, l.sent), share(l.counted, l.hidden))
}

func (l *links) add(o *links) {
	l.calls += o.calls
	l.stamped, l.correct = l.stamped+o.stamped, l.correct+o.correct
	l.sent, l.found = l.sent+o.sent, l.found+o.found
	l.hidden, l.counted = l.hidden+o.hidden, l.counted+o.counted
	l.wrong = append(l.wrong, o.wrong...)
}

// maxWrong bounds what the report tells of one run: without content most links
// are not found.
const maxWrong = 1000

func (l *links) miss(format string, args ...any) {
	if len(l.wrong) < maxWrong {
		l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
	}
}

// runSimulator prints precision and recall of the links between attempts, with
// and without content, and with the guesses that weak evidence allows if it is
// switched on: over all scenarios, and for each.
func runSimulator(w io.Writer, out string, calls int) error {
	var report strings.Builder
	for _, t := range []trial{{content: true}, {}, {weak: true}} {
		var sum links
		var each []string
		for i, name := range sim.Scenarios {
			l, err := t.run(name, (calls+i)/len(sim.Scenarios))
			line.Clear()
			if err != nil {
				return fmt.Errorf("simulator, %v, %v: %w", t, named(name), err)
			}
			sum.add(l)
			each = append(each, fmt.Sprintf("accuracy simulator (%v, %s): %v", t, named(name), l))
		}
		fmt.Fprintf(w, "accuracy simulator (%v): %v\n%s\n", t, &sum, strings.Join(each, "\n"))
		fmt.Fprintf(&report, "%v: %v\n%s\n%s\n", t, &sum, strings.Join(each, "\n"), strings.Join(sum.wrong, "\n"))
	}
	return os.WriteFile(filepath.Join(out, "simulator.txt"), []byte(report.String()), 0o644)
}

func named(scenario string) string {
	if scenario == "" {
		return "ordinary traffic"
	}
	return scenario
}

func share(n, of int) string {
	if of == 0 {
		return "- (0/0)"
	}
	return fmt.Sprintf("%.4f (%d/%d)", float64(n)/float64(of), n, of)
}

// run sends whole traces in batches of random composition until so many calls
// were made.
func (t trial) run(name string, calls int) (*links, error) {
	g, err := enter(map[string]any{"attempts": map[string]any{"weak_evidence": t.weak}})
	if err != nil {
		return nil, err
	}
	s, rng, l := sim.New(sim.Config{Seed: 1, Scenario: name}), rand.New(rand.NewPCG(1, 2)), &links{}
	end := scenario.Epoch
	for l.calls < calls {
		line.Say("simulator, %v, %s: %d of %d calls", t, named(name), l.calls, calls)
		var traces []ptrace.Traces
		var truth []sim.Logical
		for range 1 + rng.IntN(40) {
			end = end.Add(50_000_000)
			td := s.Next(end)
			if !t.content {
				withoutContent(td)
			}
			traces, truth = append(traces, td), append(truth, s.Last()...)
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
	l.calls += len(truth)
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
				l.miss("%v: %d tries inside, %d stamped", c.Trace, c.Inside, n)
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
				l.miss("%v: %v and %v are no consecutive tries of one call", g.trace, g.attempts[i], g.attempts[i+1])
			}
		}
	}
	l.found += len(found)
	for i, c := range truth {
		for n := 1; n < len(c.Tries); n++ {
			if !found[try{i, n}] {
				l.miss("%v: try %v was not linked to %v before it", c.Trace, c.Tries[n], c.Tries[n-1])
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
