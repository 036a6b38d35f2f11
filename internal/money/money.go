// Package money is exact money: amounts in integers, rates as fractions, one
// rounding per price component and checked decimals at the edges. No float
// takes part in a sum.
//
// An [Amount] counts pico-units (1e-12) of its currency in 128 bits; a [Rate]
// counts femto-units (1e-15) for a number of things. The currency itself is
// kept by the caller; amounts of different currencies must never be added.
package money

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Scale is the number of pico-units in one unit of a currency, and
// FractionDigits the decimals that an Amount can hold.
const (
	Scale          = 1_000_000_000_000
	FractionDigits = 12
)

// Amount is an exact sum of money in pico-units, two's complement in 128
// bits. The zero value is no money. Amounts are comparable with ==.
type Amount struct {
	hi int64
	lo uint64
}

// FromPico makes an amount of n pico-units.
func FromPico(n int64) Amount { return Amount{n >> 63, uint64(n)} }

// FromWords makes an amount of its two words; with Words it is how ledgers
// store amounts.
func FromWords(hi int64, lo uint64) Amount { return Amount{hi, lo} }

// Words returns the two's complement words of the amount, high word first.
func (a Amount) Words() (hi int64, lo uint64) { return a.hi, a.lo }

// Add returns a+b. The 128 bits hold 1.7e26 units; one component is bounded
// to 8.6e22 units by the types it is made of, so sums do not wrap.
func (a Amount) Add(b Amount) Amount {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	return Amount{a.hi + b.hi + int64(carry), lo}
}

// Sub returns a-b.
func (a Amount) Sub(b Amount) Amount {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	return Amount{a.hi - b.hi - int64(borrow), lo}
}

// Neg returns -a.
func (a Amount) Neg() Amount { return Amount{}.Sub(a) }

// IsZero reports whether a is no money.
func (a Amount) IsZero() bool { return a == Amount{} }

// Sign returns -1, 0 or +1.
func (a Amount) Sign() int {
	switch {
	case a.hi < 0:
		return -1
	case a.IsZero():
		return 0
	}
	return 1
}

// Cmp compares a and b as -1, 0 or +1.
func (a Amount) Cmp(b Amount) int {
	switch {
	case a.hi != b.hi:
		if a.hi < b.hi {
			return -1
		}
		return 1
	case a.lo != b.lo:
		if a.lo < b.lo {
			return -1
		}
		return 1
	}
	return 0
}

// Pico returns the pico-units and whether they fit 64 bits.
func (a Amount) Pico() (int64, bool) {
	n := int64(a.lo)
	return n, n>>63 == a.hi
}

func (a Amount) big() *big.Int {
	b := big.NewInt(a.hi)
	b.Lsh(b, 64)
	return b.Add(b, new(big.Int).SetUint64(a.lo))
}

func fromBig(b *big.Int) (Amount, bool) {
	if b.BitLen() > 127 {
		return Amount{}, false
	}
	var lo, hi big.Int
	lo.And(b, new(big.Int).SetUint64(math.MaxUint64))
	hi.Rsh(b, 64)
	return Amount{hi.Int64(), lo.Uint64()}, true
}

// String prints the amount as a plain decimal, exact, without trailing zeros.
func (a Amount) String() string {
	neg := a.Sign() < 0
	if neg {
		a = a.Neg()
	}
	var digits string
	if n, ok := a.Pico(); ok {
		digits = strconv.FormatUint(uint64(n), 10)
	} else {
		b := a.big()
		digits = b.Abs(b).String()
	}
	if len(digits) <= FractionDigits {
		digits = strings.Repeat("0", FractionDigits+1-len(digits)) + digits
	}
	whole, frac := digits[:len(digits)-FractionDigits], strings.TrimRight(digits[len(digits)-FractionDigits:], "0")
	if frac != "" {
		whole += "." + frac
	}
	if neg {
		return "-" + whole
	}
	return whole
}

// Float64 returns the nearest double, in units of the currency.
func (a Amount) Float64() float64 {
	if n, ok := a.Pico(); ok && n > -(1<<53) && n < 1<<53 {
		return float64(n) / Scale // both exact: one correctly rounded division
	}
	f, _ := new(big.Rat).SetFrac(a.big(), big.NewInt(Scale)).Float64()
	return f
}

