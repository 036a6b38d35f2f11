package pricefile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/price"
)

// units reads prices of single things; media go by the second.
func (f *pricesFile) units(rates *price.Rates, n *yaml.Node) {
	readers := map[string]func(key, value *yaml.Node){}
	for i := price.Units(0); i < price.NumItems; i++ {
		name, per := i.String(), int64(1)
		if media, ok := strings.CutSuffix(name, "_ms"); ok {
			name, per = media+"_seconds", 1000
		}
		readers[name] = func(key, value *yaml.Node) {
			if r, ok := f.rate(key, value, per); ok {
				rates.Set(i, r)
			}
		}
	}
	f.d.fields(n, "units", readers)
}

// context reads the prices above thresholds of total input.
func (f *pricesFile) context(rates *price.Rates, n *yaml.Node) {
	f.d.list(n, "context", func(item *yaml.Node) {
		var above int64
		var tier price.Rates
		readers := map[string]func(key, value *yaml.Node){"above": f.d.whole(&above)}
		f.tokens(readers, &tier, 0)
		f.d.fields(item, "a context tier", readers)
		if above == 0 {
			f.d.failLine(item.Line, "a context tier needs above: a number of tokens")
			return
		}
		for _, p := range tier {
			rates.SetAbove(p.Item, above, p.Rate)
		}
	})
}

// tiers reads service tiers: prices of their own, or a factor.
func (f *pricesFile) tiers(o *offer, n *yaml.Node) {
	f.d.fields(n, "tiers", map[string]func(key, value *yaml.Node){"*": func(key, value *yaml.Node) {
		v := price.Variant{If: []price.Condition{price.Tier(key.Value)}}
		readers := map[string]func(key, value *yaml.Node){
			"factor": f.d.multiplier(&v.Factor), "flat": f.d.truth(&v.Flat),
			"units":   func(_, value *yaml.Node) { f.units(&v.Rates, value) },
			"context": func(_, value *yaml.Node) { f.context(&v.Rates, value) },
		}
		f.tokens(readers, &v.Rates, 0)
		f.d.fields(value, "tier "+key.Value, readers)
		o.variants = append(o.variants, v)
	}})
}

func (f *pricesFile) geo(o *offer, n *yaml.Node) {
	f.d.fields(n, "geo", map[string]func(key, value *yaml.Node){"*": func(key, value *yaml.Node) {
		u := price.Uplift{Name: "geo:" + key.Value, If: []price.Condition{price.Geo(key.Value)}}
		f.d.multiplier(&u.Factor)(key, value)
		o.uplifts = append(o.uplifts, u)
	}})
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// hours reads a factor for times of the week.
func (f *pricesFile) hours(o *offer, n *yaml.Node) {
	var s price.Schedule
	var w price.Window
	var days []string
	u := price.Uplift{Name: "hours"}
	clockAt := func(into *int) func(key, value *yaml.Node) {
		return func(key, value *yaml.Node) {
			text, ok := f.d.scalar(key, value)
			sec, valid := clock(text)
			if *into = sec; ok && !valid {
				f.d.failLine(value.Line, "%s: %q is no time like 16:30", key.Value, text)
			}
		}
	}
	f.d.fields(n, "hours", map[string]func(key, value *yaml.Node){
		"name": f.d.text(&u.Name), "zone": f.d.text(&s.Zone), "outside": f.d.truth(&s.Outside), "factor": f.d.multiplier(&u.Factor),
		"days": f.d.words(&days), "from": clockAt(&w.From), "to": clockAt(&w.To),
	})
	for _, day := range days {
		i := slices.IndexFunc(weekdays, func(name string) bool { return len(day) >= 3 && strings.HasPrefix(name, strings.ToLower(day)) })
		if i < 0 {
			f.d.failLine(n.Line, "days: %q is no day of the week", day)
			continue
		}
		w.Days |= 1 << i
	}
	s.Windows = []price.Window{w}
	u.When.Schedule = &s
	o.uplifts = append(o.uplifts, u)
}

// rule reads tiers and uplifts for many rows.
func (f *pricesFile) rule(n *yaml.Node) {
	var o offer
	r := price.Rule{Pos: price.Pos{Line: n.Line, Column: n.Column}}
	readers := f.offerFields(&o)
	for key, read := range map[string]func(key, value *yaml.Node){
		"platform": f.d.text(&r.Platform), "vendor": f.d.text(&r.Vendor), "sources": f.d.words(&r.Sources),
		"match": func(_, value *yaml.Node) { c := f.clause(value, 0); r.Match = &c },
	} {
		readers[key] = read
	}
	f.d.fields(n, "a rule", readers)
	if r.Platform != "" {
		r.Platform = price.Platform(r.Platform)
	}
	r.Variants, r.Uplifts = o.variants, o.uplifts
	f.rules = append(f.rules, r)
}

// clause reads a condition on ids: one of equals, starts_with, ends_with,
// contains and regex with a text, any and all with a list, not with a clause.
func (f *pricesFile) clause(n *yaml.Node, depth int) (c price.Clause) {
	if depth > maxClauses {
		f.d.failLine(n.Line, "clauses are nested more than %d deep", maxClauses)
		return price.Equals("-")
	}
	leaf := func(build func(string) price.Clause) func(key, value *yaml.Node) {
		return func(key, value *yaml.Node) {
			if s, ok := f.d.scalar(key, value); ok {
				c = build(s)
			}
		}
	}
	branch := func(build func(...price.Clause) price.Clause) func(key, value *yaml.Node) {
		return func(key, value *yaml.Node) {
			var sub []price.Clause
			f.d.list(value, key.Value, func(item *yaml.Node) { sub = append(sub, f.clause(item, depth+1)) })
			c = build(sub...)
		}
	}
	f.d.fields(n, "a clause", map[string]func(key, value *yaml.Node){
		"equals": leaf(price.Equals), "starts_with": leaf(price.StartsWith), "ends_with": leaf(price.EndsWith),
		"contains": leaf(price.Contains), "regex": leaf(price.Regex),
		"any": branch(price.Any), "all": branch(price.All),
		"not": func(_, value *yaml.Node) { c = price.Not(f.clause(value, depth+1)) },
	})
	if n.Kind == yaml.MappingNode && len(n.Content) != 2 {
		f.d.failLine(n.Line, "a clause has exactly one key")
	}
	return c
}

const maxClauses = 16
