package rollup

import (
	"cmp"
	"slices"
	"time"
)

// A row that saw nothing for Config.Expiry ends: its cumulative series end, its
// place under the caps is free, and its figures go to the row of all that
// ended, so that rows and that one still are the totals, and to the folds that
// go on without it, see folding. If its values come again they begin a new series,
// from zero and with a start time after the end of the old one. Rows of
// protected routes, and overflow rows, do not end.
//
// Rows end at whole minutes, before anything is booked or cut later than that:
// which ones have ended follows from the records and the time alone, so that a
// journal replays to the same whenever somebody looked in between.

// sweepEvery is the grid on which rows end.
const sweepEvery = int64(time.Minute)

// endedFor is how long a snapshot lists what ended: a push that fails has the
// next one to say it.
const endedFor = 15 * time.Minute

// Ended is a row that expired.
type Ended struct {
	Route string
	Dims  []string
	At    time.Time
	// SLOs are the names of default SLOs that ended with it: it was the last row
	// of its route.
	SLOs []string
	// Last is the row as it was; of its histograms only how many they counted.
	Last Row

	seen int64 // when a cut first said so; 0 none did
}

// minExpiry is long enough that no call still waits that a row has.
func (c *Config) minExpiry() time.Duration { return 2*c.Settle + c.Dedupe.Horizon }

// end is when a row ends that nothing comes for; 0 never.
func (l *Ledger) end(s *series) int64 {
	if l.cfg.Expiry == 0 || s.Overflow || s.Route == OverflowValue || l.series.protected[s.Route] {
		return 0
	}
	at := s.touched + int64(l.cfg.Expiry) + sweepEvery - 1
	return at - at%sweepEvery
}

// bury adds what a row holds to the row of all that ended and to its folds.
func (l *Ledger) bury(s *series) {
	s.fold()
	l.past.mergeAll(s, &l.layouts)
	l.graves.bury(s, l)
	l.reborn = max(l.reborn, l.end(s)+1)
	l.self.SeriesExpired++
}

// expireRows ends the rows that are due. Nothing looked up before holds after.
func (l *Ledger) expireRows(now int64) {
	if minute := (now - 1) / sweepEvery; minute > l.swept {
		l.swept = minute
		l.sweep(now)
	}
}

func (l *Ledger) sweep(now int64) {
	due := func(s *series) bool { end := l.end(s); return end > 0 && now > end }
	if l.cfg.Expiry == 0 || !slices.ContainsFunc(l.series.rows, due) {
		return
	}
	gone := map[*series]bool{}
	left := map[string]int{} // rows by route
	for _, s := range l.series.rows {
		if due(s) {
			gone[s] = true
		} else {
			left[s.Route]++
		}
	}
	for _, s := range l.series.rows {
		if !gone[s] {
			continue
		}
		l.bury(s)
		e := Ended{Route: s.Route, Dims: s.Dims, At: time.Unix(0, l.end(s)).UTC(), Last: l.rowOf(s)}
		e.Last.Duration.Count, e.Last.FirstChunk.Count, e.Last.TimePerOutputToken.Count = s.hists[histDuration].n, s.hists[histFirstChunk].n, s.hists[histPerToken].n
		if left[s.Route] == 0 {
			e.SLOs = l.slos.closeRoute(s.Route)
		}
		l.ended = append(l.ended, e)
	}
	l.forget(gone)
	l.over = append(l.over, l.graves.prune(l)...)
}

// endedNow lists what ended lately.
func (l *Ledger) endedNow(now int64) ([]Ended, []EndedFold) {
	l.ended = slices.DeleteFunc(l.ended, func(e Ended) bool { return e.seen > 0 && now-e.seen > int64(endedFor) })
	for i := range l.ended {
		l.ended[i].seen = cmp.Or(l.ended[i].seen, now)
	}
	l.over = slices.DeleteFunc(l.over, func(e EndedFold) bool { return e.seen > 0 && now-e.seen > int64(endedFor) })
	for i := range l.over {
		l.over[i].seen = cmp.Or(l.over[i].seen, now)
	}
	return slices.Clone(l.ended), slices.Clone(l.over)
}

// forget takes rows out of everything that leads to them.
func (l *Ledger) forget(gone map[*series]bool) {
	rows := slices.DeleteFunc(l.series.rows, func(s *series) bool { return gone[s] })
	l.series.rebuild(rows)
	l.order = l.order[:0]
	for pick := range l.targets.byRoute {
		if _, known := l.series.routes[pick.route]; !known {
			delete(l.targets.byRoute, pick)
		}
	}
	for _, o := range l.slos.all() {
		for i, s := range o.blame.rows {
			if gone[s] {
				o.blame.rows[i], o.blame.n[i] = nil, 0
			}
		}
	}
}

// rebuild makes the table anew of some of its rows.
func (t *seriesTable) rebuild(rows []*series) {
	fresh := newSeriesTable(len(t.values), t.limit, t.valueLimit, t.protected)
	fresh.seed = t.seed
	for _, s := range rows {
		if _, known := fresh.routes[s.Route]; !known && !t.protected[s.Route] && s.Route != OverflowValue {
			fresh.open++
		}
		fresh.routes[s.Route] = s.Route
		for i, d := range s.Dims { // snapshots share them: nothing is written
			if d != OverflowValue {
				fresh.values[i][d] = d
			}
		}
		fresh.insert(s)
	}
	*t = *fresh
}

// closeRoute ends the default SLOs of a route and returns their names.
func (b *sloBook) closeRoute(route string) (names []string) {
	list, known := b.byRoute[route]
	if !known {
		return nil
	}
	delete(b.byRoute, route)
	if list != nil {
		b.routes--
	}
	for _, s := range list {
		names = append(names, s.spec.Name)
	}
	return names
}

// mergeAll adds every figure of another row of the same boundaries.
func (s *series) mergeAll(in *series, layouts *[numHists]layout) {
	s.merge(in, true)
	s.mergeHists(in, layouts)
}

func (s *series) mergeHists(in *series, layouts *[numHists]layout) {
	for i := range s.hists {
		if in.hists[i].n > 0 && s.hists[i].counts == nil {
			s.hists.open(layouts)
		}
		s.hists[i].adopt(&layouts[i], layouts[i].nanos, &in.hists[i])
	}
}

// merge adds the counts of another row, and its money where that is ours.
func (s *series) merge(in *series, sameMoney bool) {
	from := in.counters()
	for i, counters := range s.counters() {
		for j := range counters {
			counters[j] += from[i][j]
		}
	}
	single := in.singles()
	for i, p := range s.singles() {
		*p += *single[i]
	}
	if !sameMoney {
		return
	}
	for i := range s.Cost {
		addTo(&s.Cost[i], in.Cost[i])
	}
	amounts := in.amounts()
	for i, p := range s.amounts() {
		addTo(p, *amounts[i])
	}
}
