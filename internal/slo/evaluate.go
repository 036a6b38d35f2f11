package slo

import (
	"math/big"
	"slices"
	"time"
)

// BlindShare is the share of excluded events above which an SLO says that it
// cannot see.
var BlindShare = Ratio{1, 5}

// reading is the state of one window: the share of bad events, or slices, is
// bad/all; all is positive wherever there were events.
type reading struct {
	counts   Counts
	bad, all int64
}

func (r reading) noData() bool { return r.counts.Events() == 0 }

func (r reading) burn(o Objective) float64 {
	if r.noData() {
		return 0
	}
	return BurnRate(o, r.bad, r.all)
}

func (r reading) over(limit *big.Rat) bool {
	return limit != nil && !r.noData() && big.NewRat(r.bad, r.all).Cmp(limit) > 0
}

// Evaluate says how an SLO stands at now, which is the end of its windows: the
// caller subtracts the time that events need to arrive. prev is Status.Pairs
// of the evaluation before, nil at the first.
//
// A pair of windows alerts when both are strictly over the factor and the long
// one holds MinEvents. It clears when the short window has been at or below
// the factor for Tier.ClearAfter without a break; a short window without
// events is no recovery as long as the long one is over.
//
// The spec must have passed Validate, and the ring must be of this spec.
func Evaluate(spec *Spec, ring *Ring, now time.Time, prev []Pair) Status {
	start, end := spec.Window.Bounds(now)
	length := end.Sub(start)
	main, budget := ring.whole(spec, start, end, now)
	s := Status{
		NoData:    main.noData(),
		Remaining: budget.Remaining,
		Estimated: budget.Estimated,
		Counts:    main.counts,
	}
	c := main.counts
	s.Blind = Exceeds(c.Excluded, c.Events()+c.Excluded, BlindShare)
	if !s.NoData {
		s.SLI, _ = SLI(main.bad, main.all)
	}

	read := newReader(spec, ring, now)
	s.Burn = read.burns(length, main)
	for _, t := range spec.Tiers {
		s.Pairs = append(s.Pairs, nextPair(spec, t, read, length, find(prev, t)))
	}
	s.Alerts = alerts(s.Pairs)
	s.Exhaustion, s.HasExhaustion = TimeToExhaustion(length, s.Remaining, read.current(main).burn(spec.Objective))
	if s.NoData || (spec.Window.Calendar != NoCalendar && s.Exhaustion > 0 && now.Add(s.Exhaustion).After(end)) {
		s.Exhaustion, s.HasExhaustion = 0, false
	}
	return s
}

// whole reads the window of the objective and its budget.
func (r *Ring) whole(spec *Spec, start, end, now time.Time) (reading, Budget) {
	if spec.Window.Calendar == NoCalendar {
		m := r.read(spec, start, now)
		if m.noData() {
			return m, Budget{Initial: spec.Objective.Budget().Float64(), Remaining: 1}
		}
		return m, OccurrenceBudget(spec.Objective, m.bad, m.all)
	}
	p := r.periodAt(start)
	if spec.Method == Occurrences {
		seen := start
		if r.start > start.Unix() {
			seen = time.Unix(r.start, 0)
		}
		b := CalendarBudget(spec.Objective, p.counts.Bad, p.counts.Events(), now.Sub(seen), end.Sub(now))
		return reading{p.counts, p.counts.Bad, p.counts.Events()}, b
	}
	m := sliced(spec, p.counts, p.tally, max(1, Slices(now.Sub(start), spec.Slice)))
	b := sliced(spec, p.counts, p.tally, Slices(end.Sub(start), spec.Slice))
	return m, SliceBudget(spec.Objective, b.bad, b.all)
}

// read takes the reading of [from, to) by the spec's method.
func (r *Ring) read(spec *Spec, from, to time.Time) reading {
	c := r.Sum(from, to)
	if spec.Method == Occurrences {
		return reading{c, c.Bad, c.Events()}
	}
	return sliced(spec, c, r.slices.sum(from, to), Slices(to.Sub(from), spec.Slice))
}

func sliced(spec *Spec, c Counts, t Tally, n int64) reading {
	if spec.Method == Timeslices {
		return reading{c, t.Bad, n}
	}
	return reading{c, t.Share, n * shareUnit}
}

// reader reads every window of the tiers once.
type reader struct {
	spec     *Spec
	now      time.Time
	windows  []time.Duration // sorted, distinct
	readings []reading
}

func newReader(spec *Spec, ring *Ring, now time.Time) *reader {
	r := &reader{spec: spec, now: now}
	for _, t := range spec.Tiers {
		r.windows = append(r.windows, t.Long, t.Short)
	}
	slices.Sort(r.windows)
	r.windows = slices.Compact(r.windows)
	for _, w := range r.windows {
		r.readings = append(r.readings, ring.read(spec, now.Add(-w), now))
	}
	return r
}

func (r *reader) of(w time.Duration) reading {
	i, _ := slices.BinarySearch(r.windows, w)
	return r.readings[i]
}

// burns lists the burn rate of every window, shortest first; the window of the
// objective itself comes last.
func (r *reader) burns(length time.Duration, main reading) []Burn {
	burns := make([]Burn, 0, len(r.windows)+1)
	for i, w := range r.windows {
		if w < length {
			burns = append(burns, Burn{w, r.readings[i].burn(r.spec.Objective), r.readings[i].noData()})
		}
	}
	return append(burns, Burn{length, main.burn(r.spec.Objective), main.noData()})
}

// current is the reading that forecasts rest on: the shortest long window that
// holds enough events, else the whole window.
func (r *reader) current(main reading) reading {
	var best time.Duration
	for _, t := range r.spec.Tiers {
		if (best == 0 || t.Long < best) && r.of(t.Long).counts.Events() >= r.spec.minEvents() {
			best = t.Long
		}
	}
	if best == 0 {
		return main
	}
	return r.of(best)
}

func (s *Spec) minEvents() int64 { return max(1, s.MinEvents) }
