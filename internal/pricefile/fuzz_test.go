package pricefile

import (
	"testing"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
)

// FuzzParse: whatever the file, it is refused with a reason or makes a table
// that a book can price by, to a total that is the sum of its parts.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		liteFile, "prices:\n  - {model: m, input: 1, context: [{above: 5, input: 2}], tiers: {batch: {factor: 0.5}}, geo: {us: 1.1}}\n",
		`{"p": {"id": "p", "models": {"m": {"cost": {"input": 1, "output": 2}}}}}`,
		`[{"id": "openai", "models": [{"id": "m", "match": {"starts_with": "m"}, "prices": {"input_mtok": {"base": 1, "tiers": [{"start": 5, "price": 2}]}}}]}]`,
		`{"m": {"input_cost_per_token": "1e-6", "tiered_pricing": [{"range": [0, 1]}]}}`,
		"rules:\n  - {hours: [{factor: 2, from: '01:00', to: '02:00'}]}\nprices: [{model: a}]\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Parse(data, "f")
		if err != nil {
			if len(table.Rows) != 0 {
				t.Fatalf("a refused file left %d rows", len(table.Rows))
			}
			return
		}
		book, err := price.NewBook(price.Config{Layers: []price.Table{table}})
		if err != nil {
			return // a clause or a zone that only the book can refuse
		}
		u := &llm.Usage{Known: true}
		for i := range u.Tokens {
			u.Tokens[i] = 1000
		}
		for i := range table.Rows {
			r := &table.Rows[i]
			c := book.Cost(u, &llm.Model{Platform: r.Platform, Name: r.ID}, price.Query{At: 1, Tier: "batch", Geo: "us"})
			sum := c.Total
			for _, a := range c.Components {
				sum = sum.Sub(a)
			}
			if !sum.IsZero() || c.Total.Sign() < 0 {
				t.Fatalf("row %d: total %v, parts %v", i, c.Total, c.Components)
			}
		}
	})
}
