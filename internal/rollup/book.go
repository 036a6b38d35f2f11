package rollup

import (
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// entry is a record on its way into the books.
type entry struct {
	*Record
	now, at    int64 // arrival and event time, Unix nanoseconds
	took       int64 // nanoseconds; -1 unknown
	s          *series
	tg         *target
	status     stamp.Status
	class      llm.ErrorClass
	billed     bool // carries the bill of its call, priced or not
	priced     bool // has a total in the reporting currency
	tokensDone bool // an unpriced description of this bill counted the tokens
	tokens     int64
}

// book is the way of one record: known? when? where? whose bill? then money,
// tokens, attempts, and the logical call.
func (l *Ledger) book(r *Record, ahead *lookahead, i int, now int64, res *AddResult) {
	r.Counted = false
	var known *seenEntry
	if r.Call.Key() != (llm.SpanKey{}) {
		var isNew bool
		if known, isNew = l.spans.add(ahead.spans[i], now, false); !isNew {
			res.Redelivered++
			return
		}
	}
	e := entry{Record: r, now: now, status: r.Stamp.Cost.Status, class: r.Stamp.Error}
	if e.class == llm.ErrNone {
		e.class = r.Call.Failure.Class
	}
	e.sane()
	res.Accepted++
	l.when(&e, res)
	l.where(&e, ahead.rows[i], res)
	l.claimBill(&e, ahead.bills[i], res)
	l.rollup(&e, ahead.spans[i].a, res)
	if e.billed && known != nil {
		known.setFlag() // its trace has a bill
	}
	l.recent.keep(&e)
	if l.isPlain(&e) {
		r.Counted = true
		l.bookPlain(&e)
		return
	}
	l.bookSpan(&e)
	l.bookMoney(&e, res)
	if e.Call.Role == llm.RoleInference && l.takeOver(&e) {
		return
	}
	if e.attempt() {
		r.Counted = true
		if !e.standsIn() {
			l.bookAttempt(&e)
		}
		if !e.Call.Attempt.Auxiliary {
			l.bookCall(&e, res)
		}
	}
}

// sane takes values that no enumeration holds, which only a broken store could
// bring, for the unknown ones.
func (e *entry) sane() {
	if e.class >= llm.NumErrorClasses {
		e.class = llm.ErrUnknown
	}
	if e.status >= stamp.NumStatuses {
		e.status = stamp.StatusNone
	}
}

// when settles the event time: the end of the span, or the time of receipt
// where the span's clock cannot be used.
func (l *Ledger) when(e *entry, res *AddResult) {
	c := e.Call
	e.took = -1
	if c.Start > 0 && c.End >= c.Start {
		e.took = c.End - c.Start
	}
	e.at = c.End
	if e.at <= 0 {
		e.at = e.Stamp.ReceivedAt
	}
	if e.at <= 0 {
		e.at = e.now
	}
	if e.at-e.now > int64(maxFuture) {
		e.at = e.now
		res.Future++
	} else if e.now-e.at > l.calls.settle {
		res.Late++
	}
}

// where finds the row, and the SLOs and budgets that the record counts for:
// those of the row, or by its own values where a cap collapsed them.
func (l *Ledger) where(e *entry, known *series, res *AddResult) {
	if e.s = known; known != nil {
		e.tg = known.target
	} else {
		l.newRow(e, res)
	}
	e.s.touched = max(e.s.touched, e.now)
	if e.now-e.at > l.calls.settle {
		e.s.Late++
	}
}

func (l *Ledger) newRow(e *entry, res *AddResult) {
	route, dims := l.key(e.Record)
	s, collapsed := l.series.row(route, dims)
	if s.target == nil {
		l.open(s)
	}
	e.s, e.tg = s, s.target
	if collapsed {
		res.Overflow++
		e.tg = l.targetOf(route, dims)
	}
}

// rollup turns down the bill of a roll-up whose calls were billed before a
// restart, which whoever stamped it has forgotten.
func (l *Ledger) rollup(e *entry, trace uint64, res *AddResult) {
	if e.billed && e.Call.Role == llm.RoleRollup && l.billedBefore(trace, e.now) {
		e.status, e.billed = stamp.StatusNotBillable, false
		res.DuplicateBills++
	}
}

// claimBill lets the first description of a bill have it. A priced
// description still takes a bill of which only an unpriced one was seen:
// unknown money may become known, booked money never moves.
func (l *Ledger) claimBill(e *entry, bill key128, res *AddResult) {
	switch e.status {
	case stamp.StatusPriced, stamp.StatusReported, stamp.StatusPartial, stamp.StatusUnpricedModel:
		e.billed = true
	}
	if !e.billed || e.Call.ResponseID == "" {
		return
	}
	hasTotal := e.status.HasCost()
	known, isNew := l.bills.add(bill, e.now, hasTotal)
	switch {
	case isNew:
	case hasTotal && !known.flag():
		known.setFlag()
		e.tokensDone = true
	default:
		e.status, e.billed = stamp.StatusDuplicate, false
		res.DuplicateBills++
	}
}

// attempt reports whether the span stands for an attempt at a call: not a
// second description of one, and a roll-up only where it carries the bill of
// calls that left no span.
func (e *entry) attempt() bool {
	switch {
	case e.status == stamp.StatusDuplicate || e.tokensDone:
		return false
	case e.Call.Role == llm.RoleRollup:
		return e.billed
	}
	return true
}

func (l *Ledger) bookSpan(e *entry) {
	s, t := e.s, &l.totals
	t.Spans++
	s.Statuses[e.status]++
	switch e.status {
	case stamp.StatusPriced, stamp.StatusReported:
		t.Billed++
	case stamp.StatusPartial, stamp.StatusUnpricedModel:
		t.Unpriced++
	case stamp.StatusNoUsage:
		t.NoUsage++
	case stamp.StatusNotBillable:
		t.NotBillable++
	case stamp.StatusDuplicate:
		t.Duplicates++
	default:
		t.Unstamped++
	}
	for _, n := range &e.Call.Usage.Tokens {
		e.tokens += n
	}
	if e.billed && !e.tokensDone {
		for b, n := range &e.Call.Usage.Tokens {
			s.Tokens[b] += n
		}
		t.Tokens += e.tokens
		if e.use() != stamp.UseDelivered {
			s.TokensWasted += e.tokens
		}
	}
	if e.unknownCost() {
		m := l.model(s, e.Call, e.Stamp)
		m.unpriced[e.status].calls++
		m.unpriced[e.status].tokens += e.tokens
	}
}

// unknownCost reports whether the span cost something, nobody knows how much.
func (e *entry) unknownCost() bool {
	return e.status == stamp.StatusPartial || e.status == stamp.StatusUnpricedModel || e.status == stamp.StatusNoUsage
}

func (l *Ledger) bookMoney(e *entry, res *AddResult) {
	cost := &e.Stamp.Cost
	naive := naiveCost(cost, e.status)
	if e.status.HasCost() || e.status == stamp.StatusPartial || !naive.IsZero() {
		l.bookCash(e, naive, res)
	}
	for _, b := range e.tg.budgets {
		b.book(e)
	}
}

func (l *Ledger) bookCash(e *entry, naive money.Amount, res *AddResult) {
	cost, s := &e.Stamp.Cost, e.s
	cash := l.cashOf(cost.Currency)
	ours := cost.Currency == l.cfg.ReportingCurrency
	if !ours && e.status.HasCost() {
		res.Unconverted++
	}
	if cash == nil {
		return
	}
	addTo(&cash.Naive, naive)
	if ours {
		addTo(&s.Naive, naive)
	}
	switch {
	case e.status == stamp.StatusPartial:
		cash.CallsWithNoTotal++
		if ours {
			addTo(&s.CostAtLeast, cost.AtLeast)
		}
		return
	case !e.status.HasCost():
		return
	}
	use := e.use()
	cash.CallsPriced++
	addTo(&cash.Cost, cost.Total)
	if use == stamp.UseWasted {
		addTo(&cash.Wasted, cost.Total)
	}
	if e.status == stamp.StatusReported {
		addTo(&cash.Reported, reportedOf(cost))
		addTo(&cash.ListOfReported, listOf(cost))
	}
	if !ours {
		return
	}
	e.priced = true
	addTo(&s.Cost[use], cost.Total)
	if e.Weight > 1 {
		addTo(&s.extrapolated.cost, times(cost.Total, e.Weight))
	} else {
		addTo(&s.extrapolated.cost, cost.Total)
	}
	l.model(s, e.Call, e.Stamp).add(e.status, cost)
}

// use says what the money bought: a failed attempt bought nothing, unless the
// processor knew better than "delivered".
func (e *entry) use() stamp.Use {
	switch u := e.Stamp.Cost.Use; {
	case u >= stamp.NumUses:
		return stamp.UseUnknown
	case u != stamp.UseDelivered || e.class == llm.ErrNone:
		return u
	}
	return stamp.UseWasted
}

// naiveCost is what a sum over every span with tokens would have added for
// this one. For a billed span that is its cost, so that naive less cost is
// what counting twice would have cost. For duplicates, roll-ups and what is
// not billable it is the list figure that the processor left on the span; a
// duplicate that only the ledger found has its own total.
func naiveCost(c *stamp.Cost, status stamp.Status) money.Amount {
	switch {
	case status.HasCost() || c.Status.HasCost():
		return c.Total
	case status == stamp.StatusPartial || c.Status == stamp.StatusPartial:
		return c.AtLeast
	case c.HasList:
		return c.List
	}
	return money.Amount{}
}

func reportedOf(c *stamp.Cost) money.Amount {
	if c.HasReported {
		return c.Reported
	}
	return c.Total
}

// listOf: the list figure is written only where it differs from the total.
func listOf(c *stamp.Cost) money.Amount {
	if c.HasList {
		return c.List
	}
	return c.Total
}

// times multiplies by the adjusted count of a sampled span, for the
// extrapolated series only, which is an estimate by nature.
func times(a money.Amount, weight float64) money.Amount {
	product, ok := money.FromFloat64(a.Float64() * weight)
	if !ok {
		return a
	}
	return product
}

func (l *Ledger) bookAttempt(e *entry) {
	s := e.s
	kind := max(e.Stamp.Attempt.Kind, stamp.KindFirst)
	if kind >= stamp.NumKinds {
		kind = stamp.KindFirst
	}
	l.totals.Attempts++
	s.Attempts[kind]++
	if e.class != llm.ErrNone {
		s.AttemptsFailed[e.class]++
		s.Failed.latest(e.Call, e.at, e.took, e.class)
		if e.class == llm.ErrUnknown {
			l.self.Unclassified++
		}
		if e.use() == stamp.UseUnknown {
			s.AttemptsUnknown++
		}
	}
	if e.Stamp.Attempt.Futile {
		s.AttemptsFutile++
	}
	if sum := &e.Stamp.Call; sum.Set {
		s.AttemptsHidden += int64(max(0, sum.Attempts-max(1, e.Stamp.Attempt.Count, e.Stamp.Attempt.Number)))
	}
	if e.NoThreshold {
		l.self.SampledWithoutThreshold++
	}
	ev := e.event(0)
	l.observeStream(e, &ev)
	if e.tg.attemptScope {
		l.slos.judgeAttempt(e.tg, e.s, &ev, e.at, e.took >= 0)
	}
}

// observeStream puts an answered stream into the histograms of pace.
func (l *Ledger) observeStream(e *entry, ev *slo.Event) {
	if e.class != llm.ErrNone || e.Call.FirstChunk <= 0 {
		return
	}
	e.s.hists.observe(&l.layouts, histFirstChunk, e.Call.FirstChunk)
	if pace, _, known := ev.Pace(); known {
		e.s.hists.observe(&l.layouts, histPerToken, int64(pace))
	}
}

// nanos is a duration that is never negative.
func nanos(d int64) time.Duration { return time.Duration(max(d, 0)) }
