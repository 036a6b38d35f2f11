package rollupcomponent

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/slospec"
)

// The gauges that the dashboards of Sloth and Pyrra read, under the names that
// those products give them. They carry no unit, which would become part of the
// name on the way to Prometheus, and only a ledger that sees all traffic
// publishes them: two writers would break the joins of those dashboards. Only
// rolling windows are there, the products know no others.

const slothError = "slo:sli_error:ratio_rate"

var slothLabels = []string{"sloth_id", "sloth_service", "sloth_slo"}

func compatible(name, doc string, attrs ...string) *metric {
	return &metric{name: name, kind: gauge, whole: true, fleeting: true, attrs: attrs, doc: doc}
}

var (
	mSlothError     = compatible(slothError+"<window>", "Share of bad events over the window: those of the alert tiers, and the whole one. No sample without events.", append(slices.Clone(slothLabels), "sloth_window")...)
	mSlothObjective = compatible("slo:objective:ratio", "The objective.", slothLabels...)
	mSlothBudget    = compatible("slo:error_budget:ratio", "One less the objective.", slothLabels...)
	mSlothDays      = compatible("slo:time_period:days", "Length of the window, in days.", slothLabels...)
	mSlothCurrent   = compatible("slo:current_burn_rate:ratio", "Burn rate over the shortest window.", slothLabels...)
	mSlothPeriod    = compatible("slo:period_burn_rate:ratio", "Burn rate over the whole window.", slothLabels...)
	mSlothRemaining = compatible("slo:period_error_budget_remaining:ratio", "Share of the error budget that is left; not clamped.", slothLabels...)
	mSlothInfo      = compatible("sloth_slo_info", "1 for each SLO.", append(slices.Clone(slothLabels), "sloth_objective")...)

	mPyrraObjective    = compatible("pyrra_objective", "The objective.", "slo")
	mPyrraWindow       = compatible("pyrra_window", "Length of the window, in seconds.", "slo")
	mPyrraAvailability = compatible("pyrra_availability", "Share of good events in the window. No sample without events.", "slo")
	mPyrraRequests     = compatible("pyrra_requests:rate5m", "Events per second over the last five minutes of the alert windows.", "slo")
	mPyrraErrors       = compatible("pyrra_errors:rate5m", "Bad events per second over the same.", "slo")
)

var compatibility = []*metric{
	mSlothError, mSlothObjective, mSlothBudget, mSlothDays, mSlothCurrent, mSlothPeriod, mSlothRemaining, mSlothInfo,
	mPyrraObjective, mPyrraWindow, mPyrraAvailability, mPyrraRequests, mPyrraErrors,
}

// rolling calls put for every SLO over a rolling window, after starting the
// metric.
func (w *walker) rolling(m *metric, put func(s *rollup.SLORow, id []string)) {
	w.begin(m)
	for i := range w.snap.SLOs {
		s := &w.snap.SLOs[i]
		if s.Spec == nil || s.Spec.Window.Calendar != slo.NoCalendar {
			continue
		}
		service := slospec.ServiceOf(s.Route)
		put(s, []string{service + "-" + s.Name, service, s.Name})
	}
}

func (w *walker) sloth() {
	var windows []time.Duration
	w.rolling(mSlothInfo, func(s *rollup.SLORow, _ []string) {
		for _, b := range s.Status.Burn {
			windows = append(windows, b.Window)
		}
	})
	slices.Sort(windows)
	for _, window := range slices.Compact(windows) {
		m := *mSlothError
		m.name = slothError + shortDuration(window)
		w.rolling(&m, func(s *rollup.SLORow, id []string) {
			for _, b := range s.Status.Burn {
				if b.Window == window && !b.NoData {
					w.number(b.Rate*budgetShare(s), append(id, shortDuration(window))...)
				}
			}
		})
	}
	w.rolling(mSlothObjective, func(s *rollup.SLORow, id []string) { w.number(s.Objective, id...) })
	w.rolling(mSlothBudget, func(s *rollup.SLORow, id []string) { w.number(budgetShare(s), id...) })
	w.rolling(mSlothDays, func(s *rollup.SLORow, id []string) { w.number(s.Spec.Window.Rolling.Hours()/24, id...) })
	w.rolling(mSlothCurrent, func(s *rollup.SLORow, id []string) {
		if b := s.Status.Burn; len(b) > 0 && !b[0].NoData {
			w.number(b[0].Rate, id...)
		}
	})
	w.rolling(mSlothPeriod, func(s *rollup.SLORow, id []string) {
		if b := s.Status.Burn; len(b) > 0 && !b[len(b)-1].NoData {
			w.number(b[len(b)-1].Rate, id...)
		}
	})
	w.rolling(mSlothRemaining, func(s *rollup.SLORow, id []string) {
		if !s.Status.NoData {
			w.number(s.Status.Remaining, id...)
		}
	})
	w.rolling(mSlothInfo, func(s *rollup.SLORow, id []string) {
		w.count(1, append(id, slo.Ratio{Num: 100 * s.Spec.Objective.Num, Den: s.Spec.Objective.Den}.String())...)
	})
}

func (w *walker) pyrra() {
	const seconds = 300
	w.rolling(mPyrraObjective, func(s *rollup.SLORow, _ []string) { w.number(s.Objective, s.Name) })
	w.rolling(mPyrraWindow, func(s *rollup.SLORow, _ []string) { w.number(s.Spec.Window.Rolling.Seconds(), s.Name) })
	w.rolling(mPyrraAvailability, func(s *rollup.SLORow, _ []string) {
		if !s.Status.NoData {
			w.number(s.Status.SLI, s.Name)
		}
	})
	w.rolling(mPyrraRequests, func(s *rollup.SLORow, _ []string) { w.number(float64(s.Recent.Events())/seconds, s.Name) })
	w.rolling(mPyrraErrors, func(s *rollup.SLORow, _ []string) { w.number(float64(s.Recent.Bad)/seconds, s.Name) })
}

// budgetShare is the share of events that may be bad, without the error of a
// difference of doubles.
func budgetShare(s *rollup.SLORow) float64 { return s.Spec.Objective.Budget().Float64() }

// compatibilityPage is the part of docs/metrics.md on the series of others.
func compatibilityPage() string {
	var b strings.Builder
	b.WriteString("\n## On request\n\n`compatibility: [sloth, pyrra]` adds the gauges that the dashboards of these products read, under their names, without a unit, for SLOs over rolling windows. Not with `scope: share`: they need exactly one writer.\n\n| metric | attributes | says |\n|---|---|---|\n")
	for _, m := range compatibility {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", m.name, strings.Join(m.attrs, "`, `"), m.doc)
	}
	return b.String()
}
