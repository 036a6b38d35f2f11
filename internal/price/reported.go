package price

import (
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Reported makes a receipt out of the billing provider's own figure: it is the
// total, and what the book made of the call stands beside it as List. Where the
// two differ nobody knows which component differs, so the whole figure is one
// component, "other"; where they agree our components stand.
func Reported(c stamp.Cost, amount money.Amount, currency string) stamp.Cost {
	if c.Status == stamp.StatusPriced && c.Currency == currency {
		c.List, c.HasList = c.Total, true
	} else {
		c.List, c.HasList, c.PriceID = money.Amount{}, false, ""
	}
	if !c.HasList || c.Total != amount {
		c.Components = [stamp.NumComponents]money.Amount{stamp.CompOther: amount}
	}
	c.Status, c.Currency = stamp.StatusReported, currency
	c.Total, c.Reported, c.HasReported = amount, amount, true
	c.AtLeast = money.Amount{}
	return c
}

// IsBill reports whether a provider's figure can be what a call was billed. A
// figure of nothing for a call that has a price is none: counters that nobody
// set read zero, and so does the fee of a gateway that leaves the bill to the
// owner of another key (reference pricing 3.3, 3.12). A free call is free by
// the list too.
func IsBill(c *stamp.Cost, amount money.Amount) bool {
	return !amount.IsZero() || c.Total.IsZero() && c.AtLeast.IsZero()
}
