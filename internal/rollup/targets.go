package rollup

// target is what a row counts for beside itself: the SLOs and budgets that
// pick it.
type target struct {
	slos         []*sloState
	budgets      []*budgetState
	attemptScope bool // one of the SLOs counts attempts
}

// targetTable shares targets among the records that a cap collapsed into one
// row: there are as many as distinct sets of SLOs and budgets, at most.
type targetTable struct {
	byPicks map[string]*target
	byRoute map[routePick]*target // with the default SLOs of a route
	picks   []byte                // scratch: a bit for each SLO, then for each budget
}

// routePick is a route and the declared SLOs and budgets that pick a row of it.
type routePick struct {
	route  string
	picked *target
}

// maxTargets bounds the shared targets; beyond it a record of an overflow row
// is counted for what its row counts for.
const maxTargets = 4096

// open gives a new row its target, which the rows of a route share as far as
// they can, and its route the default SLOs.
func (l *Ledger) open(s *series) {
	s.since = l.reborn
	l.slos.openRoute(l, s)
	pick := routePick{s.Route, l.targetOf(s.Route, s.Dims)}
	if s.target = l.targets.byRoute[pick]; s.target != nil {
		return
	}
	t := *pick.picked
	for _, o := range l.slos.defaultsOf(s.Route) {
		t.slos = append(t.slos[:len(t.slos):len(t.slos)], o)
		t.attemptScope = t.attemptScope || o.ofAttempts()
	}
	s.target = &t
	if l.targets.byRoute == nil {
		l.targets.byRoute = map[routePick]*target{}
	}
	l.targets.byRoute[pick] = s.target
}

// targetOf finds the declared SLOs and budgets that pick these values.
func (l *Ledger) targetOf(route string, dims []string) *target {
	tt := &l.targets
	declared := l.slos.declared
	if need := (len(declared)+len(l.budgets))/8 + 1; len(tt.picks) != need {
		tt.picks, tt.byPicks = make([]byte, need), map[string]*target{}
	}
	clear(tt.picks)
	for i, s := range declared {
		if s.filter.matches(route, dims) {
			tt.picks[i/8] |= 1 << (i % 8)
		}
	}
	for i, b := range l.budgets {
		if n := len(declared) + i; b.filter.matches(route, dims) {
			tt.picks[n/8] |= 1 << (n % 8)
		}
	}
	if t := tt.byPicks[string(tt.picks)]; t != nil {
		return t
	}
	t := &target{}
	for i, s := range declared {
		if tt.picks[i/8]&(1<<(i%8)) != 0 {
			t.slos = append(t.slos, s)
			t.attemptScope = t.attemptScope || s.ofAttempts()
		}
	}
	for i, b := range l.budgets {
		if n := len(declared) + i; tt.picks[n/8]&(1<<(n%8)) != 0 {
			t.budgets = append(t.budgets, b)
		}
	}
	if len(tt.byPicks) < maxTargets {
		tt.byPicks[string(tt.picks)] = t
	}
	return t
}
