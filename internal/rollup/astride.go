package rollup

import (
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
)

// astride is what a ledger knows about the traces that a restart cut in two.
// Whoever stamped their spans remembered attempts and bills in memory alone,
// and has forgotten them; the ledger has not, and corrects what it can and
// counts what it cannot.
type astride struct {
	at int64 // of the restart, Unix nanoseconds; 0 none

	// billed are the traces that had a bill before the restart, by the half of a
	// span key that is theirs, sorted. They are looked up seldom and so gathered
	// when first asked for.
	billed   []uint64
	gathered bool

	// waiting are the traces of calls that waited for a retry over the restart.
	waiting map[llm.TraceID]waiting
}

// waiting is a trace with calls that a restart may have split.
type waiting struct {
	calls  int
	latest int64 // start of the latest attempt since that belongs to none of them
}

// Resume says that the process before this one has ended and that its books,
// state and journal, are all read. The state is to be stored before the next
// frame of a journal, so that a replay judges as it was judged.
//
// Spans may come whose stamps know nothing of what was stamped before. Until
// the dedupe horizon has passed, the bill of a roll-up is turned down where its
// trace was billed before. A call that waited for a retry and is never answered
// counts in Self.RestartSplits if its trace went on to a further attempt.
func (l *Ledger) Resume(now int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.astride = astride{at: now, waiting: l.astride.waiting}
	for g := l.calls.open.head; g != nil; g = g.next {
		if !g.astride {
			g.astride = true
			l.astride.wait(g, 0)
		}
	}
}

// wait enters a call that waits over a restart.
func (a *astride) wait(g *group, latest int64) {
	if a.waiting == nil {
		a.waiting = map[llm.TraceID]waiting{}
	}
	w := a.waiting[g.key.trace]
	w.calls++
	w.latest = max(w.latest, latest)
	a.waiting[g.key.trace] = w
}

// billedBefore reports whether a call of the trace was billed before the
// restart, and that is not longer ago than the dedupe horizon.
func (l *Ledger) billedBefore(trace uint64, now int64) bool {
	a := &l.astride
	if a.at == 0 {
		return false
	}
	if now-a.at > l.spans.horizon {
		*a = astride{waiting: a.waiting}
		return false
	}
	if !a.gathered {
		a.gathered = true
		for i := range l.spans.n {
			if e := l.spans.at(i); e.flag() && e.at < a.at {
				a.billed = append(a.billed, e.a)
			}
		}
		slices.Sort(a.billed)
		a.billed = slices.Clip(slices.Compact(a.billed))
	}
	_, found := slices.BinarySearch(a.billed, trace)
	return found
}

// follow notes an attempt after the restart in a trace whose calls waited.
func (l *Ledger) follow(e *entry) {
	w, ok := l.astride.waiting[e.Call.Trace]
	if !ok || e.Call.Start <= w.latest {
		return
	}
	key := callKey{e.Call.Trace, e.Stamp.Attempt.Group}
	if g := l.calls.byKey[key]; g != nil && g.astride {
		return // it knows its call: nothing was forgotten
	}
	w.latest = e.Call.Start
	l.astride.waiting[e.Call.Trace] = w
}

// settled lets go of a call that waited over the restart; it reports whether
// the call was split, as far as that can be told.
func (l *Ledger) settled(g *group) (split bool) {
	if !g.astride {
		return false
	}
	g.astride = false
	w := l.astride.waiting[g.key.trace]
	if w.calls--; w.calls > 0 {
		l.astride.waiting[g.key.trace] = w
	} else {
		delete(l.astride.waiting, g.key.trace)
	}
	return w.latest >= g.end && w.latest > 0
}
