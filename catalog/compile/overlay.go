package compile

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spanledger/spanledger/catalog/internal/line"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

// overlay is overlay.yaml: what is kept by hand. Every entry says why.
type overlay struct {
	Version string `yaml:"version"` // date of the last change
	// Drop are rows of the packages that are not taken.
	Drop []struct {
		Source   string `yaml:"source"`
		Provider string `yaml:"provider"`
		ID       string `yaml:"id"` // glob, "/" being no separator
		Why      string `yaml:"why"`
	} `yaml:"drop"`
	Correct  []correction `yaml:"correct"`
	Regional regional     `yaml:"regional"`
	Rows     []addedRow   `yaml:"rows"`
	Rates    []addedRates `yaml:"rates"`
	// HourWrites gives rows with a price for cache writes but none for an hour
	// of it that price, as a factor on input.
	HourWrites struct {
		Platforms []string `yaml:"platforms"`
		Vendor    string   `yaml:"vendor"`
		Factor    string   `yaml:"factor"`
		Why       string   `yaml:"why"`
	} `yaml:"hour_writes"`
	Rules  []line.Rule  `yaml:"rules"`
	Models []line.Model `yaml:"models"`
}

// correction changes a row of the base.
type correction struct {
	Platforms     []string     `yaml:"platforms"`
	ID            string       `yaml:"id"`
	RemoveAliases []string     `yaml:"remove_aliases"`
	AddAliases    []string     `yaml:"add_aliases"`
	Match         *line.Clause `yaml:"match"` // instead of the row's
	NoMatch       bool         `yaml:"no_match"`
	Prices        []line.Entry `yaml:"prices"` // instead of the row's
	Why           string       `yaml:"why"`
}

// addedRow is a row of our own.
type addedRow struct {
	Platform string `yaml:"platform"`
	// SameAs takes the prices of another row, "platform/id".
	SameAs   string `yaml:"same_as"`
	line.Row `yaml:",inline"`
}

// addedRates are prices that rows of the packages lack.
type addedRates struct {
	Platforms []string     `yaml:"platforms"`
	Match     *line.Clause `yaml:"match"`
	Rates     string       `yaml:"rates"`
	Why       string       `yaml:"why"`
}

// regional makes rows for geographic profiles out of the global ones.
type regional struct {
	Platform string   `yaml:"platform"`
	Factor   string   `yaml:"factor"`
	Geos     []string `yaml:"geos"`
	IDs      []string `yaml:"ids"` // without "global."
	Why      string   `yaml:"why"`
}

func (o *overlay) drops(source, provider, id string) bool {
	for _, d := range o.Drop {
		if d.Source != source || (d.Provider != "" && d.Provider != provider) {
			continue
		}
		flat := strings.NewReplacer("/", "\x00")
		if ok, _ := path.Match(flat.Replace(d.ID), flat.Replace(id)); ok {
			return true
		}
	}
	return false
}

// correct applies the corrections. One that finds no row, or changes nothing
// that is there, is an error: the base has moved on and so must the overlay.
func (s *state) correct() error {
	var errs []error
	for _, c := range s.overlay.Correct {
		if c.Why == "" {
			errs = append(errs, fmt.Errorf("correction of %s: does not say why", c.ID))
		}
		for _, platform := range c.Platforms {
			rows := s.find(platform, c.ID)
			if len(rows) != 1 {
				errs = append(errs, fmt.Errorf("correction of %s/%s: there are %d such rows", platform, c.ID, len(rows)))
				continue
			}
			if err := c.apply(rows[0]); err != nil {
				errs = append(errs, fmt.Errorf("correction of %s/%s: %w", platform, c.ID, err))
			}
		}
	}
	return errors.Join(errs...)
}

func (c *correction) apply(r *row) error {
	r.source, r.note = byHand, strings.TrimSpace(c.Why)
	for _, a := range c.RemoveAliases {
		i := slices.Index(r.Aliases, a)
		if i < 0 {
			return fmt.Errorf("there is no alias %q", a)
		}
		r.Aliases = slices.Delete(slices.Clone(r.Aliases), i, i+1)
	}
	r.Aliases = append(slices.Clip(r.Aliases), c.AddAliases...)
	switch {
	case c.NoMatch:
		r.Match = nil
	case c.Match != nil:
		m, err := c.Match.Parse()
		if err != nil {
			return err
		}
		r.Match = &m
	}
	if len(c.Prices) == 0 {
		return nil
	}
	l := line.Row{ID: r.ID, Prices: c.Prices}
	parsed, err := l.Parse()
	r.Entries = parsed.Entries
	return err
}

