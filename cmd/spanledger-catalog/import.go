package main

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

func importCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import CATALOGUE",
		Short: "Write a catalogue of any format in our own (YAML)",
		Long: `Write a catalogue of any format in our own, YAML, which people can read and change.
It prices every call as what it was made of. A row that it cannot hold exactly is left
out and named on the error stream: no price is better than a wrong one.`,
		Example:           `  spanledger-catalog import prices.json > prices.yaml`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: catalogues,
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := readTable(args[0])
			if err != nil {
				return err
			}
			return importTable(cmd.OutOrStdout(), cmd.ErrOrStderr(), &t)
		},
	}
}

// importTable writes a catalogue in our own format, and what is left out to
// the log.
func importTable(out, log io.Writer, t *price.Table) error {
	doc := yamlFile{Source: t.Source, Version: t.Version, Checked: date(t.Checked)}
	left := 0
	for i := range t.Rows {
		items, err := yamlRows(&t.Rows[i])
		if err != nil {
			left++
			fmt.Fprintf(log, "left out: %s/%s: %v\n", t.Rows[i].Platform, t.Rows[i].ID, err)
			continue
		}
		doc.Prices = append(doc.Prices, items...)
	}
	for i := range t.Rules {
		r, err := yamlRuleOf(&t.Rules[i])
		if err != nil {
			left++
			fmt.Fprintf(log, "left out: rule %d: %v\n", i+1, err)
			continue
		}
		doc.Rules = append(doc.Rules, r)
	}
	for _, a := range t.Aliases {
		if doc.Aliases == nil {
			doc.Aliases = map[string]string{}
		}
		doc.Aliases[a.From] = a.To
	}
	enc := yaml.NewEncoder(out)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(doc), enc.Close()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(log, "%d rows and rules imported, %d left out\n", len(t.Rows)+len(t.Rules)-left, left)
	return err
}

