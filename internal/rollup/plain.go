package rollup

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// plain counts calls like most: one attempt, answered, priced in the reporting
// currency, and no sample of several. Each raises seven figures of its row by
// one or by its cost; fold does that for all of them at once.
type plain struct {
	calls int64
	cost  money.Amount
}

// fold must come before the figures of a row are read.
func (s *series) fold() {
	n, cost := s.plain.calls, s.plain.cost
	if n == 0 {
		return
	}
	s.plain = plain{}
	s.Statuses[stamp.StatusPriced] += n
	s.Attempts[stamp.KindFirst] += n
	s.Calls[stamp.OutcomeSuccess] += n
	addTo(&s.Cost[stamp.UseDelivered], cost)
	addTo(&s.Naive, cost)
	s.extrapolated.micros += n * million
	addTo(&s.extrapolated.cost, cost)
}

// isPlain reports whether the entry is such a call.
func (l *Ledger) isPlain(e *entry) bool {
	c, st := e.Call, e.Stamp
	a := &st.Attempt
	return e.class == llm.ErrNone && e.status == stamp.StatusPriced && st.Cost.Use == stamp.UseDelivered && !e.tokensDone &&
		a.Kind <= stamp.KindFirst && a.Number <= 1 && a.Group.IsZero() && !a.Futile && !st.Call.Set && a.TakesOver.IsZero() && l.calls.standing == 0 &&
		c.Role != llm.RoleRollup && !c.Attempt.Auxiliary && !(e.Weight > 1) &&
		st.Cost.Currency == l.cfg.ReportingCurrency && len(l.astride.waiting) == 0
}

// bookPlain does for a plain answer what bookSpan, bookMoney, bookAttempt and
// bookCall do for any entry.
func (l *Ledger) bookPlain(e *entry) {
	s, t, cost := e.s, &l.totals, &e.Stamp.Cost
	e.priced = true
	t.Spans++
	t.Billed++
	t.Attempts++
	t.Calls++
	for b, n := range &e.Call.Usage.Tokens {
		if n != 0 {
			s.Tokens[b] += n
			t.Tokens += n
		}
	}
	s.plain.calls++
	addTo(&s.plain.cost, cost.Total)
	cash := &l.cash[0]
	cash.CallsPriced++
	addTo(&cash.Cost, cost.Total)
	addTo(&cash.Naive, cost.Total)
	l.model(s, e.Call, e.Stamp).add(e.status, cost)
	for _, b := range e.tg.budgets {
		b.book(e)
	}
	if e.Call.Attempt.Hidden == 0 {
		l.self.UndetectableRetries++
	}
	if e.NoThreshold {
		l.self.SampledWithoutThreshold++
	}
	ev := e.event(0)
	l.observeStream(e, &ev)
	for _, o := range e.tg.slos {
		o.judge(s, &ev, e.at, e.took >= 0)
	}
	if e.took >= 0 {
		s.hists.observe(&l.layouts, histDuration, e.took)
		s.Slow.slowest(e.Call, e.at, e.took)
	}
}
