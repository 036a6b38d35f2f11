package money

import (
	"math/big"
	"math/bits"
)

// Term is one product of a sum: N things at a rate, times a factor.
type Term struct {
	N      int64
	Rate   Rate
	Factor Factor
}

// Sum adds the terms exactly and rounds once, half-even, to a pico-unit; it is
// the definition that [Acc] is a fast form of. ok is false where a term has a
// negative count or no rate, or where the sum does not fit.
func Sum(terms []Term) (Amount, bool) {
	sum, term := new(big.Rat), new(big.Rat)
	for _, t := range terms {
		f := t.Factor.norm()
		if t.N < 0 || !t.Rate.IsSet() || t.Rate.Femto < 0 || f.Num < 0 || f.Den < 0 {
			return Amount{}, false
		}
		num := new(big.Int).Mul(big.NewInt(t.N), big.NewInt(t.Rate.Femto))
		num.Mul(num, big.NewInt(f.Num))
		den := new(big.Int).Mul(big.NewInt(t.Rate.Per), big.NewInt(f.Den))
		den.Mul(den, big.NewInt(1000))
		sum.Add(sum, term.SetFrac(num, den))
	}
	return fromBig(roundHalfEven(sum.Num(), sum.Denom()))
}

// Scaled is a rate times a factor, made ready for repeated use: one thing
// costs Mul/Div pico-units. Div is 0 where it is not set.
type Scaled struct{ Mul, Div uint64 }

// Scale reduces a rate and a factor to lowest terms; ok is false where they do
// not fit 64 bits or are no price.
func (r Rate) Scale(f Factor) (s Scaled, ok bool) {
	f = f.norm()
	if !r.IsSet() || r.Femto < 0 || f.Num < 0 || f.Den < 0 {
		return Scaled{}, false
	}
	num := new(big.Int).Mul(big.NewInt(r.Femto), big.NewInt(f.Num))
	den := new(big.Int).Mul(big.NewInt(r.Per), big.NewInt(f.Den))
	den.Mul(den, big.NewInt(1000))
	if num.Sign() == 0 {
		return Scaled{0, 1}, true
	}
	q := new(big.Rat).SetFrac(num, den)
	if !q.Num().IsUint64() || !q.Denom().IsUint64() {
		return Scaled{}, false
	}
	return Scaled{q.Num().Uint64(), q.Denom().Uint64()}, true
}

// Common brings the scaled rates that are set to one divisor, so that their
// products can be added before the one rounding. It reports false, and changes
// nothing, where that does not fit.
func Common(rates []*Scaled) (div uint64, ok bool) {
	div = 1
	for _, s := range rates {
		if s.Div == 0 {
			continue
		}
		over, lcm := bits.Mul64(div/gcd(div, s.Div), s.Div)
		if over != 0 {
			return 0, false
		}
		div = lcm
	}
	for _, s := range rates {
		if s.Div == 0 {
			continue
		}
		if over, _ := bits.Mul64(s.Mul, div/s.Div); over != 0 {
			return 0, false
		}
	}
	for _, s := range rates {
		if s.Div != 0 {
			s.Mul, s.Div = s.Mul*(div/s.Div), div
		}
	}
	return div, true
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Acc adds products of counts and scaled rates of one divisor, exactly. The
// zero value is an empty sum.
type Acc struct {
	hi, lo uint64
	over   bool
}

// Add adds n things at mul/div pico-units each, div being that of Round.
func (a *Acc) Add(n int64, mul uint64) {
	if n < 0 {
		a.over = true
		return
	}
	hi, lo := bits.Mul64(uint64(n), mul)
	var c uint64
	a.lo, c = bits.Add64(a.lo, lo, 0)
	a.hi, c = bits.Add64(a.hi, hi, c)
	a.over = a.over || c != 0
}

// IsZero reports whether the sum is nothing.
func (a *Acc) IsZero() bool { return a.hi == 0 && a.lo == 0 && !a.over }

// Round divides the sum by div and rounds half-even; ok is false where the sum
// left its 128 bits, a count was negative, or the result does not fit.
func (a *Acc) Round(div uint64) (Amount, bool) {
	if a.over || div == 0 {
		return Amount{}, false
	}
	return divRound([3]uint64{a.lo, a.hi, 0}, div)
}
