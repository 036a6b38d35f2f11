package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spanledger/spanledger/internal/money"
)

func repriceCommand() *cobra.Command {
	var list priceList
	var calls string
	c := &cobra.Command{
		Use:   "reprice",
		Short: "Say what terms that were entered late would have changed",
		Long: `Say what calls that are booked already would have cost by all contracts, those that
were recorded after the booking included. Nothing is changed: books stay as they were
booked, and the difference is what to claim or to accrue.

A call is priced twice, as it was known when it was booked (the contracts that were
recorded by then) and by all of them; a contract without recorded_at was always known.
Amounts are exact.

` + callsHelp,
		Example: `  spanledger-catalog reprice --contracts terms.yaml --calls october.jsonl`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := list.read()
			if err != nil {
				return err
			}
			return reprice(cmd.OutOrStdout(), calls, p)
		},
	}
	list.flags(c, true)
	callsFlag(c, &calls)
	return c
}

// repricedKey is what a difference is reported by. Calls without a cost that
// could be compared have no currency.
type repricedKey struct{ currency, platform, model string }

func (k repricedKey) compare(o repricedKey) int {
	return cmp.Or(strings.Compare(k.currency, o.currency), strings.Compare(k.platform, o.platform), strings.Compare(k.model, o.model))
}

type repriced struct {
	calls, changed int
	booked, later  money.Amount
}

func (r *repriced) add(o repriced) {
	r.calls, r.changed = r.calls+o.calls, r.changed+o.changed
	r.booked, r.later = r.booked.Add(o.booked), r.later.Add(o.later)
}

func reprice(out io.Writer, calls string, p *pricer) error {
	sums := map[repricedKey]repriced{}
	n, err := eachCall(calls, func(c *bookedCall) error {
		k, one, err := c.reprice(p)
		if err == nil {
			one.add(sums[k])
			sums[k] = one
		}
		return err
	})
	if err != nil {
		return err
	}
	if n == 0 {
		_, err := fmt.Fprintf(out, "%s: there are no calls\n", calls)
		return err
	}
	return writeRepriced(out, sums)
}

func (c *bookedCall) reprice(p *pricer) (repricedKey, repriced, error) {
	if c.Start.IsZero() || c.Booked.IsZero() {
		return repricedKey{}, repriced{}, errors.New("a call needs its start and when it was booked")
	}
	u, m, q, err := c.query(p)
	if err != nil {
		return repricedKey{}, repriced{}, err
	}
	k, one := repricedKey{platform: m.Platform, model: m.ID}, repriced{calls: 1}
	r := p.book.Reprice(&u, m, q, 0)
	if !r.OK {
		return k, one, nil
	}
	k.currency, one.booked, one.later = r.Booked.Currency, r.Booked.Total, r.Later.Total
	if !r.Delta.IsZero() {
		one.changed = 1
	}
	return k, one, nil
}

// writeRepriced prints a table of what was compared, with a total of each
// currency, and then what was not.
func writeRepriced(out io.Writer, sums map[repricedKey]repriced) error {
	keys := make([]repricedKey, 0, len(sums))
	for k := range sums { // sorted next
		keys = append(keys, k)
	}
	slices.SortFunc(keys, repricedKey.compare)
	compared := slices.IndexFunc(keys, func(k repricedKey) bool { return k.currency != "" })
	if compared < 0 {
		compared = len(keys)
	}
	if compared < len(keys) {
		t := newFigures(out, "calls", "changed", "booked", "by all terms", "difference", "currency", "model")
		line := func(r repriced, currency, name string) {
			t.line(name, r.calls, r.changed, r.booked, r.later, r.later.Sub(r.booked), currency)
		}
		var total repriced
		for i, k := range keys[compared:] {
			line(sums[k], k.currency, k.platform+"/"+k.model)
			total.add(sums[k])
			if last := compared+i == len(keys)-1; last || keys[compared+i+1].currency != k.currency {
				line(total, k.currency, "in total")
				total = repriced{}
			}
		}
		if err := t.end(); err != nil {
			return err
		}
	}
	for _, k := range keys[:compared] {
		if _, err := fmt.Fprintf(out, "not compared: %s/%s (calls: %d), which has no price in one currency then and now\n", k.platform, k.model, sums[k].calls); err != nil {
			return err
		}
	}
	return nil
}
