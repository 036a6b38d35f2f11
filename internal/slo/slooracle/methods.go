package slooracle

import (
	"fmt"
	"time"

	"github.com/spanledger/spanledger/internal/slo"
)

// budgetMethod has two forms: counts slice by slice, or a period cut into
// slices.
func budgetMethod(in inputs) (results, error) {
	o, err := in.target()
	if err != nil {
		return nil, err
	}
	if in.has("valid") {
		return bySlice(in, o)
	}
	window, err := in.span("window_days", 24*time.Hour)
	if err != nil {
		return nil, err
	}
	slice, err := in.span("slice_minutes", time.Minute)
	if err != nil {
		return nil, err
	}
	n := slo.Slices(window, slice)
	got := results{
		"slices":             n,
		"bad_slices_to_burn": slo.SlicesToBurn(o, n),
		"duration":           slo.TimeBudget(o, window),
		"budget_seconds":     slo.TimeBudget(o, window).Seconds(),
		"budget_minutes":     slo.TimeBudget(o, window).Minutes(),
	}
	if in.has("attack_success") {
		baseline, err := badOf(in, "baseline_success")
		if err != nil {
			return nil, err
		}
		attack, err := badOf(in, "attack_success")
		if err != nil {
			return nil, err
		}
		if d, ok := slo.OutageToExhaust(o, window, baseline, attack); ok {
			got["minutes_to_burn"] = d.Minutes()
		}
	}
	return got, nil
}

func badOf(in inputs, field string) (slo.Ratio, error) {
	good, err := in.ratio(field, 1)
	return slo.Ratio{Num: good.Den - good.Num, Den: good.Den}, err
}

func bySlice(in inputs, o slo.Objective) (results, error) {
	good, err := in.counts("good")
	if err != nil {
		return nil, err
	}
	valid, err := in.counts("valid")
	if err != nil || len(good) != len(valid) {
		return nil, fmt.Errorf("valid: %d slices beside %d: %w", len(valid), len(good), err)
	}
	var list []slo.Counts
	var bad []slo.Ratio
	var sum slo.Counts
	for i := range good {
		c := slo.Counts{Good: good[i], Bad: valid[i] - good[i]}
		list = append(list, c)
		sum.Good, sum.Bad = sum.Good+c.Good, sum.Bad+c.Bad
		bad = append(bad, slo.Ratio{Num: c.Bad, Den: max(1, c.Events())})
	}
	switch method := in.text("method"); method {
	case "occurrences":
		sli, _ := slo.SLI(sum.Bad, sum.Events())
		return results{"sli": sli, "budget_burnt": slo.OccurrenceBudget(o, sum.Bad, sum.Events()).Consumed}, nil
	case "timeslices":
		target, err := in.sliceTarget()
		g, b, _ := slo.SliceShares(list, target)
		sli, _ := slo.SLI(b, g+b)
		return results{"good_slices": g, "bad_slices": b, "sli": sli, "budget_burnt": slo.SliceBudget(o, b, g+b).Consumed}, err
	case "ratiotimeslices":
		_, _, mean := slo.SliceShares(list, slo.Objective{})
		left, _ := slo.Burndown(o, len(bad), bad)
		return results{"sli": mean, "budget_burnt": 1 - left[len(left)-1]}, nil
	default:
		return nil, fmt.Errorf("method %q is unknown", method)
	}
}
