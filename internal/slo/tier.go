package slo

import (
	"errors"
	"fmt"
	"math/big"
	"time"
)

// The names of the tiers that ship.
const (
	Page   = "page"
	Ticket = "ticket"
)

// Tier is one pair of windows whose burn rates raise an alert together: the
// long one says that it matters, the short one that it still goes on. Several
// tiers of one name alert as one.
type Tier struct {
	Name        string
	Long, Short time.Duration
	// Budget is the share of the whole error budget that, spent within Long,
	// raises the alert; Factor is the burn rate itself. One of them is set.
	Budget, Factor Ratio
	// ClearAfter is how long the short window must have been back at or below
	// the factor before the alert clears; 0 is the length of Short.
	ClearAfter time.Duration
}

// factor is the burn rate at which the tier alerts, for a period; nil where
// the tier names none.
func (t Tier) factor(period time.Duration) *big.Rat {
	switch {
	case t.Factor.IsSet():
		return t.Factor.rat()
	case !t.Budget.IsSet() || period <= 0 || t.Long <= 0:
		return nil
	}
	x := big.NewRat(int64(period), int64(t.Long))
	return x.Mul(x, t.Budget.rat())
}

// BurnFactor is the burn rate at which the tier alerts, for a period of the
// objective; 0 where the tier names none.
func (t Tier) BurnFactor(period time.Duration) float64 {
	x := t.factor(period)
	if x == nil {
		return 0
	}
	f, _ := x.Float64()
	return f
}

func (t Tier) clearAfter() time.Duration {
	if t.ClearAfter > 0 {
		return t.ClearAfter
	}
	return t.Short
}

// DefaultTiers are the four pairs of the SRE workbook as Sloth and Splunk cite
// it: 2 % of the budget in an hour or 5 % in six hours page; 10 % in a day or
// in three days open a ticket. Factors follow from the period.
//
// Short periods bend it, or every healthy day would alert: windows longer than
// the period and pages below a burn rate of 1 are left out, and tickets below
// 0.9 (28 days give 0.933) are lifted to 1, the pace that just spends it all.
func DefaultTiers(period time.Duration) []Tier {
	const day = 24 * time.Hour
	var tiers []Tier
	for _, t := range []Tier{
		{Name: Page, Long: time.Hour, Short: 5 * time.Minute, Budget: Ratio{1, 50}},
		{Name: Page, Long: 6 * time.Hour, Short: 30 * time.Minute, Budget: Ratio{1, 20}},
		{Name: Ticket, Long: day, Short: 2 * time.Hour, Budget: Ratio{1, 10}},
		{Name: Ticket, Long: 3 * day, Short: 6 * time.Hour, Budget: Ratio{1, 10}},
	} {
		switch f := t.factor(period); {
		case f == nil || t.Long > period:
			continue
		case t.Name == Page && f.Cmp(big.NewRat(1, 1)) < 0:
			continue
		case t.Name == Ticket && f.Cmp(big.NewRat(9, 10)) < 0:
			t.Budget, t.Factor = Ratio{}, Ratio{1, 1}
		}
		tiers = append(tiers, t)
	}
	return tiers
}

// check reports every fault of the tier within its spec.
func (t Tier) check(s *Spec) error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if t.Name == "" {
		fail("a tier needs a name, such as page or ticket")
	}
	switch {
	case t.Short <= 0 || t.Long <= 0:
		fail("long and short windows must be positive, got %s and %s", t.Long, t.Short)
	case t.Short >= t.Long:
		fail("the short window %s must be shorter than the long one %s", t.Short, t.Long)
	default:
		errs = append(errs, checkResolution("long", t.Long), checkResolution("short", t.Short))
	}
	if t.Long > MaxRolling {
		fail("long window %s is longer than %s, which is as far back as counts are kept", t.Long, MaxRolling)
	}
	period := s.Window.longest()
	if period > 0 && t.Long > period {
		fail("long window %s is longer than the period %s of the objective", t.Long, period)
	}
	if s.Method != Occurrences && s.Slice > 0 && (t.Short%s.Slice != 0 || t.Long%s.Slice != 0) {
		fail("windows %s and %s must be whole slices of %s", t.Long, t.Short, s.Slice)
	}
	if t.ClearAfter < 0 {
		fail("clear_after must not be negative, got %s", t.ClearAfter)
	}
	errs = append(errs, t.checkFactor(s, period))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("tier %s %s/%s: %w", t.Name, t.Long, t.Short, err)
	}
	return nil
}

// checkFactor refuses tiers that cannot alert: bad events are at most all of
// them, so a limit of 1 or more is never exceeded.
func (t Tier) checkFactor(s *Spec, period time.Duration) error {
	switch {
	case t.Budget.IsSet() == t.Factor.IsSet():
		return errors.New("exactly one of budget share and factor must be given")
	case t.Budget.IsSet() && (t.Budget.Num <= 0 || t.Budget.Num > t.Budget.Den):
		return fmt.Errorf("budget share %s must be more than 0 and at most 1", t.Budget)
	case t.Factor.IsSet() && t.Factor.Num <= 0:
		return fmt.Errorf("factor %s must be more than 0", t.Factor)
	}
	if t.Long <= 0 || period <= 0 || !s.Objective.valid() {
		return nil // reported where it belongs
	}
	factor := t.factor(period)
	limit := new(big.Rat).Mul(factor, s.Objective.Budget().rat())
	if limit.Cmp(big.NewRat(1, 1)) >= 0 {
		return fmt.Errorf("can never alert: the share of bad events must exceed factor * (1 - objective) = %s * (1 - %s) = %s, and is at most 1",
			decimal(factor), s.Objective, decimal(limit))
	}
	return nil
}

// decimal prints a fraction for people, to at most six decimals.
func decimal(x *big.Rat) string {
	n, exact := x.FloatPrec()
	if !exact || n > 6 {
		n = 6
	}
	return x.FloatString(n)
}
