package genairollupconnector

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/rollup"
)

// slo is the state of an SLO now.
func (s *service) slo(name string) rollup.SLORow {
	for _, o := range s.c.(*half).Snapshot().SLOs {
		if o.Name == name {
			return o
		}
	}
	s.t.Fatalf("there is no SLO %q", name)
	return rollup.SLORow{}
}

// burn is the burn rate of an SLO over a window now.
func (s *service) burn(name string, window time.Duration) float64 {
	for _, b := range s.slo(name).Status.Burn {
		if b.Window == window {
			return b.Rate
		}
	}
	s.t.Fatalf("%s has no window %s", name, window)
	return 0
}

func (s *service) until(at string) {
	s.t.Helper()
	t, err := time.Parse(time.RFC3339, at)
	require.NoError(s.t, err)
	require.False(s.t, t.Before(time.Now()), "the clock only runs on")
	time.Sleep(time.Until(t))
	synctest.Wait()
}

func (s *service) calls(n int, fate string) {
	for range n {
		s.call(fate)
	}
}

// Budgets of calendar windows begin anew by the clock on their wall: at the
// end of a month in Berlin, an hour before that of UTC, and after a day of 23
// hours. A span that comes late belongs to the window that it ended in.
func TestCalendarWindowsFollowTheirZone(t *testing.T) {
	runWith(t, `
metrics_flush_interval: 1h
default_slos: {enabled: false}
slos:
  - {name: month, objective: 0.9, window: {calendar: month, zone: Europe/Berlin}}
  - {name: utc, objective: 0.9, window: {calendar: month}}
  - {name: day, objective: 0.9, window: {calendar: day, zone: Europe/Berlin}}
`, func(s *service) {
		s.until("2000-01-31T22:50:00Z")
		s.calls(9, "k")
		s.call("x")
		s.until("2000-01-31T22:58:00Z")
		for _, name := range []string{"month", "utc", "day"} {
			require.InDelta(s.t, 0, s.slo(name).Status.Remaining, 2./744, "one in ten spends it all but for the last hours: %s", name)
		}
		s.until("2000-01-31T23:02:00Z")
		for name, want := range map[string]float64{"month": 1, "day": 1, "utc": 0} {
			require.InDelta(s.t, want, s.slo(name).Status.Remaining, 2./744, "the first of February in Berlin, not in UTC: %s", name)
			require.Equal(s.t, name != "utc", s.slo(name).Status.NoData, name)
		}
		s.callAt("x", time.Date(2000, 1, 31, 22, 59, 30, 0, time.UTC))
		s.until("2000-01-31T23:05:00Z")
		require.True(s.t, s.slo("month").Status.NoData, "a late span does not burn the new month")
		require.EqualValues(s.t, 2, s.slo("utc").Status.Counts.Bad)
		require.EqualValues(s.t, 2, s.slo("month").Bad, "and is in the books")

		s.until("2000-03-26T21:50:00Z") // the clocks went on at 01:00 UTC: midnight is at 22:00
		s.calls(10, "x")
		s.until("2000-03-26T21:59:00Z")
		require.EqualValues(s.t, 10, s.slo("day").Status.Counts.Bad)
		s.until("2000-03-26T22:02:00Z")
		require.True(s.t, s.slo("day").Status.NoData, "a day of 23 hours is over")
		require.EqualValues(s.t, 10, s.slo("month").Status.Counts.Bad)
		s.calls(3, "x")
		s.until("2000-03-26T22:05:00Z")
		require.EqualValues(s.t, 3, s.slo("day").Status.Counts.Bad, "what comes now is the new day's")

		s.until("2000-10-29T10:00:00Z") // the clocks went back: this day has 25 hours
		s.calls(5, "x")
		s.until("2000-10-29T22:02:00Z")
		s.calls(10, "x")
		s.until("2000-10-29T22:58:00Z")
		require.EqualValues(s.t, 15, s.slo("day").Status.Counts.Bad)
		s.until("2000-10-29T23:02:00Z")
		require.True(s.t, s.slo("day").Status.NoData)
	})
}

// Failures that come an hour late burn the hour that they are of, and leave
// the last five minutes as they were.
func TestLateSpansCorrectTheirOwnWindow(t *testing.T) {
	run(t, func(s *service) {
		s.minutes(180, healthy)
		require.Zero(s.t, s.burn("calls", 6*time.Hour))
		late := time.Now().Add(-90 * time.Minute)
		for range 200 {
			s.callAt("x", late)
		}
		s.minutes(5, healthy)
		require.Zero(s.t, s.burn("calls", 5*time.Minute))
		require.Zero(s.t, s.burn("calls", time.Hour))
		// 200 of 2050: five minutes more, less the one that settles.
		require.InDelta(s.t, 200./2040/0.01, s.burn("calls", 6*time.Hour), 0.05)
		require.EqualValues(s.t, 200, s.slo("calls").Status.Counts.Bad)
		for _, line := range s.told() {
			require.NotContains(s.t, line, "page", "what is over does not wake anybody")
		}
	})
}

