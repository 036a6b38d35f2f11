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
			subtractRow(r, was)
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

func subtractRow(r, was *rollup.Row) {
	subtractCounts(r.Calls[:], was.Calls[:])
	subtractCounts(r.CallsFailed[:], was.CallsFailed[:])
	subtractCounts(r.Attempts[:], was.Attempts[:])
	subtractCounts(r.AttemptsFailed[:], was.AttemptsFailed[:])
	subtractCounts(r.Statuses[:], was.Statuses[:])
	subtractCounts(r.Tokens[:], was.Tokens[:])
	for i := range r.Cost {
		r.Cost[i] = r.Cost[i].Sub(was.Cost[i])
	}
	r.CostAtLeast = r.CostAtLeast.Sub(was.CostAtLeast)
	r.Naive = r.Naive.Sub(was.Naive)
	r.Extrapolated.Calls -= was.Extrapolated.Calls
	r.Extrapolated.Cost = r.Extrapolated.Cost.Sub(was.Extrapolated.Cost)
	r.Late -= was.Late
	r.Duration = subtractHistogram(&r.Duration, &was.Duration)
	r.FirstChunk = subtractHistogram(&r.FirstChunk, &was.FirstChunk)
	r.TimePerOutputToken = subtractHistogram(&r.TimePerOutputToken, &was.TimePerOutputToken)
}

func subtractCounts(n, was []int64) {
	for i := range n {
		n[i] -= was[i]
	}
}

func subtractHistogram(h, was *rollup.Histogram) rollup.Histogram {
	d := rollup.Histogram{Bounds: h.Bounds, Counts: slices.Clone(h.Counts), Sum: h.Sum - was.Sum, Count: h.Count - was.Count}
	for i, n := range was.Counts {
		if i < len(d.Counts) {
			d.Counts[i] -= n
		}
	}
	if d.Exponential = h.Exponential; d.Exponential != nil && was.Exponential != nil {
		since := h.Exponential.Since(was.Exponential)
		d.Exponential = &since
	}
	return d
}

func compareRows(a, b *rollup.Row) int {
	return cmp.Or(cmp.Compare(a.Route, b.Route), slices.Compare(a.Dims, b.Dims), cmp.Compare(a.Currency, b.Currency), compareBool(a.Overflow, b.Overflow))
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
