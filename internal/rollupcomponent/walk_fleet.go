package rollupcomponent

import (
	"cmp"
	"slices"
	"time"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/stamp"
)

// retirements says when models in use are retired, one series for each route
// and model: the earliest date of its versions, and how far it has come.
func (w *walker) retirements(f Fleet) {
	type dated struct {
		route, vendor, model string
		at                   time.Time
		life                 stamp.Lifecycle
	}
	var list []dated
	for i := range f.Entries {
		e := &f.Entries[i]
		at, ok := retirementOf(e)
		if e.Item.Aspect == fleet.AspectModel && ok {
			list = append(list, dated{e.Route, e.Item.Maker, e.Item.Name, at, lifecycleOf(e, w.snap.At)})
		}
	}
	slices.SortFunc(list, func(a, b dated) int {
		return cmp.Or(cmp.Compare(a.route, b.route), cmp.Compare(a.vendor, b.vendor), cmp.Compare(a.model, b.model), a.at.Compare(b.at), -cmp.Compare(a.life, b.life))
	})
	w.begin(mRetirement)
	for i, d := range list {
		if i > 0 && list[i-1].route == d.route && list[i-1].vendor == d.vendor && list[i-1].model == d.model {
			continue
		}
		w.number(float64(d.at.Unix()), d.route, d.vendor, d.model, d.life.String())
	}
}
