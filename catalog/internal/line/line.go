// Package line is how the embedded catalogue is written: one JSON object a
// line, one line a row, so that a price that changed is a line that changed.
//
// A file begins with a [Head]; every other line is a [Row], a [Rule] or a
// [Model], by the file's kind. catalog/schema.json describes the same.
package line

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Head is the first line of a file of rows.
type Head struct {
	Platform string `json:"platform"`
}

// Source is where rows come from; rows name it by Key.
type Source struct {
	Key       string `json:"key"`
	Package   string `json:"package"`
	Version   string `json:"version"`
	CheckedAt string `json:"checked_at"`
}

// Row is one price.Row without its platform.
type Row struct {
	ID       string    `json:"id" yaml:"id"`
	Vendor   string    `json:"vendor,omitempty" yaml:"vendor"`
	Aliases  []string  `json:"aliases,omitempty" yaml:"aliases"`
	Match    *Clause   `json:"match,omitempty" yaml:"match"`
	Rates    string    `json:"rates,omitempty" yaml:"rates"`   // one entry for all time
	Prices   []Entry   `json:"prices,omitempty" yaml:"prices"` // or entries through time
	Variants []Variant `json:"variants,omitempty" yaml:"variants"`
	Uplifts  []Uplift  `json:"uplifts,omitempty" yaml:"uplifts"`
	Context  int64     `json:"context,omitempty" yaml:"context"`
	Output   int64     `json:"max_output,omitempty" yaml:"max_output"`
	Life     string    `json:"lifecycle,omitempty" yaml:"lifecycle"`
	Retires  string    `json:"retires,omitempty" yaml:"retires"`
	Replaced string    `json:"replacement,omitempty" yaml:"replacement"`
	Source   string    `json:"src" yaml:"src"`
	Note     string    `json:"note,omitempty" yaml:"why"` // why this row differs from its source
}

// Entry is one price.Entry.
type Entry struct {
	Period `yaml:",inline"`
	Rates  string `json:"rates,omitempty" yaml:"rates"`
}

// Clause is one price.Clause; exactly one key is set.
type Clause struct {
	Equals     string   `json:"equals,omitempty" yaml:"equals"`
	StartsWith string   `json:"starts_with,omitempty" yaml:"starts_with"`
	EndsWith   string   `json:"ends_with,omitempty" yaml:"ends_with"`
	Contains   string   `json:"contains,omitempty" yaml:"contains"`
	Regex      string   `json:"regex,omitempty" yaml:"regex"`
	Any        []Clause `json:"any,omitempty" yaml:"any"`
	All        []Clause `json:"all,omitempty" yaml:"all"`
	Not        *Clause  `json:"not,omitempty" yaml:"not"`
}

// Conditions are those of a variant or uplift, by parameter.
type Conditions struct {
	Tier    []string `json:"tier,omitempty" yaml:"tier"`
	Geo     []string `json:"geo,omitempty" yaml:"geo"`
	Region  []string `json:"region,omitempty" yaml:"region"`
	Quality []string `json:"quality,omitempty" yaml:"quality"`
}

// Variant is one price.Variant.
type Variant struct {
	Name       string `json:"name,omitempty" yaml:"name"`
	Conditions `yaml:",inline"`
	Period     `yaml:",inline"`
	Rates      string `json:"rates,omitempty" yaml:"rates"`
	Factor     string `json:"factor,omitempty" yaml:"factor"`
	Flat       bool   `json:"flat,omitempty" yaml:"flat"`
}

// Uplift is one price.Uplift.
type Uplift struct {
	Name       string `json:"name" yaml:"name"`
	Conditions `yaml:",inline"`
	Period     `yaml:",inline"`
	Factor     string `json:"factor" yaml:"factor"`
}

// Rule is one price.Rule.
type Rule struct {
	Platform string    `json:"platform,omitempty" yaml:"platform"`
	Vendor   string    `json:"vendor,omitempty" yaml:"vendor"`
	Match    *Clause   `json:"match,omitempty" yaml:"match"`
	Variants []Variant `json:"variants,omitempty" yaml:"variants"`
	Uplifts  []Uplift  `json:"uplifts,omitempty" yaml:"uplifts"`
	Why      string    `json:"why" yaml:"why"` // where the rule is from
}

// Model is what is known of a model wherever it is served.
type Model struct {
	Vendor   string   `json:"vendor" yaml:"vendor"`
	ID       string   `json:"id" yaml:"id"`
	Aliases  []string `json:"aliases,omitempty" yaml:"aliases"`
	Context  int64    `json:"context,omitempty" yaml:"context"`
	Output   int64    `json:"max_output,omitempty" yaml:"max_output"`
	Life     string   `json:"lifecycle,omitempty" yaml:"lifecycle"`
	Deprec   string   `json:"deprecated,omitempty" yaml:"deprecated"`
	Retires  string   `json:"retires,omitempty" yaml:"retires"`
	Replaced string   `json:"replacement,omitempty" yaml:"replacement"`
	Cache    string   `json:"cache,omitempty" yaml:"cache"` // "yes", "no", "" unknown
	Source   string   `json:"src" yaml:"src"`
	Why      string   `json:"why,omitempty" yaml:"why"`
}

