package rollupcomponent

import (
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// coverage counts billable calls by whether their cost is known.
type coverage struct{ known, unknown int64 }

func (c *coverage) add(by *[stamp.NumStatuses]int64) {
	for s, n := range by {
		switch stamp.Status(s) {
		case stamp.StatusPriced, stamp.StatusReported:
			c.known += n
		case stamp.StatusPartial, stamp.StatusUnpricedModel, stamp.StatusNoUsage:
			c.unknown += n
		}
	}
}

// share is the covered share; it is not ok where there was nothing to cover.
func (c coverage) share() (float64, bool) {
	if c.known+c.unknown == 0 {
		return 0, false
	}
	return float64(c.known) / float64(c.known+c.unknown), true
}

// tiers folds the window pairs of one tier: a tier is active while any of its
// pairs is, and shows the pair that burns hottest against its factor.
func tiers(s *rollup.SLORow) []slo.Alert {
	var out []slo.Alert
	for _, a := range s.Status.Alerts {
		i := 0
		for i < len(out) && out[i].Tier != a.Tier {
			i++
		}
		if i == len(out) {
			out = append(out, a)
			continue
		}
		t := &out[i]
		hotter := t.Factor > 0 && a.Factor > 0 && a.Burn/a.Factor > t.Burn/t.Factor
		if (a.Active && !t.Active) || (a.Active == t.Active && hotter) {
			*t = a
		}
	}
	return out
}
