package rollup

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawNanos are durations from a nanosecond to half an hour, of whatever
// spread, some of them zero.
func drawNanos(t *rapid.T) []int64 {
	wide := rapid.Int64Range(0, int64(1800e9))
	around := rapid.Int64Range(1, int64(600e9)).Draw(t, "around")
	narrow := rapid.Int64Range(around, around+around/100)
	return rapid.SliceOfN(rapid.OneOf(wide, narrow, narrow), 1, 200).Draw(t, "nanos")
}

// observed is a histogram of exponential buckets alone.
type observed struct {
	expo
	sum int64
	n   uint64
}

func (o *observed) observe(nanos int64) {
	o.n++
	o.sum += nanos
	o.expo.observe(nanos, 1)
}

func (o *observed) export() Exponential { return o.expo.export(o.n, float64(o.sum)/1e9) }

func expoOf(nanos []int64) *observed {
	o := &observed{}
	for _, n := range nanos {
		o.observe(n)
	}
	return o
}

// bounds of bucket i at a scale, in seconds: (lower, upper].
func bucketOf(i, scale int32) (lower, upper float64) {
	width := math.Exp2(-float64(scale))
	return math.Exp2(float64(i) * width), math.Exp2(float64(i+1) * width)
}

// Law: every value is in the bucket that its bounds say, none is lost, and the
// scale is the finest at which the values fit.
func TestExponentialHoldsWhatWasSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nanos := drawNanos(t)
		h := expoOf(nanos).export()
		require.Equal(t, uint64(len(nanos)), h.Count)
		sum, zeros, in := int64(0), uint64(0), uint64(0)
		want := make([]uint64, len(h.Counts))
		for _, n := range nanos {
			sum += n
			if n == 0 {
				zeros++
				continue
			}
			// Found by the bounds themselves, give or take the rounding of a double
			// right at one.
			v := float64(n) / 1e9
			i := 0
			for i < len(want)-1 {
				if _, upper := bucketOf(h.Low+int32(i), h.Scale); v <= upper*(1+1e-12) {
					break
				}
				i++
			}
			lower, upper := bucketOf(h.Low+int32(i), h.Scale)
			require.Greater(t, v, lower*(1-1e-12))
			require.LessOrEqual(t, v, upper*(1+1e-12))
			want[i]++
			in++
		}
		require.InDelta(t, float64(sum)/1e9, h.Sum, 0)
		require.Equal(t, zeros, h.Zero)
		got := uint64(0)
		for _, n := range h.Counts {
			got += n
		}
		require.Equal(t, in, got)
		require.LessOrEqual(t, len(h.Counts), maxBuckets)
		if len(h.Counts) > 0 {
			require.NotZero(t, h.Counts[0])
			require.NotZero(t, h.Counts[len(h.Counts)-1])
		}
		if h.Scale < maxScale { // one finer would not have held them
			require.Greater(t, 2*len(h.Counts)+1, maxBuckets)
		}
	})
}

// Law: neither the order of the values nor how they were split shows.
func TestExponentialsMergeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nanos := drawNanos(t)
		whole := expoOf(nanos).export()
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		rng.Shuffle(len(nanos), func(i, j int) { nanos[i], nanos[j] = nanos[j], nanos[i] })
		require.Equal(t, whole, expoOf(nanos).export())

		parts := make([]*observed, rapid.IntRange(1, 4).Draw(t, "parts"))
		for i := range parts {
			parts[i] = &observed{}
		}
		for _, n := range nanos {
			parts[rng.IntN(len(parts))].observe(n)
		}
		merged, shown := &observed{}, []*Exponential{}
		for _, p := range parts {
			merged.merge(&p.expo)
			merged.n, merged.sum = merged.n+p.n, merged.sum+p.sum
			h := p.export()
			shown = append(shown, &h)
		}
		require.Equal(t, whole, merged.export())
		summed := SumExponentials(shown)
		require.InDelta(t, whole.Sum, summed.Sum, 1e-9*whole.Sum)
		summed.Sum = whole.Sum
		require.Equal(t, whole, summed)
	})
}

// Law: what came after a state, as the difference says it, is what came after
// it, whatever that did to the scale.
func TestExponentialDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nanos := drawNanos(t)
		e := &observed{}
		cut := rapid.IntRange(0, len(nanos)).Draw(t, "cut")
		for _, n := range nanos[:cut] {
			e.observe(n)
		}
		was := e.export()
		for _, n := range nanos[cut:] {
			e.observe(n)
		}
		now := e.export()
		d := now.Since(&was)
		later := expoOf(nanos[cut:]).export()
		require.Equal(t, later.Count, d.Count)
		require.Equal(t, later.Zero, d.Zero)
		require.InDelta(t, later.Sum, d.Sum, 1e-6)
		want := make([]uint64, len(d.Counts))
		for i, n := range later.Counts {
			if n > 0 {
				want[(later.Low+int32(i))>>(later.Scale-now.Scale)-now.Low] += n
			}
		}
		require.Equal(t, append([]uint64{}, want...), append([]uint64{}, d.Counts...))
		require.Equal(t, now, e.export(), "and neither state changed")
	})
}

