package price

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/spanledger/spanledger/internal/llm"
)

// resolved is what a model turned out to be in the book: the rows that claim
// it, by precedence, and the sheets that calls needed so far.
type resolved struct {
	who modelKey
	// rows holds more than one where the first does not cover all times.
	rows  []*plan
	extra *plan // a router's surcharge
	// tier is the service tier that the id itself names; covered is the variant
	// that the row's own spelling already includes.
	tier, covered  string
	flags          []string // modifiers of every call
	atLeast        bool     // the id names a feature that the price lacks
	contracts      []*terms // those that can apply, most specific first
	vendor, region string

	mu     sync.Mutex
	sheets atomic.Pointer[[]*sheet]
}

// maxRows bounds how many rows are kept for one model, for times that the
// rows before do not cover.
const maxRows = 4

// Modifiers that say how a row was found.
const (
	modPlatformFallback = "platform_fallback"
	modRegionFallback   = "region_fallback"
	modVariant          = "variant:"
	modTimeUnknown      = "time_unknown"
	modStandard         = ":standard"
)

// resolve returns the rows of a model, from memory or by search.
func (b *Book) resolve(m *llm.Model) *resolved {
	k := keyOf(m)
	if r := b.recent.Get(unsafe.Pointer(m)); r != nil && r.who == k {
		return r
	}
	r := b.cache.get(&k)
	if r == nil {
		r = b.search(m)
		r.who = k.clone()
		r = b.cache.put(r.who, r)
	}
	b.recent.Put(unsafe.Pointer(m), r)
	return r
}

// search looks a model up: aliases, then the platform's own rows, then the
// platforms that it may borrow from, then the only row anywhere.
func (b *Book) search(m *llm.Model) *resolved {
	r := &resolved{vendor: strings.ToLower(m.Vendor), region: strings.ToLower(m.Region)}
	s := searcher{b: b, m: m, r: r, words: spellings(m)}
	platform := strings.ToLower(m.Platform)
	switch {
	case s.alias():
	case s.on(platform, false, false):
	case s.borrowed(platform):
	case platform == "":
		s.anywhere()
	}
	if len(r.rows) == 0 {
		return r
	}
	if r.vendor == "" {
		r.vendor = strings.ToLower(r.rows[0].row.Vendor)
	}
	for _, t := range b.contracts {
		if t.covers(m) {
			r.contracts = append(r.contracts, t)
		}
	}
	r.extra = s.surcharge(platform)
	return r
}

// searcher is one search.
type searcher struct {
	b     *Book
	m     *llm.Model
	r     *resolved
	words []spelling
}

// target takes the rows of one id on one platform.
func (s *searcher) target(platform, id string) bool {
	for _, x := range s.b.tables {
		if i, ok := x.find(platform, id, true); ok && s.take(x, i, false) {
			break
		}
	}
	return len(s.r.rows) > 0
}

// on looks for the model on one platform. The first spelling that has a row
// decides; further tables are asked only for times it does not cover.
func (s *searcher) on(platform string, lent, foreign bool) bool {
	for _, w := range s.words {
		if foreign && w.raw {
			continue
		}
		kind := kindOfVariant(s.m.Variant)
		if w.plain && kind == variantPrices {
			continue
		}
		for _, x := range s.b.tables {
			if i, ok := x.find(platform, w.id, !w.raw); ok && s.fits(x, i, w, kind) && s.take(x, i, lent) {
				break
			}
		}
		if len(s.r.rows) > 0 {
			s.settle(w, kind)
			return true
		}
	}
	return false
}

// fits reports whether the row may price the spelling. Where suffixes sell the
// same model at other prices, a row that only happens to take ids with one
// knows nothing of that price; elsewhere they mean nothing.
func (s *searcher) fits(x *index, i int32, w spelling, kind variantKind) bool {
	r := &x.table.Rows[i]
	if s.m.Variant == "" || w.plain || kind != variantPrices || !strings.EqualFold(r.Platform, suffixPlatform) {
		return true
	}
	return r.spells(strings.ToLower(s.m.Variant))
}

// suffixPlatform sells models under one name with suffixes (":free") at
// several prices.
const suffixPlatform = "openrouter"

