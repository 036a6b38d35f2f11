package slo

import (
	"math/big"
	"time"
)

// find returns the former state of a tier's pair; zero if there was none.
func find(prev []Pair, t Tier) Pair {
	for _, p := range prev {
		if p.Tier == t.Name && p.Long == t.Long && p.Short == t.Short {
			return p
		}
	}
	return Pair{}
}

// nextPair moves the state of one pair of windows on to the reader's now.
func nextPair(spec *Spec, t Tier, read *reader, length time.Duration, prev Pair) Pair {
	factor := t.factor(length)
	long, short := read.of(t.Long), read.of(t.Short)
	p := Pair{
		Tier: t.Name, Long: t.Long, Short: t.Short,
		Active: prev.Active, Since: prev.Since, RecoveredSince: prev.RecoveredSince,
		BurnLong: long.burn(spec.Objective), BurnShort: short.burn(spec.Objective),
	}
	if factor == nil {
		return p
	}
	p.Factor, _ = factor.Float64()
	limit := new(big.Rat).Mul(factor, spec.Objective.Budget().rat())
	longOver, shortOver := long.over(limit), short.over(limit)
	switch {
	case longOver && shortOver && (p.Active || long.counts.Events() >= spec.minEvents()):
		p.raise(read.now)
	case p.Active:
		p.recover(read.now, !shortOver && (!short.noData() || !longOver), t.clearAfter())
	}
	return p
}

func (p *Pair) raise(now time.Time) {
	if !p.Active {
		p.Active, p.Since = true, now
	}
	p.RecoveredSince = time.Time{}
}

// recover clears an active pair once it has been recovered for hold.
func (p *Pair) recover(now time.Time, recovered bool, hold time.Duration) {
	switch {
	case !recovered:
		p.RecoveredSince = time.Time{}
	case p.RecoveredSince.IsZero():
		p.RecoveredSince = now
	}
	if recovered && now.Sub(p.RecoveredSince) >= hold {
		p.Active, p.Since, p.RecoveredSince = false, time.Time{}, time.Time{}
	}
}

// alerts joins the pairs of each tier: it is active if one of them is, since
// the first of them was. The pair furthest over its factor decides; active
// ones come first.
func alerts(pairs []Pair) []Alert {
	var list []Alert
	for i, p := range pairs {
		if tierSeen(pairs[:i], p.Tier) {
			continue
		}
		best := p
		since := p.Since
		for _, q := range pairs[i+1:] {
			if q.Tier != p.Tier {
				continue
			}
			if q.Active && (since.IsZero() || q.Since.Before(since)) {
				since = q.Since
			}
			if q.Active && !best.Active || q.Active == best.Active && q.BurnLong*best.Factor > best.BurnLong*q.Factor {
				best = q
			}
		}
		list = append(list, Alert{
			Tier: p.Tier, Active: best.Active, Long: best.Long, Short: best.Short,
			Factor: best.Factor, Burn: best.BurnLong, Since: since,
		})
	}
	return list
}

func tierSeen(pairs []Pair, tier string) bool {
	for _, p := range pairs {
		if p.Tier == tier {
			return true
		}
	}
	return false
}
