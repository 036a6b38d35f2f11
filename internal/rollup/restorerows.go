package rollup

import "github.com/spanledger/spanledger/internal/money"

func (r *restorer) readRows() {
	l := r.l
	sameMoney := r.currency == l.cfg.ReportingCurrency
	old, key := make([]string, len(r.dims)), make([]string, len(r.from))
	for range r.count(1 + len(r.dims)) {
		if r.bad {
			return
		}
		route := r.string()
		for i := range old {
			old[i] = r.string()
		}
		for i, at := range r.from {
			if key[i] = ""; at >= 0 {
				key[i] = old[at]
			}
		}
		var in series
		in.Overflow = r.bool()
		in.touched, in.since = r.int(), r.int()
		r.figures(&in)
		var s *series
		if r.fit {
			s = l.series.keep(route, key, in.Overflow)
		} else {
			s, _ = l.series.row(route, key)
		}
		if s.target == nil {
			l.open(s)
		}
		r.merge(s, &in, sameMoney)
		r.rows = append(r.rows, s)
	}
}

// figures reads what putFigures wrote.
func (r *restorer) figures(in *series) {
	for _, counters := range in.counters() {
		r.ints(counters)
	}
	r.amounts(in.Cost[:])
	for _, p := range in.singles() {
		*p = r.int()
	}
	for _, p := range in.amounts() {
		*p = r.amount()
	}
	for i := range in.hists {
		in.hists[i].read(&r.reader, len(r.bounds[i])+1)
	}
}

// readEnded reads the sum of the rows that expired.
func (r *restorer) readEnded() {
	r.l.reborn = r.int()
	var in series
	r.figures(&in)
	if !r.bad {
		r.merge(&r.l.past, &in, r.currency == r.l.cfg.ReportingCurrency)
	}
	if r.version > 7 {
		r.readGraves()
	}
}

func (r *restorer) merge(s, in *series, sameMoney bool) {
	if s.touched == 0 || in.since < s.since {
		s.since = in.since
	}
	s.touched = max(s.touched, in.touched)
	s.Overflow = s.Overflow || in.Overflow
	s.merge(in, sameMoney)
	for i := range s.hists {
		if in.hists[i].n > 0 && s.hists[i].counts == nil {
			s.hists.open(&r.l.layouts)
		}
		s.hists[i].adopt(&r.l.layouts[i], r.bounds[i], &in.hists[i])
	}
}

func (h *hist) read(r *reader, n int) {
	if h.n = r.uint(); h.n == 0 {
		return
	}
	h.sum = r.int()
	h.counts = make([]uint64, n)
	for i := range h.counts {
		h.counts[i] = r.uint()
	}
	h.expo = r.expo(h.n)
}

func (r *restorer) models() {
	sameMoney := r.currency == r.l.cfg.ReportingCurrency
	for range r.count(3) {
		m := r.l.models.at(r.string(), r.string(), r.string())
		var components [len(m.components)]money.Amount
		r.amounts(components[:])
		for i := range components {
			if sameMoney {
				addTo(&m.components[i], components[i])
			}
		}
		for _, p := range m.prices.amounts() {
			if a := r.amount(); sameMoney {
				addTo(p, a)
			}
		}
		for i := range m.unpriced {
			m.unpriced[i].calls += r.int()
			m.unpriced[i].tokens += r.int()
		}
	}
}

// read takes the newest keys that fit; what a lowered limit leaves out counts
// as forgotten early.
func (s *seen) read(r *reader) {
	at := int64(0)
	for range r.count(17) {
		k := key128{r.fixed(), r.fixed()}
		at += r.int()
		s.insert(k, at)
	}
}
