package slo

import "time"

// Counts are events by verdict.
type Counts struct{ Good, Bad, Excluded int64 }

// Events is the number that counts: good and bad.
func (c Counts) Events() int64 { return c.Good + c.Bad }

func (c *Counts) add(d Counts) {
	c.Good += d.Good
	c.Bad += d.Bad
	c.Excluded += d.Excluded
}

// Landed says which books of a ring took an event; 0 is none of them.
type Landed uint8

// The books of a ring, as bits.
const (
	InMinutes Landed = 1 << iota // 1 min buckets, 6 h back
	InFives                      // 5 min buckets, 3 d back
	InHours                      // 1 h buckets, 35 d back
	InPeriod                     // the calendar period of the event, current or previous
	InSlices                     // the time slice of the event
)

// Ring keeps the event-weighted counts of one SLO: minutes for six hours, five
// minutes for three days, hours for 35 days, and for calendar windows the
// current and the previous period to the second. About 51 KB, 74 with time
// slices, whatever the traffic. It is not safe for concurrent use.
//
// Buckets lie in event time. The ring moves on with the newest event it is
// given, so its owner keeps events from the future away.
type Ring struct {
	window  Window
	start   int64 // Unix seconds from which on events are seen; 0 unknown
	minutes track[Counts]
	fives   track[Counts]
	hours   track[Counts]
	slices  *sliceBook // time slice methods only
	current period     // calendar windows only
	before  period
}

// period is the book of one calendar period, in Unix nanoseconds; end is 0
// where there is none.
type period struct {
	start, end int64
	counts     Counts
	tally      Tally
}

func (p *period) holds(at int64) bool { return at >= p.start && at < p.end }

// NewRing makes an empty ring for a spec that Validate accepts. start is the
// time since when its events are seen; calendar windows that began earlier
// extrapolate from there. The zero time is: since always.
func NewRing(spec *Spec, start time.Time) *Ring {
	r := &Ring{
		window:  spec.Window,
		minutes: newTrack[Counts](tierShapes[0].width, tierShapes[0].slots),
		fives:   newTrack[Counts](tierShapes[1].width, tierShapes[1].slots),
		hours:   newTrack[Counts](tierShapes[2].width, tierShapes[2].slots),
	}
	if !start.IsZero() {
		r.start = max(0, start.Unix())
	}
	if spec.Method != Occurrences {
		r.slices = newSliceBook(spec)
	}
	return r
}

// Add books events that happened at a Unix time in nanoseconds and says where
// they landed: a late event enters its own bucket in every book that still
// holds it. It does not allocate. Times before 1970 and negative counts land
// nowhere.
func (r *Ring) Add(at, good, bad, excluded int64) Landed {
	if at < 0 || good < 0 || bad < 0 || excluded < 0 {
		return 0
	}
	c := Counts{good, bad, excluded}
	second := at / int64(time.Second)
	var landed Landed
	if b := r.minutes.at(second); b != nil {
		b.add(c)
		landed |= InMinutes
	}
	if b := r.fives.at(second); b != nil {
		b.add(c)
		landed |= InFives
	}
	if b := r.hours.at(second); b != nil {
		b.add(c)
		landed |= InHours
	}
	var change Tally
	sliceStart := at
	if r.slices != nil {
		var ok bool
		if change, ok = r.slices.add(second, c); ok {
			landed |= InSlices
		}
		// A slice belongs, whole, to the period that it starts in.
		sliceStart = down(second, r.slices.fine.width) * int64(time.Second)
	}
	if r.window.Calendar == NoCalendar {
		return landed
	}
	if p := r.period(at); p != nil {
		p.counts.add(c)
		landed |= InPeriod
	}
	if change != (Tally{}) {
		if p := r.period(sliceStart); p != nil {
			p.tally.add(change)
		}
	}
	return landed
}

// period finds the book of the calendar period that holds at, opening it if it
// is new; nil where it is older than the previous one.
func (r *Ring) period(at int64) *period {
	switch {
	case r.current.holds(at):
		return &r.current
	case r.before.holds(at):
		return &r.before
	case at < r.before.end:
		return nil
	}
	start, end := r.window.Bounds(time.Unix(0, at))
	p := period{start: start.UnixNano(), end: end.UnixNano()}
	if at < r.current.start { // late, and nothing was seen of its period before
		r.before = p
		return &r.before
	}
	if r.current.end != 0 {
		r.before = r.current
	}
	r.current = p
	return &r.current
}

// periodAt reads the book of the period that starts at start; empty where
// there is none.
func (r *Ring) periodAt(start time.Time) period {
	n := start.UnixNano()
	switch {
	case r.current.end != 0 && r.current.start == n:
		return r.current
	case r.before.end != 0 && r.before.start == n:
		return r.before
	}
	return period{}
}

// Edge is where Sum really cuts: t rounded up to the finest boundary that the
// ring keeps for that time (a minute within six hours, five minutes within
// three days, an hour beyond), and not before the oldest hour it holds.
func (r *Ring) Edge(t time.Time) time.Time { return time.Unix(r.edge(t), 0).UTC() }

func (r *Ring) edge(t time.Time) int64 {
	s := ceilSecond(t)
	switch {
	case down(s, r.fives.width) >= r.minutes.oldest():
		return up(s, r.minutes.width)
	case down(s, r.hours.width) >= r.fives.oldest():
		return up(s, r.fives.width)
	}
	return max(up(s, r.hours.width), r.hours.oldest())
}

// Sum counts the events from Edge(from) up to, not including, Edge(to). Sums
// of adjoining windows add up.
func (r *Ring) Sum(from, to time.Time) (sum Counts) {
	s, end := r.edge(from), r.edge(to)
	for s < end {
		var c Counts
		step := r.hours.width
		switch {
		case s%r.hours.width == 0 && s+r.hours.width <= end:
			c = r.hours.get(s)
		case s%r.fives.width == 0 && s+r.fives.width <= end:
			c, step = r.fives.get(s), r.fives.width
		default:
			c, step = r.minutes.get(s), r.minutes.width
		}
		sum.add(c)
		s += step
	}
	return sum
}

// ceilSecond is the Unix second at or after t, never negative.
func ceilSecond(t time.Time) int64 {
	s := t.Unix()
	if t.Nanosecond() > 0 {
		s++
	}
	return max(0, s)
}
