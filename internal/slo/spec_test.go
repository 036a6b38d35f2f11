package slo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
)

func TestObjective(t *testing.T) {
	for _, c := range []struct {
		in       string
		num, den int64
		fault    string
	}{
		{"0.999", 999, 1000, ""},
		{"99.9%", 999, 1000, ""},
		{"0.9990", 999, 1000, ""},
		{".5", 1, 2, ""},
		{"0.999999999", 999999999, 1000000000, ""},
		{"0.9999999999", 0, 0, "not be finer than one in 1000000000"},
		{"0", 0, 0, "more than 0"},
		{"-0.9", 0, 0, "more than 0"},
		{"1", 0, 0, "less than 1"},
		{"99.9", 0, 0, "99.9 percent is 0.999 or 99.9%"},
		{"1e-3", 0, 0, "not a plain decimal"},
		{"0.9.9", 0, 0, "not a plain decimal"},
		{"", 0, 0, "not a plain decimal"},
		{"0.1234567890123456789", 0, 0, "too many digits"},
		{strings.Repeat("9", 100), 0, 0, "not a plain decimal"},
	} {
		o, err := slo.ParseObjective(c.in)
		switch {
		case c.fault == "" && (err != nil || o.Num != c.num || o.Den != c.den):
			t.Errorf("%q: %v, %v", c.in, o, err)
		case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
			t.Errorf("%q: error %v, want %q", c.in, err, c.fault)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"30d": 30 * day, "4w": 28 * day, "1w2d": 9 * day, "1d12h30m": 36*time.Hour + 30*time.Minute, "5m": 5 * time.Minute, "16h48m": 1008 * time.Minute,
	} {
		if got, err := slo.ParseSpan(in); err != nil || got != want {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "d", "30", "1M", "2d1w", "-3d", "1d-2h", "9999999w", "99999999h", "1.5d"} {
		if got, err := slo.ParseSpan(in); err == nil {
			t.Errorf("%q was read as %s", in, got)
		}
	}
}

// TestValidateReportsEveryFault: one look at the error is enough to mend all.
func TestValidateReportsEveryFault(t *testing.T) {
	bad := slo.Spec{
		Kind: slo.Duration, Objective: slo.Objective{Num: 1, Den: 1}, MinEvents: -1,
		Window: slo.Window{Rolling: 40 * day, Zone: "Mars/Olympus"}, Slice: time.Minute,
		Tiers: []slo.Tier{{Long: time.Minute, Short: time.Hour}},
	}
	err := bad.Validate()
	if err == nil {
		t.Fatal("valid")
	}
	for _, want := range []string{
		"a name is needed", "min_events must not be negative", "less than 1", "longer than 840h", "zone and week start belong to calendar",
		`zone "Mars/Olympus" is not an IANA zone`, "sli duration needs a threshold", "slice and slice target belong",
		"a tier needs a name", "must be shorter", "exactly one of budget share and factor",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing on %q in:\n%v", want, err)
		}
	}
}

func TestValidate(t *testing.T) {
	eight := slo.Limits{Duration: 8 * time.Second}
	tier := func(long, short time.Duration, factor int64) []slo.Tier {
		return []slo.Tier{{Name: slo.Page, Long: long, Short: short, Factor: slo.Ratio{Num: factor, Den: 1}}}
	}
	for _, c := range []struct {
		name  string
		edit  func(*slo.Spec)
		fault string
	}{
		{"availability over 30 days", func(*slo.Spec) {}, ""},
		{"a threshold that does nothing", func(s *slo.Spec) { s.Limits = eight }, "does nothing in an sli of availability"},
		{"a duration", func(s *slo.Spec) { s.Kind, s.Limits = slo.Duration, eight }, ""},
		{"a negative duration", func(s *slo.Spec) { s.Kind, s.Limits.Duration = slo.Duration, -1 }, "must be positive"},
		{"a negative cost", func(s *slo.Spec) { s.Kind, s.Limits.Cost = slo.CostPerCall, money.FromPico(-1) }, "must be positive"},
		{"a composite of nothing", func(s *slo.Spec) { s.Kind = slo.Composite }, "at least one threshold"},
		{"goodput", func(s *slo.Spec) { s.Kind, s.Limits = slo.Composite, eight }, ""},
		{"a month in Berlin", func(s *slo.Spec) { s.Window = slo.Window{Calendar: slo.Month, Zone: "Europe/Berlin"} }, ""},
		{"the machine's own zone", func(s *slo.Spec) { s.Window = slo.Window{Calendar: slo.Month, Zone: "Local"} }, "depends on the machine"},
		{"no window", func(s *slo.Spec) { s.Window = slo.Window{} }, "either rolling or calendar"},
		{"two windows", func(s *slo.Spec) { s.Window.Calendar = slo.Day }, "exclude each other"},
		{"a window finer than its buckets", func(s *slo.Spec) { s.Window.Rolling = 30*day + time.Minute }, "whole multiples of 1h"},
		{
			"an unreachable page", func(s *slo.Spec) { s.Objective = objective(t, "0.9"); s.Tiers = tier(time.Hour, 5*time.Minute, 12) },
			"factor * (1 - objective) = 12 * (1 - 0.9) = 1.2, and is at most 1",
		},
		{"a limit of exactly everything", func(s *slo.Spec) { s.Objective = objective(t, "0.9"); s.Tiers = tier(time.Hour, 5*time.Minute, 10) }, "can never alert"},
		{"just reachable", func(s *slo.Spec) { s.Objective = objective(t, "0.9"); s.Tiers = tier(time.Hour, 5*time.Minute, 9) }, ""},
		{"a tier longer than the period", func(s *slo.Spec) { s.Window.Rolling = day; s.Tiers = tier(2*day, time.Hour, 2) }, "longer than the period"},
		{"a tier twice", func(s *slo.Spec) {
			s.Tiers = append(tier(time.Hour, 5*time.Minute, 9), tier(time.Hour, 5*time.Minute, 8)...)
		}, "there twice"},
		{"a tier of seconds", func(s *slo.Spec) { s.Tiers = tier(time.Hour, 90*time.Second, 9) }, "whole multiples of 1m"},
		{"a tier by budget beyond all of it", func(s *slo.Spec) {
			s.Tiers = []slo.Tier{{Name: "x", Long: time.Hour, Short: time.Minute, Budget: slo.Ratio{Num: 2, Den: 1}}}
		}, "at most 1"},
		{"slices", func(s *slo.Spec) {
			s.Method, s.Slice, s.SliceTarget = slo.Timeslices, time.Minute, objective(t, "0.95")
		}, ""},
		{"slices of all good only", func(s *slo.Spec) {
			s.Method, s.Slice, s.SliceTarget = slo.Timeslices, 5*time.Minute, slo.Objective{Num: 1, Den: 1}
		}, ""},
		{"slices without a target", func(s *slo.Spec) { s.Method, s.Slice = slo.Timeslices, time.Minute }, "slice target"},
		{"slices of seven minutes", func(s *slo.Spec) { s.Method, s.Slice = slo.RatioTimeslices, 7*time.Minute }, "divide an hour"},
		{"slices longer than the short window", func(s *slo.Spec) {
			s.Method, s.Slice, s.Tiers = slo.RatioTimeslices, 10*time.Minute, tier(time.Hour, 5*time.Minute, 9)
		}, "whole slices"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := slo.Spec{Name: "answers", Objective: objective(t, "0.99"), Window: slo.Window{Rolling: 30 * day}}
			c.edit(&s)
			switch err := s.Validate(); {
			case c.fault == "" && err != nil:
				t.Error(err)
			case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
				t.Errorf("error %v, want %q", err, c.fault)
			}
		})
	}
}