// FormatRow writes a row; its source is a key and its note says why it differs.
func FormatRow(r *price.Row, source, note string) Row {
	out := Row{
		ID: r.ID, Vendor: r.Vendor, Aliases: r.Aliases, Context: r.ContextWindow, Output: r.MaxOutput,
		Retires: r.RetirementDate, Replaced: r.Replacement, Source: source, Note: note,
	}
	if r.Lifecycle != stamp.LifecycleUnknown {
		out.Life = r.Lifecycle.String()
	}
	if r.Match != nil {
		c := formatClause(*r.Match)
		out.Match = &c
	}
	if len(r.Entries) == 1 && r.Entries[0].When == (price.Period{}) && len(r.Entries[0].Rates) > 0 {
		out.Rates = formatRates(r.Entries[0].Rates)
	} else {
		for _, e := range r.Entries {
			out.Prices = append(out.Prices, Entry{formatPeriod(e.When), formatRates(e.Rates)})
		}
	}
	return out
}

// Parse makes the row that is written.
func (r *Row) Parse() (out price.Row, err error) {
	out = price.Row{
		ID: r.ID, Vendor: r.Vendor, Aliases: r.Aliases, ContextWindow: r.Context, MaxOutput: r.Output,
		RetirementDate: r.Retires, Replacement: r.Replaced,
	}
	if r.ID == "" {
		return out, errors.New("a row needs an id")
	}
	var errs []error
	if r.Life != "" {
		var ok bool
		if out.Lifecycle, ok = stamp.ParseLifecycle(r.Life); !ok {
			errs = append(errs, fmt.Errorf("no lifecycle %q", r.Life))
		}
	}
	if r.Match != nil {
		c, err := r.Match.Parse()
		errs = append(errs, err)
		out.Match = &c
	}
	if r.Rates != "" {
		rates, err := parseRates(r.Rates)
		errs = append(errs, err)
		out.Entries = []price.Entry{{Rates: rates}}
	}
	for _, e := range r.Prices {
		when, err := e.Parse()
		rates, err2 := parseRates(e.Rates)
		errs = append(errs, err, err2)
		out.Entries = append(out.Entries, price.Entry{When: when, Rates: rates})
	}
	out.Variants, err = parseVariants(r.Variants)
	errs = append(errs, err)
	out.Uplifts, err = parseUplifts(r.Uplifts)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return out, fmt.Errorf("row %q: %w", r.ID, err)
	}
	return out, nil
}

// Parse makes the rule that is written.
func (r *Rule) Parse() (out price.Rule, err error) {
	out = price.Rule{Platform: r.Platform, Vendor: r.Vendor}
	var errs []error
	if r.Match != nil {
		c, err := r.Match.Parse()
		errs = append(errs, err)
		out.Match = &c
	}
	out.Variants, err = parseVariants(r.Variants)
	errs = append(errs, err)
	out.Uplifts, err = parseUplifts(r.Uplifts)
	errs = append(errs, err)
	if len(out.Variants)+len(out.Uplifts) == 0 {
		errs = append(errs, errors.New("a rule without a variant or an uplift"))
	}
	if r.Why == "" {
		errs = append(errs, errors.New("a rule must say where it is from"))
	}
	return out, errors.Join(errs...)
}

func parseVariants(list []Variant) ([]price.Variant, error) {
	var out []price.Variant
	for _, v := range list {
		when, err := v.Parse()
		rates, err2 := parseRates(v.Rates)
		factor, err3 := parseFactor(v.Factor)
		if err := errors.Join(err, err2, err3); err != nil {
			return nil, fmt.Errorf("variant %q: %w", v.Name, err)
		}
		out = append(out, price.Variant{Name: v.Name, If: v.conditions(), When: when, Rates: rates, Factor: factor, Flat: v.Flat})
	}
	return out, nil
}

func parseUplifts(list []Uplift) ([]price.Uplift, error) {
	var out []price.Uplift
	for _, u := range list {
		when, err := u.Parse()
		factor, err2 := parseFactor(u.Factor)
		if err := errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("uplift %q: %w", u.Name, err)
		}
		out = append(out, price.Uplift{Name: u.Name, If: u.conditions(), When: when, Factor: factor})
	}
	return out, nil
}

func parseFactor(s string) (money.Factor, error) {
	if s == "" {
		return money.Factor{}, nil
	}
	return money.NewFactor(s)
}

func (c Conditions) conditions() []price.Condition {
	var out []price.Condition
	for _, p := range []struct {
		param price.Param
		anyOf []string
	}{{price.ParamTier, c.Tier}, {price.ParamGeo, c.Geo}, {price.ParamRegion, c.Region}, {price.ParamQuality, c.Quality}} {
		if len(p.anyOf) > 0 {
			out = append(out, price.Condition{Param: p.param, AnyOf: p.anyOf})
		}
	}
	return out
}

// Marshal writes one value as one line, "<" and ">" as they are.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}
