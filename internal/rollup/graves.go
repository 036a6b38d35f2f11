package rollup

import "slices"

// graves is what rows that expired left to the folds that go on, by fold and
// key. A key that has no row any more is forgotten: so there are never more of
// a fold than rows.
type graves [numFolds]map[foldKey]*series

// bury adds what a row holds to what is kept of its keys: of each fold only
// what it publishes.
func (g *graves) bury(s *series, l *Ledger) {
	d := newFoldDims(l.cfg.Dimensions)
	for f := range numFolds {
		if f == foldProvider && d.none() {
			continue
		}
		to, isNew := g.at(f, d.key(f, &s.Row))
		if isNew || s.since < to.since {
			to.since = s.since
		}
		switch f {
		case foldRoute:
			to.mergeAll(s, &l.layouts)
		case foldLatency:
			to.mergeHists(s, &l.layouts)
		case foldProvider:
			addCounts(to.Attempts[:], s.Attempts[:], 1)
			addCounts(to.AttemptsFailed[:], s.AttemptsFailed[:], 1)
		}
	}
}

func (g *graves) at(f folding, key foldKey) (s *series, isNew bool) {
	if g[f] == nil {
		g[f] = map[foldKey]*series{}
	}
	if s = g[f][key]; s != nil {
		return s, false
	}
	s = &series{Row: Row{Route: key.route}}
	g[f][key] = s
	return s, true
}

// prune forgets the keys of which no row is left: their series have ended. What
// was kept of one is then all that it ever held.
func (g *graves) prune(l *Ledger) (over []EndedFold) {
	d := newFoldDims(l.cfg.Dimensions)
	for f := range numFolds {
		if len(g[f]) == 0 {
			continue
		}
		left := make(map[foldKey]*series, len(g[f]))
		for _, s := range l.series.rows {
			key := d.key(f, &s.Row)
			if kept := g[f][key]; kept != nil {
				left[key] = kept
			}
		}
		for _, key := range g.keys(f) {
			if left[key] == nil && f != foldRoute {
				over = append(over, l.ending(f, key, g[f][key]))
			}
		}
		g[f] = left
	}
	return over
}

// keys are those of a fold in order.
func (g *graves) keys(f folding) []foldKey {
	keys := make([]foldKey, 0, len(g[f]))
	for key := range g[f] {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, foldKey.compare)
	return keys
}

// rows copies all for a snapshot.
func (g *graves) rows(l *Ledger) (out [numFolds][]buried) {
	for f := range numFolds {
		for _, key := range g.keys(f) {
			s := g[f][key]
			r := l.rowOf(s)
			for h, dst := range []*Histogram{&r.Duration, &r.FirstChunk, &r.TimePerOutputToken} {
				*dst = s.hists[h].export(&l.layouts[h], make([]uint64, len(l.layouts[h].nanos)+1))
			}
			out[f] = append(out[f], buried{key, r})
		}
	}
	return out
}

func (g *graves) put(b []byte) []byte {
	for f := range numFolds {
		b = putUint(b, uint64(len(g[f])))
		for _, key := range g.keys(f) {
			s := g[f][key]
			b = putStrings(b, []string{key.route, key.vendor, key.platform, key.model})
			b = s.putFigures(putInt(b, s.since))
		}
	}
	return b
}

// readGraves is the inverse of put. As rows do, what was buried loses the
// dimensions that are no more; what then has no row is forgotten.
func (r *restorer) readGraves() {
	l, then := r.l, newFoldDims(r.dims)
	now := newFoldDims(l.cfg.Dimensions)
	for f := range numFolds {
		for range r.count(1) {
			var key foldKey
			r.texts(&key.route, &key.vendor, &key.platform, &key.model)
			in := series{since: r.int()}
			r.figures(&in)
			if r.bad {
				return
			}
			drop := func(v *string, then, now int) {
				if then < 0 || now < 0 {
					*v = ""
				}
			}
			drop(&key.vendor, then.vendor, now.vendor)
			drop(&key.platform, then.platform, now.platform)
			drop(&key.model, then.model, now.model)
			s, isNew := l.graves.at(f, key)
			since := in.since
			if !isNew {
				since = min(since, s.since)
			}
			r.merge(s, &in, r.currency == l.cfg.ReportingCurrency)
			s.since = since
		}
	}
	l.graves.prune(l)
}