// yamlRows writes one row as its prices through time: the first item says what
// the model is, the others say only from when they hold.
func yamlRows(r *price.Row) ([]*yamlRow, error) {
	first := &yamlRow{
		Model: r.ID, Platform: r.Platform, Vendor: r.Vendor, Aliases: r.Aliases, Currency: r.Currency, Surcharge: r.Surcharge,
		Context: r.ContextWindow, Output: r.MaxOutput, Retires: r.RetirementDate, Replacement: r.Replacement,
		PriceSource: r.PriceSource, SourceVer: r.SourceVersion, CheckedAt: date(r.CheckedAt),
	}
	if r.Match != nil {
		first.Match = clauseOf(r.Match)
	}
	if r.Lifecycle != stamp.LifecycleUnknown {
		first.Lifecycle = r.Lifecycle.String()
	}
	out := []*yamlRow{first}
	item := func(when price.Period, recorded time.Time) *yamlRow {
		from, to, known := instant(when.From), instant(when.To), instant(recorded)
		for _, y := range out {
			if y.ValidFrom == from && y.ValidTo == to && y.RecordedAt == known {
				return y
			}
		}
		y := first
		if first.ValidFrom != "" || first.ValidTo != "" || first.RecordedAt != "" || len(first.Tokens)+len(first.Singles) > 0 {
			y = &yamlRow{Model: r.ID, Platform: r.Platform}
			out = append(out, y)
		}
		y.ValidFrom, y.ValidTo, y.RecordedAt = from, to, known
		return y
	}
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.When.Schedule != nil {
			factor, err := hourFactor(r.Entries[:i], e)
			if err != nil {
				return nil, err
			}
			u := price.Uplift{Name: "hours", When: e.When, Factor: factor}
			if err := item(price.Period{From: e.When.From, To: e.When.To}, e.RecordedAt).addUplift(&u); err != nil {
				return nil, err
			}
			continue
		}
		y := item(e.When, e.RecordedAt)
		if len(y.Tokens)+len(y.Singles) > 0 {
			return nil, errors.New("has two prices for one time")
		}
		var err error
		if y.yamlPrices, err = pricesOf(e.Rates); err != nil {
			return nil, err
		}
	}
	for i := range r.Variants {
		v := &r.Variants[i]
		if err := item(v.When, time.Time{}).addVariant(v); err != nil {
			return nil, err
		}
	}
	for i := range r.Uplifts {
		u := &r.Uplifts[i]
		if err := item(price.Period{From: u.When.From, To: u.When.To}, time.Time{}).addUplift(u); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// hourFactor is what the prices of some hours are a multiple of: those of the
// entry that holds around them. Our format says hours by a factor on tokens.
func hourFactor(before []price.Entry, e *price.Entry) (f money.Factor, err error) {
	var around *price.Entry
	for i := range before {
		if b := &before[i]; b.When.Schedule == nil && !b.When.From.After(e.When.From) &&
			(b.When.To.IsZero() || !e.When.To.IsZero() && !b.When.To.Before(e.When.To)) {
			around = b
		}
	}
	if around == nil || len(around.Rates) != len(e.Rates) || around.RecordedAt != e.RecordedAt {
		return f, errors.New("has prices by the hour with nothing to compare them with")
	}
	var common *big.Rat
	for _, p := range e.Rates {
		q := at2(around.Rates, p)
		if q == nil || q.Rate.Femto == 0 {
			return f, errors.New("has prices by the hour with nothing to compare them with")
		}
		ratio := new(big.Rat).Quo(one(&p), one(q))
		if common == nil {
			common = ratio
		}
		if same := p.Item.IsTokens(); ratio.Cmp(common) != 0 || !same {
			return f, errors.New("has prices by the hour that are not one factor")
		}
	}
	if common == nil || !common.Num().IsInt64() || !common.Denom().IsInt64() {
		return f, errors.New("has prices by the hour that are not one factor")
	}
	if _, exact := common.FloatPrec(); !exact {
		return f, errors.New("has prices by the hour that are no decimal factor")
	}
	return money.Factor{Num: common.Num().Int64(), Den: common.Denom().Int64()}, nil
}

func yamlRuleOf(r *price.Rule) (*yamlRule, error) {
	out := &yamlRule{Platform: r.Platform, Vendor: r.Vendor, Sources: r.Sources}
	if r.Match != nil {
		out.Match = clauseOf(r.Match)
	}
	for i := range r.Variants {
		if err := out.addVariant(&r.Variants[i]); err != nil {
			return nil, err
		}
	}
	for i := range r.Uplifts {
		if err := out.addUplift(&r.Uplifts[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// addVariant adds a tier. A variant that can never hold is nothing to write.
func (x *yamlExtras) addVariant(v *price.Variant) error {
	for _, c := range v.If {
		if c.Param == price.ParamUnknown {
			return nil
		}
	}
	if len(v.If) == 0 {
		return nil
	}
	if len(v.If) != 1 || v.If[0].Param != price.ParamTier || v.When.Schedule != nil {
		return fmt.Errorf("the variant %q is no plain service tier", v.Name)
	}
	prices, err := pricesOf(v.Rates)
	if err != nil {
		return err
	}
	for _, tier := range v.If[0].AnyOf {
		if x.Service == nil {
			x.Service = map[string]*yamlTier{}
		}
		if x.Service[tier] != nil {
			return fmt.Errorf("the tier %q has two prices for one time", tier)
		}
		x.Service[tier] = &yamlTier{Factor: factorOf(v.Factor), Flat: v.Flat, yamlPrices: prices}
	}
	return nil
}

func (x *yamlExtras) addUplift(u *price.Uplift) error {
	factor := factorOf(u.Factor)
	if s := u.When.Schedule; s != nil && len(u.If) == 0 {
		if len(s.Windows) != 1 && s.Outside {
			return fmt.Errorf("the uplift %q holds outside of more than one window", u.Name)
		}
		for _, w := range s.Windows {
			x.Hours = append(x.Hours, yamlHours{u.Name, s.Zone, s.Outside, daysOf(w.Days), clockOf(w.From), clockOf(w.To), factor})
		}
		return nil
	}
	if len(u.If) != 1 || u.If[0].Param != price.ParamGeo || u.When.Schedule != nil {
		return fmt.Errorf("the uplift %q is no plain geography", u.Name)
	}
	for _, geo := range u.If[0].AnyOf {
		if x.Geo == nil {
			x.Geo = map[string]string{}
		}
		x.Geo[geo] = factor
	}
	return nil
}
