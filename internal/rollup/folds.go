package rollup

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// folding is a way in which rows are added up before they are published. The rows
// of one key are one series, which begins with the first of them and ends with
// the last: while one lives, what the others left stays in it.
type folding int

const (
	foldRoute    folding = iota // all figures, by route
	foldLatency                 // the histograms, by route and model
	foldProvider                // the attempts, by vendor, platform and model, over all routes
	numFolds
)

// The dimensions that folds go by, where they are among those of the ledger.
const (
	vendorDimension   = "spanledger.model.vendor"
	platformDimension = "spanledger.model.platform"
)

// foldKey is what the rows of one fold have in common; what a fold does not go
// by is empty.
type foldKey struct {
	route, vendor, platform, model string
	overflow                       bool
}

func (k foldKey) compare(o foldKey) int {
	return cmp.Or(cmp.Compare(k.route, o.route), cmp.Compare(k.vendor, o.vendor), cmp.Compare(k.platform, o.platform),
		cmp.Compare(k.model, o.model), cmp.Compare(asInt(k.overflow), asInt(o.overflow)))
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// LatencyRow is the latency of a route and model. Model is empty where it is no
// dimension.
type LatencyRow struct {
	Route, Model string
	// Start is from when the counts count: when the first row of these began.
	Start time.Time
	// Slow is the slowest recent answer.
	Slow Exemplar

	Duration, FirstChunk, TimePerOutputToken Histogram // seconds, as of a Row
}

// ProviderRow is the attempts at one model of one provider, over all routes.
// What is no dimension is empty.
type ProviderRow struct {
	Vendor, Platform, Model string
	Overflow                bool
	Start                   time.Time // as of a LatencyRow
	Attempts                [stamp.NumKinds]int64
	AttemptsFailed          [llm.NumErrorClasses]int64
}

// foldDims are the places of the dimensions that folds go by, -1 none.
type foldDims struct{ vendor, platform, model int }

func newFoldDims(dims []string) foldDims {
	return foldDims{slices.Index(dims, vendorDimension), slices.Index(dims, platformDimension), slices.Index(dims, modelDimension)}
}

func (d foldDims) none() bool { return max(d.vendor, d.platform, d.model) < 0 }

func (d foldDims) key(f folding, r *Row) foldKey {
	value := func(i int) string {
		if i < 0 || i >= len(r.Dims) {
			return ""
		}
		return r.Dims[i]
	}
	switch f {
	case foldRoute:
		return foldKey{route: r.Route}
	case foldLatency:
		return foldKey{route: r.Route, model: value(d.model)}
	}
	return foldKey{vendor: value(d.vendor), platform: value(d.platform), model: value(d.model), overflow: r.Overflow}
}

// buried is what rows of one key of a fold left that expired.
type buried struct {
	foldKey
	Row
}

// EndedFold is a sum of rows of which the last one expired; one of Latency and
// Provider is set. Of its histograms only how many they counted is known.
type EndedFold struct {
	Latency  *LatencyRow
	Provider *ProviderRow
	At       time.Time

	seen int64 // as of an Ended
}

func (l *Ledger) ending(f folding, key foldKey, s *series) EndedFold {
	e := EndedFold{At: time.Unix(0, l.swept*sweepEvery).UTC()}
	r := l.rowOf(s)
	r.Duration.Count, r.FirstChunk.Count, r.TimePerOutputToken.Count = s.hists[histDuration].n, s.hists[histFirstChunk].n, s.hists[histPerToken].n
	if f == foldLatency {
		row := addLatency(key, []*Row{&r})
		e.Latency = &row
	} else {
		row := addAttempts(key, []*Row{&r})
		e.Provider = &row
	}
	return e
}

// part is one of the rows that are added up.
type part struct {
	key foldKey
	row *Row
}

// Fold makes Routes, Latency and Providers of the rows. Cut has done so; it is
// for who makes a snapshot by hand.
func (s *Snapshot) Fold() {
	d := newFoldDims(s.Dimensions)
	parts := s.parts(nil, foldRoute, d)
	s.Routes = make([]Row, 0, keysOf(parts))
	for _, run := range runs(parts) {
		s.Routes = append(s.Routes, addRows(run))
	}
	parts = s.parts(parts, foldLatency, d)
	s.Latency = make([]LatencyRow, 0, keysOf(parts))
	for key, run := range runs(parts) {
		s.Latency = append(s.Latency, addLatency(key, run))
	}
	s.Providers = nil
	if !d.none() {
		for key, run := range runs(s.parts(parts, foldProvider, d)) {
			s.Providers = append(s.Providers, addAttempts(key, run))
		}
	}
	s.buried = [numFolds][]buried{}
}

// parts lists the rows, and what was buried, by the keys of a fold and in their
// order, in the place of an earlier list.
func (s *Snapshot) parts(list []part, f folding, d foldDims) []part {
	list = slices.Grow(list[:0], len(s.Rows)+len(s.buried[f]))
	for i := range s.Rows {
		list = append(list, part{d.key(f, &s.Rows[i]), &s.Rows[i]})
	}
	for i := range s.buried[f] {
		b := &s.buried[f][i]
		list = append(list, part{b.foldKey, &b.Row})
	}
	slices.SortStableFunc(list, func(a, b part) int { return a.key.compare(b.key) })
	return list
}

func keysOf(list []part) (n int) {
	for i := range list {
		if i == 0 || list[i].key != list[i-1].key {
			n++
		}
	}
	return n
}

// runs yields the rows of one key at a time. The slice holds until the next.
func runs(list []part) iter.Seq2[foldKey, []*Row] {
	return func(yield func(foldKey, []*Row) bool) {
		var run []*Row
		for len(list) > 0 {
			key := list[0].key
			run = run[:0]
			for len(list) > 0 && list[0].key == key {
				run, list = append(run, list[0].row), list[1:]
			}
			if !yield(key, run) {
				return
			}
		}
	}
}

func oldest(run []*Row) time.Time {
	start := run[0].Start
	for _, r := range run {
		if r.Start.Before(start) {
			start = r.Start
		}
	}
	return start
}

func addRows(run []*Row) Row {
	sum := Row{Route: run[0].Route, Currency: run[0].Currency, Start: oldest(run)}
	for _, r := range run {
		sum.plus(r, 1)
		sum.Overflow = sum.Overflow || r.Overflow
	}
	sum.Duration = addHistograms(run, func(r *Row) *Histogram { return &r.Duration })
	sum.FirstChunk = addHistograms(run, func(r *Row) *Histogram { return &r.FirstChunk })
	sum.TimePerOutputToken = addHistograms(run, func(r *Row) *Histogram { return &r.TimePerOutputToken })
	return sum
}

func addLatency(key foldKey, run []*Row) LatencyRow {
	sum := LatencyRow{Route: key.route, Model: key.model, Start: oldest(run)}
	for _, r := range run {
		if r.Slow.At > 0 && (sum.Slow.At == 0 || r.Slow.Nanos > sum.Slow.Nanos) {
			sum.Slow = r.Slow
		}
	}
	sum.Duration = addHistograms(run, func(r *Row) *Histogram { return &r.Duration })
	sum.FirstChunk = addHistograms(run, func(r *Row) *Histogram { return &r.FirstChunk })
	sum.TimePerOutputToken = addHistograms(run, func(r *Row) *Histogram { return &r.TimePerOutputToken })
	return sum
}

func addAttempts(key foldKey, run []*Row) ProviderRow {
	sum := ProviderRow{Vendor: key.vendor, Platform: key.platform, Model: key.model, Overflow: key.overflow, Start: oldest(run)}
	for _, r := range run {
		addCounts(sum.Attempts[:], r.Attempts[:], 1)
		addCounts(sum.AttemptsFailed[:], r.AttemptsFailed[:], 1)
	}
	return sum
}

// addHistograms adds histograms of the same boundaries, those of one ledger. A
// single one is shared, not copied.
func addHistograms(run []*Row, of func(*Row) *Histogram) (sum Histogram) {
	n := 0
	var expos []*Exponential
	for _, r := range run {
		h := of(r)
		if h.Count == 0 {
			continue
		}
		if h.Exponential != nil {
			expos = append(expos, h.Exponential)
		}
		switch n++; n {
		case 1:
			sum = *h
			continue
		case 2:
			sum.Counts = slices.Clone(sum.Counts)
		}
		for i, c := range h.Counts {
			if i < len(sum.Counts) {
				sum.Counts[i] += c
			}
		}
		sum.Sum += h.Sum
		sum.Count += h.Count
	}
	if n > 1 && len(expos) > 0 {
		e := SumExponentials(expos)
		sum.Exponential = &e
	}
	return sum
}
