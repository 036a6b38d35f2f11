package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

// contractDoc is a contract as the processor's configuration writes it.
type contractDoc struct {
	Name            string            `yaml:"name"`
	Vendor          string            `yaml:"vendor"`
	Platform        string            `yaml:"platform"`
	Model           string            `yaml:"model"`
	Route           string            `yaml:"route"`
	Tier            string            `yaml:"tier"`
	DiscountPercent string            `yaml:"discount_percent"`
	Input           string            `yaml:"input"`
	CacheRead       string            `yaml:"cache_read"`
	Output          string            `yaml:"output"`
	Prices          map[string]string `yaml:"prices"` // per million tokens, else per one
	Commitment      *commitmentDoc    `yaml:"commitment"`
	Currency        string            `yaml:"currency"`
	ValidFrom       string            `yaml:"valid_from"`
	ValidTo         string            `yaml:"valid_to"`
	RecordedAt      string            `yaml:"recorded_at"`
}

type commitmentDoc struct {
	PerHour  string            `yaml:"per_hour"`
	Capacity int64             `yaml:"capacity"`
	Unit     string            `yaml:"unit"`
	Weights  map[string]string `yaml:"weights"`
}

func readContracts(name string) ([]price.Contract, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Contracts []contractDoc `yaml:"contracts"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(doc.Contracts) == 0 {
		return nil, fmt.Errorf("%s: there are no contracts", name)
	}
	var at struct { // where each begins; strict decoding does not say it
		Contracts []yaml.Node `yaml:"contracts"`
	}
	if err := yaml.Unmarshal(data, &at); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var out []price.Contract
	var errs []error
	for i, d := range doc.Contracts {
		c, err := d.contract()
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: contract %q: %w", name, at.Contracts[i].Line, d.Name, err))
		}
		out = append(out, c)
	}
	return out, errors.Join(errs...)
}

func (d *contractDoc) contract() (price.Contract, error) {
	c := price.Contract{
		Name: d.Name, Vendor: d.Vendor, Platform: d.Platform, Model: d.Model, Route: d.Route, Tier: d.Tier, Currency: d.Currency,
	}
	var errs []error
	for _, t := range []struct {
		text string
		into *time.Time
	}{{d.ValidFrom, &c.ValidFrom}, {d.ValidTo, &c.ValidTo}, {d.RecordedAt, &c.RecordedAt}} {
		if t.text != "" {
			at, err := timeOf(t.text)
			*t.into = at
			errs = append(errs, err)
		}
	}
	if d.DiscountPercent != "" {
		percent, err := money.NewFactor(d.DiscountPercent)
		errs = append(errs, err)
		var ok bool
		if c.Discount, ok = percent.Times(money.Factor{Num: 1, Den: 100}); !ok {
			errs = append(errs, fmt.Errorf("discount %q has too many digits", d.DiscountPercent))
		}
	}
	prices := map[string]string{}
	for name, text := range d.Prices { // any order: each has a place of its own
		prices[name] = text
	}
	for name, text := range map[string]string{"input": d.Input, "cache_read": d.CacheRead, "output": d.Output} { // as above
		if text != "" {
			prices[name] = text
		}
	}
	for item := price.Item(0); item < price.NumItems; item++ {
		text, ok := prices[item.String()]
		if !ok {
			continue
		}
		per := int64(1)
		if item.IsTokens() {
			per = 1_000_000
		}
		rate, err := money.NewRate(text, per)
		errs = append(errs, err)
		c.Prices.Set(item, rate)
		delete(prices, item.String())
	}
	if len(prices) > 0 {
		errs = append(errs, errors.New("prices name something that is not counted"))
	}
	if d.Commitment != nil {
		var err error
		c.Commitment, err = d.Commitment.commitment()
		errs = append(errs, err)
	}
	return c, errors.Join(errs...)
}

func (d *commitmentDoc) commitment() (*price.Commitment, error) {
	c := &price.Commitment{Capacity: d.Capacity, Calls: d.Unit == "calls"}
	var errs []error
	var err error
	if c.PerHour, err = money.NewRate(d.PerHour, 1); err != nil {
		errs = append(errs, fmt.Errorf("per_hour: %w", err))
	}
	if d.Unit != "" && d.Unit != "tokens" && d.Unit != "calls" {
		errs = append(errs, fmt.Errorf("unit: %q: there is tokens and calls", d.Unit))
	}
	for item := price.Item(0); item < price.NumItems; item++ {
		text, ok := d.Weights[item.String()]
		if !ok {
			continue
		}
		factor, err := money.NewFactor(text)
		errs = append(errs, err)
		c.Weights = append(c.Weights, price.Weight{Item: item, Factor: factor})
	}
	if len(c.Weights) != len(d.Weights) {
		errs = append(errs, errors.New("weights name something that is not counted"))
	}
	return c, errors.Join(errs...)
}
