package slooracle

import (
	"time"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
)

// spendProjection has two forms. Both are slo.Project: one leaves the running
// day out of what was processed and out of what remains (on the first of a
// month there is no other day, so it stands for itself), the other counts it.
func spendProjection(in inputs) (results, error) {
	if in.has("days_processed") {
		return byDaysProcessed(in)
	}
	today, err := time.Parse(time.DateOnly, in.text("today"))
	if err != nil {
		return nil, err
	}
	spent, err := money.Parse(in.text("month_to_date"))
	if err != nil {
		return nil, err
	}
	_, end := slo.Window{Calendar: slo.Month}.Bounds(today)
	processed := time.Duration(max(1, today.Day()-1)) * day
	remaining := end.Sub(today) - day
	projected, ok := slo.Project(spent, processed, remaining)
	if !ok {
		return results{"projected_month_end": nil}, nil
	}
	got := results{"projected_month_end": projected.Float64(), "exceeded_date": nil}
	if in.has("limit") {
		limit, err := money.Parse(in.text("limit"))
		if err != nil {
			return nil, err
		}
		if left, ok := slo.TimeToLimit(spent, limit, processed); ok && projected.Cmp(limit) > 0 {
			got["exceeded_date"] = today.Add(left.Truncate(day)).Format(time.DateOnly)
		}
	}
	return got, nil
}

func byDaysProcessed(in inputs) (results, error) {
	actual, err := money.Parse(in.text("actual"))
	if err != nil {
		return nil, err
	}
	processed, err := in.span("days_processed", day)
	if err != nil {
		return nil, err
	}
	period, err := in.span("days_in_period", day)
	if err != nil {
		return nil, err
	}
	forecast, ok := slo.Forecast(actual, processed, period, slo.Ratio{Num: int64(3 * day), Den: int64(period)})
	if !ok {
		return results{"forecast": nil}, nil
	}
	return results{"forecast": forecast.Float64()}, nil
}

func adjustedCount(in inputs) (results, error) {
	weight, s := slo.AdjustedCount(in.text("tracestate"))
	got := results{"adjusted_count": weight}
	if s == slo.MalformedState {
		got["error"] = "failed to parse"
	}
	return got, nil
}
