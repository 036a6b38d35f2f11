package rollupcomponent

import "github.com/spanledger/spanledger/internal/rollup"

// histogramsOf are the histograms of a route and model, in the order of the catalogue.
var histogramsOf = []struct {
	metric *metric
	of     func(*rollup.LatencyRow) *rollup.Histogram
}{
	{mDuration, func(r *rollup.LatencyRow) *rollup.Histogram { return &r.Duration }},
	{mFirstChunk, func(r *rollup.LatencyRow) *rollup.Histogram { return &r.FirstChunk }},
	{mPerToken, func(r *rollup.LatencyRow) *rollup.Histogram { return &r.TimePerOutputToken }},
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

// histograms are those of each route and model: that is all the detail that
// latency is published in.
func (w *walker) histograms(which string) {
	for i, h := range histogramsOf {
		if which != HistogramExponential {
			w.begin(h.metric)
			w.latency(h.of)
		}
		if list := exponentials[which]; list != nil {
			w.begin(list[i])
			w.latency(h.of)
		}
	}
}

func (w *walker) latency(of func(*rollup.LatencyRow) *rollup.Histogram) {
	for i := range w.snap.Latency {
		r := &w.snap.Latency[i]
		h := of(r)
		if h.Count == 0 || (w.p.metric.kind == exponential && h.Exponential == nil) {
			continue
		}
		w.p.values = append(w.p.values[:0], r.Route, r.Model)
		w.p.hist, w.p.start, w.p.exemplar = h, r.Start, nil
		if w.slow() && r.Slow.At > 0 {
			w.p.exemplar = &r.Slow
		}
		w.emit(&w.p)
	}
}

// slow reports whether the metric that is being written is of what makes a
// call slow: its duration.
func (w *walker) slow() bool { return w.p.metric.source() == mDuration }
