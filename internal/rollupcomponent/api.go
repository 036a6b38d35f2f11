package rollupcomponent

import (
	"math/big"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

// The types of /api/v1/rollups. Money is an exact decimal string, a duration a
// number of seconds, a map holds only what is not zero; what is unknown is
// null or absent, never zero.
type (
	apiRollups struct {
		Start      string         `json:"start"`
		At         string         `json:"at"`
		Instance   string         `json:"instance"`
		Lost       string         `json:"lost,omitempty"` // figures before it are incomplete
		Dimensions []string       `json:"dimensions"`
		Totals     apiTotals      `json:"totals"`
		Routes     []apiRoute     `json:"routes"`
		Rows       []apiRow       `json:"rows"`
		Components []apiComponent `json:"components"`
		Unpriced   []apiUnpriced  `json:"unpriced"`
		SLOs       []apiSLO       `json:"slos"`
		Budgets    []apiBudget    `json:"budgets"`
	}

	apiTotals struct {
		Spans       int64              `json:"spans"`
		Calls       int64              `json:"calls"`
		Attempts    int64              `json:"attempts"`
		Billed      int64              `json:"billed"`
		Duplicates  int64              `json:"duplicates"`
		Unpriced    int64              `json:"unpriced"`
		NoUsage     int64              `json:"no_usage"`
		NotBillable int64              `json:"not_billable"`
		Unstamped   int64              `json:"unstamped"`
		Tokens      int64              `json:"tokens"`
		Pending     int                `json:"pending"`
		Cost        []apiCurrencyTotal `json:"cost"`
	}

	apiCurrencyTotal struct {
		Currency       string `json:"currency"`
		Total          string `json:"total"`
		Wasted         string `json:"wasted"`
		Naive          string `json:"naive"`
		Reported       string `json:"reported"`
		ListOfReported string `json:"list_of_reported"`
	}

	apiRoute struct {
		Route          string            `json:"route"`
		Calls          map[string]int64  `json:"calls"`
		CallsTotal     int64             `json:"calls_total"`
		Attempts       map[string]int64  `json:"attempts"`
		AttemptsTotal  int64             `json:"attempts_total"`
		AttemptsFailed map[string]int64  `json:"attempts_failed"`
		Cost           map[string]string `json:"cost"`
		Wasted         map[string]string `json:"wasted"`
		Naive          map[string]string `json:"naive"`
		CostPerCall    map[string]string `json:"cost_per_call"`
		Tokens         map[string]int64  `json:"tokens"`
		Coverage       *float64          `json:"coverage"`
		Duration       *apiDuration      `json:"duration"`
		SLOs           []string          `json:"slos"`
	}

	apiDuration struct {
		P50   float64 `json:"p50"`
		P95   float64 `json:"p95"`
		P99   float64 `json:"p99"`
		Count uint64  `json:"count"`
	}

	apiRow struct {
		Route          string            `json:"route"`
		Dimensions     map[string]string `json:"dimensions"`
		Overflow       bool              `json:"overflow,omitempty"`
		Currency       string            `json:"currency"`
		Cost           map[string]string `json:"cost"`
		CostTotal      string            `json:"cost_total"`
		CostAtLeast    string            `json:"cost_at_least,omitempty"`
		Naive          string            `json:"naive"`
		Calls          map[string]int64  `json:"calls"`
		CallsFailed    map[string]int64  `json:"calls_failed"`
		Attempts       map[string]int64  `json:"attempts"`
		AttemptsFailed map[string]int64  `json:"attempts_failed"`
		Tokens         map[string]int64  `json:"tokens"`
		Statuses       map[string]int64  `json:"statuses"`
	}

	apiComponent struct {
		Vendor    string `json:"vendor"`
		Platform  string `json:"platform"`
		Model     string `json:"model"`
		Component string `json:"component"`
		Currency  string `json:"currency"`
		Cost      string `json:"cost"`
	}

	apiUnpriced struct {
		Vendor   string `json:"vendor"`
		Platform string `json:"platform"`
		Model    string `json:"model"`
		Reason   string `json:"reason"`
		Calls    int64  `json:"calls"`
		Tokens   int64  `json:"tokens"`
		Override string `json:"override"`
	}

	apiSLO struct {
		Name       string     `json:"name"`
		Route      string     `json:"route"`
		SLI        string     `json:"sli"`
		Scope      string     `json:"scope"`
		Objective  float64    `json:"objective"`
		Good       int64      `json:"good"`
		Bad        int64      `json:"bad"`
		Excluded   int64      `json:"excluded"`
		SLIValue   *float64   `json:"sli_value"`
		Remaining  float64    `json:"remaining"`
		Burn       []apiBurn  `json:"burn"`
		Alerts     []apiAlert `json:"alerts"`
		NoData     bool       `json:"no_data"`
		Blind      bool       `json:"blind"`
		Exhaustion float64    `json:"exhaustion_seconds"`
		TopClass   string     `json:"top_class"`
		Declared   bool       `json:"declared"` // false: a route's default
	}

	apiBurn struct {
		Window string  `json:"window"`
		Rate   float64 `json:"rate"`
		NoData bool    `json:"no_data"`
	}

	apiAlert struct {
		Tier   string  `json:"tier"`
		Active bool    `json:"active"`
		Factor float64 `json:"factor"`
		Burn   float64 `json:"burn"`
	}

	apiBudget struct {
		Name        string  `json:"name"`
		Currency    string  `json:"currency"`
		Limit       string  `json:"limit"`
		Soft        string  `json:"soft,omitempty"`
		Spent       string  `json:"spent"`
		Remaining   string  `json:"remaining"`
		Forecast    *string `json:"forecast"`
		Burn        float64 `json:"burn"` // pace over the pace that just reaches the limit
		Exhaustion  string  `json:"exhaustion,omitempty"`
		Start       string  `json:"start,omitempty"`
		Reset       string  `json:"reset,omitempty"`
		State       string  `json:"state"`
		Exceeded    bool    `json:"exceeded"`
		PricedShare float64 `json:"priced_share"`
		Calls       int64   `json:"calls"`
		Unpriced    int64   `json:"unpriced"`
	}
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
	for rows := range routesOf(snap) {
		out.Routes = append(out.Routes, routeOf(rows, snap.SLOs))
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

// routeOf sums the rows of one route.
func routeOf(rows []rollup.Row, slos []rollup.SLORow) apiRoute {
	var sum rollup.Row
	var covered coverage
	cost, wasted, naive := amounts{}, amounts{}, amounts{}
	for i := range rows {
		r := &rows[i]
		addCounts(sum.Calls[:], r.Calls[:])
		addCounts(sum.Attempts[:], r.Attempts[:])
		addCounts(sum.AttemptsFailed[:], r.AttemptsFailed[:])
		addCounts(sum.Tokens[:], r.Tokens[:])
		for _, a := range r.Cost {
			cost.add(r.Currency, a)
		}
		wasted.add(r.Currency, r.Cost[stamp.UseWasted])
		naive.add(r.Currency, r.Naive)
		covered.add(&r.Statuses)
		addHistogram(&sum.Duration, &r.Duration)
	}
	out := apiRoute{
		Route: rows[0].Route,
		Calls: named[stamp.Outcome](sum.Calls[:]), CallsTotal: total(sum.Calls[:]),
		Attempts: named[stamp.Kind](sum.Attempts[:]), AttemptsTotal: total(sum.Attempts[:]),
		AttemptsFailed: named[llm.ErrorClass](sum.AttemptsFailed[:]),
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
		Good: s.Good, Bad: s.Bad, Excluded: s.Excluded, Remaining: s.Status.Remaining,
		Burn: make([]apiBurn, 0, len(s.Status.Burn)), Alerts: []apiAlert{},
		NoData: s.Status.NoData, Blind: s.Status.Blind, Exhaustion: s.Status.Exhaustion.Seconds(), TopClass: s.TopClass.String(), Declared: s.Declared,
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

func addCounts(sum, n []int64) {
	for i := range n {
		sum[i] += n[i]
	}
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
