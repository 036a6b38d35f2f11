package slo

import (
	"math/bits"
	"time"
)

// Tally is a number of time slices judged: how many are bad, and the sum of
// their shares of bad events in parts of shareUnit. Empty slices are good and
// add nothing.
type Tally struct{ Bad, Share int64 }

// shareUnit is a whole slice of bad events; a year of minutes of it still fits
// 64 bits. Shares are integers so that late events can be taken back exactly.
const shareUnit = 1 << 40

func (t *Tally) add(d Tally) {
	t.Bad += d.Bad
	t.Share += d.Share
}

// judgeSlice says what one slice contributes. A slice is bad when its share of
// good events is strictly below target.
func judgeSlice(c Counts, target Objective) (t Tally) {
	n := c.Events()
	if n == 0 {
		return t
	}
	if target.Den > 0 && target.Budget().exceededBy(c.Bad, n) {
		t.Bad = 1
	}
	hi, lo := bits.Mul64(uint64(c.Bad), shareUnit)
	share, _ := bits.Div64(hi, lo, uint64(n)) // Bad <= n, so it fits
	t.Share = int64(share)
	return t
}

// sliceSlots holds six hours of one-minute slices and slack.
const sliceSlots = 384

// sliceBook keeps the verdicts on time slices: the newest ones as counts, so that
// late events can still turn a verdict, and hourly tallies of all of them.
type sliceBook struct {
	method Method
	target Objective
	fine   track[Counts]
	hours  track[Tally]
}

func newSliceBook(spec *Spec) *sliceBook {
	return &sliceBook{
		method: spec.Method,
		target: spec.SliceTarget,
		fine:   newTrack[Counts](spec.Slice, sliceSlots),
		hours:  newTrack[Tally](tierShapes[2].width, tierShapes[2].slots),
	}
}

// add books events into their slice and returns by how much its contribution
// changed; not ok where the slice is closed for good.
func (s *sliceBook) add(second int64, c Counts) (change Tally, ok bool) {
	b := s.fine.at(second)
	if b == nil {
		return Tally{}, false
	}
	old := judgeSlice(*b, s.target)
	b.add(c)
	now := judgeSlice(*b, s.target)
	change = Tally{now.Bad - old.Bad, now.Share - old.Share}
	if h := s.hours.at(second); h != nil {
		h.add(change)
	}
	return change, true
}

// sum adds the slices that start in [from, to), rounded like Ring.Sum to whole
// slices where they are still held and to hours beyond.
func (s *sliceBook) sum(from, to time.Time) (sum Tally) {
	at, end := s.edge(from), s.edge(to)
	for at < end {
		if at%s.hours.width == 0 && at+s.hours.width <= end {
			sum.add(s.hours.get(at))
			at += s.hours.width
			continue
		}
		sum.add(judgeSlice(s.fine.get(at), s.target))
		at += s.fine.width
	}
	return sum
}

func (s *sliceBook) edge(t time.Time) int64 {
	sec := ceilSecond(t)
	if down(sec, s.hours.width) >= s.fine.oldest() {
		return up(sec, s.fine.width)
	}
	return max(up(sec, s.hours.width), s.hours.oldest())
}
