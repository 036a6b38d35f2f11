package genaienricherprocessor

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"

	"github.com/spanledger/spanledger/catalog"
	"github.com/spanledger/spanledger/internal/attempt"
	"github.com/spanledger/spanledger/internal/confvalue"
	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

var billingPolicies = map[string]attempt.Policy{
	"innermost": attempt.BillInnermost, "gateway": attempt.BillGateway, "client": attempt.BillClient,
}

// layers is what the config itself says about prices: aliases, contracts and
// the table of overrides. It is checked by building a book of it alone.
func (cfg *Config) layers() (price.Config, error) {
	out := price.Config{CacheSize: cfg.CacheSize}
	var errs []error
	for i, a := range cfg.Aliases {
		if a.From == "" || a.To == "" {
			errs = append(errs, fmt.Errorf("aliases[%d]: both from and to must name a model", i))
			continue
		}
		out.Aliases = append(out.Aliases, price.Alias{From: a.From, To: a.To})
	}
	// What is faulty by itself is named under its path and left out of the book
	// that shows faults between the parts, so that one run shows them all.
	overrides := price.Table{Source: "overrides", Version: "config"}
	for i := range cfg.Overrides {
		path := fmt.Sprintf("overrides[%d]", i)
		row, err := cfg.Overrides[i].row(path)
		if err == nil {
			err = under(path, row.Check())
		}
		if errs = append(errs, err); err == nil {
			overrides.Rows = append(overrides.Rows, row)
		}
	}
	if len(overrides.Rows) > 0 {
		out.Layers = []price.Table{overrides}
	}
	for i := range cfg.Contracts {
		path := fmt.Sprintf("contracts[%d]", i)
		c, err := cfg.Contracts[i].contract(path)
		if err == nil {
			err = under(path, c.Check())
		}
		if errs = append(errs, err); err == nil {
			out.Contracts = append(out.Contracts, c)
		}
	}
	_, err := price.NewBook(out)
	return out, errors.Join(append(errs, under("overrides, contracts", err))...)
}

func under(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}

// rateAt reads one price under its path; unset stays unset.
func rateAt(rates *price.Rates, errs *[]error, path string, item price.Item, per int64, d confvalue.Decimal) {
	if d == "" {
		return
	}
	rate, err := money.NewRate(string(d), per)
	if err != nil {
		*errs = append(*errs, fmt.Errorf("%s: %w", path, err))
		return
	}
	rates.Set(item, rate)
}

const million = 1_000_000

func (o *OverrideConfig) row(path string) (price.Row, error) {
	var errs []error
	if o.Model == "" {
		errs = append(errs, fmt.Errorf("%s::model: names no model", path))
	}
	var rates price.Rates
	for _, p := range []struct {
		key  string
		item price.Item
		per  int64
		d    confvalue.Decimal
	}{
		{"input", price.Tokens(llm.Input), million, o.Input},
		{"cache_read", price.Tokens(llm.CacheRead), million, o.CacheRead},
		{"cache_write", price.Tokens(llm.CacheWrite), million, o.CacheWrite},
		{"cache_write_1h", price.Tokens(llm.CacheWrite1h), million, o.CacheWrite1h},
		{"output", price.Tokens(llm.Output), million, o.Output},
		{"reasoning", price.Tokens(llm.Reasoning), million, o.Reasoning},
		{"request", price.PerRequest, 1, o.Request},
	} {
		rateAt(&rates, &errs, path+"::"+p.key, p.item, p.per, p.d)
	}
	if len(rates) == 0 && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("%s: gives no price", path))
	}
	return price.Row{
		Platform: platformOf(o.Platform), ID: o.Model, Currency: o.Currency,
		Entries: []price.Entry{{When: price.Period{From: o.ValidFrom.Time(), To: o.ValidTo.Time()}, Rates: rates}},
	}, errors.Join(errs...)
}

// platformOf takes any spelling of a platform; "" stays any platform.
func platformOf(spelling string) string {
	if spelling == "" {
		return ""
	}
	return price.Platform(spelling)
}

