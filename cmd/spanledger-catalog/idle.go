package main

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// idle says what throughput bought by the hour cost over a time, what of it
// the calls of that time were charged, and what was idle.
func idle(e *env, args []string) error {
	f := e.flags("idle")
	terms := f.String("contracts", "", "contracts as in the processor's configuration (YAML)")
	calls := f.String("calls", "", "booked calls, one JSON object a line, as for reprice")
	file := f.String("catalog", "", "a catalogue file that comes before the embedded one")
	from := f.String("from", "", "begin of the time (date or RFC 3339)")
	to := f.String("to", "", "end of the time, exclusive")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if *from == "" || *to == "" {
		return errors.New("idle needs -from and -to: capacity is bought for a time")
	}
	begin, err1 := timeOf(*from)
	end, err2 := timeOf(*to)
	contracts, err3 := readContracts(*terms)
	tables, err4 := layers(*file)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	book, err := price.NewBook(price.Config{Layers: tables, Contracts: contracts})
	if err != nil {
		return err
	}
	resolver, err := fleet.New(fleet.Options{})
	if err != nil {
		return err
	}
	used := map[string]usedCapacity{}
	if err := eachCall(*calls, func(c *bookedCall) error {
		if c.Start.Before(begin) || !c.Start.Before(end) {
			return nil
		}
		return c.charge(used, book, resolver)
	}); err != nil {
		return err
	}
	for i := range contracts {
		if c := &contracts[i]; c.Commitment != nil {
			if err := e.idleOf(c, begin, end, used[price.ContractModifier(c.Name)]); err != nil {
				return err
			}
		}
	}
	return nil
}

// usedCapacity is what calls took of one commitment.
type usedCapacity struct {
	calls   int
	charged money.Amount
}

// charge adds one call to the commitment that it was priced by, if any.
func (c *bookedCall) charge(used map[string]usedCapacity, book *price.Book, resolver *fleet.Resolver) error {
	u := llm.Usage{Known: true}
	for name, n := range c.Usage { // any order: each count has a place of its own
		if err := count(&u, name, n); err != nil {
			return err
		}
	}
	q := price.Query{At: c.Start.UnixNano(), Tier: c.Tier, Geo: c.Geo, Route: c.Route}
	if !c.Booked.IsZero() {
		q.Now = c.Booked.UnixNano()
	}
	cost := book.Cost(&u, resolver.Resolve(llm.ModelRef{Provider: c.Provider, Request: c.Model, Response: c.Response}), q)
	if n := len(cost.Modifiers); cost.Status == stamp.StatusPriced && n > 0 {
		s := used[cost.Modifiers[n-1]]
		s.calls, s.charged = s.calls+1, s.charged.Add(cost.Total)
		used[cost.Modifiers[n-1]] = s
	}
	return nil
}

// idleOf prints one commitment over the part of the time in which it was valid.
func (e *env) idleOf(c *price.Contract, begin, end time.Time, u usedCapacity) error {
	if c.ValidFrom.After(begin) {
		begin = c.ValidFrom
	}
	if !c.ValidTo.IsZero() && c.ValidTo.Before(end) {
		end = c.ValidTo
	}
	hours := max(0, end.Sub(begin))
	r, ok := c.Commitment.Idle(int64(hours), u.charged)
	if !ok {
		return fmt.Errorf("contract %q: its cost over %s is too large", c.Name, hours)
	}
	_, err := fmt.Fprintf(e.out, "%s: %s hours cost %s, %d calls were charged %s, idle %s (%.1f %%), beyond capacity %s %s\n",
		c.Name, strconv.FormatFloat(hours.Hours(), 'f', -1, 64), r.Cost, u.calls, r.Charged, r.Idle, 100*r.Share, r.Over, cmp.Or(c.Currency, "USD"))
	return err
}
