package rollup

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// identity is where and what a model is.
type identity struct{ vendor, platform, model string }

// modelBooks is what is kept of one model, whatever the route: spend by price
// component in the reporting currency, and what could not be priced.
type modelBooks struct {
	identity
	components [stamp.NumComponents]money.Amount
	prices     sidePrices
	unpriced   [stamp.NumStatuses]unpricedCount
}

// add books one call that has a total.
func (m *modelBooks) add(status stamp.Status, cost *stamp.Cost) {
	for i := range cost.Components {
		if a := cost.Components[i]; !a.IsZero() {
			addTo(&m.components[i], a)
		}
	}
	m.prices.add(status, cost)
}

// warm reads its cache lines, see series.warm.
func (m *modelBooks) warm() int64 {
	a, _ := m.components[stamp.CompOutput].Words()
	b, _ := m.prices.list.Words()
	return a ^ b ^ int64(len(m.vendor))
}

// sidePrices are the sums of PriceRow, in the reporting currency.
type sidePrices struct{ list, effective, reported, ours money.Amount }

func (p *sidePrices) amounts() [4]*money.Amount {
	return [4]*money.Amount{&p.list, &p.effective, &p.reported, &p.ours}
}

// add books one call that has a total.
func (p *sidePrices) add(status stamp.Status, cost *stamp.Cost) {
	switch {
	case status == stamp.StatusPriced:
		addTo(&p.list, listOf(cost))
		addTo(&p.effective, cost.Total)
	case cost.PriceID != "": // the book has a price for it
		addTo(&p.reported, reportedOf(cost))
		addTo(&p.ours, listOf(cost))
	}
}

type unpricedCount struct{ calls, tokens int64 }

// modelTable is capped; past the cap models share one entry.
type modelTable struct {
	limit int
	byID  map[identity]*modelBooks
}

func (t *modelTable) at(vendor, platform, model string) *modelBooks {
	id := identity{vendor, platform, model}
	if m := t.byID[id]; m != nil {
		return m
	}
	if len(t.byID) >= t.limit {
		id = identity{OverflowValue, OverflowValue, OverflowValue}
		if m := t.byID[id]; m != nil {
			return m
		}
	}
	m := &modelBooks{identity: identity{clone(id.vendor), clone(id.platform), clone(id.model)}}
	t.byID[m.identity] = m
	return m
}

func clone(s string) string { return string(append([]byte(nil), s...)) }

// model returns the books of the record's model, remembered on its row.
func (l *Ledger) model(s *series, c *llm.Call, st *stamp.Stamp) *modelBooks {
	vendor, platform, model := st.Model.Vendor, st.Model.Platform, st.Model.ID
	if model == "" {
		model = c.Ref.Response
	}
	if model == "" {
		model = c.Ref.Request
	}
	if s.parts != nil && s.model == model && s.vendor == vendor && s.platform == platform {
		return s.parts
	}
	m := l.models.at(vendor, platform, model)
	if m.model == model && m.vendor == vendor { // not the overflow entry
		s.parts, s.vendor, s.platform, s.model = m, m.vendor, m.platform, m.model
	}
	return m
}