func (c *ContractConfig) contract(path string) (price.Contract, error) {
	var errs []error
	out := price.Contract{
		Name: c.Name, Vendor: c.Vendor, Platform: c.Platform, Model: c.Model, Route: c.Route, Tier: c.Tier,
		ValidFrom: c.ValidFrom.Time(), ValidTo: c.ValidTo.Time(), RecordedAt: c.RecordedAt.Time(),
	}
	if c.DiscountPercent != "" {
		f, err := money.NewFactor(string(c.DiscountPercent))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s::discount_percent: %w", path, err))
		} else {
			share := big.NewRat(f.Num, f.Den)
			share.Quo(share, big.NewRat(100, 1))
			out.Discount = money.Factor{Num: share.Num().Int64(), Den: share.Denom().Int64()}
		}
	}
	rateAt(&out.Prices, &errs, path+"::input", price.Tokens(llm.Input), million, c.Input)
	rateAt(&out.Prices, &errs, path+"::cache_read", price.Tokens(llm.CacheRead), million, c.CacheRead)
	rateAt(&out.Prices, &errs, path+"::output", price.Tokens(llm.Output), million, c.Output)
	for _, name := range sortedKeys(c.Prices) {
		item, ok := price.ParseItem(name)
		if !ok {
			errs = append(errs, fmt.Errorf("%s::prices::%s: is nothing that is counted", path, name))
			continue
		}
		per := int64(1)
		if item.IsTokens() {
			per = million
		}
		rateAt(&out.Prices, &errs, path+"::prices::"+name, item, per, c.Prices[name])
	}
	out.Currency = c.Currency
	if commitment := c.Commitment.Get(); commitment != nil {
		var err error
		out.Commitment, err = commitment.compile(path + "::commitment")
		errs = append(errs, err)
	}
	return out, errors.Join(errs...)
}

func (c *CommitmentConfig) compile(path string) (*price.Commitment, error) {
	var errs []error
	fault := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s::%s: %s", path, key, fmt.Sprintf(format, args...)))
	}
	out := &price.Commitment{Capacity: c.Capacity, Calls: c.Unit == unitCalls}
	var err error
	if out.PerHour, err = money.NewRate(string(c.PerHour), 1); err != nil {
		fault("per_hour", "%v", err)
	}
	if c.Capacity <= 0 {
		fault("capacity", "%d: at least 1", c.Capacity)
	}
	if c.Unit != "" && c.Unit != unitTokens && c.Unit != unitCalls {
		fault("unit", "%q: there is %s and %s", c.Unit, unitTokens, unitCalls)
	}
	if out.Calls && len(c.Weights) > 0 {
		fault("weights", "calls have no weights")
	}
	for _, name := range sortedKeys(c.Weights) {
		item, ok := price.ParseItem(name)
		if !ok || !item.IsTokens() {
			fault("weights::"+name, "is no kind of token")
			continue
		}
		factor, err := money.NewFactor(string(c.Weights[name]))
		if err != nil {
			fault("weights::"+name, "%v", err)
		}
		out.Weights = append(out.Weights, price.Weight{Item: item, Factor: factor})
	}
	return out, errors.Join(errs...)
}

// models lets the fleet ask the embedded catalogue about models.
func models() (fleet.Source, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	return fleet.SourceFunc(func(vendor, id string) (fleet.Info, bool) {
		m, ok := c.ModelInfo(vendor, id)
		if !ok {
			return fleet.Info{}, false
		}
		return fleet.Info{
			ContextWindow: m.ContextWindow, MaxOutput: m.MaxOutput, Lifecycle: m.Lifecycle,
			DeprecationDate: m.Deprecated, RetirementDate: m.Retirement, Replacement: m.Replacement,
			Cache: fleet.Support(m.CacheSupported),
		}, true
	}), nil
}

// said is what the user's catalogues say of a model besides its price, the
// first that says a thing.
func (b *pricebook) said(m *llm.Model) (out fleet.Info) {
	for _, found := range b.current().Rows(m) {
		if r := found.Row; found.Source != catalog.SourceName {
			out.ContextWindow, out.MaxOutput = cmp.Or(out.ContextWindow, r.ContextWindow), cmp.Or(out.MaxOutput, r.MaxOutput)
			out.Lifecycle, out.RetirementDate = cmp.Or(out.Lifecycle, r.Lifecycle), cmp.Or(out.RetirementDate, r.RetirementDate)
			out.Replacement = cmp.Or(out.Replacement, r.Replacement)
		}
	}
	return out
}
