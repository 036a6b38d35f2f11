package slooracle

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"time"

	"github.com/spanledger/spanledger/internal/slo"
)

const day = 24 * time.Hour

func burnRateFactor(in inputs) (results, error) {
	period, err := in.span("slo_period_days", day)
	if err != nil {
		return nil, err
	}
	budget, err := in.ratio("budget_consumed_percent", 100)
	if err != nil {
		return nil, err
	}
	long, err := in.span("long_window_hours", time.Hour)
	if err != nil {
		return nil, err
	}
	return results{"burn_rate_factor": slo.Tier{Long: long, Budget: budget}.BurnFactor(period)}, nil
}

// absentFor: Pyrra scales its shortest long window from an hour in 28 days and
// its alert's delay from two minutes; the factor there is 14.
func absentFor(in inputs) (results, error) {
	o, err := in.target()
	if err != nil {
		return nil, err
	}
	window, err := in.span("window_days", day)
	long := (window / (28 * 24)).Round(time.Minute)
	margin := (window / (28 * 24 * 30)).Round(time.Minute)
	return results{"for": slo.AbsentFor(o, slo.Ratio{Num: 14, Den: 1}, long, margin)}, err
}

// multiWindowAlert plays the traffic, minute by minute, through a ring with the
// default tiers of 30 days, and evaluates at the end of it. The cases are of
// rules without a memory: what was raised before and is still held does not
// enter.
func multiWindowAlert(in inputs) (results, error) {
	o, err := in.target()
	if err != nil {
		return nil, err
	}
	minutes, err := traffic(in)
	if err != nil {
		return nil, err
	}
	spec, _ := slo.Spec{Name: "oracle", Objective: o, Window: slo.Window{Rolling: 30 * day}}.WithDefaults()
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	start := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	ring := slo.NewRing(&spec, start)
	now := start
	for _, c := range minutes {
		ring.Add(now.UnixNano(), c.Good, c.Bad, 0)
		now = now.Add(time.Minute)
	}
	s := slo.Evaluate(&spec, ring, now, nil)
	got := results{"remaining_ratio": s.Remaining, "page": false, "ticket": false}
	for _, a := range s.Alerts {
		got[a.Tier] = a.Active
	}
	for _, b := range s.Burn {
		got["current_burn_rate"] = s.Burn[0].Rate
		c := ring.Sum(now.Add(-b.Window), now)
		sli, _ := slo.SLI(c.Bad, c.Events())
		label := "error_ratio_" + short(b.Window)
		got[label], got[label+"_exact"] = 1-sli, 1-sli
		got[label+"_promql"] = notOurs("rate() extrapolates to the edges of its window")
	}
	return got, nil
}

func short(d time.Duration) string {
	switch {
	case d%day == 0:
		return strconv.Itoa(int(d/day)) + "d"
	case d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	}
	return strconv.Itoa(int(d/time.Minute)) + "m"
}

var after = regexp.MustCompile(`(\d+) ?min`)

// traffic is the events of each minute.
func traffic(in inputs) (minutes []slo.Counts, err error) {
	repeat := func(n int64, c slo.Counts) {
		for range n {
			minutes = append(minutes, c)
		}
	}
	if in.has("constant_error_ratio") {
		bad, err := in.ratio("constant_error_ratio", 1)
		if err != nil {
			return nil, err
		}
		n, err := in.count("elapsed_min")
		repeat(n, slo.Counts{Good: bad.Den - bad.Num, Bad: bad.Num})
		return minutes, err
	}
	rate, err := in.count("traffic_per_min")
	if err != nil {
		return nil, err
	}
	clean, err := in.count("clean_min")
	if err != nil {
		return nil, err
	}
	fail, err := in.count("all_fail_min")
	repeat(clean, slo.Counts{Good: rate})
	repeat(fail, slo.Counts{Bad: rate})
	switch at := in.text("evaluate_at"); {
	case at == "end of burst" || at == "":
	case after.MatchString(at):
		n, _ := strconv.ParseInt(after.FindStringSubmatch(at)[1], 10, 32)
		repeat(n, slo.Counts{Good: rate})
	default:
		err = fmt.Errorf("evaluate_at %q is unknown", at)
	}
	return minutes, err
}

var (
	timesLiteral = regexp.MustCompile(`^([0-9.]+) \* ([0-9.]+)( |$)`)
	timesBudget  = regexp.MustCompile(`^([0-9.]+) \* \(1-([0-9.]+)\)$`)
)

// thresholdBoundary compares with the literal as it is written, digit by digit;
// what a float made of it is then no accident any more.
func thresholdBoundary(in inputs) (results, error) {
	bad, err := in.ratio("error_ratio", 1)
	if err != nil {
		return nil, err
	}
	literal := in.text("literal")
	m := timesBudget.FindStringSubmatch(literal)
	if m == nil {
		m = timesLiteral.FindStringSubmatch(literal)
	}
	if m == nil {
		return nil, fmt.Errorf("literal %q is unknown", literal)
	}
	a, ok1 := new(big.Rat).SetString(m[1])
	b, ok2 := new(big.Rat).SetString(m[2])
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("literal %q is no product", literal)
	}
	if timesBudget.MatchString(literal) {
		b.Sub(big.NewRat(1, 1), b)
	}
	limit, err := fraction("literal", a.Mul(a, b))
	return results{"fires": slo.Exceeds(bad.Num, bad.Den, limit)}, err
}