// take adds a row; done reports that it covers every time.
func (s *searcher) take(x *index, i int32, lent bool) (done bool) {
	p := x.plan(i, lent)
	if len(p.entries) == 0 {
		return false
	}
	s.r.rows = append(s.r.rows, p)
	return p.covers() || len(s.r.rows) == maxRows
}

// settle notes what the spelling that was found leaves open.
func (s *searcher) settle(w spelling, kind variantKind) {
	if w.anyRegion {
		s.flag(modRegionFallback)
	}
	variant := strings.ToLower(s.m.Variant)
	switch {
	case variant == "":
	case !w.plain && (kind == variantPrices || kind == variantRoutes || s.r.rows[0].row.spells(variant)):
		s.r.covered = normTier(variant)
	case kind == variantTier:
		s.r.tier = variant
	default:
		s.flag(modVariant + variant)
		s.r.atLeast = kind == variantFeature
	}
}

// spells reports whether the row is one of the variant, rather than one whose
// clause happens to take ids that end with it.
func (r *Row) spells(variant string) bool {
	for _, id := range append([]string{r.ID}, r.Aliases...) {
		if strings.Contains(strings.ToLower(id), variant) {
			return true
		}
	}
	return r.Match != nil && r.Match.spells(variant)
}

// spells reports whether a clause asks for the variant by a word of its own.
func (c *Clause) spells(variant string) bool {
	if c.Op == OpNot {
		return false
	}
	for i := range c.Sub {
		if c.Sub[i].spells(variant) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(c.Text), variant)
}

// borrowed looks on the platforms whose prices may stand in.
func (s *searcher) borrowed(platform string) bool {
	from, lender := s.b.borrowFrom(platform, strings.ToLower(s.m.Vendor))
	if !lender && platform != "" && isOpenWeights(strings.ToLower(s.m.ID+" "+s.m.Name)) {
		return false
	}
	for _, p := range from {
		if !s.on(p, lender, true) {
			continue
		}
		if platform != "" && s.r.free() {
			// Free where its maker serves it is not free everywhere.
			s.r.rows, s.r.flags, s.r.tier, s.r.covered, s.r.atLeast = nil, nil, "", "", false
			continue
		}
		s.flag(modPlatformFallback)
		return true
	}
	return false
}

// free reports whether every price that was found is nothing.
func (r *resolved) free() bool {
	for _, p := range r.rows {
		for i := range p.entries {
			for _, price := range p.entries[i].Rates {
				if price.Rate.Femto > 0 {
					return false
				}
			}
		}
	}
	return true
}

// anywhere takes the only row that has one of the spellings. That a host of
// others' models is the only one listed does not make it the one that served:
// the platform is part of the price (reference pricing 3.8).
func (s *searcher) anywhere() {
	for _, w := range s.words {
		kind := kindOfVariant(s.m.Variant)
		if w.plain && kind == variantPrices {
			continue
		}
		platform, found := "", false
		for _, x := range s.b.tables {
			only, ok := x.anywhere[w.id]
			if ok && (only.ambiguous || (found && only.platform != platform)) {
				return // two platforms, two prices: no guess
			}
			if ok {
				platform, found = only.platform, true
			}
		}
		if !found {
			continue
		}
		if slices.Contains(ownLists, platform) || isOpenWeights(w.id) {
			return // others serve the model too, at other prices
		}
		s.target(platform, w.id)
		s.settle(w, kind)
		s.flag(modPlatformFallback)
		return
	}
}

// surcharge finds the fee of the router that was asked, where another model answered.
func (s *searcher) surcharge(platform string) *plan {
	asked := strings.ToLower(s.m.Ref.Request)
	if asked == "" || s.m.Ref.Response == "" || strings.EqualFold(asked, s.m.Ref.Response) {
		return nil
	}
	last := asked[strings.LastIndexByte(asked, '/')+1:]
	first, _, _ := strings.Cut(asked, "/")
	platforms := []string{platform}
	platforms = append(platforms, lenders[platform]...)
	for _, id := range [3]string{asked, first, last} {
		for _, p := range platforms {
			for _, x := range s.b.tables {
				if i, ok := x.find(p, id, false); ok && x.table.Rows[i].Surcharge && s.r.rows[0].row != &x.table.Rows[i] {
					return x.plan(i, true)
				}
			}
		}
	}
	return nil
}

func (s *searcher) flag(mod string) { s.r.flags = append(s.r.flags, mod) }
