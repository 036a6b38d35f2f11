package money

import (
	"fmt"
	"math/big"
	"math/bits"
)

// Rate is an exact price: Femto femto-units (1e-15 of a currency) for every
// Per things. Per is a million for "per million tokens", 3,600,000 for "per
// hour" counted in milliseconds. The zero Rate is no rate at all; a price of
// zero is Rate{0, 1}: free and unknown differ.
type Rate struct {
	Femto int64
	Per   int64
}

// IsSet reports whether the rate is a price (zero included).
func (r Rate) IsSet() bool { return r.Per > 0 }

// NewRate reads a decimal price in units of a currency for every per things.
// Negative prices and prices too large for 64 bits (9,223 units) are refused;
// digits beyond the fifteenth decimal are rounded half-even.
func NewRate(decimal string, per int64) (Rate, error) {
	if per <= 0 {
		return Rate{}, fmt.Errorf("a rate is for at least one thing, got %d", per)
	}
	r, err := parseDecimal(decimal)
	if err != nil {
		return Rate{}, err
	}
	if r.Sign() < 0 {
		return Rate{}, fmt.Errorf("%q is negative", decimal)
	}
	r.Mul(r, new(big.Rat).SetInt64(1_000_000_000_000_000))
	if !r.IsInt() {
		// A double printed in full carries noise far below the last digit that
		// anyone prices in; keep what the femto-unit can hold.
		r.SetInt(roundHalfEven(r.Num(), r.Denom()))
	}
	if !r.Num().IsInt64() {
		return Rate{}, fmt.Errorf("%q is too large for a rate", decimal)
	}
	return Rate{r.Num().Int64(), per}, nil
}

// String prints the price of one thing as an exact decimal where it has one,
// else as a fraction.
func (r Rate) String() string {
	if !r.IsSet() {
		return "none"
	}
	one := new(big.Rat).SetFrac64(r.Femto, r.Per)
	one.Mul(one, big.NewRat(1, 1_000_000_000_000_000))
	if n, exact := one.FloatPrec(); exact {
		return one.FloatString(n)
	}
	return one.RatString()
}

// Factor is an exact multiplier, Num/Den with Den > 0; the zero Factor is 1.
// Uplifts, discounts and tiers are factors: 1.1 is {11, 10}.
type Factor struct{ Num, Den int64 }

// One is the factor that changes nothing.
var One = Factor{1, 1}

// NewFactor reads a non-negative decimal.
func NewFactor(decimal string) (Factor, error) {
	r, err := parseDecimal(decimal)
	if err != nil {
		return Factor{}, err
	}
	if r.Sign() < 0 {
		return Factor{}, fmt.Errorf("%q is negative", decimal)
	}
	if !r.Num().IsInt64() || !r.Denom().IsInt64() {
		return Factor{}, fmt.Errorf("%q has too many digits for a factor", decimal)
	}
	return Factor{r.Num().Int64(), r.Denom().Int64()}, nil
}

func (f Factor) norm() Factor {
	if f.Den == 0 {
		return One
	}
	return f
}

// IsOne reports whether the factor changes nothing.
func (f Factor) IsOne() bool { f = f.norm(); return f.Num == f.Den }

// Times multiplies two factors; ok is false where the reduced product does
// not fit.
func (f Factor) Times(g Factor) (product Factor, ok bool) {
	f, g = f.norm(), g.norm()
	r := new(big.Rat).Mul(big.NewRat(f.Num, f.Den), big.NewRat(g.Num, g.Den))
	if !r.Num().IsInt64() || !r.Denom().IsInt64() {
		return Factor{}, false
	}
	return Factor{r.Num().Int64(), r.Denom().Int64()}, true
}

// Mul returns the amount times a factor, rounded once and half-even to a
// pico-unit; ok is false for a negative factor and where the product does not
// fit.
func (a Amount) Mul(f Factor) (product Amount, ok bool) {
	f = f.norm()
	if f.Num < 0 || f.Den < 0 {
		return Amount{}, false
	}
	neg := a.Sign() < 0
	if neg {
		a = a.Neg() // rounding half-even is the same on both sides of zero
	}
	if product, ok = divRound(mul192(uint64(a.hi), a.lo, uint64(f.Num)), uint64(f.Den)); neg {
		product = product.Neg()
	}
	return product, ok
}

// Cost returns n things at the rate, times the factor, rounded once and
// half-even to a pico-unit. It needs n >= 0 and a set rate; ok is false where
// either fails or the result does not fit an Amount. Ordinary prices take no
// allocation: the product is 192 bits wide, the divisor 64.
func (r Rate) Cost(n int64, f Factor) (a Amount, ok bool) {
	f = f.norm()
	if n < 0 || !r.IsSet() || r.Femto < 0 || f.Num < 0 || f.Den < 0 {
		return Amount{}, false
	}
	// pico-units = n * femto * num / (per * den * 1000)
	over1, per := bits.Mul64(uint64(r.Per), 1000)
	over2, den := bits.Mul64(per, uint64(f.Den))
	if over1 != 0 || over2 != 0 {
		return Sum([]Term{{n, r, f}})
	}
	hi, lo := bits.Mul64(uint64(n), uint64(r.Femto))
	return divRound(mul192(hi, lo, uint64(f.Num)), den)
}

// mul192 returns hi:lo * m, least significant word first.
func mul192(hi, lo, m uint64) [3]uint64 {
	c, w0 := bits.Mul64(lo, m)
	w2, w1 := bits.Mul64(hi, m)
	w1, carry := bits.Add64(w1, c, 0)
	return [3]uint64{w0, w1, w2 + carry}
}

// divRound returns w/den rounded half-even; den > 0.
func divRound(w [3]uint64, den uint64) (Amount, bool) {
	if w[2] >= den {
		return Amount{}, false // more than 128 bits
	}
	q1, rem := uint64(0), w[1]
	if w[2] != 0 || w[1] >= den { // seldom: an ordinary cost is small
		q1, rem = bits.Div64(w[2], w[1], den)
	}
	q0, rem := bits.Div64(rem, w[0], den)
	// rem < den: compare it with what is left of den, so that nothing doubles.
	if left := den - rem; rem > left || (rem == left && q0&1 == 1) {
		var carry uint64
		q0, carry = bits.Add64(q0, 1, 0)
		q1 += carry
	}
	if q1 >= 1<<63 {
		return Amount{}, false
	}
	return Amount{int64(q1), q0}, true
}
