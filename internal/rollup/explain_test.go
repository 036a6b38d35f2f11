package rollup

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/money"
)

func effects(x Explanation) []string {
	var list []string
	for _, e := range x.Effects {
		list = append(list, fmt.Sprint(e.Cause, " ", e.Route, " ", e.Amount))
	}
	return list
}

// Twice the calls at the same cost is volume; a move to the dearer row is mix;
// longer prompts are tokens; a new tariff is price.
func TestExplainNamesTheCause(t *testing.T) {
	row := func(route string, calls, tokens int64, cost, wasted string) Spend {
		return Spend{Route: route, Calls: calls, Tokens: tokens, Delivered: amount(t, cost), Wasted: amount(t, wasted)}
	}
	before := []Spend{row("cheap", 100, 1000, "10", "0"), row("dear", 100, 1000, "90", "1")}
	for name, c := range map[string]struct {
		after []Spend
		want  []string
	}{
		"nothing": {before, nil},
		"volume":  {[]Spend{row("cheap", 200, 2000, "20", "0"), row("dear", 200, 2000, "180", "1")}, []string{"volume  100"}},
		"mix":     {[]Spend{row("cheap", 50, 500, "5", "0"), row("dear", 150, 1500, "135", "1")}, []string{"mix dear 45", "mix cheap -5"}},
		"tokens":  {[]Spend{row("cheap", 100, 3000, "30", "0"), row("dear", 100, 1000, "90", "1")}, []string{"tokens cheap 20"}},
		"price":   {[]Spend{row("cheap", 100, 1000, "5", "0"), row("dear", 100, 1000, "90", "1")}, []string{"price cheap -5"}},
		"waste":   {[]Spend{row("cheap", 100, 1000, "10", "7"), row("dear", 100, 1000, "90", "0")}, []string{"waste cheap 7", "waste dear -1"}},
		"new":     {append([]Spend{row("fresh", 0, 0, "0", "0")}, before...), nil},
		"moved": {
			[]Spend{row("cheap", 100, 1000, "10", "0"), row("fresh", 100, 5, "40", "0")},
			[]string{"mix dear -90", "new fresh 40", "waste dear -1"},
		},
	} {
		x := Explain(before, c.after)
		require.Equal(t, c.want, effects(x), name)
	}
}

// Law: the effects add up to the change, exactly, whatever the two windows.
func TestExplanationsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cut := func(l *Ledger, at time.Duration) *Snapshot {
			w := drawWorld(t)
			for i := range w.recs { // other spans every time
				w.recs[i].Call.Trace[0] = byte(at / time.Minute)
				w.recs[i].Call.ResponseID += at.String()
			}
			l.Add(w.recs, t0.Add(at))
			return l.Cut(t0.Add(at))
		}
		l := newLedger(t, worldConfig(), "one")
		a, b, c := cut(l, time.Minute), cut(l, 2*time.Minute), cut(l, 3*time.Minute)
		for _, windows := range [][2][]Spend{
			{SpendBetween(nil, a), SpendBetween(a, b)},
			{SpendBetween(a, b), SpendBetween(b, c)},
			{SpendBetween(nil, a), SpendBetween(a, c)},
			{SpendBetween(a, c), nil},
			{nil, SpendBetween(b, c)},
		} {
			x := Explain(windows[0], windows[1])
			var sum money.Amount
			for _, e := range x.Effects {
				sum = sum.Add(e.Amount)
			}
			require.Equal(t, x.Change, sum)
			require.Equal(t, x.After, x.Before.Add(x.Change))
			require.Equal(t, x, Explain(windows[0], windows[1]))
		}
		all := Explain(nil, SpendBetween(nil, c))
		require.Equal(t, c.Totals.Cost[0].Cost, all.After)
	})
}
