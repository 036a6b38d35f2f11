package rollup

import (
	"errors"
	"fmt"
	"time"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// BudgetDef is a limit on spend, in the reporting currency. It is advice: the
// collector blocks nothing.
type BudgetDef struct {
	Name  string
	Where Where
	Limit money.Amount
	// Soft warns below the limit; zero is no warning.
	Soft   money.Amount
	Window slo.Window
	// MinElapsed is the share of a calendar window that must have passed before
	// a forecast is made; unset is a twentieth.
	MinElapsed slo.Ratio
}

func (c *Config) validateBudgets() []error {
	var errs []error
	names := map[string]bool{}
	for i := range c.Budgets {
		b := &c.Budgets[i]
		var bad []error
		if b.Name == "" {
			bad = append(bad, errors.New("a name is needed"))
		} else if names[b.Name] {
			bad = append(bad, fmt.Errorf("the name %q is taken", b.Name))
		}
		names[b.Name] = true
		if b.Limit.Sign() <= 0 {
			bad = append(bad, fmt.Errorf("limit %s is not positive", b.Limit))
		}
		if b.Soft.Sign() < 0 || b.Soft.Cmp(b.Limit) > 0 {
			bad = append(bad, fmt.Errorf("soft limit %s is not between 0 and the limit %s", b.Soft, b.Limit))
		}
		if r := b.MinElapsed; r.IsSet() && (r.Num < 0 || r.Num > r.Den) {
			bad = append(bad, fmt.Errorf("minimum elapsed share %s is not between 0 and 1", r))
		}
		bad = append(bad, checkWindow(b.Window), c.checkWhere(b.Where))
		if err := errors.Join(bad...); err != nil {
			errs = append(errs, fmt.Errorf("budgets[%d]: %w", i, err))
		}
	}
	return errs
}

// checkWindow borrows the rules of an SLO's window.
func checkWindow(w slo.Window) error {
	probe := slo.Spec{Name: "budget", Objective: slo.Objective{Num: 1, Den: 2}, Window: w}
	return probe.Validate()
}

// budgetState is one budget with what was spent in its window: the current and
// the next calendar period, or a ring of buckets for a rolling window.
type budgetState struct {
	def     BudgetDef
	filter  filter
	unknown int64 // calls of unknown cost since start
	rolling *spendRing
	current spendPeriod
	next    spendPeriod
	seen    time.Time // since when calls are seen
}

// spend is money and what is known of it.
type spend struct {
	cost          money.Amount
	priced, blank int64 // calls with a cost, and of unknown cost
}

func (s *spend) add(o *spend) {
	addTo(&s.cost, o.cost)
	s.priced += o.priced
	s.blank += o.blank
}

// spendPeriod is a calendar period [start, end) in Unix nanoseconds.
type spendPeriod struct {
	start, end int64
	spend
}

func (p *spendPeriod) holds(at int64) bool { return p.start <= at && at < p.end }

func newBudgets(c *Config, now time.Time) []*budgetState {
	var list []*budgetState
	for _, d := range c.Budgets {
		b := &budgetState{def: d, filter: c.compile(d.Where), seen: now}
		if d.Window.Calendar == slo.NoCalendar {
			b.rolling = newSpendRing(int64(d.Window.Rolling))
		} else {
			b.current = periodOf(d.Window, now)
		}
		list = append(list, b)
	}
	return list
}

func periodOf(w slo.Window, at time.Time) spendPeriod {
	start, end := w.Bounds(at)
	return spendPeriod{start: start.UnixNano(), end: end.UnixNano()}
}

// book counts a record in the window of its own time: a late one in an earlier
// window than the current counts in none, one slightly ahead in the next.
func (b *budgetState) book(e *entry) {
	var s spend
	switch {
	case e.priced:
		s = spend{cost: e.Stamp.Cost.Total, priced: 1}
	case e.status.HasCost(), e.unknownCost(), e.status == stamp.StatusNone && e.attempt():
		s = spend{blank: 1}
		b.unknown++
	default:
		return
	}
	if b.rolling != nil {
		b.rolling.add(e.at, &s)
		return
	}
	if b.current.holds(e.at) {
		b.current.add(&s)
	} else if e.at >= b.current.end {
		if b.next.end == 0 {
			b.next = periodOf(b.def.Window, time.Unix(0, b.current.end))
		}
		if b.next.holds(e.at) {
			b.next.add(&s)
		}
	}
}

// rollBudgets opens the calendar periods that have begun.
func (l *Ledger) rollBudgets(now int64) {
	for _, b := range l.budgets {
		if b.rolling != nil || now < b.current.end {
			continue
		}
		if b.next.holds(now) {
			b.current = b.next
		} else {
			b.current = periodOf(b.def.Window, time.Unix(0, now))
		}
		b.next = spendPeriod{}
	}
}

// row states the budget at now.
func (b *budgetState) row(currency string, now, lost time.Time) BudgetRow {
	r := BudgetRow{
		Name: b.def.Name, Currency: currency, Limit: b.def.Limit, Soft: b.def.Soft, UnpricedInWhole: b.unknown,
	}
	var s spend
	if b.rolling != nil {
		s = b.rolling.sum(now.UnixNano())
		r.Start = now.Add(-b.def.Window.Rolling)
	} else {
		s = b.current.spend
		r.Start, r.Reset = time.Unix(0, b.current.start).UTC(), time.Unix(0, b.current.end).UTC()
	}
	r.Spent, r.CallsInWindow, r.PricedShare = s.cost, s.priced+s.blank, 1
	if r.CallsInWindow > 0 {
		r.PricedShare = float64(s.priced) / float64(r.CallsInWindow)
	}
	b.project(&r, now)
	r.Exceeded = r.Spent.Cmp(r.Limit) > 0
	switch {
	case r.Exceeded: // what is known is enough to know
		r.State = "exceeded"
	case lost.After(r.Start):
		r.State, r.HasForecast = "unknown", false
	case r.Soft.Sign() > 0 && r.Spent.Cmp(r.Soft) >= 0:
		r.State = "soft"
	default:
		r.State = "ok"
	}
	return r
}

// project carries the spend on at its average pace over the time that was
// seen: a ledger that was started in the middle of a month does not take the
// first half for free.
func (b *budgetState) project(r *BudgetRow, now time.Time) {
	from := r.Start
	if b.seen.After(from) {
		from = b.seen
	}
	elapsed := now.Sub(from)
	if elapsed <= 0 {
		return
	}
	period := b.def.Window.Rolling
	if b.rolling == nil {
		period = r.Reset.Sub(r.Start)
		minimum := b.def.MinElapsed
		if r.Forecast, r.HasForecast = slo.Forecast(r.Spent, elapsed, period, minimum); r.HasForecast {
			r.Forecast, r.HasForecast = slo.Project(r.Spent, elapsed, r.Reset.Sub(now))
		}
		if wait, ok := slo.TimeToLimit(r.Spent, r.Limit, elapsed); ok && r.HasForecast && !now.Add(wait).After(r.Reset) {
			r.Exhaustion = now.Add(wait)
		}
	}
	r.Burn = r.Spent.Float64() / r.Limit.Float64() * float64(period) / float64(elapsed)
}
