package slo_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/slo"
)

// TestTimeslices: a minute with one failure in a hundred is as good as an empty
// one, a minute with six is as bad as one with all.
func TestTimeslices(t *testing.T) {
	spec := slo.Spec{
		Name: "s", Objective: objective(t, "0.99"), Window: slo.Window{Rolling: 7 * day},
		Method: slo.Timeslices, Slice: time.Minute, SliceTarget: objective(t, "0.95"),
	}
	if err := spec.Validate(); err != nil {
		t.Fatal(err)
	}
	p := newPlay(spec)
	p.run(60, 99, 1)
	p.run(60, 0, 0)
	p.run(1, 95, 5) // exactly at the slice target
	if p.s.Remaining != 1 || p.s.SLI != 1 {
		t.Errorf("no bad slice, but %v left and an SLI of %v", p.s.Remaining, p.s.SLI)
	}
	p.run(1, 94, 6)
	p.run(1, 0, 100)
	if want := 1 - 2/100.8; math.Abs(p.s.Remaining-want) > 1e-12 || p.s.Estimated {
		t.Errorf("two bad slices of 10080: %v left, want %v", p.s.Remaining, want)
	}
}

// TestCalendarSlicesAreNotEstimated: slices to come are known in number, so the
// budget of a month is counted against all of it and the SLI against the past.
func TestCalendarSlicesAreNotEstimated(t *testing.T) {
	spec := slo.Spec{
		Name: "s", Objective: objective(t, "0.95"), Window: slo.Window{Calendar: slo.Week},
		Method: slo.Timeslices, Slice: time.Minute, SliceTarget: objective(t, "0.95"),
	}
	p := newPlay(spec)
	p.run(2823, 1, 0)
	p.run(57, 0, 1)
	if got := p.s; got.Estimated || math.Abs(got.Remaining-(1-57/504.)) > 1e-12 || got.SLI != 2823./2880 {
		t.Errorf("after two days with 57 bad minutes: %+v", got)
	}
}

// TestALateEventTurnsItsSlice: verdicts follow the counts, both ways, and in
// every window that holds the slice.
func TestALateEventTurnsItsSlice(t *testing.T) {
	for _, w := range []slo.Window{{Rolling: 7 * day}, {Calendar: slo.Week}} {
		spec := slo.Spec{
			Name: "s", Objective: objective(t, "0.9"), Window: w,
			Method: slo.Timeslices, Slice: time.Minute, SliceTarget: objective(t, "0.9"),
		}
		ring := slo.NewRing(&spec, monday)
		bad := func() float64 {
			s := slo.Evaluate(&spec, ring, monday.Add(5*time.Hour), nil)
			return (1 - s.Remaining) * 1008
		}
		minute := monday.Add(time.Hour).UnixNano()
		ring.Add(minute, 0, 1, 0)
		ring.Add(monday.Add(4*time.Hour).UnixNano(), 1, 0, 0)
		if got := bad(); math.Abs(got-1) > 1e-9 {
			t.Errorf("%v: %v bad slices, want 1", w, got)
		}
		if ring.Add(minute, 9, 0, 0)&slo.InSlices == 0 {
			t.Errorf("%v: late but held events did not land", w)
		}
		if got := bad(); math.Abs(got) > 1e-9 {
			t.Errorf("%v: %v bad slices after nine late good events, want 0", w, got)
		}
	}
}

// TestSlicesEqualNaiveTally: the books of slices agree with slices that are
// recounted from a list of all events.
func TestSlicesEqualNaiveTally(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := slo.Spec{
			Name: "s", Objective: slo.Objective{Num: 9, Den: 10}, Window: slo.Window{Rolling: 7 * day},
			Method: slo.RatioTimeslices, Slice: rapid.SampledFrom([]time.Duration{time.Minute, 5 * time.Minute, time.Hour}).Draw(t, "slice"),
		}
		if rapid.Bool().Draw(t, "by target") {
			spec.Method, spec.SliceTarget = slo.Timeslices, slo.Objective{Num: 4, Den: 5}
		}
		ring := slo.NewRing(&spec, time.Time{})
		width := int64(spec.Slice / time.Second)
		counts := map[int64]slo.Counts{}
		newest := monday.Unix()
		for range rapid.IntRange(1, 100).Draw(t, "events") {
			at := newest + rapid.Int64Range(-4*3600, 6*3600).Draw(t, "step")
			newest = max(newest, at)
			good, bad := rapid.Int64Range(0, 5).Draw(t, "good"), rapid.Int64Range(0, 5).Draw(t, "bad")
			if ring.Add(at*int64(time.Second), good, bad, 0)&slo.InSlices == 0 {
				t.Fatalf("%d s late did not land", newest-at)
			}
			c := counts[at/width]
			counts[at/width] = slo.Counts{Good: c.Good + good, Bad: c.Bad + bad}
		}
		now := time.Unix(newest/3600*3600+3600, 0) // a whole hour: every slice is whole
		all := int64(7 * day / spec.Slice)
		list := make([]slo.Counts, all)
		for i := range list {
			list[i] = counts[now.Add(-7*day).Unix()/width+int64(i)]
		}
		_, bad, mean := slo.SliceShares(list, spec.SliceTarget)
		s := slo.Evaluate(&spec, ring, now, nil)
		want := mean
		if spec.Method == slo.Timeslices {
			want = 1 - float64(bad)/float64(all)
		}
		if !s.NoData && math.Abs(s.SLI-want) > 1e-11 {
			t.Fatalf("SLI %v, want %v", s.SLI, want)
		}
	})
}

// TestBurndown: the remainders of the steps are exact fractions.
func TestBurndown(t *testing.T) {
	left, even := slo.Burndown(objective(t, "0.9"), 4, []slo.Ratio{{Num: 1, Den: 10}, {Num: 0, Den: 1}, {Num: 1, Den: 1}})
	for i, want := range []*big.Rat{big.NewRat(3, 4), big.NewRat(3, 4), big.NewRat(-7, 4)} {
		if f, _ := want.Float64(); left[i] != f {
			t.Errorf("step %d leaves %v, want %v", i+1, left[i], f)
		}
	}
	if !equalFloats(even, []float64{0.75, 0.5, 0.25}) {
		t.Errorf("even pace %v", even)
	}
}
