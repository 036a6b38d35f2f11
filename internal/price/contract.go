package price

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
)

// Contract is a price that was agreed instead of the list price.
//
// Of the contracts that match a call the most specific applies, and only that
// one: a contract that names a route beats one that does not; then model,
// platform, tier and vendor decide in this order, then the longer model
// pattern, then the longer route pattern. Two contracts that tie are refused
// when the book is built.
type Contract struct {
	Name string
	// Vendor and Platform are exact, "" any; a platform may be written in any
	// spelling that llm.Platform knows. Model and Route are patterns with
	// * and ?, "" any; a model is matched by its id, its snapshot or its name.
	Vendor, Platform, Model, Route string
	// Tier is a service tier. "" means every tier for a discount, and standard
	// service alone for fixed prices.
	Tier string
	// Discount is what is taken off list, as a part of one (12 % is 12/100).
	Discount money.Factor
	// Prices replace the list prices of the items that they list, for good: no
	// uplift and no variant applies to them. Exclusive with Discount.
	Prices Rates
	// Commitment is throughput bought by the hour; its shares are fixed prices
	// of all tokens, or of calls. Exclusive with Discount and Prices.
	Commitment *Commitment
	// Currency of Prices, "" the row's; of Commitment, "" USD. On a row in
	// another currency the contract does not apply: nothing is converted here.
	Currency string
	// ValidFrom and ValidTo bound the calls, by their start; half-open.
	ValidFrom, ValidTo time.Time
	// RecordedAt is when the terms were entered. Calls booked before do not
	// see them; of contracts of one name the last recorded applies.
	RecordedAt time.Time
	Pos        Pos
}

// terms is a contract made ready.
type terms struct {
	*Contract
	model, route   string // lower case
	when           period
	recorded       int64
	fixed          bool
	pay            money.Factor // 1 - discount
	rank           [3]int
	modifier       string
	currency, tier string
}

func (c *Contract) compile() (*terms, error) {
	known := *c
	if c = &known; c.Platform != "" {
		c.Platform = Platform(c.Platform)
	}
	t := &terms{Contract: c, model: strings.ToLower(c.Model), route: c.Route, modifier: ContractModifier(c.Name), recorded: minTime}
	var errs []error
	given := one(len(c.Prices) > 0) + one(c.Discount != money.Factor{}) + one(c.Commitment != nil)
	if c.Commitment != nil {
		prices, err := c.Commitment.prices()
		if err != nil {
			errs = append(errs, fmt.Errorf("commitment: %w", err))
		}
		own := *c
		own.Prices = prices
		t.Contract, c = &own, &own
	}
	if c.Name == "" {
		errs = append(errs, errors.New("a contract needs a name"))
	}
	t.fixed = len(c.Prices) > 0
	discount := c.Discount != money.Factor{}
	switch {
	case given != 1:
		errs = append(errs, errors.New("exactly one of a discount, prices and a commitment is needed"))
	case discount && (c.Discount.Den <= 0 || c.Discount.Num < 0 || c.Discount.Num > c.Discount.Den):
		errs = append(errs, fmt.Errorf("the discount %d/%d is not within 0 and 1", c.Discount.Num, c.Discount.Den))
	case discount:
		t.pay = money.Factor{Num: c.Discount.Den - c.Discount.Num, Den: c.Discount.Den}
	}
	errs = append(errs, c.Prices.check())
	when, err := Period{From: c.ValidFrom, To: c.ValidTo}.compile()
	errs = append(errs, err)
	if t.when = when; !c.RecordedAt.IsZero() {
		t.recorded = c.RecordedAt.UnixNano()
	}
	t.currency, err = currency(c.Currency)
	if errs = append(errs, err); c.Currency == "" && c.Commitment == nil {
		t.currency = ""
	}
	t.tier = normTier(c.Tier)
	t.rank = [3]int{
		set(c.Route)<<4 | set(c.Model)<<3 | set(c.Platform)<<2 | set(c.Tier)<<1 | set(c.Vendor),
		literals(t.model), literals(t.route),
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("contract %q: %w", c.Name, err)
	}
	return t, nil
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func set(s string) int { return one(s != "") }

// literals counts the characters of a pattern that are no wildcard.
func literals(pattern string) int {
	return len(pattern) - strings.Count(pattern, "*") - strings.Count(pattern, "?")
}

// compileContracts orders contracts from the most to the least specific, and
// refuses ties.
func compileContracts(contracts []Contract) ([]*terms, error) {
	var out []*terms
	var errs []error
	for i := range contracts {
		t, err := contracts[i].compile()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, o := range out {
			if o.ties(t) {
				errs = append(errs, fmt.Errorf("contracts %q and %q tie: both can apply to one call; make one of them more specific or end it before the other begins", o.Name, t.Name))
			}
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b *terms) int {
		return cmp.Or(
			cmp.Compare(b.rank[0], a.rank[0]), cmp.Compare(b.rank[1], a.rank[1]), cmp.Compare(b.rank[2], a.rank[2]),
			cmp.Compare(b.recorded, a.recorded), cmp.Compare(a.Name, b.Name),
		)
	})
	return out, errors.Join(errs...)
}

// ties reports whether both contracts could claim one call with equal right.
func (t *terms) ties(o *terms) bool {
	if t.rank != o.rank || t.when.from >= o.when.to || o.when.from >= t.when.to {
		return false
	}
	if t.Name == o.Name && t.recorded != o.recorded {
		return false // an amendment: the later record replaces the earlier
	}
	return strings.EqualFold(t.Vendor, o.Vendor) && strings.EqualFold(t.Platform, o.Platform) && t.tier == o.tier &&
		intersect(t.model, o.model) && intersect(t.route, o.route)
}

// covers reports whether the contract can apply to the model at all.
func (t *terms) covers(m *llm.Model) bool {
	if (t.Vendor != "" && !strings.EqualFold(t.Vendor, m.Vendor)) || (t.Platform != "" && !strings.EqualFold(t.Platform, m.Platform)) {
		return false
	}
	return t.model == "" || glob(t.model, strings.ToLower(m.ID)) || glob(t.model, strings.ToLower(m.Snapshot)) || glob(t.model, strings.ToLower(m.Name))
}

// applies reports whether the contract applies to a call of a model it covers.
func (t *terms) applies(q *Query, tier string) bool {
	if t.tier != "" && t.tier != tier || t.fixed && t.tier == "" && tier != "" {
		return false
	}
	if t.route != "" && !glob(t.route, q.Route) {
		return false
	}
	if q.Now != 0 && q.Now < t.recorded {
		return false
	}
	if q.At == 0 {
		return t.when.always()
	}
	return t.when.holds(q.At)
}
