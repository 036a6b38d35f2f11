package price

import (
	"slices"
	"strings"
)

// Query is what a price depends on besides the model and its usage.
type Query struct {
	// At is when the call started, Unix nanoseconds. 0 is unknown: then the
	// highest price that may have held is taken, never that of another clock.
	At int64
	// Now is when the call is booked, Unix nanoseconds: entries and contracts
	// that were recorded later do not apply. 0: all that is known applies.
	Now int64
	// Tier is the service tier that served the call, Geo the provider's
	// inference geography, Quality a resolution or quality of media; "" none.
	Tier, Geo, Quality string
	// Route is the route key, for contracts.
	Route string
}

// sheetKey tells apart the price sheets of one model.
type sheetKey struct {
	row, variant, contract int16 // -1: no variant, no contract
	entry                  int32
	uplifts                uint32 // a bit for each that applies
	unpricedTier           uint8  // 1 + index in tiers: served so, priced as standard
	surcharge              int8   // entry of the router's row; -1 none
	timeless               bool   // the time of the call is unknown
}

// tiers are the service tiers whose missing price is flagged.
var tiers = [...]string{"batch", "flex", "priority", "fast", "ultrafast"}

// pick chooses the sheet of one call; nil where no row has a price at that time.
func (r *resolved) pick(q *Query) *sheet {
	for i := range r.rows {
		if e := r.rows[i].entryAt(q); e >= 0 {
			return r.sheet(r.key(q, i, e))
		}
	}
	return nil
}

// key is the sheet of a call that is priced by entry e of row i.
func (r *resolved) key(q *Query, i, e int) sheetKey {
	p := r.rows[i]
	tier := normTier(q.Tier)
	if tier == "" {
		tier = r.tier
	}
	if tier == r.covered {
		tier = ""
	}
	k := sheetKey{row: int16(i), entry: int32(e), surcharge: -1, timeless: q.At == 0 && r.timed()}
	k.variant = p.variantAt(q, tier, r.region)
	if tier != "" && (k.variant < 0 || !p.variants[k.variant].onTier()) {
		k.unpricedTier = uint8(slices.Index(tiers[:], tier) + 1)
	}
	k.uplifts = p.upliftsAt(q, tier, r.region)
	k.contract = r.contractAt(q, tier)
	if r.extra != nil {
		k.surcharge = int8(r.extra.entryAt(q))
	}
	return k
}

func (r *resolved) contractAt(q *Query, tier string) int16 {
	for i, t := range r.contracts {
		if t.applies(q, tier) {
			return int16(i)
		}
	}
	return -1
}

// entryAt returns the last entry that holds, -1 none. At an unknown time only
// entries that always hold do; callers that must have a price try them all.
func (p *plan) entryAt(q *Query) int {
	for i := len(p.entries) - 1; i >= 0; i-- {
		e := &p.entries[i]
		if q.Now != 0 && q.Now < e.recorded {
			continue
		}
		if e.when.always() || (q.At != 0 && e.when.holds(q.At)) {
			return i
		}
	}
	return -1
}

// variantAt returns the last variant that holds, -1 none.
func (p *plan) variantAt(q *Query, tier, region string) int16 {
	for i := len(p.variants) - 1; i >= 0; i-- {
		v := &p.variants[i]
		if len(v.cond) > 0 && hold(v.cond, q, tier, region) && (v.when.always() || (q.At != 0 && v.when.holds(q.At))) {
			return int16(i)
		}
	}
	return -1
}

// upliftsAt returns the uplifts that hold. At an unknown time those that raise
// the price do and those that lower it do not.
func (p *plan) upliftsAt(q *Query, tier, region string) (mask uint32) {
	for i := range p.uplifts {
		u := &p.uplifts[i]
		if !hold(u.cond, q, tier, region) {
			continue
		}
		switch {
		case u.when.always(), q.At != 0 && u.when.holds(q.At), q.At == 0 && u.Factor.Num > u.Factor.Den:
			mask |= 1 << i
		}
	}
	return mask
}

// hold reports whether all conditions do.
func hold(cond []condition, q *Query, tier, region string) bool {
	for i := range cond {
		c := &cond[i]
		var value string
		switch c.param {
		case ParamTier:
			value = tier
		case ParamGeo:
			if value = strings.ToLower(q.Geo); value == "" {
				value = region
			}
		case ParamRegion:
			value = region
		case ParamQuality:
			value = strings.ToLower(q.Quality)
		}
		if value == "" || !slices.Contains(c.anyOf, value) {
			return false
		}
	}
	return true
}

// onTier reports whether the variant is one of a service tier.
func (v *variant) onTier() bool {
	return slices.ContainsFunc(v.cond, func(c condition) bool { return c.param == ParamTier })
}

// byQualityAlone reports whether the variant is one of a quality of media, with
// no other condition and at all times.
func (v *variant) byQualityAlone() bool {
	return len(v.cond) == 1 && v.cond[0].param == ParamQuality && v.when.always()
}

// timed reports whether the price depends on the time of the call.
func (r *resolved) timed() bool {
	for _, p := range r.rows {
		if len(p.entries) > 1 || !p.covers() {
			return true
		}
		for i := range p.variants {
			if !p.variants[i].when.always() {
				return true
			}
		}
		for i := range p.uplifts {
			if !p.uplifts[i].when.always() {
				return true
			}
		}
	}
	return false
}
