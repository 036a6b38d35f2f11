package slospec

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/slo"
)

// sliSpec is the spec of an SLI.
type sliSpec struct {
	Ratio *struct {
		Good  *metric `yaml:"good"`
		Bad   *metric `yaml:"bad"`
		Total *metric `yaml:"total"`
		Raw   *metric `yaml:"raw"`
	} `yaml:"ratioMetric"`
	Threshold *metric `yaml:"thresholdMetric"`
}

type metric struct {
	Source struct {
		Ref  string    `yaml:"metricSourceRef"`
		Type string    `yaml:"type"`
		Spec yaml.Node `yaml:"spec"`
	} `yaml:"metricSource"`
}

var errForeign = errors.New("its metric source is not of type " + sourceType)

func (l *library) indicator(s *sloSpec) (sli sliSpec, err error) {
	switch {
	case (s.Indicator == nil) == (s.IndicatorRef == ""):
		return sli, errors.New("exactly one of indicator and indicatorRef is needed")
	case s.Indicator != nil:
		return s.Indicator.Spec, nil
	}
	err = l.find("SLI", s.IndicatorRef, &sli)
	return sli, err
}

// source is what a metric source of ours says.
type source struct {
	where     map[string]string
	sli       map[string]string
	errors    map[string]string
	minEvents int64
}

func (s *source) written() Written {
	return Written{Where: s.where, SLI: s.sli, MinEvents: s.minEvents, Errors: s.errors}
}

// source finds the metric source that says what is good. A total may only pick
// the same calls: which events count is said by the sli kind and the policy.
func (l *library) source(sli *sliSpec) (*source, error) {
	switch {
	case (sli.Ratio == nil) == (sli.Threshold == nil):
		return nil, errors.New("exactly one of ratioMetric and thresholdMetric is needed")
	case sli.Threshold != nil:
		return l.ours(sli.Threshold)
	case sli.Ratio.Raw != nil:
		if _, err := l.ours(sli.Ratio.Raw); errors.Is(err, errForeign) {
			return nil, err
		}
		return nil, errors.New("ratioMetric.raw cannot be counted")
	case (sli.Ratio.Good == nil) == (sli.Ratio.Bad == nil):
		return nil, errors.New("ratioMetric needs exactly one of good and bad")
	}
	what := sli.Ratio.Good
	if what == nil {
		what = sli.Ratio.Bad
	}
	s, err := l.ours(what)
	if err != nil || sli.Ratio.Total == nil {
		return s, err
	}
	total, err := l.ours(sli.Ratio.Total)
	switch {
	case err != nil:
		return nil, fmt.Errorf("ratioMetric.total: %w", err)
	case !maps.Equal(total.where, s.where):
		return nil, fmt.Errorf("ratioMetric.total picks other calls (%v) than the rest (%v)", total.where, s.where)
	}
	return s, nil
}

// The words of a metric source of ours that go into the sli as they are.
var sliWords = []string{"kind", "scope", "threshold", "duration", "time_to_first_chunk", "time_per_output_token", "cost_per_call"}

// ours reads a metric source of type spanledger; errForeign is any other.
func (l *library) ours(m *metric) (*source, error) {
	typ := m.Source.Type
	if m.Source.Ref != "" {
		var ds struct {
			Type string `yaml:"type"`
		}
		if err := l.find("DataSource", m.Source.Ref, &ds); err != nil {
			return nil, err
		}
		typ = ds.Type
	}
	if !strings.EqualFold(typ, sourceType) {
		return nil, fmt.Errorf("%w but %q", errForeign, typ)
	}
	var words map[string]yaml.Node
	if err := m.Source.Spec.Decode(&words); err != nil {
		return nil, fmt.Errorf("metricSource.spec: %w", err)
	}
	s := &source{sli: map[string]string{}}
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(words)) {
		node := words[key]
		errs = append(errs, s.put(key, &node))
	}
	if s.sli["kind"] == "" {
		s.sli["kind"] = slo.Availability.String()
	}
	return s, errors.Join(errs...)
}

func (s *source) put(key string, node *yaml.Node) (err error) {
	switch {
	case slices.Contains(sliWords, key):
		var v string
		err = node.Decode(&v)
		s.sli[key] = v
	case key == "where":
		err = node.Decode(&s.where)
	case key == "errors":
		err = node.Decode(&s.errors)
	case key == "min_events":
		err = node.Decode(&s.minEvents)
	default:
		return fmt.Errorf("metricSource.spec: %q is not one of %s, errors, min_events, where", key, strings.Join(sliWords, ", "))
	}
	if err != nil {
		return fmt.Errorf("metricSource.spec.%s: %w", key, err)
	}
	return nil
}

