package price

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // zones must load where the image carries none
)

// Period is when something holds: a half-open range of dates and, inside it,
// a schedule. The zero Period always holds.
type Period struct {
	From, To time.Time // To is exclusive; zero is open
	// Schedule narrows the range to times of the week; nil is all of it.
	Schedule *Schedule
}

// Schedule is a set of windows in the week of a time zone.
type Schedule struct {
	Zone    string // IANA name; "" is UTC
	Windows []Window
	// Outside turns the schedule round: it holds outside all windows.
	Outside bool
}

// Window is a time of day on some days of the week, half-open. A window whose
// end is not after its start wraps over midnight and belongs to the day that
// it starts on; start and end being equal is the whole day.
type Window struct {
	Days     Weekdays
	From, To int // seconds since midnight, 0 to 86,400
}

// Weekdays is a set of days; bit d is time.Weekday d. The empty set means every day.
type Weekdays uint8

// MondayToFriday are the working days.
const MondayToFriday Weekdays = 1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday

// Has reports whether the day is in the set.
func (w Weekdays) Has(d time.Weekday) bool { return w == 0 || w&(1<<d) != 0 }

const daySeconds = 86_400

func (w Window) holds(day time.Weekday, sec int) bool {
	switch {
	case w.From == w.To:
		return w.Days.Has(day)
	case w.From < w.To:
		return sec >= w.From && sec < w.To && w.Days.Has(day)
	case sec >= w.From:
		return w.Days.Has(day)
	case sec < w.To:
		return w.Days.Has((day + 6) % 7)
	}
	return false
}

// period is a Period made ready: Unix nanoseconds and a loaded zone.
type period struct {
	from, to int64 // minTime and maxTime where open
	zone     *time.Location
	windows  []Window
	outside  bool
}

const (
	minTime = -1 << 63
	maxTime = 1<<63 - 1
)

func (p Period) compile() (period, error) {
	c := period{from: minTime, to: maxTime}
	if !p.From.IsZero() {
		c.from = p.From.UnixNano()
	}
	if !p.To.IsZero() {
		c.to = p.To.UnixNano()
	}
	if c.from >= c.to {
		return c, fmt.Errorf("the period from %s to %s is empty", p.From.Format(time.RFC3339), p.To.Format(time.RFC3339))
	}
	if p.Schedule == nil {
		return c, nil
	}
	for _, w := range p.Schedule.Windows {
		if w.From < 0 || w.From > daySeconds || w.To < 0 || w.To > daySeconds {
			return c, fmt.Errorf("the window from second %d to %d leaves the day", w.From, w.To)
		}
	}
	if len(p.Schedule.Windows) == 0 {
		return c, errors.New("a schedule needs a window")
	}
	zone := p.Schedule.Zone
	if zone == "" {
		zone = "UTC"
	}
	if zone == "Local" {
		return c, fmt.Errorf("time zone %q is not the same everywhere", zone)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return c, fmt.Errorf("time zone %q: %w", zone, err)
	}
	c.zone, c.windows, c.outside = loc, p.Schedule.Windows, p.Schedule.Outside
	return c, nil
}

// always reports whether the period holds at every time, the unknown included.
func (p *period) always() bool { return p.from == minTime && p.to == maxTime && p.windows == nil }

// holds reports whether the period holds at a known time (Unix nanoseconds).
func (p *period) holds(at int64) bool {
	if at < p.from || at >= p.to {
		return false
	}
	if p.windows == nil {
		return true
	}
	t := time.Unix(0, at).In(p.zone)
	h, m, s := t.Clock()
	day, sec := t.Weekday(), h*3600+m*60+s
	for _, w := range p.windows {
		if w.holds(day, sec) {
			return !p.outside
		}
	}
	return p.outside
}
