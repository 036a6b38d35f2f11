package rollupcomponent

import (
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

var (
	fixtureStart = time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC)
	fixtureNow   = fixtureStart.Add(90 * time.Minute)
	bounds       = []float64{0.5, 1, 2, 4, 8, 15, 30}
)

// fixtureBooks is a snapshot made by hand, for what needs no ledger.
type fixtureBooks struct {
	snap     *rollup.Snapshot
	receipts []rollup.Receipt
	fleet    Fleet
}

func (b fixtureBooks) Fleet() Fleet { return b.fleet }

func (b fixtureBooks) Snapshot() *rollup.Snapshot { return b.snap }

func (b fixtureBooks) Receipts(limit int, route string) []rollup.Receipt {
	var out []rollup.Receipt
	for _, r := range b.receipts {
		if len(out) < limit && (route == "" || route == r.Route) {
			out = append(out, r)
		}
	}
	return out
}

func (b fixtureBooks) Receipt(key llm.SpanKey) (rollup.Receipt, bool) {
	for _, r := range b.receipts {
		if r.Trace == key.Trace && r.Span == key.Span {
			return r, true
		}
	}
	return rollup.Receipt{}, false
}

func usd(s string) money.Amount {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

func histogramOf(counts ...uint64) rollup.Histogram {
	h := rollup.Histogram{Bounds: bounds, Counts: make([]uint64, len(bounds)+1)}
	for i, n := range counts {
		h.Counts[i] = n
		h.Count += n
		h.Sum += float64(n) * bounds[min(i, len(bounds)-1)]
	}
	return h
}

type reasons = [slo.NumReasons]int64

func fixture() fixtureBooks {
	row := func(route, vendor, platform, model string, put func(*rollup.Row)) rollup.Row {
		r := rollup.Row{
			Route: route, Dims: []string{vendor, platform, model}, Currency: "USD",
			Duration: histogramOf(), FirstChunk: histogramOf(), TimePerOutputToken: histogramOf(),
		}
		put(&r)
		return r
	}
	snap := &rollup.Snapshot{
		Start: fixtureStart, At: fixtureNow, Instance: "ledger-1",
		Dimensions: []string{attrVendor, attrPlatform, attrModel},
		Rows: []rollup.Row{
			row("_overflow", "_overflow", "_overflow", "_overflow", func(r *rollup.Row) {
				r.Overflow = true
				r.Calls[stamp.OutcomeSuccess], r.Attempts[stamp.KindFirst], r.Statuses[stamp.StatusPriced] = 7, 7, 7
				r.Cost[stamp.UseDelivered], r.Naive = usd("0.000000000001"), usd("0.000000000001")
				r.Duration = histogramOf(7)
			}),
			row("checkout", "anthropic", "aws.bedrock", "claude-sonnet-4-5", func(r *rollup.Row) {
				r.Calls[stamp.OutcomeRecoveredFallback] = 61
				r.Attempts[stamp.KindFallback] = 61
				r.Statuses[stamp.StatusPriced] = 61
				r.Tokens[llm.Input], r.Tokens[llm.Output], r.Tokens[llm.CacheRead] = 91_500, 30_500, 610_000
				r.Cost[stamp.UseDelivered] = usd("0.8715")
				r.Naive = usd("0.8715")
				r.Duration = histogramOf(0, 0, 4, 30, 20, 7)
			}),
			row("checkout", "openai", "openai", "gpt-4o", func(r *rollup.Row) {
				r.Calls[stamp.OutcomeSuccess], r.Calls[stamp.OutcomeRecoveredRetry], r.Calls[stamp.OutcomeFailed], r.Calls[stamp.OutcomeCancelled] = 4_120, 88, 140, 12
				r.CallsFailed[llm.ErrRateLimited], r.CallsFailed[llm.ErrServer] = 101, 39
				r.Attempts[stamp.KindFirst], r.Attempts[stamp.KindRetry], r.Attempts[stamp.KindHedge] = 4_421, 310, 3
				r.AttemptsFailed[llm.ErrRateLimited], r.AttemptsFailed[llm.ErrServer], r.AttemptsFailed[llm.ErrTimeout] = 402, 61, 24
				r.Statuses[stamp.StatusPriced], r.Statuses[stamp.StatusNotBillable], r.Statuses[stamp.StatusDuplicate], r.Statuses[stamp.StatusNoUsage] = 4_220, 480, 4_208, 12
				r.Tokens[llm.Input], r.Tokens[llm.Output], r.Tokens[llm.CacheRead] = 5_120_340, 1_260_080, 2_204_160
				r.Cost[stamp.UseDelivered], r.Cost[stamp.UseWasted], r.Cost[stamp.UseUnknown] = usd("28.156850"), usd("1.402275"), usd("0.0321")
				r.Naive = usd("57.9820125")
				r.Duration = histogramOf(40, 600, 1900, 1400, 320, 80, 8, 12)
				r.FirstChunk = histogramOf(3000, 1200, 8)
				r.TimePerOutputToken = histogramOf(4208)
			}),
			row("search", "openai", "azure.ai.openai", "gpt-4o-mini", func(r *rollup.Row) {
				r.Calls[stamp.OutcomeSuccess], r.Calls[stamp.OutcomeFailed] = 18_200, 4
				r.CallsFailed[llm.ErrContextLength] = 4
				r.Attempts[stamp.KindFirst] = 18_204
				r.AttemptsFailed[llm.ErrContextLength] = 4
				r.Statuses[stamp.StatusPriced], r.Statuses[stamp.StatusNotBillable] = 18_200, 4
				r.Tokens[llm.Input], r.Tokens[llm.Output] = 22_040_000, 1_820_000
				r.Cost[stamp.UseDelivered] = usd("4.398")
				r.Naive = usd("4.398")
				r.Duration = histogramOf(12000, 6000, 190, 14)
			}),
			row("support-agent", "", "", "acme-tuned-7b", func(r *rollup.Row) {
				r.Calls[stamp.OutcomeSuccess] = 920
				r.Attempts[stamp.KindFirst] = 920
				r.Statuses[stamp.StatusUnpricedModel] = 920
				r.Tokens[llm.Input], r.Tokens[llm.Output] = 1_100_000, 300_000
				r.Duration = histogramOf(100, 800, 20)
			}),
		},
		Components: []rollup.ComponentRow{
			{Vendor: "anthropic", Platform: "aws.bedrock", Model: "claude-sonnet-4-5", Component: stamp.CompInput, Currency: "USD", Cost: usd("0.2745")},
			{Vendor: "anthropic", Platform: "aws.bedrock", Model: "claude-sonnet-4-5", Component: stamp.CompOutput, Currency: "USD", Cost: usd("0.597")},
			{Vendor: "openai", Platform: "azure.ai.openai", Model: "gpt-4o-mini", Component: stamp.CompInput, Currency: "USD", Cost: usd("3.306")},
			{Vendor: "openai", Platform: "azure.ai.openai", Model: "gpt-4o-mini", Component: stamp.CompOutput, Currency: "USD", Cost: usd("1.092")},
			{Vendor: "openai", Platform: "openai", Model: "gpt-4o", Component: stamp.CompInput, Currency: "USD", Cost: usd("15.556052")},
			{Vendor: "openai", Platform: "openai", Model: "gpt-4o", Component: stamp.CompCacheRead, Currency: "USD", Cost: usd("2.7552")},
			{Vendor: "openai", Platform: "openai", Model: "gpt-4o", Component: stamp.CompOutput, Currency: "USD", Cost: usd("11.279973")},
		},
		Unpriced: []rollup.UnpricedRow{
			{Model: "acme-tuned-7b", Platform: "self_hosted", Reason: stamp.StatusUnpricedModel, Calls: 920, Tokens: 1_400_000},
			{Vendor: "openai", Platform: "openai", Model: "gpt-4o", Reason: stamp.StatusNoUsage, Calls: 12},
		},
		SLOs: []rollup.SLORow{
			{
				Name: "checkout-answers", Declared: true, Route: "checkout", SLI: "availability", Scope: "call", Objective: 0.99, Good: 4_269, Bad: 140, Excluded: 12,
				TopClass: llm.ErrRateLimited, TopModel: "gpt-4o", Spec: &slo.Spec{},
				BadBy: reasons{slo.Reason(llm.ErrRateLimited): 101, slo.Reason(llm.ErrServer): 39}, ExcludedBy: reasons{slo.Reason(llm.ErrCancelled): 12},
				Status: slo.Status{
					SLI: 0.9682, Remaining: -2.18, Exhaustion: 0,
					Burn: []slo.Burn{{Window: 5 * time.Minute, Rate: 21.5}, {Window: time.Hour, Rate: 16.1}, {Window: 6 * time.Hour, Rate: 3.2}},
					Alerts: []slo.Alert{
						{Tier: "page", Active: true, Long: time.Hour, Factor: 14.4, Burn: 16.1},
						{Tier: "page", Long: 6 * time.Hour, Factor: 6, Burn: 3.2},
						{Tier: "ticket", Long: 24 * time.Hour, Factor: 3, Burn: 3.1},
					},
				},
			},
			{
				Name: "search-fast", Route: "search", SLI: "duration", Scope: "call", Objective: 0.995, Good: 18_190, Bad: 14,
				Spec: &slo.Spec{Kind: slo.Duration, Limits: slo.Limits{Duration: 2 * time.Second}}, BadBy: reasons{slo.ReasonDuration: 14},
				Status: slo.Status{
					SLI: 0.99923, Remaining: 0.846, Exhaustion: 9 * 24 * time.Hour,
					Burn:   []slo.Burn{{Window: 5 * time.Minute, Rate: 0}, {Window: time.Hour, Rate: 0.15}},
					Alerts: []slo.Alert{{Tier: "page", Factor: 14.4, Burn: 0.15}, {Tier: "ticket", Factor: 3, Burn: 0.15}},
				},
			},
			{Name: "voice-first-chunk", Spec: &slo.Spec{Kind: slo.TimeToFirstChunk, Limits: slo.Limits{TimeToFirstChunk: time.Second}}, Declared: true, Route: "voice", SLI: "time_to_first_chunk", Scope: "call", Objective: 0.95, Status: slo.Status{NoData: true, Remaining: 1, Burn: []slo.Burn{{Window: time.Hour, NoData: true}}, Alerts: []slo.Alert{{Tier: "page", Factor: 14.4}}}},
		},
		Budgets: []rollup.BudgetRow{
			{Name: "checkout-month", Currency: "USD", Limit: usd("5000"), Spent: usd("1830.462725"), Forecast: usd("11200.5"), HasForecast: true, Reset: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Soft: usd("1500"), Burn: 2.24, Start: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Exhaustion: time.Date(2026, 10, 13, 9, 0, 0, 0, time.UTC), State: "soft", PricedShare: 0.997, CallsInWindow: 4_421, UnpricedInWhole: 12},
			{Name: "search-day", Currency: "USD", Limit: usd("4"), Spent: usd("4.398"), Reset: time.Date(2026, 10, 6, 0, 0, 0, 0, time.UTC), State: "exceeded", Exceeded: true, PricedShare: 1, CallsInWindow: 18_204},
		},
		Totals: rollup.Totals{
			Spans: 28_120, Calls: 23_552, Attempts: 23_926, Billed: 22_488, Duplicates: 4_208, Unpriced: 920, NoUsage: 12, NotBillable: 484, Unstamped: 3, Tokens: 34_574_580,
			Cost: []rollup.CurrencyTotal{{Currency: "USD", Cost: usd("34.860725000001"), Wasted: usd("1.402275"), Naive: usd("63.251512500001"), CallsPriced: 22_488, CallsWithNoTotal: 932}},
		},
		Pending: 9,
	}
	snap.Fold()
	return fixtureBooks{snap: snap, receipts: fixtureReceipts(), fleet: fixtureFleet()}
}

func fixtureReceipts() []rollup.Receipt {
	priced := rollup.Receipt{
		Trace: llm.TraceID{1, 2, 3, 15: 9}, Span: llm.SpanID{4, 7: 1}, Route: "checkout", At: fixtureNow.Add(-4 * time.Second), Took: 2310 * time.Millisecond,
		Ref: llm.ModelRef{Provider: "openai", Request: "gpt-4o", Response: "gpt-4o-2024-08-06"},
		Stamp: stamp.Stamp{
			Model: stamp.Model{ID: "gpt-4o", Vendor: "openai", Platform: "openai", Match: llm.MatchVersion, Lifecycle: stamp.LifecycleActive},
			Cost: stamp.Cost{
				Status: stamp.StatusPriced, Currency: "USD", Total: usd("0.00823"), PriceID: "openai/gpt-4o@2024-10-02#7f3a", Modifiers: []string{"contract:q4"},
				List: usd("0.009352272727"), HasList: true,
			},
			Attempt: stamp.Attempt{Group: llm.SpanID{3}, Number: 2, Kind: stamp.KindRetry, Evidence: stamp.EvidenceStrong, Count: 2},
			Owners:  []stamp.Owner{{Key: "team", Value: "payments"}},
		},
	}
	priced.Stamp.Cost.Components[stamp.CompInput] = usd("0.00273")
	priced.Stamp.Cost.Components[stamp.CompCacheRead] = usd("0.0005")
	priced.Stamp.Cost.Components[stamp.CompOutput] = usd("0.005")
	priced.Usage.Tokens[llm.Input], priced.Usage.Tokens[llm.CacheRead], priced.Usage.Tokens[llm.Output] = 1092, 400, 500
	priced.Usage.Known = true

	failed := rollup.Receipt{
		Trace: llm.TraceID{1, 2, 3, 15: 9}, Span: llm.SpanID{3}, Route: "checkout", At: fixtureNow.Add(-6 * time.Second), Took: 120 * time.Millisecond,
		Ref: llm.ModelRef{Request: "gpt-4o"}, Failed: llm.ErrRateLimited,
		Stamp: stamp.Stamp{
			Model: stamp.Model{ID: "gpt-4o", Vendor: "openai", Platform: "openai"}, Cost: stamp.Cost{Status: stamp.StatusNotBillable},
			Attempt: stamp.Attempt{Group: llm.SpanID{3}, Number: 1, Kind: stamp.KindFirst, Evidence: stamp.EvidenceStrong},
		},
	}
	unpriced := rollup.Receipt{
		Trace: llm.TraceID{8}, Span: llm.SpanID{8}, Route: "support-agent", At: fixtureNow.Add(-9 * time.Second), Took: 900 * time.Millisecond,
		Stamp: stamp.Stamp{Model: stamp.Model{ID: "acme-tuned-7b"}, Cost: stamp.Cost{Status: stamp.StatusUnpricedModel}},
	}
	return []rollup.Receipt{priced, failed, unpriced}
}
