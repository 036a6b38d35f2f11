package prometheus

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/deploy"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/slospec"
)

// second is the events of one second.
type second struct{ good, bad, excluded int64 }

// stream makes the traffic of an LLM route, second by second.
type stream struct {
	name  string
	hours int
	at    func(r *rand.Rand, s int) second
}

func some(r *rand.Rand, chance float64) int64 {
	if r.Float64() < chance {
		return 1 + r.Int64N(3)
	}
	return 0
}

var streams = []stream{
	{"steady", 75, func(r *rand.Rand, _ int) second {
		return second{some(r, 0.6), some(r, 0.004), some(r, 0.01)}
	}},
	{"bursts, as agents make them", 75, func(r *rand.Rand, s int) second {
		if s/600%7 != 0 {
			return second{good: some(r, 0.01)}
		}
		return second{good: 4 * some(r, 0.9), bad: some(r, 0.05)}
	}},
	{"an outage of 20 minutes", 30, func(r *rand.Rand, s int) second {
		if s >= 28*3600 && s < 28*3600+1200 {
			return second{bad: some(r, 0.6)}
		}
		return second{good: some(r, 0.6)}
	}},
	{"a slow leak", 75, func(r *rand.Rand, s int) second {
		return second{good: some(r, 0.5), bad: some(r, 0.03*float64(s)/(75*3600))}
	}},
	{"hardly any traffic", 75, func(r *rand.Rand, _ int) second {
		return second{good: some(r, 0.002), bad: some(r, 0.0002)}
	}},
}

// run is one stream through our ring and into the tsdb, as the ledger counts
// and as Prometheus scrapes every 15 s, a second and a bit off the minute.
type run struct {
	*server
	spec   slo.Spec
	ring   *slo.Ring
	totals []second // cumulative, at the end of each second
}

const (
	sloName = "side-by-side"
	phase   = 1370 * time.Millisecond
)

func play(t *testing.T, st stream, extra func(r *run, at time.Time)) *run {
	t.Helper()
	o, err := slo.ParseObjective("0.99")
	require.NoError(t, err)
	spec, _ := slo.Spec{Name: sloName, Objective: o, Window: slo.Window{Rolling: 30 * 24 * time.Hour}, MinEvents: 20}.WithDefaults()
	r := &run{server: newServer(t), spec: spec, ring: slo.NewRing(&spec, epoch)}
	random := rand.New(rand.NewPCG(7, uint64(len(st.name))))
	good, excluded := r.counter("good", ""), r.counter("excluded", "bad_request")
	bad := [2]*scraped{r.counter("bad", "server_error"), r.counter("bad", "timeout")}
	next := epoch.Add(phase)
	var sum second
	for s := range st.hours * 3600 {
		at := epoch.Add(time.Duration(s) * time.Second)
		for ; !next.After(at); next = next.Add(every) {
			app := r.storage.Appender(t.Context())
			r.append(app, good, next, float64(sum.good))
			r.append(app, bad[0], next, float64(sum.bad-sum.bad/3)) // by reason: rates are of each alone
			r.append(app, bad[1], next, float64(sum.bad/3))
			r.append(app, excluded, next, float64(sum.excluded))
			commit(t, app)
		}
		e := st.at(random, s)
		r.ring.Add(at.UnixNano(), e.good, e.bad, e.excluded)
		sum.good, sum.bad, sum.excluded = sum.good+e.good, sum.bad+e.bad, sum.excluded+e.excluded
		r.totals = append(r.totals, sum)
		if now := at.Add(time.Second); extra != nil && now.Second() == 0 {
			extra(r, now)
		}
	}
	return r
}

func (r *run) counter(outcome, reason string) *scraped {
	labels := []string{"slo", sloName, "scope", "call", "outcome", outcome, "job", "spanledger", "instance", "a"}
	if reason != "" {
		labels = append(labels, "reason", reason)
	}
	return newScraped("spanledger_slo_events_total", labels...)
}

// until is what had happened before a time.
func (r *run) until(at time.Time) second {
	n := int(math.Ceil(at.Sub(epoch).Seconds()))
	if n <= 0 {
		return second{}
	}
	return r.totals[min(n, len(r.totals))-1]
}

// reach says what the share of bad events is over a window of ours that ends
// at now, and how far rate() can be from it. Two things separate them: events
// between the edges of our window (the ring cuts at the buckets it keeps) and
// the samples nearest to the edges of theirs, which are known here; and
// extrapolation, which multiplies numerator and denominator by the same factor,
// except that a counter still at zero is not carried back beyond its first
// sample, which puts them apart by at most (sampled + before) / sampled.
func (r *run) reach(window time.Duration, now time.Time) (exact, bound float64, ok bool) {
	first := r.sampleAtOrAfter(now.Add(-window).Add(time.Millisecond)) // a window is open at its start
	last := r.sampleAtOrAfter(now.Add(time.Millisecond)).Add(-every)
	if !last.After(first) {
		return 0, 0, false
	}
	count := func(from, to time.Time) (bad, all float64) {
		a, b := r.until(from), r.until(to)
		return float64(b.bad - a.bad), float64(b.bad + b.good - a.bad - a.good)
	}
	bad, all := count(r.ring.Edge(now.Add(-window)), r.ring.Edge(now))
	seenBad, seenAll := count(first, last)
	if all == 0 || seenAll == 0 {
		return 0, 0, false
	}
	exact = bad / all
	sampled := last.Sub(first).Seconds()
	before := first.Sub(now.Add(-window)).Seconds()
	seen := seenBad / seenAll
	return exact, math.Abs(seen-exact) + seen*before/sampled + 1e-12, true
}

