package price

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
)

// Commitment is throughput that was bought by the hour, used or not. A call
// costs its share of an hour at full use: what it takes of the capacity, times
// the price of an hour. That is a flat rate, so a call's price does not depend
// on how busy the hour turns out to be; what the calls of an hour do not add up
// to is the idle share, which belongs to no call (docs/adr/007).
type Commitment struct {
	// PerHour is what an hour costs, in units of the contract's currency.
	PerHour money.Rate
	// Capacity is what one hour can serve: weighted tokens, or calls.
	Capacity int64
	// Calls says that capacity counts calls; else it counts tokens.
	Calls bool
	// Weights say how much capacity a token of an item takes. Unlisted items
	// of input weigh what Input does, those of output what Output does; those
	// two weigh 1 unless they are listed. Not with Calls.
	Weights []Weight
}

// Weight is how much capacity one token takes.
type Weight struct {
	Item   Item
	Factor money.Factor
}

// prices are the flat rates that the commitment comes down to.
func (c *Commitment) prices() (Rates, error) {
	switch {
	case !c.PerHour.IsSet() || c.PerHour.Femto <= 0:
		return nil, errors.New("the price of an hour is not above zero")
	case c.Capacity <= 0:
		return nil, fmt.Errorf("the capacity of %d an hour is not above zero", c.Capacity)
	case c.Calls && len(c.Weights) > 0:
		return nil, errors.New("calls have no weights")
	}
	share := new(big.Rat).SetFrac(big.NewInt(c.PerHour.Femto), new(big.Int).Mul(big.NewInt(c.PerHour.Per), big.NewInt(c.Capacity)))
	var out Rates
	var errs []error
	if c.Calls {
		errs = append(errs, out.setShare(PerRequest, share, money.One))
	}
	for b := llm.Bucket(0); b < llm.NumBuckets; b++ {
		if c.Calls {
			out.Set(Tokens(b), money.Rate{Femto: 0, Per: 1})
			continue
		}
		errs = append(errs, out.setShare(Tokens(b), share, c.weight(b)))
	}
	for _, w := range c.Weights {
		if !w.Item.IsTokens() {
			errs = append(errs, fmt.Errorf("%v is no kind of token", w.Item))
		}
		errs = append(errs, checkFactor(w.Factor))
	}
	return out, errors.Join(errs...)
}

func (r *Rates) setShare(i Item, share *big.Rat, weight money.Factor) error {
	if weight.Num == 0 {
		r.Set(i, money.Rate{Femto: 0, Per: 1})
		return nil
	}
	if weight.Num < 0 || weight.Den <= 0 {
		return nil // reported with the weights
	}
	exact := new(big.Rat).Mul(share, big.NewRat(weight.Num, weight.Den))
	if !exact.Num().IsInt64() || !exact.Denom().IsInt64() {
		return fmt.Errorf("the share of %v has too many digits", i)
	}
	r.Set(i, money.Rate{Femto: exact.Num().Int64(), Per: exact.Denom().Int64()})
	return nil
}

// weight of a bucket: its own, else that of its direction, else 1.
func (c *Commitment) weight(b llm.Bucket) money.Factor {
	root := llm.Output
	if b.IsInput() {
		root = llm.Input
	}
	for _, item := range [2]Item{Tokens(b), Tokens(root)} {
		for _, w := range c.Weights {
			if w.Item == item {
				return w.Factor
			}
		}
	}
	return money.One
}

// Check says everything that is wrong with a contract by itself; ties between
// contracts show when a book is built.
func (c *Contract) Check() error {
	_, err := c.compile()
	return err
}

// Check says everything that is wrong with a row by itself.
func (r *Row) Check() error { return r.check() }

// ContractModifier is what the receipts of calls under a contract say of it.
func ContractModifier(name string) string { return "contract:" + name }

// Idle compares what a commitment cost over some hours with what its calls
// were charged, exactly. Idle is never below zero; what calls were charged
// beyond the commitment's cost is Over.
type Idle struct {
	Cost, Charged, Idle, Over money.Amount
	// Share is Idle over Cost, 0 to 1.
	Share float64
}

// Idle reports on a span of time (nanoseconds) in which calls were charged so
// much; ok is false where the cost does not fit an amount.
func (c *Commitment) Idle(nanos int64, charged money.Amount) (out Idle, ok bool) {
	const hour = 3_600_000_000_000
	cost, ok := c.PerHour.Cost(nanos, money.Factor{Num: 1, Den: hour})
	if !ok {
		return Idle{}, false
	}
	out = Idle{Cost: cost, Charged: charged}
	if rest := cost.Sub(charged); rest.Sign() >= 0 {
		out.Idle = rest
	} else {
		out.Over = rest.Neg()
	}
	if !cost.IsZero() {
		out.Share = out.Idle.Float64() / cost.Float64()
	}
	return out, true
}
