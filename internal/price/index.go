package price

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// index finds the rows of one table.
type index struct {
	table     *Table
	exact     map[rowKey]int32   // first row of each spelling
	clauses   map[string][]claim // by platform; "" any platform
	anywhere  map[string]sole    // by spelling alone
	again     map[int32]int      // rows that repeat an id: the how-manieth
	platforms map[string]bool
	rules     []rule
}

// rowKey is an exact spelling on a platform, in lower case.
type rowKey struct{ platform, id string }

// claim is a row's clause.
type claim struct {
	row   int32
	match matcher
}

// sole is the only platform that knows a spelling, if it is the only one.
type sole struct {
	row       int32
	platform  string
	ambiguous bool
}

// rule is a Rule with its clause made ready.
type rule struct {
	*Rule
	match matcher
}

func newIndex(t *Table) (*index, error) {
	x := &index{
		table: t, exact: make(map[rowKey]int32, len(t.Rows)), clauses: map[string][]claim{},
		anywhere: make(map[string]sole, len(t.Rows)), again: map[int32]int{}, platforms: map[string]bool{},
	}
	var errs []error
	seen := make(map[rowKey]int, len(t.Rows))
	for i := range t.Rows {
		r := &t.Rows[i]
		if err := x.add(int32(i), r, seen); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t.where(r.Pos), err))
		}
	}
	return x, errors.Join(errs...)
}

func (x *index) add(i int32, r *Row, seen map[rowKey]int) error {
	if err := r.check(); err != nil {
		return err
	}
	platform, id := strings.ToLower(r.Platform), strings.ToLower(r.ID)
	x.spell(rowKey{platform, id}, i)
	for _, a := range r.Aliases {
		x.spell(rowKey{platform, strings.ToLower(a)}, i)
	}
	key := rowKey{platform, id}
	if seen[key]++; seen[key] > 1 {
		x.again[i] = seen[key]
	}
	if platform != "" {
		x.platforms[platform] = true
	}
	if r.Match == nil {
		return nil
	}
	m, err := r.Match.compile(0)
	if err != nil {
		return fmt.Errorf("%q: %w", r.ID, err)
	}
	x.clauses[platform] = append(x.clauses[platform], claim{i, m})
	return nil
}

func (x *index) spell(k rowKey, i int32) {
	if _, taken := x.exact[k]; !taken {
		x.exact[k] = i
	}
	if s, there := x.anywhere[k.id]; !there {
		x.anywhere[k.id] = sole{i, k.platform, false}
	} else if s.platform != k.platform {
		s.ambiguous = true
		x.anywhere[k.id] = s
	}
}

// find returns the row that claims the spelling on the platform: an exact
// spelling before clauses, a row of the platform before one of any.
func (x *index) find(platform, id string, clauses bool) (int32, bool) {
	for _, p := range [2]string{platform, ""} {
		if i, ok := x.exact[rowKey{p, id}]; ok {
			return i, true
		}
		if p == "" {
			break
		}
	}
	if !clauses {
		return 0, false
	}
	if i, ok := x.claimed(x.clauses[platform], id); ok {
		return i, true
	}
	if platform == "" {
		return 0, false
	}
	return x.claimed(x.clauses[""], id)
}

func (x *index) claimed(claims []claim, id string) (int32, bool) {
	for k := range claims {
		c := &claims[k]
		if !c.match.matches(id) {
			continue
		}
		// Whatever the clause says, the row's own name must not be a part of
		// another version's, and a base model is not its fine-tune.
		own := strings.ToLower(x.table.Rows[c.row].ID)
		if strings.HasPrefix(id, own) && !endsWhole(id, len(own)) && !c.match.names(id) {
			continue
		}
		if isFineTune(id) && !isFineTune(own) && !c.match.names("ft:") {
			continue
		}
		if x.table.Wary && !c.match.names(id) && x.table.Rows[c.row].anotherModel(id) {
			continue
		}
		return c.row, true
	}
	return 0, false
}

// names reports whether the clause spells the id out, or begins with it.
func (m *matcher) names(id string) bool {
	switch m.op {
	case OpEquals, OpStartsWith:
		return m.text == id || (id == "ft:" && strings.HasPrefix(m.text, id))
	case OpAny, OpAll:
		return slices.ContainsFunc(m.sub, func(s matcher) bool { return s.names(id) })
	}
	return false
}

func isFineTune(id string) bool { return strings.HasPrefix(id, "ft:") || strings.HasSuffix(id, ".ft") }

// reaches reports whether a rule of one table is meant for rows of another. A
// catalogue of the user's stands for itself unless a rule names it.
func (r *Rule) reaches(own, t *Table) bool {
	if len(r.Sources) == 0 {
		return own == t
	}
	return slices.Contains(r.Sources, t.Source)
}

// takes reports whether the rule is meant for the row.
func (r *rule) takes(row *Row) bool {
	if (r.Platform != "" && !strings.EqualFold(r.Platform, row.Platform)) || (r.Vendor != "" && !strings.EqualFold(r.Vendor, row.Vendor)) {
		return false
	}
	return r.Match == nil || r.match.matches(strings.ToLower(row.ID))
}
