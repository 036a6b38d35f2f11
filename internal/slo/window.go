package slo

import (
	"errors"
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // calendar windows must not depend on what the host has installed
)

// Calendar is a period that starts and ends by the wall clock of a zone.
type Calendar uint8

// The calendar periods. Weeks start on Monday, as in ISO 8601.
const (
	NoCalendar Calendar = iota
	Hour
	Day
	Week
	Month
	Quarter
	Year
	numCalendars
)

var calendarNames = [numCalendars]string{"", "hour", "day", "week", "month", "quarter", "year"}

func (c Calendar) String() string { return name(calendarNames[:], c) }

// ParseCalendar is the inverse of String; the empty word is no calendar.
func ParseCalendar(s string) (Calendar, bool) { return parseName[Calendar](calendarNames[1:], s, 1) }

// longest is the longest that a period can be, a change of clocks included.
func (c Calendar) longest() time.Duration {
	const day, shift = 24 * time.Hour, time.Hour
	return [numCalendars]time.Duration{0, time.Hour, day + shift, 7*day + shift, 31*day + shift, 92*day + shift, 366*day + shift}[c]
}

// Window is the time over which an objective holds: either the last Rolling,
// or the current period of a Calendar in a Zone.
type Window struct {
	Rolling  time.Duration
	Calendar Calendar
	// Zone is an IANA name such as "Europe/Berlin"; empty is UTC.
	Zone string
	// FromSunday starts weeks on Sunday instead of Monday.
	FromSunday bool
}

// MaxRolling is how far the ring reaches back.
const MaxRolling = 35 * 24 * time.Hour

// Bounds returns the window that holds now: [now-Rolling, now) or the calendar
// period [start, end) in the window's zone. Days that have 23 or 25 hours do;
// a day whose midnight was skipped starts where its clock does. An unknown
// zone, which Validate refuses, counts as UTC.
func (w Window) Bounds(now time.Time) (start, end time.Time) {
	if w.Calendar == NoCalendar {
		return now.Add(-w.Rolling), now
	}
	loc, err := zone(w.Zone)
	if err != nil {
		loc = time.UTC
	}
	t := now.In(loc)
	y, m, d := t.Date()
	switch w.Calendar {
	case Hour:
		return hourBounds(t)
	case Week:
		back := (int(t.Weekday()) + 6) % 7 // days since Monday
		if w.FromSunday {
			back = int(t.Weekday())
		}
		return dayStart(y, m, d-back, loc), dayStart(y, m, d-back+7, loc)
	case Month:
		return dayStart(y, m, 1, loc), dayStart(y, m+1, 1, loc)
	case Quarter:
		first := (m-1)/3*3 + 1
		return dayStart(y, first, 1, loc), dayStart(y, first+3, 1, loc)
	case Year:
		return dayStart(y, time.January, 1, loc), dayStart(y+1, time.January, 1, loc)
	}
	return dayStart(y, m, d, loc), dayStart(y, m, d+1, loc)
}

// Period is the length of the window that holds now.
func (w Window) Period(now time.Time) time.Duration {
	if w.Calendar == NoCalendar {
		return w.Rolling
	}
	start, end := w.Bounds(now)
	return end.Sub(start)
}

// longest is the longest that the window can be.
func (w Window) longest() time.Duration {
	if w.Calendar == NoCalendar || w.Calendar >= numCalendars {
		return w.Rolling
	}
	return w.Calendar.longest()
}

func (w Window) check() error {
	var errs []error
	switch {
	case w.Calendar >= numCalendars:
		errs = append(errs, fmt.Errorf("window: calendar %d is unknown", w.Calendar))
	case w.Calendar != NoCalendar && w.Rolling != 0:
		errs = append(errs, fmt.Errorf("window: rolling %s and calendar %s exclude each other", w.Rolling, w.Calendar))
	case w.Calendar == NoCalendar && w.Rolling <= 0:
		errs = append(errs, errors.New("window: either rolling or calendar must be given"))
	case w.Calendar == NoCalendar && w.Rolling > MaxRolling:
		errs = append(errs, fmt.Errorf("window: rolling %s is longer than %s, which is as far back as counts are kept", w.Rolling, MaxRolling))
	case w.Calendar == NoCalendar:
		errs = append(errs, checkResolution("window: rolling", w.Rolling))
	}
	if w.Calendar == NoCalendar && (w.Zone != "" || w.FromSunday) {
		errs = append(errs, errors.New("window: zone and week start belong to calendar windows only"))
	}
	if _, err := zone(w.Zone); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// hourBounds cuts the hour at a change of clocks that is no whole hour, such
// as Lord Howe's half one, so that hours never overlap.
func hourBounds(t time.Time) (start, end time.Time) {
	start = t.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	end = start.Add(time.Hour)
	from, to := t.ZoneBounds()
	if !from.IsZero() && start.Before(from) {
		start = from
	}
	if !to.IsZero() && end.After(to) {
		end = to
	}
	return start, end
}

// dayStart is the first instant whose local date is the given one; overflowing
// days and months are normalised. time.Date leaves open which instant it gives
// for a midnight that was skipped or came twice, so both are settled here.
func dayStart(y int, m time.Month, d int, loc *time.Location) time.Time {
	y, m, d = time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Date()
	t := time.Date(y, m, d, 0, 0, 0, 0, loc)
	from, to := t.ZoneBounds()
	switch {
	case t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Day() == d:
		if from.IsZero() {
			return t
		}
		_, before := from.Add(-time.Nanosecond).Zone()
		_, after := t.Zone()
		first := t.Add(-time.Duration(before-after) * time.Second)
		if before > after && first.Before(from) {
			return first // the clocks went back over midnight: the first of two
		}
		return t
	case t.Day() == d:
		return from
	}
	return to // midnight was skipped; the day begins with the new clock
}

// zones keeps loaded zones: a lookup parses a file. Only names that exist are
// kept, so the database bounds it.
var zones sync.Map // string -> *time.Location

func zone(name string) (*time.Location, error) {
	if name == "" || name == "UTC" {
		return time.UTC, nil
	}
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location), nil
	}
	if name == "Local" {
		return nil, errors.New("zone \"Local\" depends on the machine; name an IANA zone such as Europe/Berlin")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("zone %q is not an IANA zone such as Europe/Berlin: %w", name, err)
	}
	zones.Store(name, loc)
	return loc, nil
}
