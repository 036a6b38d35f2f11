package rollupcomponent

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spanledger/spanledger/internal/confvalue"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// ExchangeRate brings costs in another currency into the reporting currency.
// It holds for calls that started on its date or later, until the pair's next
// date; a pair's earliest rate does not reach back.
type ExchangeRate struct {
	// From is the currency of the stamp, ISO 4217.
	From string `mapstructure:"from"`
	// To is the reporting currency, which is the default.
	To string `mapstructure:"to"`
	// Rate is how much of To one unit of From is.
	Rate confvalue.Decimal `mapstructure:"rate"`
	// ValidFrom is the date from which the rate holds. Default: ever.
	ValidFrom confvalue.Date `mapstructure:"valid_from"`
}

// exchange compiles the table; nil where there is none.
func (c *Config) exchange() (*price.Conversion, error) {
	if len(c.ExchangeRates) == 0 {
		return nil, nil
	}
	var errs []error
	var table []price.Exchange
	for i, r := range c.ExchangeRates {
		fault := func(key, format string, args ...any) {
			errs = append(errs, fmt.Errorf("exchange_rates[%d]%s: %s", i, key, fmt.Sprintf(format, args...)))
		}
		to := cmp.Or(r.To, c.ReportingCurrency)
		if !isCurrency(r.From) {
			fault("::from", "%q is no ISO 4217 code such as CNY", r.From)
		}
		if to != c.ReportingCurrency {
			fault("::to", "%q is not the reporting currency %s: amounts are converted once, never by way of another currency", to, c.ReportingCurrency)
		}
		if r.From == to {
			fault("::from", "%s to itself needs no rate", to)
		}
		rate, err := money.NewFactor(string(r.Rate))
		switch {
		case err != nil:
			fault("::rate", "%v", err)
		case rate.Num == 0:
			fault("::rate", "is zero")
		}
		for j, o := range c.ExchangeRates[:i] {
			if o.From == r.From && o.ValidFrom == r.ValidFrom {
				fault("::valid_from", "%s has a rate for this date in exchange_rates[%d]", r.From, j)
			}
		}
		table = append(table, price.Exchange{From: r.From, To: to, Rate: rate, Since: r.ValidFrom.Time()})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return price.NewConversion(table)
}

// convert brings the costs of a stamp into the reporting currency, at the rate
// of the time at which the call started. What has no rate stays as it is, and
// the ledger counts it as unconverted.
func (in *ingester) convert(call *llm.Call, s *stamp.Stamp) {
	if in.exchange == nil || s.Cost.Currency == "" || s.Cost.Currency == in.currency {
		return
	}
	at := call.Start
	if s.TimeReceived || at <= 0 {
		at = s.ReceivedAt
	}
	from := s.Cost.Currency
	cost, ok := in.exchange.Cost(s.Cost, in.currency, at)
	if !ok {
		return
	}
	s.Cost = cost
	if by := &s.Substitution; by.HasDifference {
		by.Difference, by.HasDifference = in.exchange.Amount(by.Difference, from, in.currency, at)
	}
	if s.Call.HasCost {
		s.Call.Cost, s.Call.HasCost = in.exchange.Amount(s.Call.Cost, from, in.currency, at)
	}
}
