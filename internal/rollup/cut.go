package rollup

import (
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/stamp"
)

// Cut settles what is due and states the books at now. The snapshot shares
// nothing with the ledger: it may be read and sent at leisure while Add goes
// on. Alert windows end at now - settle.
func (l *Ledger) Cut(now time.Time) *Snapshot {
	s := l.locked(now)
	s.Fold()
	return s
}

func (l *Ledger) locked(now time.Time) *Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut(now)
}

// CutState is Cut together with a state of exactly the same books, without the
// memory of what was seen: restored and cut at the same time, it gives the
// same rows.
func (l *Ledger) CutState(now time.Time) (*Snapshot, []byte) {
	s, state := l.lockedState(now)
	s.Fold()
	return s, state
}

func (l *Ledger) lockedState(now time.Time) (*Snapshot, []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut(now), l.marshal(false)
}

func (l *Ledger) cut(now time.Time) *Snapshot {
	l.settleDue(now.UnixNano())
	l.rollBudgets(now.UnixNano())
	l.expireRows(now.UnixNano())
	s := &Snapshot{
		Start: l.start, At: now, Instance: l.instance, Dimensions: slices.Clone(l.cfg.Dimensions),
		Rows: l.rows(), Past: l.rowOf(&l.past), Pending: l.calls.open.n, Scope: l.cfg.Scope, Lost: l.lost,
	}
	s.Ended, s.EndedFolds = l.endedNow(now.UnixNano())
	s.buried = l.graves.rows(l)
	s.Components, s.Unpriced = l.modelRows()
	s.Prices = l.priceRows()
	end := now.Add(-l.cfg.Settle)
	for _, o := range l.slos.all() {
		row := o.row(end)
		row.Start = l.startOf(o.since)
		s.SLOs = append(s.SLOs, row)
	}
	slices.SortFunc(s.SLOs, func(a, b SLORow) int {
		return firstOf(strings.Compare(a.Name, b.Name), strings.Compare(a.Route, b.Route))
	})
	for _, b := range l.budgets {
		s.Budgets = append(s.Budgets, b.row(l.cfg.ReportingCurrency, now, l.lost))
	}
	slices.SortFunc(s.Budgets, func(a, b BudgetRow) int { return strings.Compare(a.Name, b.Name) })
	s.Totals = l.totals
	s.Totals.Cost = slices.Clone(l.cash)
	slices.SortFunc(s.Totals.Cost, func(a, b CurrencyTotal) int { return strings.Compare(a.Currency, b.Currency) })
	s.Self = l.selfNow()
	return s
}

func (l *Ledger) selfNow() Self {
	s := l.self
	s.EarlyEvicted = l.spans.early + l.bills.early
	s.DedupeSize = int64(l.spans.n + l.bills.n)
	s.SeriesActive = int64(len(l.series.rows))
	s.SettleQueue = int64(l.calls.open.n)
	return s
}

// Self settles what is due and returns the ledger's own telemetry and its
// totals, without their money, at a fraction of what Cut costs.
func (l *Ledger) Self(now time.Time) (Self, Totals) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settleDue(now.UnixNano())
	t := l.totals
	t.Cost = nil
	return l.selfNow(), t
}

// rows copies all rows in order. The counts of all histograms share one
// allocation.
func (l *Ledger) rows() []Row {
	l.sortRows()
	width := 0
	for i := range l.layouts {
		width += len(l.layouts[i].nanos) + 1
	}
	rows := make([]Row, len(l.order))
	counts := make([]uint64, width*len(rows))
	for i, at := range l.order {
		s := l.series.rows[at]
		s.fold()
		r := &rows[i]
		*r = l.rowOf(s)
		for h, dst := range []*Histogram{&r.Duration, &r.FirstChunk, &r.TimePerOutputToken} {
			n := len(l.layouts[h].nanos) + 1
			*dst = s.hists[h].export(&l.layouts[h], counts[:n:n])
			counts = counts[n:]
		}
	}
	return rows
}

// startOf is from when figures count: since they began anew, else since the
// ledger's start.
func (l *Ledger) startOf(since int64) time.Time {
	if since == 0 {
		return l.start
	}
	return time.Unix(0, since).UTC()
}

// rowOf is a row without its histograms.
func (l *Ledger) rowOf(s *series) Row {
	r := s.Row
	r.Start = l.startOf(s.since)
	r.Currency = l.cfg.ReportingCurrency
	r.Extrapolated = Extrapolated{Calls: float64(s.extrapolated.micros) / million, Cost: s.extrapolated.cost}
	return r
}

// sortRows keeps the order of the rows; only new rows cost anything.
func (l *Ledger) sortRows() {
	all := l.series.rows
	if len(l.order) == len(all) {
		return
	}
	for i := len(l.order); i < len(all); i++ {
		l.order = append(l.order, int32(i))
	}
	slices.SortFunc(l.order, func(a, b int32) int {
		return firstOf(strings.Compare(all[a].Route, all[b].Route), slices.Compare(all[a].Dims, all[b].Dims))
	})
}

func firstOf(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// modelRows lists spend by component and what could not be priced, by model.
func (l *Ledger) modelRows() (parts []ComponentRow, unpriced []UnpricedRow) {
	models := make([]*modelBooks, 0, len(l.models.byID))
	for _, m := range l.models.byID {
		models = append(models, m)
	}
	slices.SortFunc(models, func(a, b *modelBooks) int { return a.compare(b.identity) })
	for _, m := range models {
		for c := range stamp.NumComponents {
			if a := m.components[c]; !a.IsZero() {
				parts = append(parts, ComponentRow{m.vendor, m.platform, m.model, c, l.cfg.ReportingCurrency, a})
			}
		}
		for status := range stamp.NumStatuses {
			if u := m.unpriced[status]; u.calls > 0 {
				unpriced = append(unpriced, UnpricedRow{m.vendor, m.platform, m.model, status, u.calls, u.tokens})
			}
		}
	}
	return parts, unpriced
}

func (id identity) compare(o identity) int {
	return firstOf(strings.Compare(id.vendor, o.vendor), firstOf(strings.Compare(id.platform, o.platform), strings.Compare(id.model, o.model)))
}

// priceRows lists what models cost by list, contract and report.
func (l *Ledger) priceRows() (rows []PriceRow) {
	for _, m := range l.models.byID { // sorted next
		if p := &m.prices; *p != (sidePrices{}) {
			rows = append(rows, PriceRow{
				Vendor: m.vendor, Platform: m.platform, Model: m.model, Currency: l.cfg.ReportingCurrency,
				List: p.list, Effective: p.effective, Reported: p.reported, Ours: p.ours,
				Variance: p.reported.Sub(p.ours), HasReported: !p.reported.IsZero() || !p.ours.IsZero(),
			})
		}
	}
	slices.SortFunc(rows, func(a, b PriceRow) int {
		return identity{a.Vendor, a.Platform, a.Model}.compare(identity{b.Vendor, b.Platform, b.Model})
	})
	return rows
}

// all lists every SLO, declared ones first; the order of routes is not defined.
func (b *sloBook) all() []*sloState {
	list := slices.Clone(b.declared)
	for _, defaults := range b.byRoute {
		list = append(list, defaults...)
	}
	return list
}
