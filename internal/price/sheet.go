package price

import (
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// sheet is every price of one model for one combination of entry, variant,
// uplifts and contract, ready to be multiplied.
type sheet struct {
	key      sheetKey
	plan     *plan
	entry    *entry
	variant  *variant // nil: standard
	contract *terms   // nil: list
	extra    *entry   // surcharge of a router; nil none
	bands    []band   // ascending thresholds, the first is 0
	list     *sheet   // the same without the contract; nil without one
}

// band is a sheet's prices for a range of total input.
type band struct {
	above     int64
	lines     [numLines]line
	div       [stamp.NumComponents]uint64
	wide      bool // some component needs more than 64 bits: add by big integers
	priced    bool // some line is set
	modifiers []string
}

// surcharge is the line that follows the items: a router's fee on all input.
const (
	surcharge = NumItems
	numLines  = NumItems + 1
)

// line is the effective price of one item.
type line struct {
	scaled money.Scaled
	rate   money.Rate
	factor money.Factor
	from   Item // whose price it is: the item's own or an ancestor's
	set    bool
	paid   bool // more than nothing
	comp   stamp.Component
}

// own reports whether the line has a price of its own, not an ancestor's.
func (b *band) own(i Item) bool { return b.lines[i].set && b.lines[i].from == i }

// maxSheets bounds the sheets that are remembered for one model; a
// combination beyond them is made anew for each call.
const maxSheets = 64

// sheet returns the sheet of a combination, made on first use.
func (r *resolved) sheet(k sheetKey) *sheet {
	if s := find(r.sheets.Load(), k); s != nil {
		return s
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.sheets.Load()
	if s := find(known, k); s != nil {
		return s
	}
	s := r.newSheet(k)
	if known == nil {
		r.sheets.Store(&[]*sheet{s})
	} else if len(*known) < maxSheets {
		next := append(slices.Clone(*known), s)
		r.sheets.Store(&next)
	}
	return s
}

func find(sheets *[]*sheet, k sheetKey) *sheet {
	if sheets == nil {
		return nil
	}
	for _, s := range *sheets {
		if s.key == k {
			return s
		}
	}
	return nil
}

func (r *resolved) newSheet(k sheetKey) *sheet {
	s := &sheet{key: k, plan: r.rows[k.row]}
	s.entry = &s.plan.entries[k.entry]
	if k.variant >= 0 {
		s.variant = &s.plan.variants[k.variant]
	}
	if k.surcharge >= 0 {
		s.extra = &r.extra.entries[k.surcharge]
	}
	if k.contract >= 0 {
		if t := r.contracts[k.contract]; !t.fixed || t.currency == "" || t.currency == s.plan.currency {
			s.contract = t
		}
		k.contract = -1
		s.list = r.newSheet(k)
	}
	for _, above := range s.thresholds() {
		s.bands = append(s.bands, s.band(r, above))
	}
	return s
}

// thresholds are 0 and every threshold of a price that the sheet uses.
func (s *sheet) thresholds() []int64 {
	out := []int64{0}
	if s.variant != nil && s.variant.Flat {
		return out
	}
	out = append(out, s.entry.Rates.thresholds()...)
	if s.variant != nil {
		out = append(out, s.variant.Rates.thresholds()...)
	}
	if s.contract != nil {
		out = append(out, s.contract.Prices.thresholds()...)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	// A threshold that only a replaced price had changes nothing.
	return slices.DeleteFunc(out, func(t int64) bool {
		if t == 0 {
			return false
		}
		for i := Item(0); i < NumItems; i++ {
			if s.listed(i).hasThreshold(i, t) {
				return false
			}
		}
		return true
	})
}

func (r Rates) hasThreshold(i Item, above int64) bool {
	return slices.ContainsFunc(r, func(p Price) bool { return p.Item == i && p.Above == above })
}

// listed is the price list that an item is priced by: the contract's where it
// fixes the item, else the variant's, else the entry's.
func (s *sheet) listed(i Item) Rates {
	switch {
	case s.contract != nil && s.contract.Prices.Has(i):
		return s.contract.Prices
	case s.variant != nil && s.variant.Rates.Has(i):
		return s.variant.Rates
	}
	return s.entry.Rates
}

// quote returns the price and the factor of an item's own ladder.
func (s *sheet) quote(i Item, above int64) (money.Rate, money.Factor, bool) {
	total := int64(0)
	if above > 0 {
		total = above + 1
	}
	rate := s.listed(i).At(i, total)
	if !rate.IsSet() {
		return rate, money.One, false
	}
	if s.contract != nil && s.contract.Prices.Has(i) {
		return rate, money.One, true
	}
	f, ok := money.One, true
	if i.IsTokens() {
		if s.variant != nil && !s.variant.Rates.Has(i) {
			f, ok = f.Times(s.variant.Factor)
		}
		for k := range s.plan.uplifts {
			if ok && s.key.uplifts&(1<<k) != 0 {
				f, ok = f.Times(s.plan.uplifts[k].Factor)
			}
		}
	}
	if ok && s.contract != nil && !s.contract.fixed {
		f, ok = f.Times(s.contract.pay)
	}
	return rate, f, ok
}

// band makes the prices of requests above a threshold.
func (s *sheet) band(r *resolved, above int64) band {
	b := band{above: above}
	for i := Item(0); i < NumItems; i++ {
		b.lines[i] = line{from: i, comp: componentOf[i]}
		if rate, f, ok := s.quote(i, above); ok {
			b.lines[i].put(rate, f)
		}
	}
	b.inherit(r.vendor)
	b.lines[surcharge] = line{from: surcharge, comp: stamp.CompOther}
	if s.extra != nil {
		b.lines[surcharge].put(s.extra.Rates.Get(Tokens(llm.Input)), money.One)
	}
	b.unify()
	b.modifiers = s.modifiers(r, above)
	return b
}
