package rollupcomponent

import (
	"slices"
	"strconv"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

// point is one value of one series. Walkers reuse it and the slices in it: a
// receiver copies what it keeps. An empty value means that the attribute is
// absent.
type point struct {
	metric *metric
	keys   []string
	values []string
	// Which of the three counts is said by the metric: hist for histograms, num
	// for money and floating gauges, else n.
	n       int64
	num     float64
	integer bool
	hist    *rollup.Histogram
	// start is from when a counter counts, where that is later than the rest.
	start time.Time
	// exemplar is a call behind the value, or nil.
	exemplar *rollup.Exemplar
}

// walker turns a snapshot into points: all points of one metric together, in
// the order of the catalogue, the series of each in the order of the
// snapshot's sorted rows.
type walker struct {
	snap  *rollup.Snapshot
	emit  func(*point)
	p     point
	model int // index of the model id among the dimensions, -1 none
}

// Publish says which of the metrics a configuration publishes.
type Publish struct {
	// Histograms: which of them, as in the configuration; "" is explicit.
	Histograms string
	// Share: only what adds up over several ledgers.
	Share bool
	// Extrapolated: also the estimate of what was sampled away.
	Extrapolated bool
	// Sloth and Pyrra: also the gauges that their dashboards read.
	Sloth, Pyrra bool
	// fleet is what the routes use; nil publishes nothing of it.
	fleet func() Fleet
}

// walk calls emit for every point of the snapshot that is to be published.
func walk(snap *rollup.Snapshot, publish Publish, emit func(*point)) {
	w := newWalker(snap, emit)
	w.counters()
	if publish.Extrapolated {
		w.extrapolated()
	}
	w.histograms(publish.Histograms)
	w.sloEvents()
	if !publish.Share {
		w.sloStates()
		w.budgets()
		w.coverage()
		w.amplification()
		if publish.fleet != nil {
			w.retirements(publish.fleet())
		}
		if publish.Sloth {
			w.sloth()
		}
		if publish.Pyrra {
			w.pyrra()
		}
	}
}

func newWalker(snap *rollup.Snapshot, emit func(*point)) *walker {
	return &walker{snap: snap, emit: emit, model: slices.Index(snap.Dimensions, attrModel)}
}

// begin starts a metric; dims are put in where the table says so.
func (w *walker) begin(m *metric) {
	w.p = point{metric: m, keys: w.p.keys[:0], values: w.p.values[:0]}
	for _, a := range m.attrs {
		if a == dimensions {
			w.p.keys = append(w.p.keys, w.snap.Dimensions...)
			continue
		}
		w.p.keys = append(w.p.keys, a)
	}
}

func (w *walker) count(n int64, values ...string) {
	w.p.values = append(w.p.values[:0], values...)
	w.p.n, w.p.integer = n, true
	w.emit(&w.p)
}

func (w *walker) number(f float64, values ...string) {
	w.p.values = append(w.p.values[:0], values...)
	w.p.num, w.p.integer = f, false
	w.emit(&w.p)
}

func (w *walker) amount(a money.Amount, values ...string) { w.number(a.Float64(), values...) }

// row puts the attributes of a row around those of one point.
func (w *walker) row(r *rollup.Row, own ...string) {
	w.p.values = append(append(append(w.p.values[:0], r.Route), r.Dims...), own...)
	overflow := ""
	if r.Overflow {
		overflow = "true"
	}
	w.p.values = append(w.p.values, overflow)
	w.p.start = r.Start
}

func (w *walker) rowCount(r *rollup.Row, n int64, own ...string) {
	if n == 0 {
		return
	}
	w.row(r, own...)
	w.p.n, w.p.integer = n, true
	w.emit(&w.p)
}

func (w *walker) rowNumber(r *rollup.Row, f float64, own ...string) {
	if f == 0 {
		return
	}
	w.row(r, own...)
	w.p.num, w.p.integer = f, false
	w.emit(&w.p)
}

// rows calls put for every row, after starting the metric.
func (w *walker) rows(m *metric, put func(*rollup.Row)) {
	w.begin(m)
	for i := range w.snap.Rows {
		put(&w.snap.Rows[i])
	}
}

func (w *walker) counters() {
	w.outcomes()
	w.attempts()
	w.providers()
	w.usage()
	w.begin(mComponents)
	for i := range w.snap.Components {
		c := &w.snap.Components[i]
		if !c.Cost.IsZero() {
			w.amount(c.Cost, c.Vendor, c.Platform, c.Model, c.Component.String(), c.Currency)
		}
	}
	w.prices()
	w.begin(mUnpriced)
	for i := range w.snap.Unpriced {
		u := &w.snap.Unpriced[i]
		if u.Calls != 0 {
			w.count(u.Calls, u.Vendor, u.Platform, u.Model, u.Reason.String())
		}
	}
	w.begin(mUndetectable)
	w.count(w.snap.Self.UndetectableRetries)
}

// outcomes are the calls and attempts of each row by how they ended.
func (w *walker) outcomes() {
	w.rows(mCalls, w.calls)
	w.rows(mAttempts, func(r *rollup.Row) {
		for k, n := range r.Attempts {
			w.rowCount(r, n, stamp.Kind(k).String())
		}
	})
	w.rows(mAttemptsFailed, func(r *rollup.Row) {
		for c, n := range r.AttemptsFailed {
			if r.Failed.At > 0 && r.Failed.Class == llm.ErrorClass(c) {
				w.p.exemplar = &r.Failed
			}
			w.rowCount(r, n, llm.ErrorClass(c).String())
			w.p.exemplar = nil
		}
	})
}

// usage are the tokens and the spend of each row.
func (w *walker) usage() {
	w.rows(mTokens, func(r *rollup.Row) {
		for b, n := range r.Tokens {
			w.rowCount(r, n, llm.Bucket(b).String())
		}
	})
	w.rows(mCost, func(r *rollup.Row) {
		for u, a := range r.Cost {
			w.rowNumber(r, a.Float64(), stamp.Use(u).String(), r.Currency)
		}
	})
}

// calls splits those without an answer by class; the parts sum to the whole.
func (w *walker) calls(r *rollup.Row) {
	for o, n := range r.Calls {
		outcome := stamp.Outcome(o)
		if outcome >= stamp.OutcomeFailed {
			for c, failed := range r.CallsFailed {
				if class := llm.ErrorClass(c); rollup.FailureOutcome(class) == outcome {
					failed = min(failed, n)
					w.rowCount(r, failed, outcome.String(), class.String())
					n -= failed
				}
			}
		}
		w.rowCount(r, n, outcome.String(), "")
	}
}

// extrapolated estimates what was sampled away, where that was declared.
func (w *walker) extrapolated() {
	w.rows(mCallsExtrapolated, func(r *rollup.Row) { w.rowNumber(r, r.Extrapolated.Calls) })
	w.rows(mCostExtrapolated, func(r *rollup.Row) { w.rowNumber(r, r.Extrapolated.Cost.Float64(), r.Currency) })
}

// shortDuration prints a window as people write it: 5m, 6h, 30d.
func shortDuration(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d >= u.unit && d%u.unit == 0 {
			return strconv.FormatInt(int64(d/u.unit), 10) + u.name
		}
	}
	return d.String()
}
