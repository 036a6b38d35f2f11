package slo_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/slo"
)

const day = 24 * time.Hour

var monday = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)

func objective(tb testing.TB, s string) slo.Objective {
	tb.Helper()
	o, err := slo.ParseObjective(s)
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

func rolling(tb testing.TB, target string, window time.Duration) slo.Spec {
	tb.Helper()
	s, _ := slo.Spec{Name: "answers", Objective: objective(tb, target), Window: slo.Window{Rolling: window}}.WithDefaults()
	if err := s.Validate(); err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestLateEvents: what comes late enters its own bucket, as far as there is one.
func TestLateEvents(t *testing.T) {
	spec := rolling(t, "0.99", 30*day)
	now := monday.Add(40 * day)
	for _, c := range []struct {
		late time.Duration
		want slo.Landed
	}{
		{0, slo.InMinutes | slo.InFives | slo.InHours},
		{6 * time.Hour, slo.InMinutes | slo.InFives | slo.InHours},
		{7 * time.Hour, slo.InFives | slo.InHours},
		{3 * day, slo.InFives | slo.InHours},
		{4 * day, slo.InHours},
		{35 * day, slo.InHours},
		{36 * day, 0},
	} {
		ring := slo.NewRing(&spec, time.Time{})
		ring.Add(now.UnixNano(), 1, 0, 0)
		at := now.Add(-c.late)
		if got := ring.Add(at.UnixNano(), 0, 7, 0); got != c.want {
			t.Errorf("%s late: landed in %b, want %b", c.late, got, c.want)
		}
		hour := at.Truncate(time.Hour)
		if got := ring.Sum(hour, hour.Add(time.Hour)).Bad; (got == 7) != (c.want != 0) {
			t.Errorf("%s late: its own hour holds %d bad", c.late, got)
		}
	}
	ring := slo.NewRing(&spec, time.Time{})
	if ring.Add(-1, 1, 0, 0) != 0 || ring.Add(now.UnixNano(), -1, 0, 0) != 0 {
		t.Error("a time before 1970 or a negative count landed")
	}
}

type event struct {
	at int64 // Unix seconds
	c  slo.Counts
}

// stream draws events that mostly move on and sometimes come late, up to
// beyond the reach of the ring; kept are those that landed.
func stream(t *rapid.T, ring *slo.Ring) (kept []event, newest int64) {
	newest = monday.Unix()
	for range rapid.IntRange(1, 150).Draw(t, "events") {
		at := newest
		switch rapid.IntRange(0, 5).Draw(t, "move") {
		case 0:
			at += rapid.Int64Range(0, 20*86400).Draw(t, "leap")
		case 1:
			at -= rapid.Int64Range(0, 40*86400).Draw(t, "very late")
		case 2:
			at -= rapid.Int64Range(0, 7*3600).Draw(t, "late")
		default:
			at += rapid.Int64Range(0, 1800).Draw(t, "step")
		}
		c := slo.Counts{
			Good: rapid.Int64Range(0, 9).Draw(t, "good"), Bad: rapid.Int64Range(0, 9).Draw(t, "bad"),
			Excluded: rapid.Int64Range(0, 9).Draw(t, "excluded"),
		}
		newest = max(newest, at)
		if ring.Add(at*int64(time.Second), c.Good, c.Bad, c.Excluded)&slo.InHours != 0 {
			kept = append(kept, event{at, c})
		}
	}
	return kept, newest
}

func naive(events []event, from, to int64) (sum slo.Counts) {
	for _, e := range events {
		if e.at >= from && e.at < to {
			sum.Good, sum.Bad, sum.Excluded = sum.Good+e.c.Good, sum.Bad+e.c.Bad, sum.Excluded+e.c.Excluded
		}
	}
	return sum
}

// TestRingEqualsNaiveSum: whatever the order, the ring counts what a list of
// all events counts between the edges that it states.
func TestRingEqualsNaiveSum(t *testing.T) {
	spec := rolling(t, "0.99", 30*day)
	rapid.Check(t, func(t *rapid.T) {
		ring := slo.NewRing(&spec, time.Time{})
		events, newest := stream(t, ring)
		for range 8 {
			to := newest + 120 - rapid.Int64Range(0, 36*86400).Draw(t, "to")
			from := to - rapid.Int64Range(0, 36*86400).Draw(t, "width")
			mid := from + rapid.Int64Range(0, to-from).Draw(t, "mid")
			a, m, b := time.Unix(from, 0), time.Unix(mid, 0), time.Unix(to, 0)
			got := ring.Sum(a, b)
			if want := naive(events, ring.Edge(a).Unix(), ring.Edge(b).Unix()); got != want {
				t.Fatalf("[%d, %d): %+v, want %+v", from, to, got, want)
			}
			left, right := ring.Sum(a, m), ring.Sum(m, b)
			if got.Good != left.Good+right.Good || got.Bad != left.Bad+right.Bad {
				t.Fatalf("[%d, %d, %d): %+v and %+v do not add up to %+v", from, mid, to, left, right, got)
			}
		}
	})
}

// TestAlertWindowsAreExact: every window of the default tiers, ending on a
// minute up to ten minutes before the newest event, is cut to the resolution
// of its length and no coarser.
func TestAlertWindowsAreExact(t *testing.T) {
	spec := rolling(t, "0.99", 30*day)
	ring := slo.NewRing(&spec, time.Time{})
	newest := monday.Add(40*day + 17*time.Hour + 59*time.Minute)
	ring.Add(newest.UnixNano(), 1, 0, 0)
	for lag := range 11 {
		now := newest.Add(-time.Duration(lag) * time.Minute)
		for _, tier := range spec.Tiers {
			for _, w := range []time.Duration{tier.Long, tier.Short} {
				coarse := time.Minute
				if w > 6*time.Hour {
					coarse = 5 * time.Minute
				}
				from := now.Add(-w)
				if cut := ring.Edge(from).Sub(from); cut < 0 || cut >= coarse {
					t.Errorf("window %s ending %s before the newest event loses %s", w, newest.Sub(now), cut)
				}
			}
		}
	}
}

// TestRestoreGivesTheSameRing: a snapshot keeps everything, and what is added
// afterwards lands alike.
func TestRestoreGivesTheSameRing(t *testing.T) {
	sliced := slo.Spec{
		Name: "s", Objective: objective(t, "0.99"), Window: slo.Window{Calendar: slo.Month, Zone: "Europe/Berlin"},
		Method: slo.Timeslices, Slice: time.Minute, SliceTarget: objective(t, "0.9"),
	}
	for _, spec := range []slo.Spec{rolling(t, "0.99", 30*day), sliced} {
		rapid.Check(t, func(t *rapid.T) {
			ring := slo.NewRing(&spec, monday)
			_, newest := stream(t, ring)
			state := ring.State()
			again, err := slo.Restore(&spec, state)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []int64{newest, newest + 3600, newest - 7200} {
				ring.Add(at*int64(time.Second), 1, 2, 3)
				again.Add(at*int64(time.Second), 1, 2, 3)
			}
			if !reflect.DeepEqual(ring, again) {
				t.Fatal("the restored ring differs")
			}
			if reflect.DeepEqual(state, ring.State()) {
				t.Fatal("the state shares memory with the ring")
			}
		})
	}
}

func TestRestoreRefuses(t *testing.T) {
	spec := rolling(t, "0.99", 30*day)
	ring := slo.NewRing(&spec, monday)
	ring.Add(monday.UnixNano(), 1, 1, 0)
	for name, spoil := range map[string]func(*slo.RingState){
		"a negative count":     func(s *slo.RingState) { s.Hours.Buckets[0].Value.Bad = -1 },
		"a bucket of nowhere":  func(s *slo.RingState) { s.Minutes.Buckets[0].Number += 5 },
		"a bucket too old":     func(s *slo.RingState) { s.Fives.Buckets[0].Number -= 5000 },
		"an impossible head":   func(s *slo.RingState) { s.Fives.Head = -2 },
		"another calendar":     func(s *slo.RingState) { s.Calendar = slo.Week },
		"another slice length": func(s *slo.RingState) { s.Slice = time.Hour },
		"a reversed period":    func(s *slo.RingState) { s.Current.Start = 1 },
	} {
		state := ring.State()
		spoil(&state)
		if _, err := slo.Restore(&spec, state); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestAddDoesNotAllocate(t *testing.T) {
	spec := slo.Spec{
		Name: "s", Objective: objective(t, "0.99"), Window: slo.Window{Calendar: slo.Month, Zone: "Europe/Berlin"},
		Method: slo.Timeslices, Slice: time.Minute, SliceTarget: objective(t, "0.9"),
	}
	ring := slo.NewRing(&spec, monday)
	at := monday.UnixNano()
	if n := testing.AllocsPerRun(1000, func() {
		ring.Add(at, 3, 1, 1)
		at += int64(17 * time.Second)
	}); n != 0 {
		t.Errorf("%v allocations an event", n)
	}
}

func BenchmarkAdd(b *testing.B) {
	spec := rolling(b, "0.99", 30*day)
	ring := slo.NewRing(&spec, monday)
	at := monday.UnixNano()
	b.ReportAllocs()
	for b.Loop() {
		ring.Add(at, 1, 0, 0)
		at += int64(time.Millisecond)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	spec := rolling(b, "0.99", 30*day)
	ring := slo.NewRing(&spec, monday)
	now := monday
	for range 35 * 24 * 60 {
		ring.Add(now.UnixNano(), 99, 1, 0)
		now = now.Add(time.Minute)
	}
	var s slo.Status
	b.ReportAllocs()
	for b.Loop() {
		s = slo.Evaluate(&spec, ring, now, s.Pairs)
	}
}
