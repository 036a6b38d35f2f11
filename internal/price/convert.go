package price

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Exchange is one dated rate of exchange: an amount of From, times Rate, is an
// amount of To, from the date on until the pair's next date.
type Exchange struct {
	From, To string // ISO 4217
	Rate     money.Factor
	Since    time.Time // zero: from ever
}

// Conversion is a dated table of exchange rates. The zero value converts
// nothing but a currency into itself.
type Conversion struct {
	rates map[pair][]dated // by date, ascending
}

type pair struct{ from, to string }

type dated struct {
	since int64
	rate  money.Factor
}

// NewConversion builds a table. Rates are used in the direction in which they
// are given, never inverted or chained: what is not given is not known.
func NewConversion(exchanges []Exchange) (*Conversion, error) {
	c := &Conversion{rates: map[pair][]dated{}}
	var errs []error
	for i, x := range exchanges {
		_, err1 := currency(x.From)
		_, err2 := currency(x.To)
		var err3 error
		if x.From == "" || x.To == "" || x.From == x.To {
			err3 = fmt.Errorf("%q to %q is no exchange", x.From, x.To)
		}
		if x.Rate.Num <= 0 || x.Rate.Den <= 0 {
			err3 = errors.Join(err3, fmt.Errorf("the rate %d/%d is not above zero", x.Rate.Num, x.Rate.Den))
		}
		if err := errors.Join(err1, err2, err3); err != nil {
			errs = append(errs, fmt.Errorf("exchange %d: %w", i+1, err))
			continue
		}
		d := dated{minTime, x.Rate}
		if !x.Since.IsZero() {
			d.since = x.Since.UnixNano()
		}
		k := pair{x.From, x.To}
		if slices.ContainsFunc(c.rates[k], func(o dated) bool { return o.since == d.since }) {
			errs = append(errs, fmt.Errorf("exchange %d: %s to %s has two rates for one date", i+1, x.From, x.To))
			continue
		}
		c.rates[k] = append(c.rates[k], d)
	}
	for k := range c.rates {
		slices.SortFunc(c.rates[k], func(a, b dated) int { return cmp.Compare(a.since, b.since) })
	}
	return c, errors.Join(errs...)
}

// rate is the rate at a time, Unix nanoseconds; 0 is unknown and has only the
// rates that are dated from ever.
func (c *Conversion) rate(from, to string, at int64) (money.Factor, bool) {
	if from == to {
		return money.One, true
	}
	if c == nil {
		return money.Factor{}, false
	}
	list := c.rates[pair{from, to}]
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].since == minTime || (at != 0 && list[i].since <= at) {
			return list[i].rate, true
		}
	}
	return money.Factor{}, false
}

// Amount converts an amount at the rate of a time, rounded once to a
// pico-unit; ok is false where no rate is known.
func (c *Conversion) Amount(a money.Amount, from, to string, at int64) (money.Amount, bool) {
	f, ok := c.rate(from, to, at)
	if !ok {
		return money.Amount{}, false
	}
	return a.Mul(f)
}

// modUnconverted marks a cost that stands in a currency of its own because no
// rate of exchange is known.
const modUnconverted = "unconverted"

// Cost converts a receipt into a reporting currency: each component once, the
// total being their sum. A receipt that cannot be converted keeps its currency
// and says so in its modifiers; ok is false then.
func (c *Conversion) Cost(in stamp.Cost, to string, at int64) (out stamp.Cost, ok bool) {
	if in.Currency == to || in.Currency == "" {
		return in, true
	}
	f, ok := c.rate(in.Currency, to, at)
	out = in
	out.Currency, out.Total = to, money.Amount{}
	mul := func(a *money.Amount) {
		var fits bool
		*a, fits = a.Mul(f)
		ok = ok && fits
	}
	for i := range out.Components {
		if ok && !out.Components[i].IsZero() {
			mul(&out.Components[i])
			out.Total = out.Total.Add(out.Components[i])
		}
	}
	for _, a := range [3]*money.Amount{&out.List, &out.Reported, &out.AtLeast} {
		if ok {
			mul(a)
		}
	}
	if !ok {
		in.Modifiers = append(slices.Clip(in.Modifiers), modUnconverted)
		return in, false
	}
	out.Modifiers = append(slices.Clip(in.Modifiers), "converted:"+in.Currency)
	return out, true
}
