package slo_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/slo"
)

// TestCalendarWindows: periods by the wall clock, as a person in the zone
// would name them. Times are given and wanted in UTC.
func TestCalendarWindows(t *testing.T) {
	for _, c := range []struct {
		name             string
		cal              slo.Calendar
		zone             string
		now, start, end  string
		wantHours        float64
		weeksStartSunday bool
	}{
		{name: "the spring day of 23 hours", cal: slo.Day, zone: "Europe/Berlin", now: "2026-03-29T12:00:00Z", start: "2026-03-28T23:00:00Z", end: "2026-03-29T22:00:00Z", wantHours: 23},
		{name: "the autumn day of 25 hours", cal: slo.Day, zone: "Europe/Berlin", now: "2026-10-25T12:00:00Z", start: "2026-10-24T22:00:00Z", end: "2026-10-25T23:00:00Z", wantHours: 25},
		{name: "the first of the two hours at two", cal: slo.Hour, zone: "Europe/Berlin", now: "2026-10-25T00:30:00Z", start: "2026-10-25T00:00:00Z", end: "2026-10-25T01:00:00Z", wantHours: 1},
		{name: "the second of them", cal: slo.Hour, zone: "Europe/Berlin", now: "2026-10-25T01:30:00Z", start: "2026-10-25T01:00:00Z", end: "2026-10-25T02:00:00Z", wantHours: 1},
		{name: "a March that lacks an hour", cal: slo.Month, zone: "Europe/Berlin", now: "2026-03-31T21:59:59Z", start: "2026-02-28T23:00:00Z", end: "2026-03-31T22:00:00Z", wantHours: 743},
		{name: "an October that has one more", cal: slo.Month, zone: "Europe/Berlin", now: "2026-10-01T00:00:00Z", start: "2026-09-30T22:00:00Z", end: "2026-10-31T23:00:00Z", wantHours: 745},
		{name: "the last moment of January", cal: slo.Month, now: "2026-01-31T23:59:59.999999999Z", start: "2026-01-01T00:00:00Z", end: "2026-02-01T00:00:00Z", wantHours: 744},
		{name: "the first of February", cal: slo.Month, now: "2026-02-01T00:00:00Z", start: "2026-02-01T00:00:00Z", end: "2026-03-01T00:00:00Z", wantHours: 672},
		{name: "the leap February", cal: slo.Month, now: "2028-02-29T12:00:00Z", start: "2028-02-01T00:00:00Z", end: "2028-03-01T00:00:00Z", wantHours: 696},
		{name: "January 31 in Auckland is still January", cal: slo.Month, zone: "Pacific/Auckland", now: "2026-01-31T10:59:00Z", start: "2025-12-31T11:00:00Z", end: "2026-01-31T11:00:00Z", wantHours: 744},
		{name: "the quarter over the turn of the clocks", cal: slo.Quarter, zone: "Europe/Berlin", now: "2026-02-14T00:00:00Z", start: "2025-12-31T23:00:00Z", end: "2026-03-31T22:00:00Z", wantHours: 90*24 - 1},
		{name: "the last quarter", cal: slo.Quarter, now: "2026-12-31T23:00:00Z", start: "2026-10-01T00:00:00Z", end: "2027-01-01T00:00:00Z", wantHours: 92 * 24},
		{name: "a leap year", cal: slo.Year, now: "2028-07-01T00:00:00Z", start: "2028-01-01T00:00:00Z", end: "2029-01-01T00:00:00Z", wantHours: 366 * 24},
		{name: "a Monday starts its week", cal: slo.Week, now: "2026-01-05T00:00:00Z", start: "2026-01-05T00:00:00Z", end: "2026-01-12T00:00:00Z", wantHours: 168},
		{name: "a Sunday ends it", cal: slo.Week, now: "2026-01-04T23:59:59Z", start: "2025-12-29T00:00:00Z", end: "2026-01-05T00:00:00Z", wantHours: 168},
		{name: "unless weeks start on Sunday", cal: slo.Week, now: "2026-01-04T23:59:59Z", start: "2026-01-04T00:00:00Z", end: "2026-01-11T00:00:00Z", wantHours: 168, weeksStartSunday: true},
		{name: "the week of the spring change", cal: slo.Week, zone: "Europe/Berlin", now: "2026-03-25T00:00:00Z", start: "2026-03-22T23:00:00Z", end: "2026-03-29T22:00:00Z", wantHours: 167},
		{name: "Cairo skips midnight in spring", cal: slo.Day, zone: "Africa/Cairo", now: "2026-04-24T12:00:00Z", start: "2026-04-23T22:00:00Z", end: "2026-04-24T21:00:00Z", wantHours: 23},
		{name: "Havana has midnight twice in autumn", cal: slo.Day, zone: "America/Havana", now: "2026-11-01T12:00:00Z", start: "2026-11-01T04:00:00Z", end: "2026-11-02T05:00:00Z", wantHours: 25},
		{name: "Kolkata starts days at half past", cal: slo.Day, zone: "Asia/Kolkata", now: "2026-05-04T18:30:00Z", start: "2026-05-04T18:30:00Z", end: "2026-05-05T18:30:00Z", wantHours: 24},
		{name: "Lord Howe turns by half an hour", cal: slo.Hour, zone: "Australia/Lord_Howe", now: "2026-10-03T15:35:00Z", start: "2026-10-03T15:30:00Z", end: "2026-10-03T16:00:00Z", wantHours: .5},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := slo.Window{Calendar: c.cal, Zone: c.zone, FromSunday: c.weeksStartSunday}
			now, _ := time.Parse(time.RFC3339Nano, c.now)
			start, end := w.Bounds(now)
			if got := start.UTC().Format(time.RFC3339); got != c.start {
				t.Errorf("starts %s, want %s", got, c.start)
			}
			if got := end.UTC().Format(time.RFC3339); got != c.end {
				t.Errorf("ends %s, want %s", got, c.end)
			}
			if got := w.Period(now).Hours(); got != c.wantHours {
				t.Errorf("lasts %v h, want %v", got, c.wantHours)
			}
		})
	}
}

