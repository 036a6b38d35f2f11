package line

import (
	"errors"

	"github.com/spanledger/spanledger/internal/price"
)

func formatClause(c price.Clause) (out Clause) {
	switch c.Op {
	case price.OpEquals:
		out.Equals = c.Text
	case price.OpStartsWith:
		out.StartsWith = c.Text
	case price.OpEndsWith:
		out.EndsWith = c.Text
	case price.OpContains:
		out.Contains = c.Text
	case price.OpRegex:
		out.Regex = c.Text
	case price.OpAny:
		out.Any = formatClauses(c.Sub)
	case price.OpAll:
		out.All = formatClauses(c.Sub)
	case price.OpNot:
		not := formatClause(c.Sub[0])
		out.Not = &not
	}
	return out
}

func formatClauses(list []price.Clause) []Clause {
	out := make([]Clause, 0, len(list))
	for _, c := range list {
		out = append(out, formatClause(c))
	}
	return out
}

// Parse makes the clause that is written.
func (c *Clause) Parse() (price.Clause, error) {
	var out []price.Clause
	for _, l := range []struct {
		op   price.Op
		text string
	}{
		{price.OpEquals, c.Equals},
		{price.OpStartsWith, c.StartsWith},
		{price.OpEndsWith, c.EndsWith},
		{price.OpContains, c.Contains},
		{price.OpRegex, c.Regex},
	} {
		if l.text != "" {
			out = append(out, price.Clause{Op: l.op, Text: l.text})
		}
	}
	for _, l := range []struct {
		op  price.Op
		sub []Clause
	}{{price.OpAny, c.Any}, {price.OpAll, c.All}} {
		if len(l.sub) == 0 {
			continue
		}
		sub, err := parseClauses(l.sub)
		if err != nil {
			return price.Clause{}, err
		}
		out = append(out, price.Clause{Op: l.op, Sub: sub})
	}
	if c.Not != nil {
		not, err := c.Not.Parse()
		if err != nil {
			return price.Clause{}, err
		}
		out = append(out, price.Not(not))
	}
	if len(out) != 1 {
		return price.Clause{}, errors.New("a match clause has exactly one key")
	}
	return out[0], nil
}

func parseClauses(list []Clause) ([]price.Clause, error) {
	out := make([]price.Clause, 0, len(list))
	for i := range list {
		c, err := list[i].Parse()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}