// FromFloat64 returns the amount nearest to f units, ties to even, and
// whether f is finite and in range. FromFloat64(a.Float64()) == a for every
// amount up to 8,192 units: from there on neighbouring doubles are more than
// one pico-unit apart.
func FromFloat64(f float64) (Amount, bool) {
	if math.IsNaN(f) || math.Abs(f) >= 1e26 {
		return Amount{}, false
	}
	if p := f * Scale; math.Abs(p) < 1<<53 {
		// p is rounded; its error, exact by FMA, decides the neighbour.
		err := math.FMA(f, Scale, -p)
		n := math.RoundToEven(p)
		if rest := (p - n) + err; rest > 0.5 || (rest == 0.5 && math.Mod(n, 2) != 0) {
			n++
		} else if rest < -0.5 || (rest == -0.5 && math.Mod(n, 2) != 0) {
			n--
		}
		return FromPico(int64(n)), true
	}
	r := new(big.Rat).SetFloat64(f)
	r.Mul(r, new(big.Rat).SetInt64(Scale))
	return fromBig(roundHalfEven(r.Num(), r.Denom()))
}

// roundHalfEven returns num/den rounded to an integer, ties to even; den > 0.
func roundHalfEven(num, den *big.Int) *big.Int {
	q, m := new(big.Int).DivMod(num, den, new(big.Int)) // m in [0, den)
	twice := m.Lsh(m, 1)
	if c := twice.Cmp(den); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// Parse reads a decimal with an optional sign, fraction and exponent
// ("12", "-0.5", "3e-7"). It fails on anything else and on more than twelve
// decimals; nothing is rounded silently.
func Parse(s string) (Amount, error) {
	r, err := parseDecimal(s)
	if err != nil {
		return Amount{}, err
	}
	r.Mul(r, new(big.Rat).SetInt64(Scale))
	if !r.IsInt() {
		return Amount{}, fmt.Errorf("%q has more than %d decimals", s, FractionDigits)
	}
	a, ok := fromBig(new(big.Int).Set(r.Num()))
	if !ok {
		return Amount{}, fmt.Errorf("%q is out of range", s)
	}
	return a, nil
}

// ParseRounded is Parse for figures of others: decimals beyond the twelfth are
// rounded half-even.
func ParseRounded(s string) (Amount, error) {
	r, err := parseDecimal(s)
	if err != nil {
		return Amount{}, err
	}
	r.Mul(r, new(big.Rat).SetInt64(Scale))
	a, ok := fromBig(roundHalfEven(r.Num(), r.Denom()))
	if !ok {
		return Amount{}, fmt.Errorf("%q is out of range", s)
	}
	return a, nil
}

const maxDecimalLen = 64

// parseDecimal is strict: digits, one point, one exponent of at most three
// digits. It exists because big.Rat also reads fractions, bases, underscores
// and exponents large enough to exhaust memory.
func parseDecimal(s string) (*big.Rat, error) {
	if s == "" || len(s) > maxDecimalLen {
		return nil, fmt.Errorf("%q is not a decimal", s)
	}
	i, digits, exp := 0, 0, 0
	if s[0] == '-' || s[0] == '+' {
		i++
	}
	point := false
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
			continue
		case c == '.' && !point:
			point = true
			continue
		case (c == 'e' || c == 'E') && digits > 0:
			j := i + 1
			if j < len(s) && (s[j] == '-' || s[j] == '+') {
				j++
			}
			for ; j < len(s); j++ {
				if s[j] < '0' || s[j] > '9' {
					return nil, fmt.Errorf("%q is not a decimal", s)
				}
				exp++
			}
			if exp == 0 || exp > 3 {
				return nil, fmt.Errorf("%q is not a decimal", s)
			}
			i = len(s)
			continue
		}
		return nil, fmt.Errorf("%q is not a decimal", s)
	}
	if digits == 0 {
		return nil, fmt.Errorf("%q is not a decimal", s)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("%q is not a decimal", s)
	}
	return r, nil
}
