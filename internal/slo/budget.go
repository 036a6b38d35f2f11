package slo

import (
	"math"
	"math/big"
	"time"
)

// Budget is how much of an error budget is spent; fractions of the whole.
type Budget struct {
	// Initial is the share of events (or slices) that may be bad.
	Initial float64
	// Consumed may exceed 1, and Remaining, 1 minus it, fall below 0: neither is
	// clamped.
	Consumed, Remaining float64
	// Estimated: the events of the whole window had to be extrapolated. Where
	// nothing was bad there is nothing to estimate: none of any number is none.
	Estimated bool
}

// SLI is the share of good events, 1 - bad/total; not ok without events. A
// negative count of bad events, which is what good beyond total leaves, is 0
// here and below: two counters that were read at different moments spend no
// budget and earn none.
func SLI(bad, total int64) (sli float64, ok bool) {
	if total <= 0 {
		return 0, false
	}
	return shortfall(max(0, bad), 1, total, 1), true
}

// BurnRate is how many times faster than allowed the budget is spent:
// (bad/total) / (1-objective). Without events it is 0.
func BurnRate(o Objective, bad, total int64) float64 {
	if total <= 0 {
		return 0
	}
	return quotient(max(0, bad), o.Den, total, o.Den-o.Num)
}

// OccurrenceBudget is the budget of a whole window of events. Without events
// nothing is spent.
func OccurrenceBudget(o Objective, bad, total int64) Budget {
	b := Budget{Initial: o.Budget().Float64(), Remaining: 1}
	if total > 0 {
		b.Consumed = BurnRate(o, bad, total)
		b.Remaining = shortfall(max(0, bad), o.Den, total, o.Den-o.Num)
	}
	return b
}

// SliceBudget is the budget of a window of slices time slices, past and to
// come: bad of them out of (1-objective)*slices allowed.
func SliceBudget(o Objective, bad, slices int64) Budget { return OccurrenceBudget(o, bad, slices) }

// CalendarBudget is the budget of a calendar window that is not over: events
// were seen for the time observed, and left is to come at the same rate, so
// the whole window will hold total * (observed+left) / observed of them.
func CalendarBudget(o Objective, bad, total int64, observed, left time.Duration) Budget {
	b := Budget{Initial: o.Budget().Float64(), Remaining: 1}
	if total <= 0 || bad <= 0 {
		return b
	}
	b.Estimated = true
	seen := max(1, int64(observed/time.Second))
	whole := seen + max(0, int64(left/time.Second))
	num := product(bad, o.Den, seen)
	den := product(o.Den-o.Num, total, whole)
	b.Consumed = nearest(num, den)
	b.Remaining = nearest(new(big.Int).Sub(den, num), den)
	return b
}

// Slices is the number of time slices in a period; a last, shorter one counts.
func Slices(period, slice time.Duration) int64 {
	if period <= 0 || slice <= 0 {
		return 0
	}
	return int64((period + slice - 1) / slice)
}

// SlicesToBurn is the number of bad slices that spends the whole budget of a
// period of slices: (1-objective)*slices, which need not be whole.
func SlicesToBurn(o Objective, slices int64) float64 {
	return quotient(slices, o.Den-o.Num, o.Den, 1)
}

// TimeBudget is the budget of a period as time of complete failure.
func TimeBudget(o Objective, period time.Duration) time.Duration {
	return time.Duration(math.Round(quotient(int64(period), o.Den-o.Num, o.Den, 1)))
}

// OutageToExhaust is how long an outage may last until it has spent the budget
// of a period, where outageBad is its share of bad events and baselineBad that
// of the rest of the period. Not ok where it never does: the outage is no worse
// than the objective.
func OutageToExhaust(o Objective, period time.Duration, baselineBad, outageBad Ratio) (time.Duration, bool) {
	extra := new(big.Rat).Sub(outageBad.rat(), baselineBad.rat())
	spare := new(big.Rat).Sub(o.Budget().rat(), baselineBad.rat())
	switch {
	case extra.Sign() <= 0:
		return 0, false
	case spare.Sign() < 0:
		return 0, true
	}
	share, _ := spare.Quo(spare, extra).Float64()
	if share > 1 {
		return 0, false
	}
	return time.Duration(math.Round(share * float64(period))), true
}

