package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spanledger/spanledger/internal/price"
)

// rowKey is a row of a catalogue, in lower case.
type rowKey struct{ platform, id string }

func diffCommand() *cobra.Command {
	var at time.Time
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Show which models came, went or changed their price",
		Long: `Show which models came (+), went (-) or changed their price (~) between two
catalogues. Prices are those of one time: of a million tokens, else of one of what is
counted, exact, in USD where no currency is named. Models whose prices are the same
then, and differ at other dates, hours or tiers, are named too.`,
		Example: `  spanledger-catalog diff embedded prices.json
  spanledger-catalog diff --at 2026-10-01 old.json new.json`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: catalogues,
		RunE: func(cmd *cobra.Command, args []string) error {
			older, err1 := readTable(args[0])
			newer, err2 := readTable(args[1])
			if err := errors.Join(err1, err2); err != nil {
				return err
			}
			return diff(cmd.OutOrStdout(), &older, &newer, orNow(at))
		},
	}
	timeFlag(c.Flags(), &at, "at", "compare the prices that hold then, default now")
	return c
}

func diff(out io.Writer, older, newer *price.Table, at time.Time) error {
	was, is := rowsOf(older), rowsOf(newer)
	var added, removed, changed []string
	for _, k := range keysOf(was, is) {
		name := k.platform + "/" + k.id
		a, b := was[k], is[k]
		switch {
		case a == nil:
			added = append(added, "+ "+name+"  "+priceOf(b, at))
		case b == nil:
			removed = append(removed, "- "+name)
		default:
			if d := compare(a, b, at); d != "" {
				changed = append(changed, "~ "+name+"  "+d)
			}
		}
	}
	lines := slices.Concat(added, removed, changed)
	if len(lines) == 0 {
		_, err := fmt.Fprintf(out, "no price differs at any time (models: %d)\n", len(was))
		return err
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "%d added, %d removed, %d changed; prices of %s, per million tokens, else per one\n",
		len(added), len(removed), len(changed), instant(at.Truncate(time.Second)))
	return err
}

func timeOf(s string) (time.Time, error) {
	if s == "" {
		return time.Now(), nil
	}
	for _, layout := range [2]string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a date like 2026-10-01 nor a time like 2026-10-01T08:00:00Z", s)
}

// rowsOf keeps the first row of each id, which is the one that prices.
func rowsOf(t *price.Table) map[rowKey]*price.Row {
	out := make(map[rowKey]*price.Row, len(t.Rows))
	for i := range t.Rows {
		r := &t.Rows[i]
		k := rowKey{strings.ToLower(r.Platform), strings.ToLower(r.ID)}
		if out[k] == nil {
			out[k] = r
		}
	}
	return out
}

func keysOf(maps ...map[rowKey]*price.Row) []rowKey {
	var out []rowKey
	for _, m := range maps {
		for k := range m { // sorted below
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b rowKey) int {
		return cmp.Or(strings.Compare(a.platform, b.platform), strings.Compare(a.id, b.id))
	})
	return slices.Compact(out)
}

// current are the prices of the last entry that holds at the time, hours of
// the day left aside.
func current(r *price.Row, at time.Time) price.Rates {
	var out price.Rates
	for i := range r.Entries {
		w := &r.Entries[i].When
		if w.Schedule == nil && (w.From.IsZero() || !at.Before(w.From)) && (w.To.IsZero() || at.Before(w.To)) {
			out = r.Entries[i].Rates
		}
	}
	return out
}

// compare tells how prices moved: "input 2 -> 3 (+50%)".
func compare(a, b *price.Row, at time.Time) string {
	if x, y := currencyOf(a), currencyOf(b); x != y {
		return fmt.Sprintf("%s %s -> %s %s", x, describe(current(a, at)), y, describe(current(b, at)))
	}
	was, is := current(a, at), current(b, at)
	var out []string
	for _, p := range sorted(slices.Concat(was, is)) {
		x, y := at2(was, p), at2(is, p)
		switch {
		case x == nil && y == nil, x != nil && y != nil && x.Rate.String() == y.Rate.String():
		case x == nil:
			out = append(out, name(p)+" "+amount(y)+" (new)")
		case y == nil:
			out = append(out, name(p)+" "+amount(x)+" (gone)")
		default:
			out = append(out, fmt.Sprintf("%s %s -> %s (%s)", name(p), amount(x), amount(y), percent(x, y)))
		}
	}
	if len(out) == 0 && signature(a) != signature(b) {
		out = append(out, "other dates, hours or tiers")
	}
	return inCurrency(a, strings.Join(out, ", "))
}

