package rollupcomponent

import (
	"math/big"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// rollupsOf is a snapshot as the API shows it.
func rollupsOf(snap *rollup.Snapshot) *apiRollups {
	t := &snap.Totals
	out := &apiRollups{
		Start: timestamp(snap.Start), At: timestamp(snap.At), Instance: snap.Instance, Lost: whenSet(snap.Lost),
		Dimensions: append([]string{}, snap.Dimensions...),
		Totals: apiTotals{
			Spans: t.Spans, Calls: t.Calls, Attempts: t.Attempts, Billed: t.Billed, Duplicates: t.Duplicates, Unpriced: t.Unpriced,
			NoUsage: t.NoUsage, NotBillable: t.NotBillable, Unstamped: t.Unstamped, Tokens: t.Tokens, Pending: snap.Pending,
			Cost: make([]apiCurrencyTotal, 0, len(t.Cost)),
		},
		Routes:     []apiRoute{},
		Rows:       make([]apiRow, 0, len(snap.Rows)),
		Components: make([]apiComponent, 0, len(snap.Components)),
		Unpriced:   make([]apiUnpriced, 0, len(snap.Unpriced)),
		SLOs:       make([]apiSLO, 0, len(snap.SLOs)),
		Budgets:    make([]apiBudget, 0, len(snap.Budgets)),
	}
	for _, c := range t.Cost {
		out.Totals.Cost = append(out.Totals.Cost, apiCurrencyTotal{
			Currency: c.Currency, Total: c.Cost.String(), Wasted: c.Wasted.String(), Naive: c.Naive.String(),
			Reported: c.Reported.String(), ListOfReported: c.ListOfReported.String(),
		})
	}
	for i := range snap.Routes {
		out.Routes = append(out.Routes, routeOf(&snap.Routes[i], snap.SLOs))
	}
	for i := range snap.Rows {
		out.Rows = append(out.Rows, rowOf(&snap.Rows[i], snap.Dimensions))
	}
	for _, c := range snap.Components {
		out.Components = append(out.Components, apiComponent{c.Vendor, c.Platform, c.Model, c.Component.String(), c.Currency, c.Cost.String()})
	}
	for _, u := range snap.Unpriced {
		out.Unpriced = append(out.Unpriced, apiUnpriced{u.Vendor, u.Platform, u.Model, u.Reason.String(), u.Calls, u.Tokens, overrideFor(u)})
	}
	for i := range snap.SLOs {
		out.SLOs = append(out.SLOs, sloOf(&snap.SLOs[i]))
	}
	for i := range snap.Budgets {
		out.Budgets = append(out.Budgets, budgetOf(&snap.Budgets[i]))
	}
	return out
}

func rowOf(r *rollup.Row, dims []string) apiRow {
	var total money.Amount
	cost := map[string]string{}
	for u, a := range r.Cost {
		total = total.Add(a)
		if !a.IsZero() {
			cost[stamp.Use(u).String()] = a.String()
		}
	}
	values := make(map[string]string, len(dims))
	for i, d := range dims {
		if i < len(r.Dims) && r.Dims[i] != "" {
			values[d] = r.Dims[i]
		}
	}
	out := apiRow{
		Route: r.Route, Dimensions: values, Overflow: r.Overflow, Currency: r.Currency,
		Cost: cost, CostTotal: total.String(), Naive: r.Naive.String(),
		Calls: named[stamp.Outcome](r.Calls[:]), CallsFailed: named[llm.ErrorClass](r.CallsFailed[:]),
		Attempts: named[stamp.Kind](r.Attempts[:]), AttemptsFailed: named[llm.ErrorClass](r.AttemptsFailed[:]),
		Tokens: named[llm.Bucket](r.Tokens[:]), Statuses: named[stamp.Status](r.Statuses[:]),
	}
	if !r.CostAtLeast.IsZero() {
		out.CostAtLeast = r.CostAtLeast.String()
	}
	return out
}

func wasteOf(r *rollup.Row) apiWaste {
	return apiWaste{
		AttemptsHidden: r.AttemptsHidden, AttemptsFutile: r.AttemptsFutile, AttemptsUnknown: r.AttemptsUnknown, Tokens: r.TokensWasted,
		LatencySeconds: seconds(r.WastedLatency), BackoffSeconds: seconds(r.Backoff),
	}
}

// routeOf is the sum of the rows of one route.
func routeOf(sum *rollup.Row, slos []rollup.SLORow) apiRoute {
	var covered coverage
	cost, wasted, naive := amounts{}, amounts{}, amounts{}
	for _, a := range sum.Cost {
		cost.add(sum.Currency, a)
	}
	wasted.add(sum.Currency, sum.Cost[stamp.UseWasted])
	naive.add(sum.Currency, sum.Naive)
	covered.add(&sum.Statuses)
	out := apiRoute{
		Route: sum.Route,
		Calls: named[stamp.Outcome](sum.Calls[:]), CallsTotal: total(sum.Calls[:]),
		Attempts: named[stamp.Kind](sum.Attempts[:]), AttemptsTotal: total(sum.Attempts[:]),
		AttemptsFailed: named[llm.ErrorClass](sum.AttemptsFailed[:]),
		Waste:          wasteOf(sum),
		Cost:           cost.strings(), Wasted: wasted.strings(), Naive: naive.strings(), CostPerCall: map[string]string{},
		Tokens: named[llm.Bucket](sum.Tokens[:]), SLOs: []string{},
	}
	for currency, a := range cost {
		if out.CallsTotal > 0 && !a.IsZero() {
			out.CostPerCall[currency] = perCall(a, out.CallsTotal)
		}
	}
	if share, ok := covered.share(); ok {
		out.Coverage = &share
	}
	if f := sum.Amplification(); f > 0 {
		out.Amplification = &f
	}
	if h := &sum.Duration; h.Count > 0 {
		out.Duration = &apiDuration{quantile(h, 0.5), quantile(h, 0.95), quantile(h, 0.99), h.Count}
	}
	for i := range slos {
		if slos[i].Route == out.Route && out.Route != "" {
			out.SLOs = append(out.SLOs, slos[i].Name)
		}
	}
	return out
}

func sloOf(s *rollup.SLORow) apiSLO {
	out := apiSLO{
		Name: s.Name, Route: s.Route, SLI: s.SLI, Scope: s.Scope, Objective: s.Objective,
		Good: s.Good, Bad: s.Bad, Excluded: s.Excluded,
		BadBy: named[slo.Reason](s.BadBy[:]), ExcludedBy: named[slo.Reason](s.ExcludedBy[:]), Remaining: s.Status.Remaining,
		Burn: make([]apiBurn, 0, len(s.Status.Burn)), Alerts: []apiAlert{},
		NoData: s.Status.NoData, Blind: s.Status.Blind, Exhaustion: s.Status.Exhaustion.Seconds(), TopClass: s.TopClass.String(), TopModel: s.TopModel, Declared: s.Declared,
	}
	if !s.Status.NoData {
		out.SLIValue = &s.Status.SLI
	}
	for _, b := range s.Status.Burn {
		out.Burn = append(out.Burn, apiBurn{shortDuration(b.Window), b.Rate, b.NoData})
	}
	for _, a := range tiers(s) {
		out.Alerts = append(out.Alerts, apiAlert{a.Tier, a.Active, a.Factor, a.Burn})
	}
	return out
}

func budgetOf(b *rollup.BudgetRow) apiBudget {
	out := apiBudget{
		Name: b.Name, Currency: b.Currency, Limit: b.Limit.String(), Spent: b.Spent.String(), Remaining: b.Limit.Sub(b.Spent).String(),
		State: b.State, Exceeded: b.Exceeded, Burn: b.Burn, PricedShare: b.PricedShare, Calls: b.CallsInWindow, Unpriced: b.UnpricedInWhole,
	}
	if b.HasForecast {
		forecast := b.Forecast.String()
		out.Forecast = &forecast
	}
	if !b.Soft.IsZero() {
		out.Soft = b.Soft.String()
	}
	out.Start, out.Reset, out.Exhaustion = whenSet(b.Start), whenSet(b.Reset), whenSet(b.Exhaustion)
	return out
}

func whenSet(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return timestamp(t)
}

func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// named turns counts by enum into a map by name, without the zeros and
// without what has no name.
func named[E interface {
	~uint8
	String() string
}](counts []int64) map[string]int64 {
	out := map[string]int64{}
	for i, n := range counts {
		if name := E(i).String(); n != 0 && name != "" {
			out[name] = n
		}
	}
	return out
}

func total(counts []int64) (sum int64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// amounts are sums of money by currency.
type amounts map[string]money.Amount

func (m amounts) add(currency string, a money.Amount) {
	if !a.IsZero() {
		m[currency] = m[currency].Add(a)
	}
}

func (m amounts) strings() map[string]string {
	out := make(map[string]string, len(m))
	for currency, a := range m {
		out[currency] = a.String()
	}
	return out
}

// perCall is a mean to twelve decimals, half-even.
func perCall(a money.Amount, calls int64) string {
	r, ok := new(big.Rat).SetString(a.String())
	if !ok {
		return a.String()
	}
	mean, err := money.ParseRounded(r.Quo(r, new(big.Rat).SetInt64(calls)).FloatString(money.FractionDigits + 8))
	if err != nil {
		return a.String()
	}
	return mean.String()
}

// quantile estimates from the buckets as PromQL does: linear within a bucket,
// from 0 in the first, the last boundary beyond it.
func quantile(h *rollup.Histogram, q float64) float64 {
	rank, seen := q*float64(h.Count), 0.0
	for i, n := range h.Counts {
		if seen+float64(n) < rank || n == 0 {
			seen += float64(n)
			continue
		}
		if i >= len(h.Bounds) {
			break
		}
		low := 0.0
		if i > 0 {
			low = h.Bounds[i-1]
		}
		return low + (h.Bounds[i]-low)*(rank-seen)/float64(n)
	}
	if len(h.Bounds) == 0 {
		return h.Sum / float64(h.Count)
	}
	return h.Bounds[len(h.Bounds)-1]
}
