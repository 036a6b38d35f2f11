package price

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Cost prices the usage of one call of a model. The status is priced, partial
// where a part has no price or the span reported only one side of the usage
// (then AtLeast is the priced part), unpriced_model
// where no row claims the model at that time, or no_usage.
//
// Modifiers and strings of the result are shared: they must not be changed.
func (b *Book) Cost(u *llm.Usage, m *llm.Model, q Query) stamp.Cost {
	var c stamp.Cost
	if !u.Known {
		c.Status = stamp.StatusNoUsage
		return c
	}
	r := b.resolve(m)
	s, t := r.price(u, &q)
	if s != nil && t.missing && q.Quality == "" {
		t = r.atAnyQuality(s, t, u)
	}
	if s == nil || (!t.any && (t.missing || !t.band.priced)) {
		c.Status = stamp.StatusUnpricedModel
		return c
	}
	c.Currency, c.PriceID, c.Modifiers = s.plan.currency, s.entry.priceID, t.band.modifiers
	if t.missing || r.atLeast || u.Partial {
		c.Status, c.AtLeast = stamp.StatusPartial, t.total
		return c
	}
	c.Status, c.Total, c.Components = stamp.StatusPriced, t.total, t.components
	if s.list != nil {
		if l := s.list.tally(u); !l.missing && l.total != t.total {
			c.List, c.HasList = l.total, true
		}
	}
	return c
}

// price chooses the sheet of a call and adds up. At an unknown time it takes
// the dearest entry that may have held; no sheet is returned where none can.
func (r *resolved) price(u *llm.Usage, q *Query) (*sheet, tally) {
	if q.At != 0 || !r.timed() {
		s := r.pick(q)
		if s == nil {
			return nil, tally{}
		}
		return s, s.tally(u)
	}
	var best *sheet
	var most tally
	for i, p := range r.rows {
		for e := range p.entries {
			if q.Now != 0 && q.Now < p.entries[e].recorded {
				continue
			}
			s := r.sheet(r.key(q, i, e))
			if t := s.tally(u); best == nil || t.total.Cmp(most.total) > 0 {
				best, most = s, t
			}
		}
	}
	return best, most
}

// atAnyQuality is the lowest that a call costs whose prices differ by a quality
// that nobody told: a lower bound, so something stays missing.
func (r *resolved) atAnyQuality(s *sheet, t tally, u *llm.Usage) tally {
	if s.variant != nil {
		return t
	}
	var lowest *tally
	for i := range s.plan.variants {
		if !s.plan.variants[i].byQualityAlone() {
			continue
		}
		k := s.key
		k.variant = int16(i)
		if c := r.sheet(k).tally(u); !c.missing && (lowest == nil || c.total.Cmp(lowest.total) < 0) {
			lowest = &c
		}
	}
	if lowest != nil {
		t.total, t.any = lowest.total, true
	}
	return t
}

// tally is a usage at the prices of one band.
type tally struct {
	band       *band
	components [stamp.NumComponents]money.Amount
	total      money.Amount
	any        bool // something was charged, be it at a price of zero
	missing    bool // something has no price
}

// bandOf returns the prices for a request of that total input.
func (s *sheet) bandOf(total int64) *band {
	i := len(s.bands) - 1
	for i > 0 && total <= s.bands[i].above {
		i--
	}
	return &s.bands[i]
}

// tally multiplies and adds: exact sums for each component, each rounded once.
func (s *sheet) tally(u *llm.Usage) (t tally) {
	b := s.bandOf(u.TotalInput())
	t.band = b
	skip := b.covered(u)
	if b.wide {
		t.addWide(u, skip)
		return t
	}
	var acc [stamp.NumComponents]money.Acc
	t.each(u, skip, func(l *line, n int64) { acc[l.comp].Add(n, l.scaled.Mul) })
	for c := range acc {
		if acc[c].IsZero() {
			continue
		}
		amount, ok := acc[c].Round(b.div[c])
		if !ok {
			t = tally{band: b}
			t.addWide(u, skip)
			return t
		}
		t.components[c], t.total = amount, t.total.Add(amount)
	}
	return t
}

// each calls charge for every item of the usage that is charged, and notes
// what has no price.
func (t *tally) each(u *llm.Usage, skip items, charge func(l *line, n int64)) {
	one := func(i Item, n int64) {
		l := &t.band.lines[i]
		switch {
		case n == 0 || skip.has(i):
		case n < 0 || !l.set:
			t.missing = true // a count below zero is no count: it is not priced
		default:
			t.any = true
			charge(l, n)
		}
	}
	for i, n := range u.Tokens {
		if n != 0 {
			one(Tokens(llm.Bucket(i)), n)
		}
	}
	if u.Units != ([llm.NumUnits]int64{}) {
		for i, n := range u.Units {
			one(Units(llm.Unit(i)), n)
		}
	}
	if t.band.lines[PerRequest].set {
		one(PerRequest, 1)
	}
	if t.band.lines[PerSearchRequest].set {
		one(PerSearchRequest, PerSearchRequest.count(u))
	}
	if t.band.lines[surcharge].set {
		one(surcharge, u.TotalInput())
	}
}

// addWide is tally by big integers, for prices and counts that leave 64 and
// 128 bits.
func (t *tally) addWide(u *llm.Usage, skip items) {
	var terms [stamp.NumComponents][]money.Term
	t.each(u, skip, func(l *line, n int64) {
		terms[l.comp] = append(terms[l.comp], money.Term{N: n, Rate: l.rate, Factor: l.factor})
	})
	for c := range terms {
		amount, ok := money.Sum(terms[c])
		if !ok {
			t.missing = true
			continue
		}
		t.components[c], t.total = amount, t.total.Add(amount)
	}
}
