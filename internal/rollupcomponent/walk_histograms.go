package rollupcomponent

import (
	"cmp"
	"slices"
	"time"

	"github.com/spanledger/spanledger/internal/rollup"
)

// histogramsOf are the histograms of a row, in the order of the catalogue.
var histogramsOf = []struct {
	metric *metric
	of     func(*rollup.Row) *rollup.Histogram
}{
	{mDuration, func(r *rollup.Row) *rollup.Histogram { return &r.Duration }},
	{mFirstChunk, func(r *rollup.Row) *rollup.Histogram { return &r.FirstChunk }},
	{mPerToken, func(r *rollup.Row) *rollup.Histogram { return &r.TimePerOutputToken }},
}

// exponentials are the same metrics in exponential buckets: under the same
// names where they stand alone, else under names of their own, since one name
// has one type.
var exponentials = func() (byKind map[string][]*metric) {
	byKind = map[string][]*metric{}
	for _, h := range histogramsOf {
		alone := *h.metric
		alone.explicit = h.metric
		alone.kind = exponential
		beside := alone
		beside.name += ".exponential"
		byKind[HistogramExponential] = append(byKind[HistogramExponential], &alone)
		byKind[HistogramBoth] = append(byKind[HistogramBoth], &beside)
	}
	return byKind
}()

// histograms folds the rows of each route by model: that is all the detail
// that latency is published in.
func (w *walker) histograms(which string) {
	for i, h := range histogramsOf {
		if which != HistogramExponential {
			w.begin(h.metric)
			for route := range routesOf(w.snap) {
				w.routeHistograms(route, h.of)
			}
		}
		if list := exponentials[which]; list != nil {
			w.begin(list[i])
			for route := range routesOf(w.snap) {
				w.routeHistograms(route, h.of)
			}
		}
	}
}

func (w *walker) routeHistograms(rows []rollup.Row, of func(*rollup.Row) *rollup.Histogram) {
	type byModel struct {
		model string
		hist  rollup.Histogram
		parts []*rollup.Exponential
		slow  *rollup.Exemplar
		start time.Time // of its oldest row
	}
	var folded []byModel
	for i := range rows {
		h := of(&rows[i])
		if h.Count == 0 || (w.p.metric.kind == exponential && h.Exponential == nil) {
			continue
		}
		model := ""
		if w.model >= 0 && w.model < len(rows[i].Dims) {
			model = rows[i].Dims[w.model]
		}
		at, found := slices.BinarySearchFunc(folded, model, func(b byModel, m string) int { return cmp.Compare(b.model, m) })
		if !found {
			folded = slices.Insert(folded, at, byModel{model: model, start: rows[i].Start})
		}
		if rows[i].Start.Before(folded[at].start) {
			folded[at].start = rows[i].Start
		}
		addHistogram(&folded[at].hist, h)
		if slow := &rows[i].Slow; w.slow() && slow.At > 0 && (folded[at].slow == nil || slow.Nanos > folded[at].slow.Nanos) {
			folded[at].slow = slow
		}
		if h.Exponential != nil {
			folded[at].parts = append(folded[at].parts, h.Exponential)
		}
	}
	for i := range folded {
		f := &folded[i]
		w.p.values = append(w.p.values[:0], rows[0].Route, f.model)
		if len(f.parts) > 0 {
			sum := rollup.SumExponentials(f.parts)
			f.hist.Exponential = &sum
		}
		w.p.hist, w.p.exemplar, w.p.start = &f.hist, f.slow, f.start
		w.emit(&w.p)
	}
}

// slow reports whether the metric that is being written is of what makes a
// call slow: its duration.
func (w *walker) slow() bool { return w.p.metric.source() == mDuration }

// addHistogram adds the explicit buckets of h to sum; both have the same
// boundaries, since one ledger has one set for each of its histograms.
func addHistogram(sum, h *rollup.Histogram) {
	if sum.Counts == nil {
		sum.Bounds, sum.Counts = h.Bounds, make([]uint64, len(h.Counts))
	}
	for i, n := range h.Counts {
		if i < len(sum.Counts) {
			sum.Counts[i] += n
		}
	}
	sum.Sum += h.Sum
	sum.Count += h.Count
}
