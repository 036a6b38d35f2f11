package rollup

import (
	"math"
	"slices"
)

// The limits of an exponential histogram, those of the OpenTelemetry SDK.
const (
	maxScale   = 20
	maxBuckets = 160
)

// Exponential is a base-2 exponential histogram as OpenTelemetry has it:
// bucket i at a scale holds the values in (b^i, b^(i+1)] seconds with
// b = 2^(2^-scale). Its scale is the finest, 20 at most, at which 160 buckets
// hold all values. It follows from the smallest and the largest value alone, so
// it does not depend on their order, nor on how they were split.
type Exponential struct {
	Scale  int32
	Low    int32    // index of Counts[0]
	Counts []uint64 // empty where all values are zero
	Zero   uint64
	Sum    float64
	Count  uint64
}

// Since is what was added since an earlier state of the same histogram, whose
// scale was as fine or finer. Both are left as they are.
func (h *Exponential) Since(was *Exponential) Exponential {
	d := *h
	d.Counts = slices.Clone(h.Counts)
	d.Zero, d.Sum, d.Count = h.Zero-was.Zero, h.Sum-was.Sum, h.Count-was.Count
	for i, n := range was.Counts {
		if at := (was.Low+int32(i))>>max(was.Scale-h.Scale, 0) - h.Low; at >= 0 && int(at) < len(d.Counts) {
			d.Counts[at] -= n
		}
	}
	return d
}

// SumExponentials is the histogram of all values of the given ones.
func SumExponentials(list []*Exponential) Exponential {
	e, count, sum := expo{}, uint64(0), 0.0
	for _, h := range list {
		for i, n := range h.Counts {
			e.put(h.Low+int32(i), h.Scale, n)
		}
		e.zero += h.Zero
		count += h.Count
		sum += h.Sum
	}
	return e.export(count, sum)
}

// expo counts durations in exponential buckets, beside the explicit ones of a
// hist, which has their number and sum. Most counts of most series are small:
// 16 bits hold the lower part of each, the upper 32 are there once one needs
// them.
type expo struct {
	zero   uint64
	coarse int32 // maxScale - scale, so that the zero value is the finest
	low    int32
	counts []uint16
	high   []uint32
}

const maxCount = 1<<48 - 1

// observe counts n values of a duration.
func (e *expo) observe(nanos int64, n uint64) {
	if nanos <= 0 {
		e.zero += n
		return
	}
	// The upper bound belongs to a bucket. Go's Log2 is exact for powers of two.
	e.put(int32(math.Ceil(math.Log2(float64(nanos)/1e9)*(1<<maxScale)))-1, maxScale, n)
}

// begin takes over what explicit buckets counted before these were asked for:
// each at its upper bound, so that the number is that of the explicit ones from
// the start. What was beyond the last bound is taken to be there.
func (e *expo) begin(bounds []int64, from *hist) {
	for i, n := range from.counts {
		if n > 0 && len(bounds) > 0 {
			e.observe(bounds[min(i, len(bounds)-1)], n)
		}
	}
}

// put counts n values of a bucket at a scale.
func (e *expo) put(index, scale int32, n uint64) {
	if n == 0 {
		return
	}
	if by := maxScale - scale - e.coarse; by > 0 {
		e.coarsen(by)
	}
	index >>= scale - (maxScale - e.coarse)
	if len(e.counts) == 0 {
		e.low = index
	}
	low, high := min(e.low, index), max(e.low+int32(len(e.counts))-1, index)
	by := int32(0)
	for high>>by-low>>by >= maxBuckets {
		by++
	}
	if by > 0 {
		e.coarsen(by)
		low, high, index = low>>by, high>>by, index>>by
	}
	e.span(low, high)
	e.add(int(index-e.low), n)
}

// coarsen halves the resolution so many times: two neighbours become one.
func (e *expo) coarsen(by int32) {
	e.coarse += by
	if len(e.counts) == 0 {
		return
	}
	low, size := e.low>>by, (e.low+int32(len(e.counts))-1)>>by-e.low>>by+1
	for i := range int32(len(e.counts)) {
		at := int((e.low+i)>>by - low)
		n := e.at(int(i))
		e.set(int(i), 0)
		e.add(at, n)
	}
	e.low, e.counts = low, e.counts[:size]
	if e.high != nil {
		e.high = e.high[:size]
	}
}

// span makes room for the buckets from low to high. It only grows.
func (e *expo) span(low, high int32) {
	size := int(high - low + 1)
	if size == len(e.counts) {
		return
	}
	if e.high != nil {
		e.high = widened(e.high, int(e.low-low), size)
	}
	e.counts = widened(e.counts, int(e.low-low), size)
	e.low = low
}

// widened is counts with empty places before and behind. It allocates by
// steps, so that a range that grows bucket by bucket does not at every one.
func widened[C uint16 | uint32](counts []C, before, size int) []C {
	const step = 32
	out := counts
	if cap(counts) < size {
		out = make([]C, size, min((size+step-1)/step*step, maxBuckets))
	}
	out = out[:size]
	n := copy(out[before:], counts)
	clear(out[:before])
	clear(out[before+n:])
	return out
}

func (e *expo) at(i int) uint64 {
	n := uint64(e.counts[i])
	if e.high != nil {
		n |= uint64(e.high[i]) << 16
	}
	return n
}

func (e *expo) add(i int, n uint64) { e.set(i, min(e.at(i)+n, maxCount)) }

func (e *expo) set(i int, n uint64) {
	e.counts[i] = uint16(n)
	if n > math.MaxUint16 && e.high == nil {
		e.high = make([]uint32, len(e.counts), cap(e.counts))
	}
	if e.high != nil {
		e.high[i] = uint32(n >> 16)
	}
}

// merge adds the values of another one.
func (e *expo) merge(from *expo) {
	for i := range from.counts {
		e.put(from.low+int32(i), maxScale-from.coarse, from.at(i))
	}
	e.zero += from.zero
}

// export shows it with the number and the sum that its hist has.
func (e *expo) export(n uint64, sum float64) Exponential {
	out := Exponential{Scale: maxScale - e.coarse, Low: e.low, Zero: e.zero, Sum: sum, Count: n}
	if len(e.counts) > 0 {
		out.Counts = make([]uint64, len(e.counts))
	}
	for i := range out.Counts {
		out.Counts[i] = e.at(i)
	}
	return out
}

// putState writes it; nil writes that there is none.
func (e *expo) putState(b []byte) []byte {
	if e == nil {
		return putUint(b, 0)
	}
	b = putUint(putUint(b, 1), e.zero)
	b = putUint(putInt(putUint(b, uint64(e.coarse)), int64(e.low)), uint64(len(e.counts)))
	for i := range e.counts {
		b = putUint(b, e.at(i))
	}
	return b
}

// expo is the inverse of putState; it must hold as many values as its hist.
func (r *reader) expo(values uint64) *expo {
	if r.below(2) == 0 {
		return nil
	}
	e := &expo{zero: r.uint()}
	const deepest, farthest = 32, 1 << 26 // beyond what durations reach
	coarse, low := int32(r.below(deepest+1)), r.int()
	if low < -farthest || low > farthest {
		r.fail()
		return e
	}
	left := values - e.zero
	for i := range r.below(maxBuckets + 1) {
		n := r.uint()
		left -= n
		e.put(int32(low)+int32(i), maxScale-coarse, n)
	}
	if left != 0 {
		r.fail()
	}
	return e
}
