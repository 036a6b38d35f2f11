package slo

import "time"

// tierShapes are the resolutions that counts are kept in. Beyond its reach
// each has slack, so that a window of full reach stays exact although it ends
// before the newest event and starts inside a coarser bucket.
var tierShapes = [...]struct {
	width, reach time.Duration
	slots        int
}{
	{time.Minute, 6 * time.Hour, 384},
	{5 * time.Minute, 3 * 24 * time.Hour, 888},
	{time.Hour, MaxRolling, 852},
}

// track is one resolution: the newest len(slots) buckets of width seconds,
// found by bucket number modulo length. Buckets after head are empty, buckets
// too far before it are gone.
type track[T any] struct {
	width int64
	head  int64 // number of the newest bucket; -1 before the first
	slots []T
}

func newTrack[T any](width time.Duration, slots int) track[T] {
	return track[T]{width: int64(width / time.Second), head: -1, slots: make([]T, slots)}
}

// oldest is the first second that the track still holds.
func (t *track[T]) oldest() int64 {
	return max(0, t.head-int64(len(t.slots))+1) * t.width
}

// at returns the bucket of a second for writing, moving on if it is new; nil
// where it is gone.
func (t *track[T]) at(second int64) *T {
	n := second / t.width
	switch {
	case n > t.head:
		t.advance(n)
	case n <= t.head-int64(len(t.slots)):
		return nil
	}
	return &t.slots[n%int64(len(t.slots))]
}

func (t *track[T]) advance(n int64) {
	if n-t.head >= int64(len(t.slots)) || t.head < 0 {
		clear(t.slots)
	} else {
		var zero T
		for i := t.head + 1; i <= n; i++ {
			t.slots[i%int64(len(t.slots))] = zero
		}
	}
	t.head = n
}

// get reads the bucket of a second; empty where there is none.
func (t *track[T]) get(second int64) (v T) {
	n := second / t.width
	if n > t.head || n <= t.head-int64(len(t.slots)) {
		return v
	}
	return t.slots[n%int64(len(t.slots))]
}

// up rounds a second up to a boundary of width.
func up(second, width int64) int64 { return (second + width - 1) / width * width }

// down rounds a second down to a boundary of width.
func down(second, width int64) int64 { return second - second%width }
