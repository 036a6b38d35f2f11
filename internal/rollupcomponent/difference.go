package rollupcomponent

import (
	"cmp"
	"slices"

	"github.com/spanledger/spanledger/internal/rollup"
)

// difference is what happened between two snapshots of one ledger: counters
// of the later less those of the earlier, exact, states of the later. A nil
// base is the ledger's start. Both are left as they are.
func difference(base, snap *rollup.Snapshot) *rollup.Snapshot {
	if base == nil {
		return snap
	}
	d := *snap
	d.Rows = subtract(base.Rows, snap.Rows, compareRows, func(r, was *rollup.Row) {
		if !r.Start.After(base.At) { // else it ended in between and began anew
			*r = r.Less(was)
		}
	})
	d.Latency = subtract(base.Latency, snap.Latency, compareLatency, func(r, was *rollup.LatencyRow) {
		if !r.Start.After(base.At) {
			*r = r.Less(was)
		}
	})
	d.Providers = subtract(base.Providers, snap.Providers, compareProviders, func(r, was *rollup.ProviderRow) {
		if !r.Start.After(base.At) {
			*r = r.Less(was)
		}
	})
	d.Components = subtract(base.Components, snap.Components, compareComponents, func(c, was *rollup.ComponentRow) {
		c.Cost = c.Cost.Sub(was.Cost)
	})
	d.Prices = pricesSince(base.Prices, snap.Prices)
	d.Unpriced = subtract(base.Unpriced, snap.Unpriced, compareUnpriced, func(u, was *rollup.UnpricedRow) {
		u.Calls -= was.Calls
		u.Tokens -= was.Tokens
	})
	d.SLOs = subtract(base.SLOs, snap.SLOs, compareSLOs, func(s, was *rollup.SLORow) {
		if s.Start.After(base.At) {
			return
		}
		s.Good, s.Bad, s.Excluded = s.Good-was.Good, s.Bad-was.Bad, s.Excluded-was.Excluded
		subtractCounts(s.BadBy[:], was.BadBy[:])
		subtractCounts(s.ExcludedBy[:], was.ExcludedBy[:])
	})
	d.Self.UndetectableRetries -= base.Self.UndetectableRetries
	return &d
}

// subtract walks two lists sorted by compare and takes the earlier values off
// the later ones; a row that is new keeps its own.
func subtract[T any](base, now []T, compare func(a, b *T) int, take func(row, was *T)) []T {
	out := sortedClone(now, compare)
	if !slices.IsSortedFunc(base, byValue(compare)) {
		base = sortedClone(base, compare)
	}
	i := 0
	for j := range out {
		for i < len(base) && compare(&base[i], &out[j]) < 0 {
			i++
		}
		if i < len(base) && compare(&base[i], &out[j]) == 0 {
			take(&out[j], &base[i])
		}
	}
	return out
}

func sortedClone[T any](list []T, compare func(a, b *T) int) []T {
	out := slices.Clone(list)
	slices.SortStableFunc(out, byValue(compare))
	return out
}

func byValue[T any](compare func(a, b *T) int) func(a, b T) int {
	return func(a, b T) int { return compare(&a, &b) }
}

func subtractCounts(n, was []int64) {
	for i := range n {
		n[i] -= was[i]
	}
}

func compareRows(a, b *rollup.Row) int {
	return cmp.Or(cmp.Compare(a.Route, b.Route), slices.Compare(a.Dims, b.Dims), cmp.Compare(a.Currency, b.Currency), compareBool(a.Overflow, b.Overflow))
}

func compareLatency(a, b *rollup.LatencyRow) int {
	return cmp.Or(cmp.Compare(a.Route, b.Route), cmp.Compare(a.Model, b.Model))
}

func compareProviders(a, b *rollup.ProviderRow) int {
	return cmp.Or(cmp.Compare(a.Vendor, b.Vendor), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Model, b.Model), compareBool(a.Overflow, b.Overflow))
}

func compareComponents(a, b *rollup.ComponentRow) int {
	return cmp.Or(cmp.Compare(a.Vendor, b.Vendor), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Model, b.Model),
		cmp.Compare(a.Component, b.Component), cmp.Compare(a.Currency, b.Currency))
}

func compareUnpriced(a, b *rollup.UnpricedRow) int {
	return cmp.Or(cmp.Compare(a.Vendor, b.Vendor), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Reason, b.Reason))
}

func compareSLOs(a, b *rollup.SLORow) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Route, b.Route))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