// signature writes all that prices depend on but identity in one way, so that
// two rows differ only where a price can.
func signature(r *price.Row) string {
	var b strings.Builder
	for _, e := range r.Entries {
		if len(e.Rates) > 0 {
			fmt.Fprintln(&b, when(e.When), e.RecordedAt.UTC(), describe(e.Rates))
		}
	}
	for _, v := range r.Variants {
		if len(v.If) == 0 || slices.ContainsFunc(v.If, func(c price.Condition) bool { return c.Param == price.ParamUnknown }) {
			continue // holds never
		}
		fmt.Fprintln(&b, v.If, when(v.When), describe(v.Rates), factorOf(v.Factor), v.Flat)
	}
	for _, u := range r.Uplifts {
		fmt.Fprintln(&b, u.If, when(u.When), factorOf(u.Factor))
	}
	return b.String()
}

func when(p price.Period) string {
	out := instant(p.From) + ".." + instant(p.To)
	if s := p.Schedule; s != nil {
		out += fmt.Sprint(" ", s.Zone, s.Windows, s.Outside)
	}
	return out
}

func sorted(r price.Rates) price.Rates {
	out := slices.Clone(r)
	slices.SortStableFunc(out, func(a, b price.Price) int { return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Above, b.Above)) })
	return slices.CompactFunc(out, func(a, b price.Price) bool { return a.Item == b.Item && a.Above == b.Above })
}

func at2(r price.Rates, like price.Price) *price.Price {
	i := slices.IndexFunc(r, func(p price.Price) bool { return p.Item == like.Item && p.Above == like.Above })
	if i < 0 {
		return nil
	}
	return &r[i]
}

func name(p price.Price) string {
	if p.Above > 0 {
		return fmt.Sprintf("%s>%d", p.Item, p.Above)
	}
	return p.Item.String()
}

// one is the price of one thing, exactly.
func one(p *price.Price) *big.Rat {
	r := big.NewRat(p.Rate.Femto, p.Rate.Per)
	return r.Mul(r, big.NewRat(1, 1_000_000_000_000_000))
}

// amount is a price as people quote it: tokens by the million, else by one.
func amount(p *price.Price) string {
	r := one(p)
	if p.Item.IsTokens() {
		r.Mul(r, big.NewRat(1_000_000, 1))
	}
	return decimal(r)
}

func percent(x, y *price.Price) string {
	a, b := one(x), one(y)
	if a.Sign() == 0 {
		return "was free"
	}
	d := new(big.Rat).Sub(b, a)
	d.Quo(d, a).Mul(d, big.NewRat(100, 1))
	s := strings.TrimSuffix(strings.TrimRight(d.FloatString(2), "0"), ".")
	if d.Sign() > 0 {
		s = "+" + s
	}
	return s + "%"
}

// priceOf is what a row says at a time.
func priceOf(r *price.Row, at time.Time) string { return inCurrency(r, describe(current(r, at))) }

func currencyOf(r *price.Row) string { return cmp.Or(r.Currency, "USD") }

// inCurrency names the currency of prices where it is not the usual one.
func inCurrency(r *price.Row, prices string) string {
	if c := currencyOf(r); prices != "" && c != "USD" {
		return c + " " + prices
	}
	return prices
}

func describe(r price.Rates) string {
	if len(r) == 0 {
		return "no price"
	}
	var out []string
	for _, p := range sorted(r) {
		out = append(out, name(p)+" "+amount(&p))
	}
	return strings.Join(out, ", ")
}
