package pricefile

import (
	"regexp"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
)

// genaiMatch puts a clause on a row: plain spellings become aliases, which a
// book looks up at once, everything else stays a clause.
func (d *document) genaiMatch(n *node, row *price.Row) {
	clause, ok := d.genaiClause(row.ID, n)
	if !ok {
		return
	}
	var open, rest []price.Clause
	for _, c := range alternatives(clause) {
		switch {
		case c.Op == price.OpEquals:
			if !strings.EqualFold(c.Text, row.ID) {
				row.Aliases = append(row.Aliases, c.Text)
			}
		case isOpen(c):
			open = append(open, c)
		default:
			rest = append(rest, c)
		}
	}
	if len(open) > 0 {
		rest = append([]price.Clause{price.All(oneOf(open), price.Not(price.Regex(tierTail.String())))}, rest...)
	}
	if len(rest) > 0 {
		one := oneOf(rest)
		row.Match = &one
	}
}

func oneOf(list []price.Clause) price.Clause {
	if len(list) == 1 {
		return list[0]
	}
	return price.Any(list...)
}

// tierTail ends an id that names a service tier, or something that begins like
// one: it has prices of its own.
var tierTail = regexp.MustCompile(`[:-](batch|flex|priority|fast|ultrafast)[a-z]*$`)

// isOpen reports whether a literal leaves open how the id goes on. It must not
// go on with a service tier ("claude-opus-4-7" is not the price of its fast
// mode), unless the literal means one.
func isOpen(c price.Clause) bool {
	return (c.Op == price.OpStartsWith || c.Op == price.OpContains) && !tierTail.MatchString(c.Text)
}

// alternatives flattens nested ors.
func alternatives(c price.Clause) []price.Clause {
	if c.Op != price.OpAny {
		return []price.Clause{c}
	}
	var out []price.Clause
	for _, sub := range c.Sub {
		out = append(out, alternatives(sub)...)
	}
	return out
}

var genaiLiterals = map[string]price.Op{
	"equals": price.OpEquals, "starts_with": price.OpStartsWith, "ends_with": price.OpEndsWith, "contains": price.OpContains,
}

func (d *document) genaiClause(id string, n *node) (price.Clause, bool) {
	if !n.isObject() || len(n.members) != 1 {
		d.fail(n.offset, "model %q: a match clause is an object with one key", id)
		return price.Clause{}, false
	}
	m := n.members[0]
	if op, ok := genaiLiterals[m.key]; ok {
		if m.value.str() == "" {
			d.fail(m.offset, "model %q: %s needs a text", id, m.key)
			return price.Clause{}, false
		}
		return price.Clause{Op: op, Text: m.value.text}, true
	}
	switch m.key {
	case "regex":
		return d.genaiRegex(id, m)
	case "or", "and":
		return d.genaiClauses(id, m)
	}
	d.fail(m.offset, "model %q: %q is no match clause", id, m.key)
	return price.Clause{}, false
}

func (d *document) genaiClauses(id string, m member) (price.Clause, bool) {
	if m.value.kind != kindArray || len(m.value.items) == 0 {
		d.fail(m.offset, "model %q: %s needs a list of clauses", id, m.key)
		return price.Clause{}, false
	}
	var subs []price.Clause
	for _, item := range m.value.items {
		if c, ok := d.genaiClause(id, item); ok {
			subs = append(subs, c)
		}
	}
	switch {
	case len(subs) != len(m.value.items):
		return price.Clause{}, false
	case m.key == "and":
		return price.All(subs...), true
	}
	return price.Any(subs...), true
}

