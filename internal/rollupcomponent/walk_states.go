package rollupcomponent

import (
	"slices"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
)

// sloEvents splits what is bad or excluded by reason. Every reason that the
// objective can give is there from the start, with zero: a rate does not see
// the first value of a series.
func (w *walker) sloEvents() {
	w.begin(mSLOEvents)
	for i := range w.snap.SLOs {
		s := &w.snap.SLOs[i]
		var bad, excluded []slo.Reason
		if s.Spec != nil {
			bad, excluded = s.Spec.Reasons()
		}
		w.p.start = s.Start
		w.count(s.Good, s.Name, s.Scope, slo.Good.String(), "")
		w.reasons(s, slo.Bad, &s.BadBy, bad)
		w.reasons(s, slo.Excluded, &s.ExcludedBy, excluded)
	}
}

func (w *walker) reasons(s *rollup.SLORow, v slo.Verdict, by *[slo.NumReasons]int64, possible []slo.Reason) {
	for why, n := range by {
		if n != 0 || slices.Contains(possible, slo.Reason(why)) {
			w.count(n, s.Name, s.Scope, v.String(), slo.Reason(why).String())
		}
	}
}

func (w *walker) slos(m *metric, put func(*rollup.SLORow)) {
	w.begin(m)
	for i := range w.snap.SLOs {
		put(&w.snap.SLOs[i])
	}
}

func (w *walker) sloStates() {
	w.slos(mObjective, func(s *rollup.SLORow) { w.number(s.Objective, s.Name) })
	w.slos(mRemaining, func(s *rollup.SLORow) { w.number(s.Status.Remaining, s.Name) })
	w.slos(mBurn, func(s *rollup.SLORow) {
		for _, b := range s.Status.Burn {
			w.number(b.Rate, s.Name, shortDuration(b.Window))
		}
	})
	w.slos(mExhaustion, func(s *rollup.SLORow) {
		if s.Status.Exhaustion > 0 {
			w.number(s.Status.Exhaustion.Seconds(), s.Name)
		}
	})
	w.slos(mAlert, func(s *rollup.SLORow) {
		for _, t := range tiers(s) {
			active := int64(0)
			if t.Active {
				active = 1
			}
			w.count(active, s.Name, t.Tier)
		}
	})
}

func (w *walker) budgetAmounts(m *metric, put func(*rollup.BudgetRow)) {
	w.begin(m)
	for i := range w.snap.Budgets {
		put(&w.snap.Budgets[i])
	}
}

func (w *walker) budgets() {
	w.budgetAmounts(mBudgetLimit, func(b *rollup.BudgetRow) { w.amount(b.Limit, b.Name, b.Currency) })
	w.budgetAmounts(mBudgetSpent, func(b *rollup.BudgetRow) { w.amount(b.Spent, b.Name, b.Currency) })
	w.budgetAmounts(mBudgetRemaining, func(b *rollup.BudgetRow) { w.amount(b.Limit.Sub(b.Spent), b.Name, b.Currency) })
	w.budgetAmounts(mBudgetForecast, func(b *rollup.BudgetRow) {
		if b.HasForecast {
			w.amount(b.Forecast, b.Name, b.Currency)
		}
	})
	w.budgetAmounts(mBudgetReset, func(b *rollup.BudgetRow) {
		if !b.Reset.IsZero() {
			w.number(float64(b.Reset.Unix()), b.Name)
		}
	})
}

func (w *walker) coverage() {
	w.begin(mCoverage)
	for i := range w.snap.Routes {
		r, c := &w.snap.Routes[i], coverage{}
		c.add(&r.Statuses)
		if share, ok := c.share(); ok {
			w.number(share, r.Route)
		}
	}
}
