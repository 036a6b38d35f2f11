package rollupcomponent

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

func foreignConfig(rates ...ExchangeRate) Config {
	c := NewDefaultConfig()
	c.ExchangeRates = rates
	return c
}

func rateOf(t *testing.T, from, rate, since string) ExchangeRate {
	t.Helper()
	var r ExchangeRate
	raw := map[string]any{"from": from, "rate": rate}
	if since != "" {
		raw["valid_from"] = since
	}
	require.NoError(t, confmap.NewFromStringMap(raw).Unmarshal(&r))
	return r
}

func pico(n int64) money.Amount { return money.FromPico(n) }

// A call in another currency is converted at the rate of the day on which it
// started, each component once and the total as their sum; what has no rate
// keeps its currency, and the ledger counts it and never adds it.
func TestForeignCostsAreConvertedByDate(t *testing.T) {
	for _, c := range []struct {
		name, from, day, total, currency string
	}{
		{"before the first rate", "CNY", "2025-12-31", "7", "CNY"},
		{"by the first", "CNY", "2026-06-30", "0.973", "USD"},
		{"by the next, from its day on", "CNY", "2026-07-01", "1.05", "USD"},
		{"without a rate", "EUR", "2026-07-01", "7", "EUR"},
		{"the reporting currency", "USD", "2026-07-01", "7", "USD"},
	} {
		var got stamp.Stamp
		in := newTestIngester(t, foreignConfig(rateOf(t, "CNY", "0.139", "2026-01-01"), rateOf(t, "CNY", "0.15", "2026-07-01")),
			func(_ context.Context, recs []rollup.Record) error { got = *recs[0].Stamp; return nil })
		td := stampedSpans(1, 1)
		span := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
		day, err := time.Parse(time.DateOnly, c.day)
		require.NoError(t, err)
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(day))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(day.Add(time.Second)))
		a := span.Attributes()
		a.PutStr("spanledger.cost.currency", c.from)
		a.PutDouble("spanledger.cost.total", 7)
		a.PutDouble("spanledger.cost.input", 3)
		a.PutDouble("spanledger.cost.output", 4)
		a.PutDouble("spanledger.cost.list", 10)
		a.PutDouble("spanledger.call.cost", 14)
		a.PutInt("spanledger.call.attempts", 2)
		require.NoError(t, in.consume(t.Context(), td))
		require.Equal(t, c.total+" "+c.currency, got.Cost.Total.String()+" "+got.Cost.Currency, c.name)
		require.Equal(t, got.Cost.Total.Add(got.Cost.Total), got.Call.Cost, "%s: the logical call too", c.name)
		require.Equal(t, got.Cost.Components[stamp.CompInput].Add(got.Cost.Components[stamp.CompOutput]), got.Cost.Total, c.name)
		require.Equal(t, c.currency == "USD" && c.from != "USD", got.Cost.List.String() != "10", c.name)
	}
}

func TestUnconvertedIsCountedAndNeverAdded(t *testing.T) {
	l, err := rollup.New(rollup.DefaultConfig(), "l", time.Now().Add(-time.Hour))
	require.NoError(t, err)
	in := newTestIngester(t, foreignConfig(rateOf(t, "CNY", "0.5", "")), func(_ context.Context, recs []rollup.Record) error {
		l.Add(recs, time.Now())
		return nil
	})
	td := stampedSpans(3, 1)
	spans := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	spans.At(0).Attributes().PutStr("spanledger.cost.currency", "CNY")
	spans.At(1).Attributes().PutStr("spanledger.cost.currency", "EUR")
	require.NoError(t, in.consume(t.Context(), td))
	snap := l.Cut(time.Now())
	require.EqualValues(t, 1, snap.Self.Unconverted)
	require.Len(t, snap.Totals.Cost, 2)
	require.Equal(t, "EUR 0.0035", snap.Totals.Cost[0].Currency+" "+snap.Totals.Cost[0].Cost.String())
	require.Equal(t, "USD 0.00525", snap.Totals.Cost[1].Currency+" "+snap.Totals.Cost[1].Cost.String())
}

func TestFaultyRatesAreNamed(t *testing.T) {
	c := foreignConfig(
		rateOf(t, "yuan", "0.1", ""), rateOf(t, "CNY", "0", ""), rateOf(t, "CNY", "-1", ""), rateOf(t, "USD", "1", ""),
		ExchangeRate{From: "CNY", To: "EUR", Rate: "0.13"}, rateOf(t, "CNY", "x", ""),
	)
	err := c.Validate()
	for _, want := range []string{
		`exchange_rates[0]::from: "yuan"`, "exchange_rates[1]::rate: is zero", `exchange_rates[2]::rate: "-1" is negative`,
		"exchange_rates[3]::from: USD to itself", `exchange_rates[4]::to: "EUR" is not the reporting currency`,
		"exchange_rates[5]::rate", "exchange_rates[2]::valid_from: CNY has a rate for this date in exchange_rates[1]",
	} {
		require.ErrorContains(t, err, want)
	}
}

// The variance is a state of the whole time, the sums beside it what happened
// since the last push.
func TestPricesAndTheirVariance(t *testing.T) {
	row := func(list, reported, ours int64) rollup.PriceRow {
		return rollup.PriceRow{
			Vendor: "v", Platform: "p", Model: "m", Currency: "USD", List: pico(list), Effective: pico(list / 2),
			Reported: pico(reported), Ours: pico(ours), Variance: pico(reported - ours), HasReported: true,
		}
	}
	base, now := &rollup.Snapshot{Prices: []rollup.PriceRow{row(10, 6, 8)}}, &rollup.Snapshot{Prices: []rollup.PriceRow{row(30, 9, 12)}}
	got := map[string]float64{}
	walk(difference(base, now), Publish{Share: true}, func(p *point) {
		if p.metric.money {
			got[p.metric.name] = p.num * 1e12
			require.Equal(t, []string{"v", "p", "m", "USD"}, p.values)
		}
	})
	require.InDeltaMapValues(t, map[string]float64{
		"spanledger.cost.list": 20, "spanledger.cost.effective": 10, "spanledger.cost.reported": 3, "spanledger.cost.variance": -3,
	}, got, 1e-9)
}