// genaiRegex reads an expression in the syntax of Python and JavaScript. The
// one thing of it that is used and that RE2 lacks, a negative look-ahead at
// the very start, is "all but what matches": ^(?!A)B is B and not A.
func (d *document) genaiRegex(id string, m member) (price.Clause, bool) {
	expr := m.value.str()
	out := price.Regex(expr)
	if body, rest, ok := leadingLookahead(expr); ok {
		not := price.Not(price.Regex("^(?:" + body + ")"))
		if out = not; rest != "" {
			out = price.All(not, price.Regex("^(?:"+rest+")"))
		}
	}
	for _, c := range flatten(out) {
		if _, err := regexp.Compile(c.Text); c.Op == price.OpRegex && err != nil {
			d.fail(m.offset, "model %q: %v (expressions are RE2; a negative look-ahead is understood only at the start)", id, err)
			return price.Clause{}, false
		}
	}
	return out, true
}

// leadingLookahead splits ^(?!body)rest.
func leadingLookahead(expr string) (body, rest string, ok bool) {
	after, ok := strings.CutPrefix(expr, "^(?!")
	if !ok {
		return "", "", false
	}
	depth, class := 1, false
	for i := 0; i < len(after); i++ {
		switch c := after[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return after[:i], after[i+1:], true
			}
		}
	}
	return "", "", false
}

func flatten(c price.Clause) []price.Clause {
	out := []price.Clause{c}
	for _, sub := range c.Sub {
		out = append(out, flatten(sub)...)
	}
	return out
}

// genaiParams are the parameters of v3's `when`. Any other one holds never.
var genaiParams = map[string]price.Param{
	"service_tier": price.ParamTier, "speed": price.ParamTier, "inference_geo": price.ParamGeo,
}

// genaiVariants reads v3's price variants. What a `when` says that we do not
// understand is kept as a condition that never holds.
func (d *document) genaiVariants(id string, list *node, standard []price.Entry) []price.Variant {
	if list.kind != kindArray {
		d.fail(list.offset, "model %q: price_variants must be a list, not a %s", id, list.kind)
		return nil
	}
	var out []price.Variant
	for _, n := range list.items {
		if !n.isObject() || n.get("prices") == nil {
			d.fail(n.offset, "model %q: a price variant needs prices", id)
			continue
		}
		v := price.Variant{
			If: genaiWhen(n.get("when")), When: d.genaiConstraint(id, n.get("constraint")), Rates: d.genaiRates(id, n.get("prices")),
		}
		if cachedAlone(v.Rates, standard) {
			d.fail(n.offset, "model %q: the variant prices cached input but nothing prices input", id)
			continue
		}
		out = append(out, v)
	}
	return out
}

// genaiWhen turns a `when` into conditions; nothing usable is one that never holds.
func genaiWhen(n *node) []price.Condition {
	never := []price.Condition{{Param: price.ParamUnknown}}
	if !n.isObject() || len(n.members) == 0 {
		return never
	}
	var out []price.Condition
	for _, m := range n.members {
		param, ok := genaiParams[m.key]
		values, text := genaiValues(m.value)
		if !ok || !text {
			return never
		}
		out = append(out, price.Condition{Param: param, AnyOf: values})
	}
	return out
}

// genaiValues are the values that a `when` waits for. "auto" and "default" are
// requests for whatever the provider chooses, never a tier that served.
func genaiValues(n *node) (values []string, ok bool) {
	items := n.items
	if n.kind == kindString {
		items = []*node{n}
	}
	for _, item := range items {
		if item.kind != kindString {
			return nil, false
		}
		if v := strings.ToLower(item.text); v != "auto" && v != "default" {
			values = append(values, item.text)
		}
	}
	return values, len(values) > 0
}

// cachedAlone reports whether a variant leaves cached tokens priced in a price
// list that has no price for input.
func cachedAlone(r price.Rates, standard []price.Entry) bool {
	input := price.Tokens(llm.Input)
	if r.Has(input) || (!r.Has(price.Tokens(llm.CacheRead)) && !r.Has(price.Tokens(llm.CacheWrite)) && !r.Has(price.Tokens(llm.CacheWrite1h))) {
		return false
	}
	for _, e := range standard {
		if e.Rates.Has(input) {
			return false
		}
	}
	return true
}
