package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

func idleCommand() *cobra.Command {
	var list priceList
	var calls string
	var from, to time.Time
	c := &cobra.Command{
		Use:   "idle",
		Short: "Say what was idle of throughput bought by the hour",
		Long: `Say what throughput that is bought by the hour (contracts with a commitment) cost over
a time, what of it the calls of that time were charged, and what was idle. A contract
counts for as long of the time as it was valid. Amounts are exact.

` + callsHelp + `
booked is not needed.`,
		Example: `  spanledger-catalog idle --contracts terms.yaml --calls october.jsonl --from 2026-10-01 --to 2026-11-01`,
		Args:    cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if !from.IsZero() && !to.IsZero() && !to.After(from) {
				return fmt.Errorf("--to %s is not after --from %s", instant(to), instant(from))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := list.read()
			if err != nil {
				return err
			}
			return idle(cmd.OutOrStdout(), calls, p, from, to)
		},
	}
	list.flags(c, true)
	callsFlag(c, &calls)
	timeFlag(c.Flags(), &from, "from", "begin of the time, required")
	timeFlag(c.Flags(), &to, "to", "end of the time, exclusive, required")
	_ = c.MarkFlagRequired("from")
	_ = c.MarkFlagRequired("to")
	return c
}

// usedCapacity is what calls took of one commitment.
type usedCapacity struct {
	calls   int
	charged money.Amount
}

func idle(out io.Writer, calls string, p *pricer, from, to time.Time) error {
	committed := map[string]bool{}
	for i := range p.contracts {
		if p.contracts[i].Commitment != nil {
			committed[price.ContractModifier(p.contracts[i].Name)] = true
		}
	}
	if len(committed) == 0 {
		_, err := fmt.Fprintln(out, "no contract has a commitment, so nothing is bought by the hour")
		return err
	}
	used := map[string]usedCapacity{}
	outside, other := 0, 0
	if _, err := eachCall(calls, func(c *bookedCall) error {
		if c.Start.IsZero() {
			return errors.New("a call needs its start")
		}
		if c.Start.Before(from) || !c.Start.Before(to) {
			outside++
			return nil
		}
		by, charged, err := c.charge(p)
		if !committed[by] {
			other++
			return err
		}
		s := used[by]
		used[by] = usedCapacity{s.calls + 1, s.charged.Add(charged)}
		return err
	}); err != nil {
		return err
	}
	t := newFigures(out, "hours", "cost", "calls", "charged", "idle", "of cost", "beyond capacity", "currency", "contract")
	for i := range p.contracts {
		if c := &p.contracts[i]; c.Commitment != nil {
			if err := t.idleOf(c, from, to, used[price.ContractModifier(c.Name)]); err != nil {
				return err
			}
		}
	}
	if err := t.end(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "calls charged to no commitment: %d; calls of another time, left out: %d\n", other, outside)
	return err
}

// charge says what contract a call was priced by, if any, and at what.
func (c *bookedCall) charge(p *pricer) (contract string, charged money.Amount, err error) {
	u, m, q, err := c.query(p)
	if err != nil {
		return "", charged, err
	}
	cost := p.book.Cost(&u, m, q)
	if n := len(cost.Modifiers); cost.Status == stamp.StatusPriced && n > 0 {
		return cost.Modifiers[n-1], cost.Total, nil
	}
	return "", charged, nil
}

// idleOf prints one commitment over the part of the time in which it was valid.
func (t figures) idleOf(c *price.Contract, from, to time.Time, u usedCapacity) error {
	if c.ValidFrom.After(from) {
		from = c.ValidFrom
	}
	if !c.ValidTo.IsZero() && c.ValidTo.Before(to) {
		to = c.ValidTo
	}
	hours := max(0, to.Sub(from))
	r, ok := c.Commitment.Idle(int64(hours), u.charged)
	if !ok {
		return fmt.Errorf("contract %q: its cost over %s is too large", c.Name, hours)
	}
	share := "-"
	if !r.Cost.IsZero() {
		share = strconv.FormatFloat(100*r.Share, 'f', 1, 64) + " %"
	}
	t.line(c.Name, strconv.FormatFloat(hours.Hours(), 'f', -1, 64), r.Cost, u.calls, r.Charged, r.Idle, share, r.Over, cmp.Or(c.Currency, "USD"))
	return nil
}
