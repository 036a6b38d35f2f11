package rollup

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// bookCall carries an attempt to its logical call. An answer settles the call
// at once. A failure may still be retried, and in forward mode the first
// failure of a group does not know of its group yet: so every failure waits
// under its group's id, which is the span id of the first attempt.
func (l *Ledger) bookCall(e *entry, res *AddResult) {
	if len(l.astride.waiting) > 0 {
		l.follow(e)
	}
	a := &e.Stamp.Attempt
	grouped := !a.Group.IsZero()
	standsIn := e.standsIn()
	if !grouped && !standsIn && !e.Stamp.Call.Set && e.Call.Attempt.Hidden == 0 {
		l.self.UndetectableRetries++
	}
	switch {
	case standsIn:
		l.standIn(e, res)
	case e.class == llm.ErrNone && !grouped:
		l.settleAnswer(e, nil)
	case e.class == llm.ErrNone:
		l.answered(e, res)
	case a.Probable:
		ev := e.event(0)
		ev.Probable = true
		l.countCall(e.s, e.tg, stamp.OutcomeRecoveredProbable, e.class, &ev, e.at, e.took >= 0)
		e.s.WastedLatency += max(0, e.took)
		l.weigh(e.s, e.Weight)
	default:
		l.failed(e, res)
	}
}

// answered settles the call of a group. Failures of the group that come later
// belong to it all the same: spans arrive in any order. A second answer, or an
// answer after the call had been given up, is a call of its own.
func (l *Ledger) answered(e *entry, res *AddResult) {
	g, isNew := l.group(e)
	if !isNew && g.state != groupOpen {
		res.LateAttempts++
		l.settleAnswer(e, nil)
	} else {
		l.settled(g)
		l.settleAnswer(e, g)
	}
	l.calls.move(g, groupAnswered, e.now)
}

func (l *Ledger) settleAnswer(e *entry, g *group) {
	lead, known := e.lead()
	if !known && g != nil && g.attempts > 0 && g.started > 0 {
		lead = max(0, e.Call.Start-g.started)
	}
	ev := e.event(lead)
	switch {
	case e.Stamp.Call.HasCost:
		ev.Cost, ev.Priced = e.Stamp.Call.Cost, e.priced
	case g != nil && g.attempts > 0:
		addTo(&ev.Cost, g.cost)
	}
	l.countCall(e.s, e.tg, answerOutcome(e.Stamp), llm.ErrNone, &ev, e.at, e.took >= 0)
	e.s.WastedLatency += max(0, e.Stamp.Call.WastedLatency)
	e.s.Backoff += max(0, e.Stamp.Call.Backoff)
	l.weigh(e.s, e.Weight)
	if e.took >= 0 {
		e.s.hists.observe(&l.layouts, histDuration, int64(ev.Duration))
		e.s.Slow.slowest(e.Call, e.at, int64(ev.Duration))
	}
}

// answerOutcome is the stamped outcome of the whole call, else what the kind
// of the answering attempt tells. A won race is no recovery.
func answerOutcome(st *stamp.Stamp) stamp.Outcome {
	if st.Call.Set {
		switch o := st.Call.Outcome; o {
		case stamp.OutcomeSuccess, stamp.OutcomeRecoveredRetry, stamp.OutcomeRecoveredFallback, stamp.OutcomeRecoveredProbable:
			return o
		}
	}
	switch a := &st.Attempt; {
	case a.Kind == stamp.KindFallback:
		return stamp.OutcomeRecoveredFallback
	case a.Kind == stamp.KindRetry, a.Kind == stamp.KindNone && a.Number > 1:
		return stamp.OutcomeRecoveredRetry
	}
	return stamp.OutcomeSuccess
}

// failed lets a failure wait for what becomes of its call.
func (l *Ledger) failed(e *entry, res *AddResult) {
	number := int32(max(1, min(e.Stamp.Attempt.Number, 1<<30)))
	g, isNew := l.group(e)
	switch {
	case isNew:
	case g.state == groupAnswered, g.state == groupFailed && number < g.number:
		return // an earlier attempt at a call that is already counted
	case g.state == groupFailed:
		res.LateAttempts++
		l.calls.reset(g)
	}
	l.settled(g)
	g.merge(e, number)
	if e.standsIn() {
		l.calls.note(g, e.class)
	}
	l.calls.move(g, groupOpen, e.now)
	if e.Stamp.Attempt.Final == stamp.Yes {
		l.settleFailure(g, e.now)
	}
}

// settleDue settles what has waited long enough, and forgets settled groups
// that nothing can belong to any more.
func (l *Ledger) settleDue(now int64) {
	p := &l.calls
	for g := p.open.head; g != nil && now-g.touched >= p.settle; g = p.open.head {
		l.settleFailure(g, g.touched+p.settle)
	}
	for g := p.done.head; g != nil && now-g.touched > p.memory; g = p.done.head {
		p.drop(g)
	}
}

// settleFailure ends a call that nobody answered. Where the processor knew of
// every attempt that it was not the final one, the final one passed as a call
// of its own before the link was seen: there is nothing left to count.
func (l *Ledger) settleFailure(g *group, at int64) {
	if g.notFinal {
		l.self.SplitCalls++
		l.settled(g)
	} else {
		if l.settled(g) {
			l.self.RestartSplits++
		}
		if g.standing {
			l.bookRequests(g)
		}
		ev := g.event()
		if g.timed {
			g.s.WastedLatency += int64(ev.Duration)
			g.s.Backoff += g.waited()
		}
		l.countCall(g.s, g.tg, FailureOutcome(g.class), g.class, &ev, g.at, g.timed)
		l.weigh(g.s, g.weight)
	}
	l.calls.move(g, groupFailed, at)
}

