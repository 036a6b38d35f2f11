package slooracle

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/slo"
)

func indicator(in inputs) (results, error) {
	bad, total, err := in.bad()
	if err != nil {
		return nil, err
	}
	sli, ok := slo.SLI(bad, total)
	if !ok {
		return results{"sli": nil}, nil
	}
	return results{"sli": sli}, nil
}

func burnRate(in inputs) (results, error) {
	o, err := in.target()
	if err != nil {
		return nil, err
	}
	bad, total, err := in.bad()
	return results{"burn_rate": slo.BurnRate(o, bad, total)}, err
}

func errorBudget(in inputs) (results, error) {
	o, err := in.target()
	if err != nil {
		return nil, err
	}
	var b slo.Budget
	calendar := strings.Contains(in.text("window"), "calendar")
	switch method := in.text("method"); {
	case method == "timeslices":
		b, err = sliceBudget(in, o)
	case method == "occurrences" && calendar:
		b, err = calendarBudget(in, o)
	case method == "occurrences":
		var bad, total int64
		bad, total, err = in.bad()
		b = slo.OccurrenceBudget(o, bad, total)
	default:
		err = fmt.Errorf("method %q is unknown", method)
	}
	return results{
		"initial": b.Initial, "consumed": b.Consumed, "remaining": b.Remaining, "is_estimated": b.Estimated,
		"consumed_percent": b.Consumed * 100, "remaining_percent": b.Remaining * 100,
	}, err
}

func sliceBudget(in inputs, o slo.Objective) (slo.Budget, error) {
	good, err := in.count("good_slices")
	if err != nil {
		return slo.Budget{}, err
	}
	total, err := in.count("total_slices")
	if err != nil {
		return slo.Budget{}, err
	}
	all := total
	if in.has("window_slices") {
		if all, err = in.count("window_slices"); err != nil {
			return slo.Budget{}, err
		}
	}
	return slo.SliceBudget(o, total-good, all), nil
}

// calendarBudget finds the period by the wall clock, as a configuration would.
func calendarBudget(in inputs, o slo.Objective) (slo.Budget, error) {
	now, err := time.Parse(time.RFC3339, in.text("now"))
	if err != nil {
		return slo.Budget{}, err
	}
	bad, total, err := in.bad()
	if err != nil {
		return slo.Budget{}, err
	}
	text := in.text("window")
	units := map[string]slo.Calendar{"1h": slo.Hour, "1d": slo.Day, "1w": slo.Week, "1M": slo.Month, "1Q": slo.Quarter, "1y": slo.Year, "1Y": slo.Year}
	unit, _, _ := strings.Cut(text, " ")
	c, ok := units[unit]
	if !ok {
		return slo.Budget{}, fmt.Errorf("window %q is unknown", text)
	}
	w := slo.Window{Calendar: c, FromSunday: strings.Contains(text, "week starts Sun")}
	start, end := w.Bounds(now)
	return slo.CalendarBudget(o, bad, total, now.Sub(start), end.Sub(now)), nil
}

func errorBudgetReport(in inputs) (results, error) {
	o, err := in.target()
	if err != nil {
		return nil, err
	}
	bad, total, err := in.bad()
	if err != nil {
		return nil, err
	}
	window, err := in.span("window_s", time.Second)
	if err != nil {
		return nil, err
	}
	threshold, err := in.ratio("burn_threshold", 1)
	r := slo.ReportTime(o, window, bad, total)
	// The report rounds its burn rate to one decimal before it compares; so the
	// alert is compared after the same rounding, in tenths.
	tenths := int64(math.RoundToEven(r.BurnRate * 10))
	return results{
		"sli": math.Round(r.SLI*1e6) / 1e6, "burn_rate_rounded_1dp": float64(tenths) / 10,
		"budget_minutes": r.BudgetMinutes, "error_minutes": r.SpentMinutes,
		"budget_remaining_minutes": r.RemainMinutes, "consumed_percent": r.ConsumedPercent,
		"alert": slo.Exceeds(tenths, 10, threshold),
	}, err
}

func timeBudget(in inputs) (results, error) {
	if in.has("budget_minutes") {
		actual, err := in.span("actual_minutes", time.Minute)
		if err != nil {
			return nil, err
		}
		budget, err := in.span("budget_minutes", time.Minute)
		return results{"consumed_ratio": slo.TimeConsumed(actual, budget)}, err
	}
	o, err := in.target()
	if err != nil {
		return nil, err
	}
	window, err := in.span("window_days", 24*time.Hour)
	if err != nil {
		return nil, err
	}
	budget := slo.TimeBudget(o, window)
	got := results{"budget_minutes": budget.Minutes()}
	if in.has("outage_minutes") {
		outage, err := in.span("outage_minutes", time.Minute)
		if err != nil {
			return nil, err
		}
		got["remaining_minutes"] = (budget - outage).Minutes()
		got["consumed_ratio"] = slo.TimeConsumed(outage, budget)
	}
	return got, nil
}

func timeToExhaustion(in inputs) (results, error) {
	window, err := in.span("window_days", 24*time.Hour)
	if err != nil {
		return nil, err
	}
	burn, err := in.ratio("burn_rate", 1)
	if err != nil {
		return nil, err
	}
	remaining := 1.0
	if in.has("remaining") {
		x, ok := new(big.Rat).SetString(in.text("remaining")) // it may be overspent
		if !ok {
			return nil, errors.New("remaining: no number")
		}
		remaining, _ = x.Float64()
	}
	d, ok := slo.TimeToExhaustion(window, remaining, burn.Float64())
	if !ok {
		return results{"exhaustion": nil}, nil
	}
	return results{"exhaustion": d}, nil
}

func calendarBurndown(in inputs) (results, error) {
	objective, err := in.ratio("objective_percent", 100)
	if err != nil {
		return nil, err
	}
	steps, err := in.count("period_steps")
	if err != nil {
		return nil, err
	}
	list, _ := in["daily_availability_percent"].([]any)
	var bad []slo.Ratio
	for _, v := range list {
		good, err := inputs{"day": v}.ratio("day", 100)
		if err != nil {
			return nil, err
		}
		bad = append(bad, slo.Ratio{Num: good.Den - good.Num, Den: good.Den})
	}
	remaining, even := slo.Burndown(slo.Objective(objective), int(steps), bad)
	return results{"remaining_percent_by_day": percent(remaining), "ideal_remaining_percent_by_day": percent(even)}, nil
}

func percent(shares []float64) []float64 {
	for i := range shares {
		shares[i] *= 100
	}
	return shares
}