// sampleAtOrAfter is the first scrape at or after a time.
func (r *run) sampleAtOrAfter(at time.Time) time.Time {
	first := epoch.Add(phase)
	if !at.After(first) {
		return first
	}
	n := (at.Sub(first) + every - 1) / every
	return first.Add(n * every)
}

// Burn rates by PromQL over the published counters against ours, over every
// window of the default tiers, within the bound that the samples allow.
func TestBurnRatesAgreeWithPrometheus(t *testing.T) {
	groups := readRules(t, deploy.Rules)
	groups.Groups = groups.Groups[:1]
	require.Equal(t, "spanledger-slo-ratios", groups.Groups[0].Name)
	checked := 0
	for _, st := range streams {
		worst, allowed := map[time.Duration]float64{}, map[time.Duration]float64{}
		r := play(t, st, nil)
		end := epoch.Add(time.Duration(st.hours) * time.Hour)
		for _, back := range []time.Duration{110 * time.Minute, 91 * time.Minute, 62 * time.Minute, 40 * time.Minute, 3 * time.Minute, 0} {
			now := end.Add(-back)
			r.scrape(now, func(set func(float64, string, ...string)) {
				set(r.spec.Objective.Float64(), "spanledger_slo_objective_ratio", "slo", sloName)
			})
			r.evaluate(groups, now)
			for _, b := range slo.Evaluate(&r.spec, r.ring, now, nil).Burn {
				if b.Window > now.Sub(epoch) {
					continue // the counters were not yet there: rate() sees less than the window
				}
				name := "slo:spanledger_slo_burn:rate" + text(b.Window)
				theirs := r.number(name+`{slo="`+sloName+`"}`, now)
				exact, bound, ok := r.reach(b.Window, now)
				if !ok {
					require.True(t, math.IsNaN(theirs) || b.NoData == (theirs == 0), "%s %s", st.name, b.Window)
					continue
				}
				budget := r.spec.Objective.Budget().Float64()
				require.InDelta(t, exact/budget, b.Rate, 1e-9, "ours is exact: %s over %s", st.name, b.Window)
				require.InDelta(t, b.Rate, theirs, bound/budget, "%s over %s at %s", st.name, b.Window, now)
				worst[b.Window] = max(worst[b.Window], math.Abs(b.Rate-theirs))
				allowed[b.Window] = max(allowed[b.Window], bound/budget)
				checked++
			}
		}
		var line strings.Builder
		for _, w := range []time.Duration{5 * time.Minute, 30 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour} {
			fmt.Fprintf(&line, "  %s %.4f (%.4f)", text(w), worst[w], allowed[w])
		}
		t.Logf("%-28s largest difference of the burn rate (its bound):%s", st.name, &line)
		require.Less(t, allowed[time.Hour], 1.0, "the bound is no carte blanche: %s", st.name)
	}
	require.Greater(t, checked, 100)
}

// text is a window as rule names write it.
func text(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}

// During an outage and after it, the generated rules and the shipped ones with
// declared objectives hold for the same tiers as our own condition, minute by
// minute (hysteresis apart, which Prometheus has as keep_firing_for). They may
// differ only where a burn rate is within its bound of the factor.
func TestGeneratedAlertsFollowTheLedger(t *testing.T) {
	var complete, shared [][]byte
	prepare := func(spec slo.Spec) {
		for format, into := range map[string]*[][]byte{slospec.Prometheus: &complete, slospec.Objectives: &shared} {
			out, notes, err := slospec.Generate(format, []rollup.SLODef{{Spec: spec}})
			require.NoError(t, err)
			require.Empty(t, notes)
			*into = append(*into, out)
		}
		shared = append(shared, deploy.Rules)
	}
	minutes, differ := 0, 0
	raised := words{}
	play(t, streams[2], func(r *run, now time.Time) {
		since := now.Sub(epoch)
		if since < 28*time.Hour-10*time.Minute || since.Minutes() != math.Trunc(since.Minutes()) || now.Minute()%2 != 0 {
			return
		}
		if complete == nil {
			prepare(r.spec)
		}
		ours, near := words{}, words{}
		for _, p := range slo.Evaluate(&r.spec, r.ring, now, nil).Pairs {
			if p.Active {
				ours[p.Tier] = true
			}
			for w, burn := range map[time.Duration]float64{p.Long: p.BurnLong, p.Short: p.BurnShort} {
				if _, bound, ok := r.reach(w, now); ok && math.Abs(burn-p.Factor) <= bound/r.spec.Objective.Budget().Float64() {
					near[p.Tier] = true
				}
			}
		}
		for kind, files := range map[string][][]byte{"complete": complete, "shipped": shared} {
			var theirs words
			for _, f := range files {
				theirs = theirs.with(tiersOf(r.evaluate(readRules(t, f), now), sloName))
			}
			minutes++
			for _, tier := range []string{slo.Page, slo.Ticket} {
				raised[kind+tier] = raised[kind+tier] || theirs[tier]
				if ours[tier] != theirs[tier] {
					differ++
					require.True(t, near[tier], "%s %s at %s: ours %v, theirs %v", kind, tier, now, ours[tier], theirs[tier])
				}
			}
		}
	})
	require.Equal(t, setOf("completepage", "completeticket", "shippedpage", "shippedticket"), raised)
	t.Logf("%d evaluations, %d tiers differed, all within the bound of a factor", minutes, differ)
}