// addRows adds the rows of our own.
func (s *state) addRows() error {
	var errs []error
	for _, a := range s.overlay.Rows {
		l := a.Row
		parsed, err := l.Parse()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if l.Note == "" {
			errs = append(errs, fmt.Errorf("row %s/%s: does not say why", a.Platform, a.ID))
		}
		if a.SameAs != "" {
			platform, id, _ := strings.Cut(a.SameAs, "/")
			from := s.find(platform, id)
			if len(from) != 1 {
				errs = append(errs, fmt.Errorf("row %s/%s: same_as %q is no row", a.Platform, a.ID, a.SameAs))
				continue
			}
			parsed.Entries = append(slices.Clone(from[0].Entries), parsed.Entries...)
			parsed.ContextWindow, parsed.MaxOutput = from[0].ContextWindow, from[0].MaxOutput
		}
		parsed.Platform = a.Platform
		s.rows = append(s.rows, &row{Row: parsed, source: byHand, note: strings.TrimSpace(l.Note), extras: l})
	}
	return errors.Join(errs...)
}

// addRates adds prices to rows that have none for the item.
func (s *state) addRates() error {
	for _, a := range s.overlay.Rates {
		l := line.Row{ID: "rates", Rates: a.Rates, Match: a.Match}
		parsed, err := l.Parse()
		if err != nil {
			return err
		}
		takes, err := newTaker(parsed.Match)
		if err != nil {
			return err
		}
		for _, r := range s.rows {
			if !slices.Contains(a.Platforms, r.Platform) || !takes(r.ID) {
				continue
			}
			changed := false
			for _, p := range parsed.Entries[0].Rates {
				changed = addPrice(r, p) || changed
			}
			if changed {
				r.note = joinNotes(r.note, a.Why)
			}
		}
	}
	return s.hourWrites()
}

// addPrice adds a price to every entry that prices something but not the item.
func addPrice(r *row, p price.Price) (changed bool) {
	r.Entries = slices.Clone(r.Entries)
	for i := range r.Entries {
		e := &r.Entries[i]
		if len(e.Rates) == 0 || e.Rates.Has(p.Item) {
			continue
		}
		e.Rates = append(slices.Clip(e.Rates), p)
		changed = true
	}
	return changed
}

func (s *state) hourWrites() error {
	h := s.overlay.HourWrites
	factor, err := money.NewFactor(h.Factor)
	if err != nil {
		return err
	}
	for _, r := range s.rows {
		if !slices.Contains(h.Platforms, r.Platform) || s.identify.vendor(r.Platform, r.ID, r.Vendor) != h.Vendor {
			continue
		}
		changed := false
		r.Entries = slices.Clone(r.Entries)
		for i := range r.Entries {
			rates := r.Entries[i].Rates
			if !rates.Has(price.Tokens(llm.CacheWrite)) || rates.Has(price.Tokens(llm.CacheWrite1h)) {
				continue
			}
			for _, p := range slices.Clone(rates) {
				if p.Item != price.Tokens(llm.Input) {
					continue
				}
				rate, err := times(p.Rate, factor)
				if err != nil {
					return fmt.Errorf("%s/%s: %w", r.Platform, r.ID, err)
				}
				rates = append(slices.Clip(rates), price.Price{Item: price.Tokens(llm.CacheWrite1h), Above: p.Above, Rate: rate})
				changed = true
			}
			r.Entries[i].Rates = rates
		}
		if changed {
			r.note = joinNotes(r.note, h.Why)
		}
	}
	return nil
}

// times multiplies a rate by a factor; a result that is no whole number of
// femto-units is an error, never rounded.
func times(r money.Rate, f money.Factor) (money.Rate, error) {
	n := r.Femto * f.Num
	if f.Num != 0 && n/f.Num != r.Femto || n%f.Den != 0 {
		return r, fmt.Errorf("%v times %d/%d is no exact rate", r, f.Num, f.Den)
	}
	return money.Rate{Femto: n / f.Den, Per: r.Per}, nil
}

func joinNotes(a, b string) string {
	b = strings.TrimSpace(b)
	if a == "" || strings.Contains(a, b) {
		return max(a, b)
	}
	return a + "; " + b
}

// newTaker makes a clause usable on its own, through a table of one row.
func newTaker(c *price.Clause) (func(id string) bool, error) {
	if c == nil {
		return func(string) bool { return true }, nil
	}
	row := price.Row{Platform: "p", ID: "\x00", Match: c, Entries: []price.Entry{{Rates: price.Rates{{Rate: money.Rate{Per: 1}}}}}}
	b, err := price.NewBook(price.Config{Layers: []price.Table{{Rows: []price.Row{row}}}})
	if err != nil {
		return nil, err
	}
	return func(id string) bool {
		m := llm.Model{Platform: "p", Name: id, ID: id, Snapshot: id}
		u := llm.Usage{Known: true}
		u.Tokens[llm.Input] = 1
		return b.Cost(&u, &m, price.Query{}).PriceID != ""
	}, nil
}
