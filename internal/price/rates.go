package price

import (
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
)

// Item is one thing that can have a price: a bucket of tokens, a unit, or the
// request itself.
type Item uint8

// The items follow each other: buckets, units, the request, and the request
// that searched the web, however often (grounding that is billed per prompt).
const (
	firstUnit        = Item(llm.NumBuckets)
	PerRequest       = firstUnit + Item(llm.NumUnits)
	PerSearchRequest = PerRequest + 1
	NumItems         = PerSearchRequest + 1
)

// Tokens is the item of a bucket.
func Tokens(b llm.Bucket) Item { return Item(b) }

// Units is the item of a unit.
func Units(u llm.Unit) Item { return firstUnit + Item(u) }

// IsTokens reports whether the item is a bucket of tokens.
func (i Item) IsTokens() bool { return i < firstUnit }

func (i Item) String() string {
	switch {
	case i < firstUnit:
		return llm.Bucket(i).String()
	case i < PerRequest:
		return llm.Unit(i - firstUnit).String()
	case i == PerRequest:
		return "requests"
	case i == PerSearchRequest:
		return "search_requests"
	}
	return "invalid"
}

// ParseItem is the inverse of String.
func ParseItem(s string) (Item, bool) {
	for i := Item(0); i < NumItems; i++ {
		if i.String() == s {
			return i, true
		}
	}
	return 0, false
}

// count is how much of the item one call used.
func (i Item) count(u *llm.Usage) int64 {
	switch {
	case i < firstUnit:
		return u.Tokens[i]
	case i < PerRequest:
		return u.Units[i-firstUnit]
	case i == PerSearchRequest:
		return min(1, max(0, u.Units[llm.WebSearches]))
	}
	return 1
}

// Price is the rate of one item for requests whose total input, cached tokens
// included, is strictly more than Above tokens; 0 is the base price and holds
// for every request. The highest threshold that is exceeded wins.
type Price struct {
	Item  Item
	Above int64
	Rate  money.Rate
}

// Rates is a price list: at most one price for each item and threshold. An
// item that is not listed has no price, which is not a price of zero.
type Rates []Price

// Set puts the base price of an item, replacing one that is there. A rate that
// is not set is ignored.
func (r *Rates) Set(i Item, rate money.Rate) { r.SetAbove(i, 0, rate) }

// SetAbove puts the price of an item above a threshold of total input tokens.
func (r *Rates) SetAbove(i Item, above int64, rate money.Rate) {
	if !rate.IsSet() {
		return
	}
	for k := range *r {
		if p := &(*r)[k]; p.Item == i && p.Above == above {
			p.Rate = rate
			return
		}
	}
	*r = append(*r, Price{i, above, rate})
}

// Get returns the base price of an item; the zero Rate where it has none.
func (r Rates) Get(i Item) money.Rate { return r.At(i, 0) }

// At returns the price of an item in a request of that total input.
func (r Rates) At(i Item, totalInput int64) money.Rate {
	var best Price
	for _, p := range r {
		if p.Item != i || (p.Above > 0 && totalInput <= p.Above) {
			continue
		}
		if !best.Rate.IsSet() || p.Above > best.Above {
			best = p
		}
	}
	return best.Rate
}

// Has reports whether the item has a price at any threshold.
func (r Rates) Has(i Item) bool {
	return slices.ContainsFunc(r, func(p Price) bool { return p.Item == i })
}

// thresholds returns the distinct thresholds, ascending, without 0.
func (r Rates) thresholds() []int64 {
	var out []int64
	for _, p := range r {
		if p.Above > 0 && !slices.Contains(out, p.Above) {
			out = append(out, p.Above)
		}
	}
	slices.Sort(out)
	return out
}
