package line

import (
	"fmt"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/price"
)

// Period is a price.Period as it is written: dates, or times where the day
// does not begin with it, and windows like "mon-fri 01:00-04:00".
type Period struct {
	From    string   `json:"from,omitempty" yaml:"from"`
	To      string   `json:"to,omitempty" yaml:"to"`
	Zone    string   `json:"zone,omitempty" yaml:"zone"`
	Windows []string `json:"windows,omitempty" yaml:"windows"`
	Outside bool     `json:"outside,omitempty" yaml:"outside"`
}

func formatPeriod(p price.Period) Period {
	out := Period{From: formatTime(p.From), To: formatTime(p.To)}
	if s := p.Schedule; s != nil {
		out.Zone, out.Outside = s.Zone, s.Outside
		for _, w := range s.Windows {
			out.Windows = append(out.Windows, formatWindow(w))
		}
	}
	return out
}

// Parse makes the period that is written.
func (p Period) Parse() (out price.Period, err error) {
	if out.From, err = parseTime(p.From); err != nil {
		return out, err
	}
	if out.To, err = parseTime(p.To); err != nil {
		return out, err
	}
	if len(p.Windows) == 0 {
		return out, nil
	}
	out.Schedule = &price.Schedule{Zone: p.Zone, Outside: p.Outside}
	for _, s := range p.Windows {
		w, err := parseWindow(s)
		if err != nil {
			return out, err
		}
		out.Schedule.Windows = append(out.Schedule.Windows, w)
	}
	return out, nil
}

func formatTime(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.Equal(t.Truncate(24 * time.Hour)):
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339)
}

func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if len(s) == len(time.DateOnly) {
		return time.Parse(time.DateOnly, s)
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC(), err
}

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func formatWindow(w price.Window) string {
	hours := formatClock(w.From) + "-" + formatClock(w.To)
	switch w.Days {
	case 0:
		return hours
	case price.MondayToFriday:
		return "mon-fri " + hours
	}
	var days []string
	for d, name := range dayNames {
		if w.Days&(1<<d) != 0 {
			days = append(days, name)
		}
	}
	return strings.Join(days, ",") + " " + hours
}

func parseWindow(s string) (w price.Window, err error) {
	days, hours, ok := strings.Cut(s, " ")
	if !ok {
		days, hours = "", s
	}
	if w.Days, err = parseDays(days); err != nil {
		return w, fmt.Errorf("window %q: %w", s, err)
	}
	from, to, _ := strings.Cut(hours, "-")
	if w.From, err = parseClock(from); err == nil {
		w.To, err = parseClock(to)
	}
	if err != nil {
		return w, fmt.Errorf("window %q: %w", s, err)
	}
	return w, nil
}

func parseDays(s string) (price.Weekdays, error) {
	switch s {
	case "":
		return 0, nil
	case "mon-fri":
		return price.MondayToFriday, nil
	}
	var out price.Weekdays
next:
	for _, day := range strings.Split(s, ",") {
		for d, name := range dayNames {
			if day == name {
				out |= 1 << d
				continue next
			}
		}
		return 0, fmt.Errorf("no day %q", day)
	}
	return out, nil
}

func formatClock(sec int) string {
	if sec%60 != 0 {
		return fmt.Sprintf("%02d:%02d:%02d", sec/3600, sec/60%60, sec%60)
	}
	return fmt.Sprintf("%02d:%02d", sec/3600, sec/60%60)
}

func parseClock(s string) (int, error) {
	var h, m, sec int
	switch strings.Count(s, ":") {
	case 1:
		if _, err := fmt.Sscanf(s, "%d:%d", &h, &m); err != nil {
			return 0, err
		}
	default:
		if _, err := fmt.Sscanf(s, "%d:%d:%d", &h, &m, &sec); err != nil {
			return 0, err
		}
	}
	if h < 0 || m < 0 || m > 59 || sec < 0 || sec > 59 || h*3600+m*60+sec > 86_400 {
		return 0, fmt.Errorf("%q is no time of day", s)
	}
	return h*3600 + m*60 + sec, nil
}
