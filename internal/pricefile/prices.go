package pricefile

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// prices is our own format, described in the package documentation. JSON of
// the same shape is read too.
var prices = format{name: "prices", detect: isPrices, parse: parsePrices}

// isPrices claims whatever is no JSON, so that a slip in a YAML file is
// reported with its line rather than as a file of no known kind.
func isPrices(d *document) bool {
	if d.root == nil {
		return true
	}
	for _, key := range [4]string{"prices", "overrides", "rules", "aliases"} {
		if n := d.root.get(key); n != nil && (n.kind == kindArray || key == "aliases") {
			return true
		}
	}
	return false
}

func parsePrices(d *document) (t price.Table) {
	var root yaml.Node
	if err := yaml.Unmarshal(d.data, &root); err != nil {
		d.yamlFault(err)
		return t
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		d.failLine(0, "%w", ErrUnknownFormat)
		return t
	}
	f := pricesFile{d: d, at: map[rowKey]int{}}
	rows := func(key, value *yaml.Node) { d.list(value, key.Value, f.row) }
	d.fields(root.Content[0], "the file", map[string]func(key, value *yaml.Node){
		"source": d.text(&t.Source), "version": d.text(&t.Version), "checked": d.date(&t.Checked),
		"currency": d.text(&f.currency),
		"prices":   rows, "overrides": rows,
		"rules":   func(key, value *yaml.Node) { d.list(value, key.Value, f.rule) },
		"aliases": func(_, value *yaml.Node) { f.aliases(value) },
	})
	for i := range f.rows {
		if f.rows[i].Currency == "" {
			f.rows[i].Currency = f.currency
		}
	}
	t.Rows, t.Rules, t.Aliases = f.rows, f.rules, f.names
	return t
}

type pricesFile struct {
	d        *document
	currency string
	rows     []price.Row
	at       map[rowKey]int // index of the row of a model
	rules    []price.Rule
	names    []price.Alias
}

type rowKey struct{ platform, model string }

func (f *pricesFile) aliases(n *yaml.Node) {
	f.d.fields(n, "aliases", map[string]func(key, value *yaml.Node){"*": func(key, value *yaml.Node) {
		if to, ok := f.d.scalar(key, value); ok {
			f.names = append(f.names, price.Alias{From: key.Value, To: to, Pos: price.Pos{Line: key.Line, Column: key.Column}})
		}
	}})
}

// offer is what a row and a rule have in common: prices and conditions.
type offer struct {
	when     price.Period
	rates    price.Rates
	variants []price.Variant
	uplifts  []price.Uplift
}

// offerFields are the readers of an offer.
func (f *pricesFile) offerFields(o *offer) map[string]func(key, value *yaml.Node) {
	return map[string]func(key, value *yaml.Node){
		"tiers": func(key, value *yaml.Node) { f.tiers(o, value) },
		"geo":   func(key, value *yaml.Node) { f.geo(o, value) },
		"hours": func(key, value *yaml.Node) { f.d.list(value, "hours", func(n *yaml.Node) { f.hours(o, n) }) },
	}
}

// row reads one model. Further rows of the same model on the same platform are
// its prices through time.
func (f *pricesFile) row(n *yaml.Node) {
	var r price.Row
	var o offer
	var lifecycle string
	var recorded time.Time
	readers := f.offerFields(&o)
	d := f.d
	for key, read := range map[string]func(key, value *yaml.Node){
		"model": d.text(&r.ID), "platform": d.text(&r.Platform), "vendor": d.text(&r.Vendor), "aliases": d.words(&r.Aliases),
		"match":    func(_, value *yaml.Node) { c := f.clause(value, 0); r.Match = &c },
		"currency": d.text(&r.Currency), "valid_from": d.date(&o.when.From), "valid_to": d.date(&o.when.To), "recorded_at": d.date(&recorded),
		"units":     func(_, value *yaml.Node) { f.units(&o.rates, value) },
		"context":   func(_, value *yaml.Node) { f.context(&o.rates, value) },
		"surcharge": d.truth(&r.Surcharge), "context_window": d.whole(&r.ContextWindow), "max_output": d.whole(&r.MaxOutput),
		"lifecycle": d.text(&lifecycle), "retirement_date": d.text(&r.RetirementDate), "replacement": d.text(&r.Replacement),
		"price_source": d.text(&r.PriceSource), "source_version": d.text(&r.SourceVersion), "checked_at": d.date(&r.CheckedAt),
	} {
		readers[key] = read
	}
	f.tokens(readers, &o.rates, 0)
	before := len(d.faults)
	d.fields(n, "a price", readers)
	r.Pos = price.Pos{Line: n.Line, Column: n.Column}
	if r.Platform != "" {
		r.Platform = price.Platform(r.Platform)
	}
	var ok bool
	if r.Lifecycle, ok = stamp.ParseLifecycle(lifecycle); lifecycle != "" && !ok {
		d.failLine(n.Line, "lifecycle: %q is not preview, active, deprecated or retired", lifecycle)
	}
	if r.ID == "" && len(d.faults) == before {
		d.failLine(n.Line, "a price names no model")
	}
	f.put(r, o, recorded)
}

// put adds a row, or the next prices of a row that is there.
func (f *pricesFile) put(r price.Row, o offer, recorded time.Time) {
	for i := range o.variants {
		o.variants[i].When = o.when
	}
	for i := range o.uplifts {
		o.uplifts[i].When.From, o.uplifts[i].When.To = o.when.From, o.when.To
	}
	var entries []price.Entry
	if len(o.rates) > 0 {
		entries = []price.Entry{{When: o.when, RecordedAt: recorded, Rates: o.rates}}
	}
	key := rowKey{r.Platform, strings.ToLower(r.ID)}
	i, there := f.at[key]
	if !there {
		f.at[key] = len(f.rows)
		r.Entries, r.Variants, r.Uplifts = entries, o.variants, o.uplifts
		f.rows = append(f.rows, r)
		return
	}
	if o.when.From.IsZero() && o.when.To.IsZero() && recorded.IsZero() {
		f.d.failLine(r.Pos.Line, "%q has a price already, in line %d; say from when this one holds (valid_from)", r.ID, f.rows[i].Pos.Line)
		return
	}
	old := &f.rows[i]
	old.Entries, old.Variants, old.Uplifts = append(old.Entries, entries...), append(old.Variants, o.variants...), append(old.Uplifts, o.uplifts...)
}

const million = 1_000_000

// tokens adds a reader for each bucket, priced for a million tokens.
func (f *pricesFile) tokens(readers map[string]func(key, value *yaml.Node), rates *price.Rates, above int64) {
	for b := llm.Bucket(0); b < llm.NumBuckets; b++ {
		readers[b.String()] = func(key, value *yaml.Node) {
			if r, ok := f.rate(key, value, million); ok {
				rates.SetAbove(price.Tokens(b), above, r)
			}
		}
	}
}

func (f *pricesFile) rate(key, value *yaml.Node, per int64) (money.Rate, bool) {
	s, ok := f.d.scalar(key, value)
	if !ok {
		return money.Rate{}, false
	}
	r, err := money.NewRate(s, per)
	if err != nil {
		f.d.failLine(value.Line, "%s: %w", key.Value, err)
		return money.Rate{}, false
	}
	return r, true
}
