package rollupcomponent

import (
	"cmp"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
)

var (
	mList = &metric{
		name: "spanledger.cost.list", unit: "{cost}", kind: counter, money: true, attrs: []string{attrVendor, attrPlatform, attrModel, attrCurrency},
		doc: "What the calls that the price book priced cost by list, before contracts.",
	}
	mEffective = &metric{
		name: "spanledger.cost.effective", unit: "{cost}", kind: counter, money: true, attrs: []string{attrVendor, attrPlatform, attrModel, attrCurrency},
		doc: "What the same calls cost after contracts; list less this is what contracts saved.",
	}
	mReported = &metric{
		name: "spanledger.cost.reported", unit: "{cost}", kind: counter, money: true, attrs: []string{attrVendor, attrPlatform, attrModel, attrCurrency},
		doc: "The billing providers' own figures, of the calls for which they gave one and the price book has a price too.",
	}
	mVariance = &metric{
		name: "spanledger.cost.variance", unit: "{cost}", kind: gauge, money: true, attrs: []string{attrVendor, attrPlatform, attrModel, attrCurrency},
		doc: "How much more the billing providers reported for those calls than the price book expected, since the ledger's start; below 0 where it was less. Several shares add up.",
	}
)

// priceMetrics stand after spend by component.
var priceMetrics = []*metric{mList, mEffective, mReported, mVariance}

// prices walks what models cost by list, by contract and by report.
func (w *walker) prices() {
	for _, m := range priceMetrics {
		w.begin(m)
		for i := range w.snap.Prices {
			r := &w.snap.Prices[i]
			if a := amountOf(m, r); !a.IsZero() || (m == mVariance && r.HasReported) {
				w.amount(a, r.Vendor, r.Platform, r.Model, r.Currency)
			}
		}
	}
}

func amountOf(m *metric, r *rollup.PriceRow) money.Amount {
	switch m {
	case mList:
		return r.List
	case mEffective:
		return r.Effective
	case mReported:
		return r.Reported
	}
	return r.Variance
}

// pricesSince takes the sums of the earlier snapshot off; the variance is a
// state and stays.
func pricesSince(base, now []rollup.PriceRow) []rollup.PriceRow {
	return subtract(base, now, func(a, b *rollup.PriceRow) int {
		return cmp.Or(cmp.Compare(a.Vendor, b.Vendor), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Currency, b.Currency))
	}, func(r, was *rollup.PriceRow) {
		r.List, r.Effective, r.Reported, r.Ours = r.List.Sub(was.List), r.Effective.Sub(was.Effective), r.Reported.Sub(was.Reported), r.Ours.Sub(was.Ours)
	})
}
