package rollup

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/slo"
)

// stateMagic starts every stored state; the version follows.
const (
	stateMagic   = "spanledger-books\n"
	stateVersion = 8
	oldestState  = 7 // without the caps, and the folds of rows that expired
)

// MarshalState returns the whole ledger but its receipts, versioned and with a
// checksum (CRC-32C) at the end.
func (l *Ledger) MarshalState() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.marshal(true)
}

func (l *Ledger) marshal(seen bool) []byte {
	b := make([]byte, 0, 4096+512*len(l.series.rows)+24*(l.spans.n+l.bills.n))
	b = putUint(append(b, stateMagic...), stateVersion)
	b = putString(b, l.instance)
	b = putInt(b, l.start.UnixNano())
	b = putTime(b, l.lost)
	b = l.putLayout(b)
	b = l.putTotals(b)
	b = l.putRows(b)
	b = l.putModels(b)
	if seen {
		b = l.bills.put(l.spans.put(b))
	} else {
		b = putUint(putUint(b, 0), 0)
	}
	b = l.putSLOs(b)
	b = l.putBudgets(b)
	b = l.putCalls(b)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func putTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return putInt(b, 0)
	}
	return putInt(b, t.UnixNano())
}

// putLayout writes what rows were kept by, so that a changed configuration can
// still take them over.
func (l *Ledger) putLayout(b []byte) []byte {
	b = putString(b, l.cfg.ReportingCurrency)
	b = putUint(b, uint64(len(l.cfg.Dimensions)))
	for _, d := range l.cfg.Dimensions {
		b = putString(b, d)
	}
	b = putUint(putUint(b, uint64(l.cfg.CardinalityLimit)), uint64(l.cfg.DimensionLimit))
	for i := range l.layouts {
		b = putUint(b, uint64(len(l.layouts[i].nanos)))
		for _, n := range l.layouts[i].nanos {
			b = putInt(b, n)
		}
	}
	return b
}

func (l *Ledger) putTotals(b []byte) []byte {
	for _, p := range l.totals.counters() {
		b = putInt(b, *p)
	}
	b = putUint(b, uint64(len(l.cash)))
	for i := range l.cash {
		c := &l.cash[i]
		b = putString(b, c.Currency)
		for _, p := range c.amounts() {
			b = putAmount(b, *p)
		}
		b = putInt(putInt(b, c.CallsPriced), c.CallsWithNoTotal)
	}
	for _, p := range l.self.counters() {
		b = putInt(b, *p)
	}
	return putInt(putInt(b, l.spans.early), l.bills.early)
}

func (l *Ledger) putRows(b []byte) []byte {
	b = putUint(b, uint64(len(l.series.rows)))
	for _, s := range l.series.rows {
		s.fold()
		b = putString(b, s.Route)
		for _, d := range s.Dims {
			b = putString(b, d)
		}
		b = putInt(putInt(putBool(b, s.Overflow), s.touched), s.since)
		b = s.putFigures(b)
	}
	return l.graves.put(l.past.putFigures(putInt(b, l.reborn)))
}

func (s *series) putFigures(b []byte) []byte {
	for _, counters := range s.counters() {
		b = putInts(b, counters)
	}
	b = putAmounts(b, s.Cost[:])
	for _, p := range s.singles() {
		b = putInt(b, *p)
	}
	for _, p := range s.amounts() {
		b = putAmount(b, *p)
	}
	for i := range s.hists {
		b = s.hists[i].put(b)
	}
	return b
}

func (h *hist) put(b []byte) []byte {
	b = putUint(b, h.n)
	if h.n == 0 {
		return b
	}
	b = putInt(b, h.sum)
	for _, c := range h.counts {
		b = putUint(b, c)
	}
	return h.expo.putState(b)
}