// TimeReport is a window's budget in minutes of complete failure.
type TimeReport struct {
	SLI             float64
	BurnRate        float64
	BudgetMinutes   float64
	SpentMinutes    float64
	RemainMinutes   float64
	ConsumedPercent float64
}

// ReportTime is the budget of a window as operators read it, in minutes.
func ReportTime(o Objective, window time.Duration, bad, total int64) TimeReport {
	b := OccurrenceBudget(o, bad, total)
	minutes := b.Initial * window.Minutes()
	sli, _ := SLI(bad, total)
	return TimeReport{
		SLI:             sli,
		BurnRate:        b.Consumed,
		BudgetMinutes:   minutes,
		SpentMinutes:    minutes * b.Consumed,
		RemainMinutes:   minutes * b.Remaining,
		ConsumedPercent: b.Consumed * 100,
	}
}

// TimeToExhaustion is the time until the share remaining of a period's budget
// is gone at a burn rate: remaining*period/burn. A spent budget is gone now.
// Not ok where the budget does not shrink. The longest time is 100 years.
func TimeToExhaustion(period time.Duration, remaining, burn float64) (time.Duration, bool) {
	switch {
	case remaining <= 0:
		return 0, true
	case !(burn > 0):
		return 0, false
	}
	d := remaining * float64(period) / burn
	return time.Duration(math.Round(min(d, float64(maxSpan)))), true
}

// Burndown is the budget that remains after each step of a period of steps
// equal slices, given the share of bad events in each step so far, and beside
// it what would remain if the budget were spent evenly. Steps weigh alike, as
// in RatioTimeslices.
func Burndown(o Objective, steps int, bad []Ratio) (remaining, even []float64) {
	allowed := o.Budget().rat()
	allowed.Mul(allowed, big.NewRat(int64(max(1, steps)), 1))
	left := big.NewRat(1, 1)
	for i, b := range bad {
		x := b.rat()
		left.Sub(left, x.Quo(x, allowed))
		f, _ := left.Float64()
		remaining = append(remaining, f)
		even = append(even, shortfall(int64(i+1), 1, int64(max(1, steps)), 1))
	}
	return remaining, even
}

// SliceShares is the indicator by time slices: how many are good and bad by
// the slice target, and the mean share of good events, empty slices being
// good.
func SliceShares(slices []Counts, target Objective) (good, bad int64, mean float64) {
	sum := new(big.Rat)
	for _, c := range slices {
		if judgeSlice(c, target).Bad > 0 {
			bad++
		} else {
			good++
		}
		if n := c.Events(); n > 0 {
			sum.Add(sum, big.NewRat(c.Good, n))
		} else {
			sum.Add(sum, big.NewRat(1, 1))
		}
	}
	if len(slices) > 0 {
		mean, _ = sum.Quo(sum, big.NewRat(int64(len(slices)), 1)).Float64()
	}
	return good, bad, mean
}

// AbsentFor is how long an indicator may be missing before that should alert:
// as long as a complete failure needs to trip the tier with this factor and
// long window, plus a margin for the alert's own delay, in whole minutes
// (Pyrra's rule).
func AbsentFor(o Objective, factor Ratio, long, margin time.Duration) time.Duration {
	x := factor.rat()
	share, _ := x.Mul(x, o.Budget().rat()).Float64()
	return (time.Duration(share*float64(long)) + margin).Round(time.Minute)
}

// TimeConsumed is the share of a time budget that an outage spends; without a
// budget it is 0.
func TimeConsumed(outage, budget time.Duration) float64 {
	if budget <= 0 || outage < 0 {
		return 0
	}
	return quotient(int64(outage), 1, int64(budget), 1)
}
