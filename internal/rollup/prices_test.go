package rollup

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

func units(t *testing.T, s string) money.Amount {
	t.Helper()
	a, err := money.Parse(s)
	require.NoError(t, err)
	return a
}

// List beside effective shows what contracts saved; reported beside ours how
// far the provider's figures are from the book's. A figure that the book has
// nothing to hold against stays out of both, and so does another currency.
func TestPricesStandSideBySide(t *testing.T) {
	l, err := New(Config{}, "l", t0)
	require.NoError(t, err)
	n := 0
	add := func(model string, cost stamp.Cost) {
		n++
		st := stamp.Stamp{Route: "r", Model: stamp.Model{Vendor: "v", Platform: "p", ID: model}, Cost: cost}
		call := llm.Call{Trace: llm.TraceID{1, byte(n)}, Span: llm.SpanID{1, byte(n)}, Start: t0.UnixNano() - 2e9, End: t0.UnixNano() - 1e9}
		l.Add([]Record{{Call: &call, Stamp: &st, Dims: make([]string, len(l.cfg.Dimensions)), Weight: 1}}, t0)
	}
	usd := func(status stamp.Status, total string) stamp.Cost {
		return stamp.Cost{Status: status, Currency: "USD", Total: units(t, total), PriceID: "row"}
	}
	add("a", usd(stamp.StatusPriced, "3"))
	contract := usd(stamp.StatusPriced, "0.88")
	contract.List, contract.HasList = units(t, "1"), true
	add("a", contract)
	more := usd(stamp.StatusReported, "1.25")
	more.List, more.HasList = units(t, "1"), true
	add("a", more)
	add("a", usd(stamp.StatusReported, "2")) // the book says the same
	alone := usd(stamp.StatusReported, "7")
	alone.PriceID = ""
	add("a", alone)
	less := usd(stamp.StatusReported, "0.5")
	less.List, less.HasList = units(t, "2"), true
	add("b", less)
	foreign := usd(stamp.StatusPriced, "9")
	foreign.Currency = "CNY"
	add("b", foreign)

	check := func(l *Ledger) {
		rows := l.Cut(t0).Prices
		require.Len(t, rows, 2)
		require.Equal(t, PriceRow{"v", "p", "a", "USD", units(t, "4"), units(t, "3.88"), units(t, "3.25"), units(t, "3"), units(t, "0.25"), true}, rows[0])
		require.Equal(t, units(t, "-1.5"), rows[1].Variance, "below zero where the provider asked less")
	}
	check(l)
	again, err := New(Config{}, "l", t0)
	require.NoError(t, err)
	require.NoError(t, again.RestoreState(l.MarshalState(), t0))
	check(again)
}
