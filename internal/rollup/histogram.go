package rollup

import (
	"math"
	"slices"
	"time"
)

// layout is the boundaries of one histogram, in seconds for the wire and in
// nanoseconds for exact comparison.
type layout struct {
	seconds []float64
	nanos   []int64
	// exponential: the same values in exponential buckets too.
	exponential bool
}

// newLayout merges bounds with thresholds, so that the share of calls within
// an SLO can be read off the histogram exactly.
func newLayout(bounds []float64, thresholds []time.Duration) layout {
	var l layout
	for _, b := range bounds {
		l.nanos = append(l.nanos, int64(math.Round(b*1e9)))
	}
	for _, t := range thresholds {
		l.nanos = append(l.nanos, int64(t))
	}
	slices.Sort(l.nanos)
	l.nanos = slices.Compact(l.nanos)
	for _, n := range l.nanos {
		l.seconds = append(l.seconds, float64(n)/1e9)
	}
	return l
}

// hist counts durations. Its sum is an integer, so that it does not depend on
// the order of what was observed.
type hist struct {
	counts []uint64
	sum    int64 // nanoseconds
	n      uint64
	expo   *expo // where exponential histograms are kept
}

// hists are those of one row. Their counts share one piece of memory, which is
// taken at the first observation: many rows see failures only.
type hists [numHists]hist

func (h *hists) open(layouts *[numHists]layout) {
	width := 0
	for i := range layouts {
		width += len(layouts[i].nanos) + 1
	}
	all := make([]uint64, width)
	for i := range layouts {
		n := len(layouts[i].nanos) + 1
		h[i].counts, all = all[:n:n], all[n:]
	}
}

func (h *hists) observe(layouts *[numHists]layout, which int, nanos int64) {
	if h[which].counts == nil {
		h.open(layouts)
	}
	bounds, i := layouts[which].nanos, 0
	for i < len(bounds) && nanos > bounds[i] {
		i++
	}
	one := &h[which]
	one.counts[i]++
	one.n++
	one.sum += nanos
	if layouts[which].exponential {
		if one.expo == nil {
			one.expo = &expo{}
		}
		one.expo.observe(nanos, 1)
	}
}

// adopt adds a histogram of other boundaries (nanoseconds): a count moves to
// the first interval that ends at or above its own, so no observation is
// called faster than it was. Its counts are open.
func (h *hist) adopt(l *layout, bounds []int64, from *hist) {
	if from.n == 0 {
		return
	}
	for i, c := range from.counts {
		at := len(l.nanos)
		if i < len(bounds) {
			at, _ = slices.BinarySearch(l.nanos, bounds[i])
		}
		h.counts[at] += c
	}
	h.n += from.n
	h.sum += from.sum
	if l.exponential {
		if h.expo == nil {
			h.expo = &expo{}
		}
		if from.expo != nil {
			h.expo.merge(from.expo)
		} else {
			h.expo.begin(bounds, from)
		}
	}
}

// export copies into dst, which holds len(bounds)+1 counts.
func (h *hist) export(l *layout, dst []uint64) Histogram {
	copy(dst, h.counts)
	out := Histogram{Bounds: l.seconds, Counts: dst, Sum: float64(h.sum) / 1e9, Count: h.n}
	if h.expo != nil {
		e := h.expo.export(h.n, out.Sum)
		out.Exponential = &e
	}
	return out
}