// TestPeriodsTile: in every zone each instant is in exactly one period, which
// starts where the one before ends.
func TestPeriodsTile(t *testing.T) {
	zones := []string{"", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Africa/Cairo", "America/Havana", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Beirut", "Africa/Casablanca"}
	rapid.Check(t, func(t *rapid.T) {
		w := slo.Window{
			Calendar:   rapid.SampledFrom([]slo.Calendar{slo.Hour, slo.Day, slo.Week, slo.Month, slo.Quarter, slo.Year}).Draw(t, "calendar"),
			Zone:       rapid.SampledFrom(zones).Draw(t, "zone"),
			FromSunday: rapid.Bool().Draw(t, "sunday"),
		}
		now := time.Unix(rapid.Int64Range(0, 2_000_000_000).Draw(t, "now"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		start, end := w.Bounds(now)
		if now.Before(start) || !now.Before(end) {
			t.Fatalf("%s is not in [%s, %s)", now.UTC(), start, end)
		}
		for _, inside := range []time.Time{start, end.Add(-1)} {
			if s, e := w.Bounds(inside); !s.Equal(start) || !e.Equal(end) {
				t.Fatalf("%s gives [%s, %s), not [%s, %s)", inside, s, e, start, end)
			}
		}
		if s, _ := w.Bounds(end); !s.Equal(end) {
			t.Fatalf("after %s comes %s", end, s)
		}
	})
}

func TestRollingWindow(t *testing.T) {
	start, end := slo.Window{Rolling: 7 * day}.Bounds(monday)
	if !end.Equal(monday) || !start.Equal(monday.Add(-7*day)) {
		t.Errorf("[%s, %s)", start, end)
	}
}
