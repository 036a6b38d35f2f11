package genaienricherprocessor

import (
	"time"

	"github.com/spanledger/spanledger/internal/attempt"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// related reports whether the call may be one of several attempts.
func (e *entry) related() bool {
	return e.call.Failed() || e.stamp.Attempt.Kind != stamp.KindNone || e.stamp.Call.Set
}

// sumUp books the cost of attempts and puts the sum on the logical call.
func (p *enricher) sumUp(rulings []ruling) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range rulings {
		c := &r.e.stamp.Cost
		if p.currency == "" {
			p.currency = c.Currency
		}
		// Amounts of two currencies do not add up: a call that would need it has
		// no sum rather than a wrong one.
		known := c.Status == stamp.StatusNotBillable || c.Status.HasCost() && c.Currency == p.currency
		p.memory.Book(r.e.call.Key(), c.Total, known)
	}
	for _, r := range rulings {
		if call := &r.e.stamp.Call; call.Set {
			call.Cost, call.HasCost = p.memory.CallCost(r.e.call.Key())
		}
	}
}

// query is what the price of a call depends on besides model and usage.
func (e *entry) query(now time.Time) price.Query {
	return price.Query{At: e.at, Now: now.UnixNano(), Tier: e.call.Tier, Geo: e.call.Geo, Quality: e.call.Quality, Route: e.stamp.Route}
}

// priceOf is the receipt of one call.
func priceOf(book *price.Book, e *entry, v *attempt.Verdict, q price.Query) stamp.Cost {
	c := book.Cost(&e.call.Usage, e.model, q)
	if rep := &e.call.Reported; rep.Billed {
		if amount, err := money.ParseRounded(rep.Amount); err == nil && (rep.Cached || price.IsBill(&c, amount)) {
			c = price.Reported(c, amount, rep.Currency)
		}
	}
	c.Basis = e.call.Basis
	switch v.Bill.Status {
	case attempt.Duplicate:
		c = unbilled(&c, stamp.StatusDuplicate)
		c.DuplicateOf = v.Bill.Of
	case attempt.NotBillable, attempt.NoBill:
		c = unbilled(&c, stamp.StatusNotBillable)
	}
	c.Use = useOf(e, c.Status)
	return c
}

// useOf says what the money bought. A failure whose emitter said nothing of
// its usage may have cost something: that is unknown, not zero.
func useOf(e *entry, status stamp.Status) stamp.Use {
	switch {
	case !e.call.Failed() || status == stamp.StatusDuplicate:
		return stamp.UseDelivered
	case status == stamp.StatusNoUsage:
		return stamp.UseUnknown
	}
	return stamp.UseWasted
}

// unbilled keeps of a receipt what a naive sum would have added: the figure by
// list, as evidence beside a status that carries no total.
func unbilled(c *stamp.Cost, status stamp.Status) stamp.Cost {
	out := stamp.Cost{Status: status, Basis: c.Basis}
	if c.Status.HasCost() {
		out.Currency, out.List, out.HasList = c.Currency, c.Total, !c.Total.IsZero()
		if c.HasList {
			out.List, out.HasList = c.List, !c.List.IsZero()
		}
	}
	return out
}