// TestDefaultTiers: factors follow the period; tiers that would make no sense
// are not there by default.
func TestDefaultTiers(t *testing.T) {
	for _, c := range []struct {
		target  string
		window  slo.Window
		factors []float64
		dropped int
	}{
		{"0.999", slo.Window{Rolling: 30 * day}, []float64{14.4, 6, 3, 1}, 0},
		{"0.999", slo.Window{Rolling: 28 * day}, []float64{13.44, 5.6, 2.8, 28. / 30}, 0},
		{"0.999", slo.Window{Rolling: 7 * day}, []float64{3.36, 1.4, 1, 1}, 0},
		{"0.999", slo.Window{Rolling: day}, []float64{1}, 0},
		{"0.999", slo.Window{Calendar: slo.Hour}, nil, 0},
		{"0.9", slo.Window{Rolling: 30 * day}, []float64{6, 3, 1}, 1},
		{"0.5", slo.Window{Rolling: 30 * day}, []float64{1}, 3},
	} {
		s, dropped := slo.Spec{Name: "s", Objective: objective(t, c.target), Window: c.window}.WithDefaults()
		if err := s.Validate(); err != nil {
			t.Errorf("%s over %v: %v", c.target, c.window, err)
		}
		var factors []float64
		for _, tier := range s.Tiers {
			factors = append(factors, tier.BurnFactor(s.Window.Period(monday)))
		}
		if len(dropped) != c.dropped || !equalFloats(factors, c.factors) {
			t.Errorf("%s over %v: factors %v, %d dropped; want %v, %d", c.target, c.window, factors, len(dropped), c.factors, c.dropped)
		}
	}
}

func equalFloats(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestNamesComeBack(t *testing.T) {
	for k := range slo.NumKinds {
		if got, ok := slo.ParseKind(k.String()); !ok || got != k {
			t.Errorf("kind %s", k)
		}
	}
	for s := range slo.NumScopes {
		if got, ok := slo.ParseScope(s.String()); !ok || got != s {
			t.Errorf("scope %s", s)
		}
	}
	for m := range slo.NumMethods {
		if got, ok := slo.ParseMethod(m.String()); !ok || got != m {
			t.Errorf("method %s", m)
		}
	}
	for _, c := range []slo.Calendar{slo.Hour, slo.Day, slo.Week, slo.Month, slo.Quarter, slo.Year} {
		if got, ok := slo.ParseCalendar(c.String()); !ok || got != c {
			t.Errorf("calendar %s", c)
		}
	}
	for _, v := range []slo.Verdict{slo.Good, slo.Bad, slo.Excluded} {
		if got, ok := slo.ParseVerdict(v.String()); !ok || got != v {
			t.Errorf("verdict %s", v)
		}
	}
	_, kind := slo.ParseKind("speed")
	_, verdict := slo.ParseVerdict("skip")
	_, calendar := slo.ParseCalendar("")
	if goodput, ok := slo.ParseKind("goodput"); kind || verdict || calendar || !ok || goodput != slo.Composite {
		t.Error("a word outside the vocabulary was read, or goodput was not")
	}
}