func (l *Ledger) putModels(b []byte) []byte {
	models := make([]*modelBooks, 0, len(l.models.byID))
	for _, m := range l.models.byID {
		models = append(models, m)
	}
	slices.SortFunc(models, func(a, b *modelBooks) int { return a.compare(b.identity) })
	b = putUint(b, uint64(len(models)))
	for _, m := range models {
		b = putString(putString(putString(b, m.vendor), m.platform), m.model)
		b = putAmounts(b, m.components[:])
		for _, p := range m.prices.amounts() {
			b = putAmount(b, *p)
		}
		for _, u := range m.unpriced {
			b = putInt(putInt(b, u.calls), u.tokens)
		}
	}
	return b
}

// put writes the keys oldest first, each arrival as the time since the one
// before.
func (s *seen) put(b []byte) []byte {
	b = putUint(b, uint64(s.n))
	before := int64(0)
	for i := range s.n {
		e := s.at(i)
		b = binary.LittleEndian.AppendUint64(b, e.a)
		b = binary.LittleEndian.AppendUint64(b, e.b)
		b = putInt(b, e.at-before)
		before = e.at
	}
	return b
}

func (l *Ledger) putSLOs(b []byte) []byte {
	all := l.slos.all()
	slices.SortFunc(all, func(a, b *sloState) int {
		return firstOf(strings.Compare(a.spec.Name, b.spec.Name), strings.Compare(a.route, b.route))
	})
	b = putUint(b, uint64(len(all)))
	for _, s := range all {
		b = putString(putString(b, s.spec.Name), s.route)
		b = putString(putBool(b, s.declared), s.fingerprint())
		b = putInt(putInt(putInt(putInt(b, s.since), s.good), s.bad), s.excluded)
		b = putInts(putInts(b, s.badBy[:]), s.excludedBy[:])
		s.flush()
		b = putRing(b, s.ring.State())
		b = putUint(b, uint64(len(s.pairs)))
		for i := range s.pairs {
			b = putPair(b, &s.pairs[i])
		}
		b = putInt(b, s.classes.hour)
		b = putInts(putInts(b, s.classes.now[:]), s.classes.old[:])
		b = s.blame.put(b)
	}
	return b
}

// fingerprint is what makes two objectives count the same events alike; the
// objective and its tiers may change without losing the counts.
func (s *sloState) fingerprint() string {
	policy := slo.DefaultPolicy()
	if s.spec.Policy != nil {
		policy = *s.spec.Policy
	}
	l := &s.spec.Limits
	parts := []any{s.spec.Kind, s.spec.Scope, l.Duration, l.TimeToFirstChunk, l.TimePerOutputToken, l.Cost.String(), s.where, policy}
	for _, route := range slices.Sorted(maps.Keys(s.spec.Routes)) {
		parts = append(parts, route, *s.spec.Routes[route])
	}
	return fmt.Sprint(parts...)
}

func putPair(b []byte, p *slo.Pair) []byte {
	b = putInt(putInt(putString(b, p.Tier), int64(p.Long)), int64(p.Short))
	b = putTime(putTime(putBool(b, p.Active), p.Since), p.RecoveredSince)
	return putFloat(putFloat(putFloat(b, p.Factor), p.BurnLong), p.BurnShort)
}

func putRing(b []byte, s slo.RingState) []byte {
	b = putInt(b, s.Start)
	b = append(b, byte(s.Calendar), byte(s.Method))
	b = putBool(putString(b, s.Zone), s.FromSunday)
	b = putInt(putInt(putInt(b, int64(s.Slice)), s.SliceTarget.Num), s.SliceTarget.Den)
	for _, t := range []*slo.TrackState[slo.Counts]{&s.Minutes, &s.Fives, &s.Hours, &s.SliceCounts} {
		b = putUint(putInt(b, t.Head), uint64(len(t.Buckets)))
		for _, k := range t.Buckets {
			b = putCounts(putInt(b, t.Head-k.Number), k.Value)
		}
	}
	b = putUint(putInt(b, s.SliceHours.Head), uint64(len(s.SliceHours.Buckets)))
	for _, k := range s.SliceHours.Buckets {
		b = putInt(putInt(putInt(b, s.SliceHours.Head-k.Number), k.Value.Bad), k.Value.Share)
	}
	for _, p := range []*slo.PeriodState{&s.Current, &s.Before} {
		b = putCounts(putInt(putInt(b, p.Start), p.End), p.Counts)
		b = putInt(putInt(b, p.Tally.Bad), p.Tally.Share)
	}
	return b
}

