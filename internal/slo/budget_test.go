package slo_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
)

// TestBudgetOfHugeCounts: products beyond 64 bits are still exact.
func TestBudgetOfHugeCounts(t *testing.T) {
	o := objective(t, "0.999999999")
	const total = 4_000_000_000_000_000_000
	b := slo.OccurrenceBudget(o, total/1_000_000_000, total)
	if b.Consumed != 1 || b.Remaining != 0 {
		t.Errorf("one bad in 1e9 of 4e18 events: %+v", b)
	}
	if sli, ok := slo.SLI(total/2, total); !ok || sli != 0.5 {
		t.Errorf("half bad: %v %v", sli, ok)
	}
	if slo.Exceeds(total/1_000_000_000, total, o.Budget()) || !slo.Exceeds(total/1_000_000_000+1, total, o.Budget()) {
		t.Error("the limit is not exact")
	}
}

func TestNothingOutOfNothing(t *testing.T) {
	o := objective(t, "0.9")
	if _, ok := slo.SLI(0, 0); ok {
		t.Error("an SLI without events")
	}
	if slo.BurnRate(o, 0, 0) != 0 || slo.OccurrenceBudget(o, 0, 0).Remaining != 1 || slo.CalendarBudget(o, 0, 0, 0, day).Remaining != 1 {
		t.Error("no events spend budget")
	}
	if slo.Exceeds(0, 0, slo.Ratio{Den: 1}) || slo.Exceeds(1, 1, slo.Ratio{}) {
		t.Error("nothing exceeds something")
	}
}

func TestOutageToExhaust(t *testing.T) {
	o := objective(t, "0.95")
	ratio := func(num, den int64) slo.Ratio { return slo.Ratio{Num: num, Den: den} }
	for _, c := range []struct {
		name          string
		base, outage  slo.Ratio
		want          time.Duration
		gone, exhaust bool
	}{
		{"everything fails, nothing else does", ratio(0, 1), ratio(1, 1), 36 * time.Hour, true, true},
		{"the rest of the time spends half", ratio(5, 200), ratio(1, 1), 30 * day / 39, true, true},
		{"the rest alone spends it", ratio(1, 10), ratio(1, 1), 0, true, true},
		{"an outage within the objective", ratio(0, 1), ratio(1, 100), 0, false, false},
		{"no outage at all", ratio(1, 100), ratio(1, 100), 0, false, false},
	} {
		got, ok := slo.OutageToExhaust(o, 30*day, c.base, c.outage)
		if ok != c.exhaust || (got-c.want).Abs() > time.Microsecond {
			t.Errorf("%s: %s %v, want %s %v", c.name, got, ok, c.want, c.exhaust)
		}
	}
}

func TestTimeToExhaustion(t *testing.T) {
	for _, c := range []struct {
		remaining, burn float64
		want            time.Duration
		ok              bool
	}{
		{1, 2, 15 * day, true},
		{0.5, 1, 15 * day, true},
		{0, 0, 0, true},
		{-3, 9, 0, true},
		{1, 0, 0, false},
		{1, 1e-300, 100 * 366 * day, true},
	} {
		if got, ok := slo.TimeToExhaustion(30*day, c.remaining, c.burn); got != c.want || ok != c.ok {
			t.Errorf("%v left at burn %v: %s %v, want %s %v", c.remaining, c.burn, got, ok, c.want, c.ok)
		}
	}
}

func amount(tb testing.TB, s string) money.Amount {
	tb.Helper()
	a, err := money.Parse(s)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func TestForecast(t *testing.T) {
	for _, c := range []struct {
		name            string
		spent           string
		elapsed, period time.Duration
		want            string
	}{
		{"a third of the month", "100", 10 * day, 30 * day, "300"},
		{"rounded once, half to even", "0.000000000001", 2 * day, 3 * day, "0.000000000002"},
		{"a refund stays a refund", "-10", 15 * day, 30 * day, "-20"},
		{"the whole period", "12.34", 30 * day, 30 * day, "12.34"},
		{"exactly at the minimum", "1", 36 * time.Hour, 30 * day, "20"},
		{"too early", "1", 36*time.Hour - 1, 30 * day, ""},
		{"not begun", "1", 0, 30 * day, ""},
		{"over", "1", 31 * day, 30 * day, ""},
		{"beyond what an amount holds", "60000000000000000000000000", 2 * day, 30 * day, ""},
	} {
		got, ok := slo.Forecast(amount(t, c.spent), c.elapsed, c.period, slo.Ratio{})
		if ok != (c.want != "") || (ok && got != amount(t, c.want)) {
			t.Errorf("%s: %s %v, want %q", c.name, got, ok, c.want)
		}
	}
	if _, ok := slo.Forecast(amount(t, "1"), time.Hour, 30*day, slo.Ratio{Den: 1}); !ok {
		t.Error("a minimum of 0 still refuses")
	}
	if _, ok := slo.Project(amount(t, "1"), 0, day); ok {
		t.Error("a projection from no time")
	}
}

func TestTimeToLimit(t *testing.T) {
	for _, c := range []struct {
		spent, limit string
		want         time.Duration
		ok           bool
	}{
		{"100", "200", 10 * day, true},
		{"100", "100", 0, true},
		{"100", "1", 0, true},
		{"0", "1", 0, false},
		{"-1", "1", 0, false},
		{"0.000000000001", "1000000", 100 * 366 * day, true},
	} {
		got, ok := slo.TimeToLimit(amount(t, c.spent), amount(t, c.limit), 10*day)
		if got != c.want || ok != c.ok {
			t.Errorf("%s of %s after ten days: %s %v, want %s %v", c.spent, c.limit, got, ok, c.want, c.ok)
		}
	}
}

// TestForecastMeetsLimit: an average pace that ends above a limit reaches it
// within the period, and one that ends below does not.
func TestForecastMeetsLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spent := money.FromPico(rapid.Int64Range(1, 1<<60).Draw(t, "spent"))
		limit := money.FromPico(rapid.Int64Range(1, 1<<62).Draw(t, "limit"))
		elapsed := time.Duration(rapid.Int64Range(int64(2*day), int64(30*day)).Draw(t, "elapsed"))
		total, ok := slo.Forecast(spent, elapsed, 30*day, slo.Ratio{})
		left, reached := slo.TimeToLimit(spent, limit, elapsed)
		if !ok || !reached {
			t.Fatal("refused")
		}
		if within := elapsed+left <= 30*day; within != (total.Cmp(limit) >= 0) {
			// Both round: a pico-unit or a nanosecond at the limit itself.
			off, fits := total.Sub(limit).Pico()
			perNano := int64(1)
			if n, ok := spent.Pico(); ok {
				perNano += n / int64(elapsed)
			}
			if !fits || max(off, -off) > perNano {
				t.Fatalf("%s by the end against %s, but the limit is met in %s of %s", total, limit, left, 30*day-elapsed)
			}
		}
	})
}
