package pricefile

import (
	"strconv"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

// variants makes the service tiers of an entry. A fast mode without thresholds
// of its own ignores those of the standard prices.
func (e *liteEntry) variants() []price.Variant {
	var out []price.Variant
	if f, ok := e.factor("provider_specific_entry.fast", e.n.get("provider_specific_entry").get("fast")); ok {
		out = append(out, price.Variant{Name: "fast", If: []price.Condition{price.Tier("fast")}, Factor: f, Flat: true})
	}
	for _, s := range e.services {
		v := price.Variant{Rates: s.rates, Flat: s.tier == "fast" && !s.above}
		if s.tier != "" {
			v.If = append(v.If, price.Tier(s.tier))
		}
		if s.quality != "" {
			v.If = append(v.If, price.Condition{Param: price.ParamQuality, AnyOf: []string{s.quality}})
		}
		out = append(out, v)
	}
	return out
}

// uplifts makes the factors of geographies: Bifrost's one for the US, LiteLLM's
// per region, and those that an entry lists for its provider.
func (e *liteEntry) uplifts() []price.Uplift {
	var out []price.Uplift
	add := func(key, geo string, n *node) {
		f, ok := e.factor(key, n)
		if !ok {
			return
		}
		for _, u := range out {
			if u.Name == "geo:"+geo {
				return // the same uplift under two keys applies once
			}
		}
		out = append(out, price.Uplift{Name: "geo:" + geo, If: []price.Condition{price.Geo(geo)}, Factor: f})
	}
	for _, m := range e.n.members {
		if geo, ok := strings.CutPrefix(m.key, "regional_processing_uplift_multiplier_"); ok {
			add(m.key, strings.ToLower(geo), m.value)
		} else if geo, ok := strings.CutPrefix(m.key, "inference_geo_"); ok && strings.HasSuffix(geo, "_multiplier") {
			add(m.key, strings.ToLower(strings.TrimSuffix(geo, "_multiplier")), m.value)
		}
	}
	if own := e.n.get("provider_specific_entry"); own.isObject() {
		for _, m := range own.members {
			if len(m.key) == 2 { // a country; other keys are settings of the provider
				add("provider_specific_entry."+m.key, strings.ToLower(m.key), m.value)
			}
		}
	}
	return out
}

// factor reads a multiplier; one that changes nothing is none.
func (e *liteEntry) factor(key string, n *node) (money.Factor, bool) {
	text, ok := n.decimal()
	if !ok {
		return money.Factor{}, false
	}
	f, err := money.NewFactor(text)
	if err != nil {
		e.d.fail(n.offset, "%q: %s: %w", e.name, key, err)
		return money.Factor{}, false
	}
	return f, !f.IsOne()
}

// tiered reads tiered_pricing: ranges of total input, each a price list for
// the whole request. A price that a range leaves out is the entry's own, not
// that of the range below. Where two ranges begin at one point, by conditions
// that no span tells, the dearer price holds.
func (e *liteEntry) tiered() {
	list := e.n.get("tiered_pricing")
	if list == nil || list.kind != kindArray {
		return
	}
	own := append(price.Rates(nil), e.standard...)
	starts, named := map[int64]price.Rates{}, []price.Item(nil)
	var order []int64
	for _, tier := range list.items {
		bounds := tier.get("range")
		if bounds == nil || bounds.kind != kindArray || len(bounds.items) != 2 {
			continue // tiers of another kind: by results, by output
		}
		from := wholeNumber(bounds.items[0])
		if _, seen := starts[from]; !seen {
			order = append(order, from)
		}
		rates := starts[from]
		for _, m := range tier.members {
			k, s, ok := costKey(m.key)
			if !ok || s != (suffix{}) {
				continue
			}
			r, ok := e.rate(m.key, m.value, k.per)
			for _, item := range k.items {
				if ok && !dearer(rates.Get(item), r) {
					rates.Set(item, r)
					named = append(named, item)
				}
			}
		}
		starts[from] = rates
	}
	for _, from := range order {
		for _, item := range named {
			r := starts[from].Get(item)
			if !r.IsSet() {
				r = own.Get(item)
			}
			e.standard.SetAbove(item, from, r)
		}
	}
}

// dearer reports whether a is a higher price than b, both for the same number
// of things.
func dearer(a, b money.Rate) bool { return a.IsSet() && a.Femto > b.Femto }

// offPeakFactor reads Bifrost's off_peak_cost_multiplier: the entry's prices
// are those of peak hours, and outside them tokens cost this part. Without a
// schedule DeepSeek's own hours are meant; for anybody else peak prices stay.
func (e *liteEntry) offPeakFactor(row *price.Row) {
	f, ok := e.factor("off_peak_cost_multiplier", e.n.get("off_peak_cost_multiplier"))
	if !ok {
		return
	}
	if f.Num > f.Den || f.Num == 0 {
		e.d.fail(e.n.get("off_peak_cost_multiplier").offset, "%q: off_peak_cost_multiplier must be above 0 and at most 1", e.name)
		return
	}
	peak := e.peakHours()
	if peak == nil && row.Platform == "deepseek" {
		peak = &price.Schedule{Windows: []price.Window{
			{Days: price.MondayToFriday, From: 1 * 3600, To: 4 * 3600},
			{Days: price.MondayToFriday, From: 6 * 3600, To: 10 * 3600},
		}}
	}
	if peak == nil {
		return
	}
	peak.Outside = true
	row.Uplifts = append(row.Uplifts, price.Uplift{Name: "off_peak", When: price.Period{Schedule: peak}, Factor: f})
}

// peakHours reads {timezone, windows: [{days, start, end}]}, days counted from
// Sunday as 0 (7 is Sunday too).
func (e *liteEntry) peakHours() *price.Schedule {
	n := e.n.get("peak_hours")
	if !n.isObject() {
		return nil
	}
	s := &price.Schedule{Zone: n.get("timezone").str()}
	if _, err := time.LoadLocation(s.Zone); err != nil {
		e.d.fail(n.offset, "%q: peak_hours: %w", e.name, err)
	}
	windows := n.get("windows")
	if windows == nil || len(windows.items) == 0 {
		e.d.fail(n.offset, "%q: peak_hours has no windows", e.name)
		return nil
	}
	for _, w := range windows.items {
		from, ok1 := clock(w.get("start").str())
		to, ok2 := clock(w.get("end").str())
		if !ok1 || !ok2 {
			e.d.fail(w.offset, "%q: peak_hours: start and end must be times like 01:00", e.name)
			continue
		}
		window := price.Window{From: from, To: to}
		if days := w.get("days"); days != nil {
			for _, day := range days.items {
				v, err := strconv.Atoi(day.text)
				if err != nil || v < 0 || v > 7 {
					e.d.fail(day.offset, "%q: peak_hours: %q is no day of the week from 0 to 7", e.name, day.text)
					continue
				}
				window.Days |= 1 << (v % 7)
			}
		}
		s.Windows = append(s.Windows, window)
	}
	return s
}

// clock reads "16:30" or "16:30:00" as seconds since midnight.
func clock(s string) (int, bool) {
	for _, layout := range [2]string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Hour()*3600 + t.Minute()*60 + t.Second(), true
		}
	}
	return 86_400, s == "24:00"
}

