package price

import (
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Receipt explains a cost: which row, why, and what each part came to.
type Receipt struct {
	Cost stamp.Cost
	// Tried are the spellings that were looked up, the most specific first.
	Tried []string
	// Row is the row that the price is of; nil where none was found.
	Row *Row
	// Source, Version and File are those of the row's table.
	Source, Version, File string
	// From and To bound the dated entry; zero is open.
	From, To time.Time
	// Variant is the service tier or the like whose prices apply, "" standard.
	Variant string
	// Above is the context threshold that the request exceeded, 0 none.
	Above    int64
	Contract string
	Lines    []Line
}

// Line is one item of a receipt.
type Line struct {
	Item      Item
	Component stamp.Component
	Count     int64
	// Rate and Factor are what one costs; Rate is not set where nothing prices
	// the item.
	Rate   money.Rate
	Factor money.Factor
	// From is the item whose price it is: another one where this has none.
	From Item
	// Amount is the line rounded by itself; components round their sum once, so
	// lines may differ from them by less than a pico-unit each.
	Amount money.Amount
	// Covered lines are charged by another line: seconds of audio that has tokens.
	Covered bool
}

// Surcharge is the item of a router's fee on all input tokens of a receipt.
const Surcharge = surcharge

// Explain is Cost with its reasons. It is made for people, not for every span.
func (b *Book) Explain(u *llm.Usage, m *llm.Model, q Query) Receipt {
	out := Receipt{Cost: b.Cost(u, m, q)}
	for _, w := range spellings(m) {
		out.Tried = append(out.Tried, w.id)
	}
	out.Tried = slices.Compact(out.Tried)
	r := b.resolve(m)
	s, t := r.price(u, &q)
	if s == nil {
		return out
	}
	table := s.plan.x.table
	out.Row, out.Source, out.Version, out.File = s.plan.row, table.Source, table.Version, table.File
	out.From, out.To, out.Above = s.entry.When.From, s.entry.When.To, t.band.above
	if s.variant != nil {
		out.Variant = s.variant.name
	}
	if s.contract != nil {
		out.Contract = s.contract.Name
	}
	out.Lines = t.band.receipt(u)
	return out
}

// receipt lists every item that was used, charged or not.
func (b *band) receipt(u *llm.Usage) []Line {
	var out []Line
	skip := b.covered(u)
	for i := range b.lines {
		item, l := Item(i), &b.lines[i]
		n := item.count(u)
		if item == surcharge {
			n = u.TotalInput()
		}
		if n == 0 || (!l.set && item >= PerRequest) {
			continue
		}
		line := Line{Item: item, Component: l.comp, Count: n, From: l.from, Covered: skip.has(item)}
		if l.set {
			line.Rate, line.Factor = l.rate, l.factor
		}
		if l.set && !line.Covered {
			line.Amount, _ = l.rate.Cost(n, l.factor)
		}
		out = append(out, line)
	}
	return out
}

// Found is what the book knows about a model besides its price.
type Found struct {
	// Row is the first row that claims the model; nil none.
	Row             *Row
	Source, Version string
}

// Find returns the row of a model, whatever the time.
func (b *Book) Find(m *llm.Model) Found {
	r := b.resolve(m)
	if len(r.rows) == 0 {
		return Found{}
	}
	p := r.rows[0]
	return Found{p.row, p.x.table.Source, p.x.table.Version}
}

// Rows returns the row that each table has of a model on its own platform, by
// precedence, whether it prices it or not: what catalogues say of the model
// besides its price.
func (b *Book) Rows(m *llm.Model) (out []Found) {
	words, platform := spellings(m), strings.ToLower(m.Platform)
	for _, x := range b.tables {
		for _, w := range words {
			if i, ok := x.find(platform, w.id, !w.raw); ok {
				out = append(out, Found{&x.table.Rows[i], x.table.Source, x.table.Version})
				break
			}
		}
	}
	return out
}

// Repriced compares what a call was booked at with what it would cost by all
// that is known later.
type Repriced struct {
	Booked, Later stamp.Cost
	// Delta is Later less Booked; it stands (OK) where both have a total in one
	// currency.
	Delta money.Amount
	OK    bool
}

// Reprice prices a call as it was booked, at q.Now, and as it would be booked
// at asOf (Unix nanoseconds; 0: with everything that is known). Terms that
// were recorded in between make the difference; the books keep the first.
func (b *Book) Reprice(u *llm.Usage, m *llm.Model, q Query, asOf int64) Repriced {
	out := Repriced{Booked: b.Cost(u, m, q)}
	q.Now = asOf
	out.Later = b.Cost(u, m, q)
	if out.Booked.Status.HasCost() && out.Later.Status.HasCost() && out.Booked.Currency == out.Later.Currency {
		out.Delta, out.OK = out.Later.Total.Sub(out.Booked.Total), true
	}
	return out
}