func putCounts(b []byte, c slo.Counts) []byte {
	return putInt(putInt(putInt(b, c.Good), c.Bad), c.Excluded)
}

func (l *Ledger) putBudgets(b []byte) []byte {
	b = putUint(b, uint64(len(l.budgets)))
	for _, d := range l.budgets {
		b = putString(putString(b, d.def.Name), d.fingerprint())
		b = putTime(putInt(b, d.unknown), d.seen)
		if r := d.rolling; r != nil {
			b = r.put(b)
			continue
		}
		b = putInt(b, 0)
		for _, p := range []*spendPeriod{&d.current, &d.next} {
			b = putSpend(putInt(putInt(b, p.start), p.end), &p.spend)
		}
	}
	return b
}

func (r *spendRing) put(b []byte) []byte {
	b = putInt(putInt(b, r.window), r.newest)
	full := 0
	for i := range r.buckets {
		if r.buckets[i] != (spend{}) {
			full++
		}
	}
	b = putUint(b, uint64(full))
	for i := range r.buckets {
		if r.buckets[i] != (spend{}) {
			b = putSpend(putUint(b, uint64(i)), &r.buckets[i])
		}
	}
	return b
}

func (b *budgetState) fingerprint() string {
	w := b.def.Window
	return fmt.Sprint(w.Rolling, w.Calendar, w.Zone, w.FromSunday, b.def.Where)
}

func putSpend(b []byte, s *spend) []byte {
	return putInt(putInt(putAmount(b, s.cost), s.priced), s.blank)
}

// putCalls writes the waiting and the lately settled calls in their order. A
// call refers to its row by position, and to its SLOs by name only where they
// are not those of the row.
func (l *Ledger) putCalls(b []byte) []byte {
	b = putInt(b, l.astride.at)
	for _, list := range []*groupList{&l.calls.open, &l.calls.done} {
		b = putUint(b, uint64(list.n))
		for g := list.head; g != nil; g = g.next {
			b = l.putGroup(b, g)
		}
	}
	return b
}

func (l *Ledger) putGroup(b []byte, g *group) []byte {
	b = append(append(b, g.key.trace[:]...), g.key.id[:]...)
	b = append(b, byte(g.state))
	b = putInt(b, g.touched)
	b = putUint(b, uint64(g.attempts))
	if g.attempts == 0 {
		return b
	}
	b = putUint(b, uint64(g.s.index))
	b = putBool(b, g.tg != g.s.target)
	if g.tg != g.s.target {
		b = putUint(b, uint64(len(g.tg.slos)))
		for _, s := range g.tg.slos {
			b = putString(b, s.spec.Name)
		}
	}
	b = putUint(b, uint64(g.number))
	b = append(b, byte(g.class))
	b = append(putInt(putInt(b, g.at), g.end), g.span[:]...)
	b = putBools(b, g.timed, g.whole, g.costed, g.notFinal, g.astride, g.final.Ruled&1 != 0, g.final.Ruled&2 != 0, g.standing)
	if g.astride {
		b = putInt(b, l.astride.waiting[g.key.trace].latest)
	}
	if g.standing {
		b = append(b, g.requests[:]...)
	}
	b = putInt(putInt(b, g.busy), g.backoff)
	b = putAmount(putInt(putFloat(b, g.weight), g.started), g.cost)
	ev := &g.final
	b = putBool(putBool(b, ev.Streaming), ev.Priced)
	b = putInt(putInt(putInt(b, int64(ev.Duration)), int64(ev.TimeToFirstChunk)), ev.OutputTokens)
	return putAmount(b, ev.Cost)
}
