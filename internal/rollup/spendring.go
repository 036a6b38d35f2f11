package rollup

import "time"

// spendRing keeps spend over a rolling window in buckets of event time: a
// minute wide for windows up to six hours, five minutes up to three days, an
// hour beyond. The oldest bucket counts whole, so spend is never understated.
type spendRing struct {
	width, window int64 // nanoseconds
	newest        int64 // number of the newest bucket
	buckets       []spend
}

func newSpendRing(window int64) *spendRing {
	width := int64(time.Minute)
	switch {
	case window > int64(3*24*time.Hour):
		width = int64(time.Hour)
	case window > int64(6*time.Hour):
		width = int64(5 * time.Minute)
	}
	return &spendRing{width: width, window: window, buckets: make([]spend, window/width+2)}
}

func (r *spendRing) add(at int64, s *spend) {
	n := at / r.width
	r.advance(n)
	if size := int64(len(r.buckets)); n > r.newest-size {
		r.buckets[n%size].add(s)
	}
}

// advance clears the buckets that time has come round to.
func (r *spendRing) advance(n int64) {
	if r.newest == 0 {
		r.newest = n
	}
	size := int64(len(r.buckets))
	for i := max(r.newest+1, n-size+1); i <= n; i++ {
		r.buckets[i%size] = spend{}
	}
	r.newest = max(r.newest, n)
}

func (r *spendRing) sum(now int64) (total spend) {
	size := int64(len(r.buckets))
	for n := max((now-r.window)/r.width, r.newest-size+1); n <= min(now/r.width, r.newest); n++ {
		total.add(&r.buckets[n%size])
	}
	return total
}
