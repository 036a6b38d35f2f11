package slo

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Ratio is an exact non-negative fraction in lowest terms, Den > 0. The zero
// Ratio is unset, which is not the same as nought ({0, 1}).
type Ratio struct{ Num, Den int64 }

// IsSet reports whether the ratio holds a number.
func (r Ratio) IsSet() bool { return r.Den > 0 }

// Float64 is the nearest double; 0 when unset.
func (r Ratio) Float64() float64 {
	if !r.IsSet() {
		return 0
	}
	return quotient(r.Num, 1, r.Den, 1)
}

// String prints the exact decimal where there is one, else the fraction.
func (r Ratio) String() string {
	if !r.IsSet() {
		return "unset"
	}
	x := r.rat()
	if n, exact := x.FloatPrec(); exact {
		return x.FloatString(n)
	}
	return x.RatString()
}

func (r Ratio) rat() *big.Rat { return big.NewRat(r.Num, r.Den) }

// exceededBy reports num/den > r, strictly and exactly. Both counts are
// non-negative; nothing out of nothing exceeds nothing.
func (r Ratio) exceededBy(num, den int64) bool {
	lh, ll := bits.Mul64(uint64(num), uint64(r.Den))
	rh, rl := bits.Mul64(uint64(den), uint64(r.Num))
	return lh > rh || (lh == rh && ll > rl)
}

// Exceeds reports whether bad out of total is strictly more than limit, in
// integers, so that a ratio exactly at its limit never alerts by an accident
// of binary fractions. An unset limit and a total of 0 are never exceeded.
func Exceeds(bad, total int64, limit Ratio) bool {
	return limit.IsSet() && total > 0 && bad > 0 && limit.exceededBy(bad, total)
}

// maxRatioLen bounds what ParseRatio looks at, and thereby its memory.
const maxRatioLen = 32

// ParseRatio reads a plain non-negative decimal ("0.02", "14.4") or a
// percentage ("2%"), exactly. Signs, exponents and numbers whose reduced
// fraction does not fit 64 bits are refused.
func ParseRatio(s string) (Ratio, error) {
	digits, percent := strings.CutSuffix(s, "%")
	if !isDecimal(digits) {
		return Ratio{}, fmt.Errorf("%q is not a plain decimal", s)
	}
	x, ok := new(big.Rat).SetString(digits)
	if !ok {
		return Ratio{}, fmt.Errorf("%q is not a plain decimal", s)
	}
	if percent {
		x.Quo(x, big.NewRat(100, 1))
	}
	r, ok := ratioOf(x)
	if !ok {
		return Ratio{}, fmt.Errorf("%q has too many digits", s)
	}
	return r, nil
}

func isDecimal(s string) bool {
	points, digits := 0, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			digits++
		case s[i] == '.':
			points++
		default:
			return false
		}
	}
	return digits > 0 && points <= 1 && len(s) <= maxRatioLen
}

func ratioOf(x *big.Rat) (Ratio, bool) {
	if x.Sign() < 0 || !x.Num().IsInt64() || !x.Denom().IsInt64() {
		return Ratio{}, false
	}
	return Ratio{x.Num().Int64(), x.Denom().Int64()}, true
}

// Objective is the share of events that must be good, strictly between 0 and
// 1, as an exact fraction in lowest terms.
type Objective struct{ Num, Den int64 }

// maxObjectiveDen keeps every product with an event count inside 128 bits and
// every alert limit inside 64: nine decimals are a budget of one in 1e9.
const maxObjectiveDen = 1_000_000_000

// ParseObjective reads a decimal share ("0.999") or a percentage ("99.9%").
// It refuses what is no objective and says why: 0 or less demands nothing, 1
// or more leaves no error budget.
func ParseObjective(s string) (Objective, error) {
	if strings.HasPrefix(s, "-") {
		return Objective{}, fmt.Errorf("objective %s: %w", s, errObjectiveLow)
	}
	r, err := ParseRatio(s)
	if err != nil {
		return Objective{}, fmt.Errorf("objective: %w", err)
	}
	o := Objective(r)
	return o, o.check()
}

var (
	errObjectiveLow  = errors.New("must be more than 0, or nothing is asked of the service")
	errObjectiveHigh = errors.New("must be less than 1, or there is no error budget to spend (99.9 percent is 0.999 or 99.9%)")
	errObjectiveFine = fmt.Errorf("must not be finer than one in %d", maxObjectiveDen)
)

func (o Objective) check() error {
	switch {
	case o.Den <= 0 || o.Num <= 0:
		return fmt.Errorf("objective %s: %w", o, errObjectiveLow)
	case o.Num >= o.Den:
		return fmt.Errorf("objective %s: %w", o, errObjectiveHigh)
	case o.Den > maxObjectiveDen:
		return fmt.Errorf("objective %s: %w", o, errObjectiveFine)
	}
	return nil
}

// valid reports whether check finds nothing.
func (o Objective) valid() bool { return o.check() == nil }

// Budget is the share of events that may be bad: 1 minus the objective.
func (o Objective) Budget() Ratio { return Ratio{o.Den - o.Num, o.Den} }

// Float64 is the nearest double.
func (o Objective) Float64() float64 { return Ratio(o).Float64() }

// String prints the objective as a decimal share.
func (o Objective) String() string { return Ratio(o).String() }

// ParseSpan reads a duration as operators write it: Go's units plus d and w
// ("30d", "1h30m", "4w"). Months have no fixed length and are refused.
func ParseSpan(s string) (time.Duration, error) {
	var days time.Duration
	rest := s
	for _, u := range []struct {
		unit string
		d    time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}} {
		head, tail, found := strings.Cut(rest, u.unit)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(head, 10, 16)
		if err != nil || time.Duration(n) > maxSpan/u.d {
			return 0, fmt.Errorf("%q is not a duration such as 30d or 1h30m", s)
		}
		days += time.Duration(n) * u.d
		rest = tail
	}
	if rest == "" && rest != s {
		return days, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d > maxSpan || d < -maxSpan || (days > 0 && d < 0) {
		return 0, fmt.Errorf("%q is not a duration such as 30d or 1h30m", s)
	}
	return days + d, nil
}

// maxSpan is far beyond every window and keeps sums of two inside 64 bits.
const maxSpan = 100 * 366 * 24 * time.Hour