// offPeakPrices reads LiteLLM's off_peak_pricing: prices for the hours that it
// names, in UTC ("16:30-00:30"); what it leaves out costs the same all day.
func (e *liteEntry) offPeakPrices(row *price.Row) {
	n := e.n.get("off_peak_pricing")
	if !n.isObject() {
		return
	}
	var hours []*node
	if h := n.get("hours_utc"); h != nil {
		hours = append(hours, h)
	}
	if w := n.get("windows"); w != nil {
		for _, item := range w.items {
			hours = append(hours, item.get("hours_utc"))
		}
	}
	s := &price.Schedule{}
	for _, h := range hours {
		start, end, _ := strings.Cut(h.str(), "-")
		from, ok1 := clock(strings.TrimSpace(start))
		to, ok2 := clock(strings.TrimSpace(end))
		if !ok1 || !ok2 {
			e.d.fail(n.offset, "%q: off_peak_pricing: hours_utc must be like 16:30-00:30", e.name)
			return
		}
		s.Windows = append(s.Windows, price.Window{From: from, To: to})
	}
	if len(s.Windows) == 0 {
		e.d.fail(n.offset, "%q: off_peak_pricing names no hours", e.name)
		return
	}
	rates := append(price.Rates(nil), e.standard...)
	for _, m := range n.members {
		k, suf, ok := costKey(m.key)
		if !ok || suf.tier != "" || suf.quality != "" {
			continue
		}
		if r, ok := e.rate(m.key, m.value, k.per); ok {
			for _, item := range k.items {
				rates.SetAbove(item, suf.above, r)
			}
		}
	}
	row.Entries = append(row.Entries, price.Entry{When: price.Period{Schedule: s}, Rates: rates})
}