// What was excluded is not seen: above a fifth of it the SLO says so.
func TestTooManyExcludedMakeItBlind(t *testing.T) {
	run(t, func(s *service) {
		s.minutes(60, "k", "k", "k", "k", "f") // exactly a fifth
		s.minutes(2)                           // until the last has settled
		require.EqualValues(s.t, 120, s.slo("calls").Excluded)
		require.False(s.t, s.slo("calls").Status.Blind)
		s.minutes(1, "f")
		s.minutes(2)
		require.True(s.t, s.slo("calls").Status.Blind)
		require.Zero(s.t, s.slo("calls").Bad)
		require.Empty(s.t, s.told(), "blindness is no burn")
	})
}

const sleepy = `
metrics_flush_interval: 30s
default_slos: {enabled: false}
slos:
  - name: calls
    where: {route: checkout}
    objective: 0.99
    CLEAR
    alerts: [{name: page, long: 1h, short: 5m, factor: 10}]
`

// A provider that comes and goes: with a hold that is longer than its pauses
// the page is told once and cleared once.
func TestClearAfterKeepsAnAlertFromFlapping(t *testing.T) {
	for clear, want := range map[string]int{"clear_after: 40m": 1, "clear_after: 5m": 5, "": 5} { // the first five minutes are too few for the hour
		t.Run(clear, func(t *testing.T) {
			runWith(t, strings.Replace(sleepy, "CLEAR", clear, 1), func(s *service) {
				s.minutes(60, healthy)
				for range 6 {
					s.minutes(5, "x")
					s.minutes(25, healthy)
				}
				s.minutes(60, healthy)
				raised, cleared := 0, 0
				for _, line := range s.told() {
					switch {
					case strings.Contains(line, "active=true"):
						raised++
					case strings.Contains(line, "active=false"):
						cleared++
					}
				}
				require.Equal(s.t, []int{want, want}, []int{raised, cleared})
			})
		})
	}
}

// Slices weigh a quiet night as much as a busy day: ten bad calls at night
// spoil as many slices as a thousand would.
func TestTimeSlicesWeighTimeNotTraffic(t *testing.T) {
	runWith(t, `
metrics_flush_interval: 30s
default_slos: {enabled: false}
slos:
  - {name: events, objective: 0.9, window: {rolling: 2h}}
  - {name: slices, objective: 0.9, window: {rolling: 2h}, budgeting: {method: timeslices, slice: 5m, target: 0.5}}
  - {name: shares, objective: 0.9, window: {rolling: 2h}, budgeting: {method: ratiotimeslices, slice: 5m}}
`, func(s *service) {
		for range 50 { // an hour of silence but for ten slices of five bad calls each
			if s.next < 100 {
				s.call("x")
			}
			time.Sleep(time.Minute)
		}
		s.minutes(60, healthy)
		time.Sleep(11 * time.Minute) // 00:50 to 01:50 was busy
		synctest.Wait()
		require.InDelta(s.t, 1-50./650/0.1, s.slo("events").Status.Remaining, 1e-9)
		require.InDelta(s.t, 1-10./24/0.1, s.slo("slices").Status.Remaining, 1e-9)
		require.InDelta(s.t, 1-10./24/0.1, s.slo("shares").Status.Remaining, 1e-9)
		require.InDelta(s.t, 1-10./24, s.slo("slices").Status.SLI, 1e-9)
	})
}

// A restart in the middle of an outage: the counts of every window, the alert
// and the moment it began are as if nothing had been.
func TestAlertsSurviveARestart(t *testing.T) {
	yaml := twoSLOs + "storage: file_storage\n"
	run := func(restart bool) (out []rollup.SLORow) {
		runWith(t, yaml, func(s *service) {
			s.minutes(120, healthy)
			s.minutes(10, "x")
			s.told()
			if restart {
				require.NoError(s.t, s.c.Shutdown(context.Background()))
				s.open(yaml)
			}
			out = append(out, s.slo("calls"), s.slo("attempts"))
			require.True(s.t, out[0].Status.Alerts[0].Active)
			s.minutes(20, "x", "k", "k", "k")
			out = append(out, s.slo("calls"))
			require.Greater(s.t, s.burn("calls", 6*time.Hour), 0.)
		})
		for i := range out {
			out[i].Spec = nil
		}
		return out
	}
	require.Empty(t, cmp.Diff(run(false), run(true)))
}
