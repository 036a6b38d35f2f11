package slo

import (
	"errors"
	"fmt"
	"time"
)

// RingState is everything that a ring holds, as plain values for a snapshot.
// Empty buckets are left out, so a quiet SLO takes little room.
type RingState struct {
	// Start is the Unix second from which on events were seen; 0 unknown.
	Start int64
	// Calendar, Zone, FromSunday, Method, Slice and SliceTarget are what the
	// books were kept by; under others they would mean something else.
	Calendar    Calendar
	Zone        string
	FromSunday  bool
	Method      Method
	Slice       time.Duration
	SliceTarget Objective

	Minutes, Fives, Hours TrackState[Counts]
	SliceCounts           TrackState[Counts]
	SliceHours            TrackState[Tally]
	Current, Before       PeriodState
}

// TrackState is one resolution: the number of its newest bucket, -1 before the
// first, and those that are not empty, oldest first.
type TrackState[T any] struct {
	Head    int64
	Buckets []Bucket[T]
}

// Bucket is one bucket of a resolution; its time is Number times the width.
type Bucket[T any] struct {
	Number int64
	Value  T
}

// PeriodState is the book of one calendar period, in Unix nanoseconds; End is
// 0 where there is none.
type PeriodState struct {
	Start, End int64
	Counts     Counts
	Tally      Tally
}

// State copies what the ring holds; the copy shares nothing with it.
func (r *Ring) State() RingState {
	s := RingState{
		Start: r.start, Calendar: r.window.Calendar, Zone: r.window.Zone, FromSunday: r.window.FromSunday,
		Minutes: trackState(&r.minutes), Fives: trackState(&r.fives), Hours: trackState(&r.hours),
		SliceCounts: TrackState[Counts]{Head: -1}, SliceHours: TrackState[Tally]{Head: -1},
		Current: periodState(r.current), Before: periodState(r.before),
	}
	if b := r.slices; b != nil {
		s.Method, s.Slice, s.SliceTarget = b.method, time.Duration(b.fine.width)*time.Second, b.target
		s.SliceCounts, s.SliceHours = trackState(&b.fine), trackState(&b.hours)
	}
	return s
}

// Restore makes a ring of a state. It refuses a state that was kept by another
// calendar or other slices than the spec's, and one that no ring can have had;
// the caller starts a new ring then and says so.
func Restore(spec *Spec, s RingState) (*Ring, error) {
	w := spec.Window
	if s.Calendar != w.Calendar || s.Zone != w.Zone || s.FromSunday != w.FromSunday {
		return nil, fmt.Errorf("slo %q: state was kept by calendar %q of zone %q, not %q of %q", spec.Name, s.Calendar, s.Zone, w.Calendar, w.Zone)
	}
	if s.Method != spec.Method || s.Slice != spec.Slice || s.SliceTarget != spec.SliceTarget {
		return nil, fmt.Errorf("slo %q: state was kept by %s of %s, not %s of %s", spec.Name, s.Method, s.Slice, spec.Method, spec.Slice)
	}
	r := NewRing(spec, time.Time{})
	r.start = max(0, s.Start)
	err := errors.Join(
		fill(&r.minutes, s.Minutes, Counts.valid),
		fill(&r.fives, s.Fives, Counts.valid),
		fill(&r.hours, s.Hours, Counts.valid),
		r.current.fill(s.Current),
		r.before.fill(s.Before),
	)
	if r.slices != nil {
		err = errors.Join(err,
			fill(&r.slices.fine, s.SliceCounts, Counts.valid),
			fill(&r.slices.hours, s.SliceHours, Tally.valid))
	}
	if err != nil {
		return nil, fmt.Errorf("slo %q: %w", spec.Name, err)
	}
	return r, nil
}

func (c Counts) valid() bool { return c.Good >= 0 && c.Bad >= 0 && c.Excluded >= 0 }

func (t Tally) valid() bool { return t.Bad >= 0 && t.Share >= 0 }

func trackState[T comparable](t *track[T]) TrackState[T] {
	s := TrackState[T]{Head: t.head}
	if t.head < 0 {
		return s
	}
	var zero T
	for n := max(0, t.head-int64(len(t.slots))+1); n <= t.head; n++ {
		if v := t.slots[n%int64(len(t.slots))]; v != zero {
			s.Buckets = append(s.Buckets, Bucket[T]{n, v})
		}
	}
	return s
}

func fill[T any](t *track[T], s TrackState[T], valid func(T) bool) error {
	if s.Head < -1 {
		return fmt.Errorf("newest bucket %d is before the first", s.Head)
	}
	t.head = s.Head
	for _, b := range s.Buckets {
		if b.Number < 0 || b.Number > t.head || b.Number <= t.head-int64(len(t.slots)) {
			return fmt.Errorf("bucket %d does not belong to a track that ends at %d", b.Number, t.head)
		}
		if !valid(b.Value) {
			return fmt.Errorf("bucket %d holds a negative count", b.Number)
		}
		t.slots[b.Number%int64(len(t.slots))] = b.Value
	}
	return nil
}

func periodState(p period) PeriodState { return PeriodState{p.start, p.end, p.counts, p.tally} }

func (p *period) fill(s PeriodState) error {
	if !s.Counts.valid() || !s.Tally.valid() || s.End < s.Start {
		return fmt.Errorf("period from %d to %d holds no possible counts", s.Start, s.End)
	}
	*p = period{s.Start, s.End, s.Counts, s.Tally}
	return nil
}
