package genaienricherprocessor

import (
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
		}
		out.Aliases = append(out.Aliases, price.Alias{From: a.From, To: a.To})
	}
	overrides := price.Table{Source: "overrides", Version: "config"}
	for i := range cfg.Overrides {
		row, err := cfg.Overrides[i].row(fmt.Sprintf("overrides[%d]", i))
		errs = append(errs, err)
		overrides.Rows = append(overrides.Rows, row)
	}
	if len(overrides.Rows) > 0 {
		out.Layers = []price.Table{overrides}
	}
	for i := range cfg.Contracts {
		c, err := cfg.Contracts[i].contract(fmt.Sprintf("contracts[%d]", i))
		errs = append(errs, err)
		out.Contracts = append(out.Contracts, c)
	}
	if err := errors.Join(errs...); err != nil {
		return out, err
	}
	_, err := price.NewBook(out)
	return out, err
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
		Platform: o.Platform, ID: o.Model, Currency: o.Currency,
		Entries: []price.Entry{{When: price.Period{From: o.ValidFrom.Time(), To: o.ValidTo.Time()}, Rates: rates}},
	}, errors.Join(errs...)
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
	return out, errors.Join(errs...)
}

// fleetOptions is what the config says about the identity of models.
func (cfg *Config) fleetOptions() (fleet.Options, error) {
	out := fleet.Options{CacheSize: cfg.CacheSize}
	for _, a := range cfg.Aliases {
		out.Aliases = append(out.Aliases, fleet.Alias{From: a.From, To: a.To})
	}
	if len(cfg.Fleet.Approved) > 0 {
		out.Approved = []fleet.Approval{{Models: cfg.Fleet.Approved}}
	}
	if _, err := fleet.New(out); err != nil {
		return out, fmt.Errorf("aliases, fleet::approved: %w", err)
	}
	return out, nil
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
