package price

import (
	"strconv"
	"strings"
	"time"
)

// plan is a row made ready for pricing, with the rules that reach it.
type plan struct {
	x        *index
	row      *Row
	id       string // of the row in price ids, without the entry
	currency string
	entries  []entry
	variants []variant
	uplifts  []uplift
	lent     bool // borrowed from a lender: no variants, no uplifts
}

type entry struct {
	*Entry
	when     period
	recorded int64
	priceID  string
}

type variant struct {
	*Variant
	name string
	when period
	cond []condition
}

type uplift struct {
	*Uplift
	when period
	cond []condition
}

// condition is a Condition in lower case.
type condition struct {
	param Param
	anyOf []string
}

// maxUplifts is what the mask of a sheet can tell apart.
const maxUplifts = 32

// plan makes row i ready. The row has passed check, so nothing can fail.
func (x *index) plan(i int32, lent bool) *plan {
	r := &x.table.Rows[i]
	p := &plan{x: x, row: r, lent: lent, id: x.rowID(i, r)}
	p.currency, _ = currency(r.Currency)
	for k := range r.Entries {
		e := entry{Entry: &r.Entries[k], recorded: minTime, priceID: p.id}
		e.when, _ = e.When.compile()
		if !e.RecordedAt.IsZero() {
			e.recorded = e.RecordedAt.UnixNano()
		}
		if len(r.Entries) > 1 || !e.when.always() {
			e.priceID += "#" + strconv.Itoa(k+1)
			if !e.When.From.IsZero() {
				e.priceID += "@" + e.When.From.UTC().Format(time.DateOnly)
			}
		}
		p.entries = append(p.entries, e)
	}
	if lent {
		return p
	}
	// A rule's variant goes before the row's own, which is the later and wins.
	for k := range x.rules {
		if x.rules[k].takes(r) {
			p.addRule(x.rules[k].Rule)
		}
	}
	p.add(r.Variants, r.Uplifts)
	return p
}

func (p *plan) addRule(r *Rule) {
	for i := range r.Uplifts {
		if u := &r.Uplifts[i]; !p.row.hasUplift(u.Name) {
			p.addUplift(u)
		}
	}
	p.add(r.Variants, nil)
}

func (r *Row) hasUplift(name string) bool {
	for i := range r.Uplifts {
		if r.Uplifts[i].Name == name {
			return true
		}
	}
	return false
}

func (p *plan) add(variants []Variant, uplifts []Uplift) {
	for i := range variants {
		v := variant{Variant: &variants[i], name: variants[i].Name, cond: conditions(variants[i].If)}
		v.when, _ = v.When.compile()
		if v.name == "" {
			v.name = nameOf(v.cond)
		}
		p.variants = append(p.variants, v)
	}
	for i := range uplifts {
		p.addUplift(&uplifts[i])
	}
}

func (p *plan) addUplift(u *Uplift) {
	if len(p.uplifts) < maxUplifts {
		c := uplift{Uplift: u, cond: conditions(u.If)}
		c.when, _ = u.When.compile()
		p.uplifts = append(p.uplifts, c)
	}
}

func conditions(in []Condition) []condition {
	out := make([]condition, len(in))
	for i, c := range in {
		out[i].param = c.Param
		for _, v := range c.AnyOf {
			v = strings.ToLower(v)
			if c.Param == ParamTier {
				v = normTier(v)
			}
			out[i].anyOf = append(out[i].anyOf, v)
		}
	}
	return out
}

// nameOf makes a modifier of conditions: "batch", "geo:us", "batch+geo:us".
func nameOf(cond []condition) string {
	var parts []string
	for _, c := range cond {
		word := strings.Join(c.anyOf, "|")
		switch c.param {
		case ParamGeo:
			word = "geo:" + word
		case ParamRegion:
			word = "region:" + word
		case ParamQuality:
			word = "quality:" + word
		}
		parts = append(parts, word)
	}
	return strings.Join(parts, "+")
}

// covers reports whether some entry holds at every time and was always known,
// so that no further row can be needed.
func (p *plan) covers() bool {
	for i := range p.entries {
		if e := &p.entries[i]; e.when.always() && e.recorded == minTime {
			return true
		}
	}
	return false
}

// rowID names the row and the version of the catalogue that it stands in.
func (x *index) rowID(i int32, r *Row) string {
	id := x.table.Source
	if x.table.Version != "" {
		id += "@" + x.table.Version
	}
	id += ":"
	if r.Platform != "" {
		id += r.Platform + "/"
	}
	id += r.ID
	if n := x.again[i]; n > 1 {
		id += "~" + strconv.Itoa(n)
	}
	return id
}