// WrittenBudgeting is a method of time slices.
type WrittenBudgeting struct {
	Method string `yaml:"method"`
	Slice  string `yaml:"slice"`
	Target string `yaml:"target,omitempty"`
}

// readBudgeting reads how the events of an objective add up; nil is every
// event alike.
func readBudgeting(method string, o *objective) (*WrittenBudgeting, error) {
	fail := func(format string, args ...any) (*WrittenBudgeting, error) {
		return nil, fmt.Errorf("budgetingMethod "+method+": "+format, args...)
	}
	switch method {
	case "Occurrences":
		if o.SliceTarget != "" || o.SliceWindow != "" {
			return fail("timeSliceTarget and timeSliceWindow belong to the time slice methods")
		}
		return nil, nil
	case "Timeslices", "RatioTimeslices":
	default:
		return nil, fmt.Errorf("budgetingMethod: %q is not Occurrences, Timeslices or RatioTimeslices", method)
	}
	if _, err := fixed("timeSliceWindow", o.SliceWindow); err != nil {
		return fail("%w", err)
	}
	if (method == "Timeslices") != (o.SliceTarget != "") {
		return fail("timeSliceTarget is for Timeslices, which need it, and for no other; got %q", o.SliceTarget)
	}
	return &WrittenBudgeting{Method: strings.ToLower(method), Slice: o.SliceWindow, Target: o.SliceTarget}, nil
}

// window is a time window of an SLO.
type window struct {
	Duration  string `yaml:"duration"`
	IsRolling bool   `yaml:"isRolling"`
	Calendar  *struct {
		StartTime string `yaml:"startTime"`
		TimeZone  string `yaml:"timeZone"`
	} `yaml:"calendar"`
}

// shorthand is OpenSLO's form of a duration: m is minutes, M months.
var shorthand = regexp.MustCompile(`^([1-9][0-9]{0,5})([mhdwMQY])$`)

// noFixedLength: months, quarters and years.
func noFixedLength(unit string) bool { return unit == "M" || unit == "Q" || unit == "Y" }

func readWindow(list []window) (WrittenWindow, error) {
	if len(list) != 1 {
		return WrittenWindow{}, fmt.Errorf("timeWindow: exactly one is needed, got %d", len(list))
	}
	w := list[0]
	m := shorthand.FindStringSubmatch(w.Duration)
	switch {
	case m == nil:
		return WrittenWindow{}, fmt.Errorf("timeWindow: duration %q is not a number with one of m, h, d, w, M, Q and Y", w.Duration)
	case w.IsRolling && w.Calendar != nil, !w.IsRolling && w.Calendar == nil:
		return WrittenWindow{}, errors.New("timeWindow: it is either rolling or has a calendar")
	case w.IsRolling && noFixedLength(m[2]):
		return WrittenWindow{}, fmt.Errorf("timeWindow: a rolling %s has no fixed length; use days", w.Duration)
	case w.IsRolling:
		return WrittenWindow{Rolling: w.Duration}, nil
	}
	return w.period(m[1], m[2])
}

// period reads a calendar window, which has to start where the calendar's own
// period does.
func (w *window) period(n, unit string) (out WrittenWindow, err error) {
	fail := func(format string, args ...any) (WrittenWindow, error) {
		return WrittenWindow{}, fmt.Errorf("timeWindow: "+format, args...)
	}
	zone := w.Calendar.TimeZone
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return fail("timeZone %q is not an IANA zone such as Europe/Berlin", zone)
	}
	start, err := time.Parse(time.DateTime, w.Calendar.StartTime)
	if err != nil {
		return fail("startTime %q is not of the form 2026-01-31 00:00:00", w.Calendar.StartTime)
	}
	if n != "1" || unit == "m" {
		return fail("a calendar window is one hour, day, week, month, quarter or year, not %s%s", n, unit)
	}
	c := map[string]slo.Calendar{"h": slo.Hour, "d": slo.Day, "w": slo.Week, "M": slo.Month, "Q": slo.Quarter, "Y": slo.Year}[unit]
	out = WrittenWindow{Calendar: c.String(), Zone: zone}
	calendar := slo.Window{Calendar: c}
	if c == slo.Week && start.Weekday() == time.Sunday {
		calendar.FromSunday, out.WeekStart = true, "sunday"
	}
	// The wall clock is all that matters here, so UTC stands for the zone.
	if first, _ := calendar.Bounds(start); !first.Equal(start) {
		return fail("a %s starts at %s, not at %s", c, first.Format(time.DateTime), w.Calendar.StartTime)
	}
	return out, nil
}