// FailureOutcome is how a call ends whose final attempt failed by class: by
// its client's will, by its own fault, or not at all well.
func FailureOutcome(class llm.ErrorClass) stamp.Outcome {
	switch class {
	case llm.ErrCancelled:
		return stamp.OutcomeCancelled
	case llm.ErrContextLength, llm.ErrContentFilter, llm.ErrBadRequest, llm.ErrPolicyBlocked:
		return stamp.OutcomeRejected
	}
	return stamp.OutcomeFailed
}

func (l *Ledger) countCall(s *series, tg *target, o stamp.Outcome, class llm.ErrorClass, ev *slo.Event, at int64, timed bool) {
	l.totals.Calls++
	s.Calls[o]++
	if o >= stamp.OutcomeFailed {
		s.CallsFailed[class]++
	}
	l.slos.judgeCall(tg, s, ev, at, timed)
}

// weigh books the adjusted count of a call, in millionths so that the sum does
// not depend on the order.
func (l *Ledger) weigh(s *series, weight float64) {
	if !(weight >= 1 && weight < 1e9) {
		weight = 1
	}
	s.extrapolated.micros += int64(weight * million)
}

// lead is how long the call had lasted before this attempt, where whoever saw
// all attempts has said so.
func (e *entry) lead() (nanos int64, known bool) {
	if sum := &e.Stamp.Call; sum.Set && sum.Duration > 0 && e.took >= 0 {
		return max(0, sum.Duration-e.took), true
	}
	return 0, false
}

// event is the attempt as an SLO sees it, with the time that the call had
// already lost before it began.
func (e *entry) event(lead int64) slo.Event {
	ev := slo.Event{
		Class: e.class, Duration: nanos(e.took + lead), Streaming: e.Call.Streaming || e.Call.FirstChunk > 0,
		OutputTokens: outputTokens(&e.Call.Usage), Cost: e.Stamp.Cost.Total, Priced: e.priced, Ruled: e.Ruled,
	}
	if e.Call.FirstChunk > 0 {
		ev.TimeToFirstChunk = nanos(e.Call.FirstChunk + lead)
	}
	return ev
}

// outputTokens is the number that a pace rests on; negative where the span told
// none, which is not the same as none at all.
func outputTokens(u *llm.Usage) int64 {
	n := u.TotalOutput()
	if n == 0 && (!u.Known || u.Partial) {
		return -1
	}
	return n
}

// group is a logical call that is waiting, or was settled a short while ago.
type group struct {
	key        callKey
	prev, next *group
	list       *groupList
	state      groupState
	touched    int64 // last arrival, then settlement; Unix nanoseconds

	// The final attempt so far, by number, then end, then span id.
	s       *series
	tg      *target
	number  int32
	class   llm.ErrorClass
	at, end int64
	span    llm.SpanID
	final   slo.Event
	timed   bool
	whole   bool // final lasts as long as the whole call
	costed  bool // final costs as much as the whole call
	weight  float64

	astride bool // waited over a restart, and nothing of its own has come since

	started  int64 // of the first attempt
	busy     int64 // sum over the attempts, nanoseconds
	backoff  int64 // as stamped, where final lasts as long as the whole call
	attempts int32
	cost     money.Amount
	notFinal bool // said of every attempt

	// HTTP requests that stand in for the call, by class; see standIn.
	standing bool
	requests [llm.NumErrorClasses]uint8
}

type callKey struct {
	trace llm.TraceID
	id    llm.SpanID
}

type groupState uint8

const (
	groupNew groupState = iota
	groupOpen
	groupAnswered
	groupFailed
)

func (p *pending) reset(g *group) {
	if g.standing {
		p.standing--
	}
	*g = group{key: g.key, prev: g.prev, next: g.next, list: g.list}
}

func (g *group) merge(e *entry, number int32) {
	c := e.Call
	if g.attempts == 0 {
		g.notFinal = true
	}
	if g.attempts == 0 || (c.Start > 0 && c.Start < g.started) {
		g.started = c.Start
	}
	g.notFinal = g.notFinal && e.Stamp.Attempt.Final == stamp.No
	g.attempts++
	g.busy += max(0, e.took)
	if e.priced {
		addTo(&g.cost, e.Stamp.Cost.Total)
	}
	if g.attempts > 1 && !g.laterThan(number, c) {
		return
	}
	g.s, g.tg, g.number, g.class = e.s, e.tg, number, e.class
	g.at, g.end, g.span = e.at, c.End, c.Span
	lead, known := e.lead()
	g.final, g.timed, g.weight, g.whole = e.event(lead), e.took >= 0, e.Weight, known
	sum := &e.Stamp.Call
	g.backoff = max(0, sum.Backoff)
	if g.costed = sum.Set && sum.HasCost; g.costed {
		g.final.Cost = sum.Cost
	}
}

func (g *group) laterThan(number int32, c *llm.Call) bool {
	switch {
	case number != g.number:
		return number > g.number
	case c.End != g.end:
		return c.End > g.end
	}
	return string(c.Span[:]) > string(g.span[:])
}

// waited is how long no attempt ran at a call that failed, nanoseconds.
func (g *group) waited() int64 {
	if g.whole || g.started <= 0 {
		return g.backoff
	}
	return max(0, g.end-g.started-g.busy)
}

// event is the whole call that failed: from the start of its first attempt.
func (g *group) event() slo.Event {
	ev := g.final
	if !g.costed {
		ev.Cost = g.cost
	}
	if lead := g.end - int64(ev.Duration) - g.started; !g.whole && g.started > 0 && g.timed && lead > 0 {
		ev.Duration += nanos(lead)
		if ev.TimeToFirstChunk > 0 {
			ev.TimeToFirstChunk += nanos(lead)
		}
	}
	return ev
}