// Law: a quantile read off the buckets is off by no more than the scale allows:
// a bucket is 2^(2^-scale) times as high as it is low.
func TestExponentialQuantileError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nanos := drawNanos(t)
		h := expoOf(nanos).export()
		slices.Sort(nanos)
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		rank := max(1, int(math.Ceil(q*float64(len(nanos)))))
		exact := float64(nanos[rank-1]) / 1e9
		seen := h.Zero
		if uint64(rank) <= seen {
			require.Zero(t, exact)
			return
		}
		for i, n := range h.Counts {
			if seen += n; seen >= uint64(rank) {
				lower, upper := bucketOf(h.Low+int32(i), h.Scale)
				base := math.Exp2(math.Exp2(-float64(h.Scale)))
				guess := 2 * upper / (base + 1) // the point with the least relative error
				bound := (base - 1) / (base + 1)
				require.LessOrEqual(t, math.Abs(guess-exact)/exact, bound+1e-9, "in (%v, %v]", lower, upper)
				return
			}
		}
		t.Fatal("the rank is beyond the histogram")
	})
}

// The upper bound of a bucket belongs to it: an answer after exactly one
// second is at most one second.
func TestExponentialBoundsAreUpperInclusive(t *testing.T) {
	for power := -9; power <= 10; power++ {
		v := math.Exp2(float64(power))
		h := expoOf([]int64{int64(v * 1e9)}).export()
		if float64(int64(v*1e9))/1e9 != v {
			continue // not a whole number of nanoseconds
		}
		require.Equal(t, int32(power<<maxScale-1), h.Low, "2^%d s", power)
		_, upper := bucketOf(h.Low, h.Scale)
		require.InDelta(t, v, upper, 0)
	}
}

// A count outgrows 16 bits and keeps its value through coarsening, widening and
// storing.
func TestExponentialCountsBeyond16Bits(t *testing.T) {
	for _, much := range []uint64{1<<16 - 3, 1 << 16, 3<<32 + 5} {
		e := &expo{}
		e.put(100, maxScale, much)
		e.put(101, maxScale, much+1)
		e.put(5000, maxScale, 1) // coarsens: 100 and 101 become one
		e.put(-40000, maxScale, 1)
		want := e.export(2*much+3, 1)
		require.Contains(t, want.Counts, 2*much+1)
		total := uint64(0)
		for _, n := range want.Counts {
			total += n
		}
		require.Equal(t, want.Count, total)

		r := reader{b: e.putState(nil)}
		back := r.expo(want.Count)
		require.False(t, r.bad)
		require.Equal(t, want, back.export(want.Count, 1))
		r = reader{b: e.putState(nil)}
		r.expo(want.Count + 1)
		require.True(t, r.bad, "a state that lost a value is no state")
	}
}

// Switched on over a store that holds only explicit buckets, they begin with
// the same count and sum.
func TestExponentialSwitchedOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		cfg := worldConfig()
		cfg.Exponential = false
		off := newLedger(t, cfg, "one")
		off.Add(w.recs, t0)
		cfg.Exponential = true
		on := newLedger(t, cfg, "two")
		require.NoError(t, on.RestoreState(off.MarshalState(), t0))
		for _, r := range on.Cut(settled).Rows {
			if h := &r.Duration; h.Count > 0 {
				require.Equal(t, h.Count, h.Exponential.Count)
				require.InDelta(t, h.Sum, h.Exponential.Sum, 0)
				in := h.Exponential.Zero
				for _, n := range h.Exponential.Counts {
					in += n
				}
				require.Equal(t, h.Count, in)
			}
		}
	})
}

// A ledger that keeps them shows them beside the explicit ones, with the same
// count and sum, and after a restart too.
func TestExponentialBesideExplicit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		cfg := worldConfig()
		cfg.Exponential = true
		l := newLedger(t, cfg, "one")
		for _, d := range drawDeliveries(t, w.recs) {
			l.Add(d.recs, d.now)
			if rapid.Bool().Draw(t, "restart") {
				next := newLedger(t, cfg, "two")
				require.NoError(t, next.RestoreState(l.MarshalState(), d.now))
				l = next
			}
		}
		seen := 0
		for _, r := range l.Cut(settled).Rows {
			for _, h := range []*Histogram{&r.Duration, &r.FirstChunk, &r.TimePerOutputToken} {
				if h.Count == 0 {
					require.Nil(t, h.Exponential)
					continue
				}
				seen++
				require.Equal(t, h.Count, h.Exponential.Count)
				require.InDelta(t, h.Sum, h.Exponential.Sum, 0)
			}
		}
		if len(w.recs) > 0 && w.want.Outcomes[0] > 0 {
			require.NotZero(t, seen)
		}
	})
}
