package rollup

import (
	"slices"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/slo"
)

func (r *restorer) readSLOs() {
	r.slos = map[string]*sloState{}
	for range r.count(8) {
		if r.bad {
			return
		}
		name, route, declared, print := r.string(), r.string(), r.bool(), r.string()
		s := r.l.slos.find(name, route, declared)
		in := sloState{since: r.int(), good: r.int(), bad: r.int(), excluded: r.int()}
		r.ints(in.badBy[:])
		r.ints(in.excludedBy[:])
		ring := r.ring()
		for range r.count(8) {
			in.pairs = append(in.pairs, r.pair())
		}
		in.classes.hour = r.int()
		r.ints(in.classes.now[:])
		r.ints(in.classes.old[:])
		r.blame(&in.blame)
		if s == nil || r.bad {
			continue // no longer asked for
		}
		s.since, s.good, s.bad, s.excluded = in.since, in.good, in.bad, in.excluded
		s.badBy, s.excludedBy = in.badBy, in.excludedBy
		r.slos[name] = s
		if s.fingerprint() != print {
			continue
		}
		if restored, err := slo.Restore(&s.spec, ring); err == nil {
			s.ring, s.pairs, s.classes, s.blame = restored, in.pairs, in.classes, in.blame
		}
	}
}

func (b *sloBook) find(name, route string, declared bool) *sloState {
	list := b.declared
	if !declared {
		list = b.byRoute[route]
	}
	for _, s := range list {
		if s.spec.Name == name {
			return s
		}
	}
	return nil
}

func (r *reader) pair() slo.Pair {
	p := slo.Pair{Tier: r.string(), Long: time.Duration(r.int()), Short: time.Duration(r.int())}
	p.Active, p.Since, p.RecoveredSince = r.bool(), r.time(), r.time()
	p.Factor, p.BurnLong, p.BurnShort = r.float(), r.float(), r.float()
	return p
}

func (r *reader) ring() (s slo.RingState) {
	s.Start = r.int()
	s.Calendar, s.Method = slo.Calendar(r.byte()), slo.Method(r.byte())
	s.Zone, s.FromSunday = r.string(), r.bool()
	s.Slice, s.SliceTarget = time.Duration(r.int()), slo.Objective{Num: r.int(), Den: r.int()}
	for _, t := range []*slo.TrackState[slo.Counts]{&s.Minutes, &s.Fives, &s.Hours, &s.SliceCounts} {
		t.Head = r.int()
		for range r.count(4) {
			t.Buckets = append(t.Buckets, slo.Bucket[slo.Counts]{Number: t.Head - r.int(), Value: r.counts()})
		}
	}
	s.SliceHours.Head = r.int()
	for range r.count(3) {
		s.SliceHours.Buckets = append(s.SliceHours.Buckets, slo.Bucket[slo.Tally]{
			Number: s.SliceHours.Head - r.int(), Value: slo.Tally{Bad: r.int(), Share: r.int()},
		})
	}
	for _, p := range []*slo.PeriodState{&s.Current, &s.Before} {
		*p = slo.PeriodState{Start: r.int(), End: r.int(), Counts: r.counts(), Tally: slo.Tally{Bad: r.int(), Share: r.int()}}
	}
	return s
}

func (r *reader) counts() slo.Counts {
	return slo.Counts{Good: r.int(), Bad: r.int(), Excluded: r.int()}
}

func (r *restorer) readBudgets() {
	for range r.count(4) {
		if r.bad {
			return
		}
		name, print := r.string(), r.string()
		unknown, seen := r.int(), r.time()
		in := r.spending()
		at := slices.IndexFunc(r.l.budgets, func(b *budgetState) bool { return b.def.Name == name })
		if at < 0 {
			continue
		}
		b := r.l.budgets[at]
		b.unknown = unknown
		if b.fingerprint() == print && r.currency == r.l.cfg.ReportingCurrency {
			b.rolling, b.current, b.next, b.seen = in.rolling, in.current, in.next, seen
		}
	}
}

func (r *reader) spending() (in budgetState) {
	if window := r.int(); window > 0 && window <= int64(slo.MaxRolling) {
		in.rolling = newSpendRing(window)
		in.rolling.newest = r.int()
		for range r.count(5) {
			if i := r.below(len(in.rolling.buckets)); !r.bad {
				in.rolling.buckets[i] = r.spend()
			}
		}
		return in
	}
	for _, p := range []*spendPeriod{&in.current, &in.next} {
		*p = spendPeriod{start: r.int(), end: r.int(), spend: r.spend()}
	}
	return in
}

func (r *reader) spend() spend { return spend{cost: r.amount(), priced: r.int(), blank: r.int()} }

// calls reads one list of calls in its order.
func (r *restorer) calls(list *groupList) {
	p := &r.l.calls
	for range r.count(27) {
		if r.bad {
			return
		}
		g := &group{list: list}
		copy(g.key.trace[:], r.bytes(len(g.key.trace)))
		copy(g.key.id[:], r.bytes(len(g.key.id)))
		g.state = groupState(r.below(int(groupFailed) + 1))
		g.touched = r.int()
		if g.attempts = int32(r.below(1 << 31)); g.attempts > 0 {
			r.attempts(g)
		}
		if _, twice := p.byKey[g.key]; twice || (g.state == groupOpen) != (list == &p.open) || (g.state == groupOpen && g.attempts == 0) {
			r.fail()
			return
		}
		p.byKey[g.key] = g
		list.push(g)
	}
}

// attempts reads what is known of the attempts at a call.
func (r *restorer) attempts(g *group) {
	row := r.below(len(r.rows))
	if r.bad {
		return
	}
	g.s = r.rows[row]
	g.tg = g.s.target
	if r.bool() {
		g.tg = &target{}
		for range r.count(1) {
			if s := r.slos[r.string()]; s != nil {
				g.tg.slos = append(g.tg.slos, s)
			}
		}
	}
	g.number, g.class = int32(r.below(1<<31)), r.class()
	g.at, g.end = r.int(), r.int()
	copy(g.span[:], r.bytes(len(g.span)))
	var ruled [2]bool
	r.bools(&g.timed, &g.whole, &g.costed, &g.notFinal, &g.astride, &ruled[0], &ruled[1], &g.standing)
	if g.astride {
		r.l.astride.wait(g, r.int())
	}
	if g.standing {
		copy(g.requests[:], r.bytes(len(g.requests)))
		r.l.calls.standing++
	}
	g.busy, g.backoff = r.int(), r.int()
	g.weight, g.started, g.cost = r.float(), r.int(), r.amount()
	ev := &g.final
	ev.Class, ev.Streaming, ev.Priced = g.class, r.bool(), r.bool()
	ev.Ruled = verdictOf(ruled)
	ev.Duration, ev.TimeToFirstChunk = time.Duration(r.int()), time.Duration(r.int())
	ev.OutputTokens, ev.Cost = r.int(), r.amount()
}

// class reads an error class that exists.
func (r *reader) class() llm.ErrorClass { return llm.ErrorClass(r.below(int(llm.NumErrorClasses))) }
