package fleet

import (
	"cmp"
	"slices"
	"strings"
)

// InventoryOptions bounds an inventory; zero fields take the defaults given.
type InventoryOptions struct {
	MaxEntries int   // 10,000
	MinCalls   int64 // calls that both sides of a change need before it is reported; 20
	Expiry     int64 // ns since the last call after which an entry is forgotten; 35 days
}

// Inventory remembers which models, platforms, prompt versions and prices each
// route uses and since when, and reports each change once. It is not safe for
// concurrent use; its state depends on the order of observations alone.
//
// When it is full, items that never reached MinCalls make room, those first
// that were not seen for longest: a flood of junk pushes out junk. Where all
// are established, a new item is left out. Both are counted
// ([Inventory.Overflow]); what is remembered stays right.
type Inventory struct {
	opt      InventoryOptions
	entries  map[entryKey]*Handle
	scopes   map[scope]*inUse
	overflow int64
	dropped  int64
	pause    int // new items until room is looked for again
}

type entryKey struct {
	route string
	item  Item
}

// scope is what has one item at a time: the model and the platform of a route,
// the version of each of its prompts, the price of each of its models.
type scope struct {
	route       string
	aspect      Aspect
	maker, name string
}

func scopeOf(route string, i *Item) scope {
	s := scope{route: route, aspect: i.Aspect}
	switch i.Aspect {
	case AspectPrompt, AspectPrice, AspectSubstitution:
		s.maker, s.name = i.Maker, i.Name
	}
	return s
}

// inUse is the item of a scope that was seen last, by arrival; one that has
// MinCalls yields to such a one only.
type inUse struct{ of *Handle }

// Handle is an item that an inventory remembers, for counting without looking
// it up again. It is void once [Inventory.Dropped] has moved.
type Handle struct {
	Entry
	in *inUse
}

// NewInventory makes an empty inventory.
func NewInventory(o InventoryOptions) *Inventory {
	if o.MaxEntries <= 0 {
		o.MaxEntries = 10_000
	}
	if o.MinCalls <= 0 {
		o.MinCalls = 20
	}
	if o.Expiry <= 0 {
		o.Expiry = 35 * 24 * 3600 * 1e9
	}
	return &Inventory{opt: o, entries: map[entryKey]*Handle{}, scopes: map[scope]*inUse{}}
}

// Observe counts calls of an item on a route that started at a time (Unix ns)
// and reports the change that they complete, if any. An item without a name is
// ignored. What is already remembered costs no allocation.
func (v *Inventory) Observe(route string, item Item, at int64, f *Figures) (Change, bool) {
	return v.Count(v.Find(route, item, at), at, f, false)
}

// Find gives the handle of an item, which is remembered from now on; nil where
// the item has no name or there is no room.
func (v *Inventory) Find(route string, item Item, at int64) *Handle {
	if item.Name == "" {
		return nil
	}
	if h := v.entries[entryKey{route, item}]; h != nil {
		return h
	}
	if len(v.entries) >= v.opt.MaxEntries {
		if v.makeRoom(); len(v.entries) >= v.opt.MaxEntries {
			v.overflow++
			return nil
		}
	}
	e := Entry{Route: strings.Clone(route), First: at, Last: at, Aside: true, Item: Item{
		Aspect: item.Aspect, Maker: strings.Clone(item.Maker), Name: strings.Clone(item.Name), Version: strings.Clone(item.Version),
	}}
	return v.keep(e)
}

func (v *Inventory) keep(e Entry) *Handle {
	s := scopeOf(e.Route, &e.Item)
	in := v.scopes[s]
	if in == nil {
		in = &inUse{}
		v.scopes[s] = in
	}
	h := &Handle{Entry: e, in: in}
	v.entries[entryKey{e.Route, e.Item}] = h
	return h
}

// Count counts calls of an item that started at a time (Unix ns) and reports
// the change that they complete, if any. Calls aside, such as fallbacks, are
// counted and change nothing. Calls that do not tell a version, as failed ones
// cannot, count for the version in use. A nil handle is ignored.
func (v *Inventory) Count(h *Handle, at int64, f *Figures, aside bool) (Change, bool) {
	if h == nil {
		return Change{}, false
	}
	if was := h.in.of; was != nil && h.Item.Version == "" && was.Item.Maker == h.Item.Maker && was.Item.Name == h.Item.Name {
		h = was
	}
	h.First, h.Last = min(h.First, at), max(h.Last, at)
	if h.Aside && !aside {
		h.takeOver(at)
	}
	h.Figures.Add(f)
	if h.Aside {
		return Change{}, false
	}
	if was := h.in.of; !aside && was != h && (was == nil || v.established(h) || !v.established(was)) {
		h.in.of = h
	}
	if h.Announced || h.Before == (Item{}) || !v.established(h) {
		return Change{}, false
	}
	h.Announced = true
	c := Change{Route: h.Route, At: h.Since, From: h.Before, To: h.Item, Before: h.BeforeFigures, After: h.Figures.less(&h.Base)}
	// Too little may be known of what was before, or there was no change.
	return c, c.Before.Calls >= v.opt.MinCalls && c.real()
}

// takeOver makes an item one of the scope's own, after the one in use.
func (h *Handle) takeOver(at int64) {
	h.Aside, h.Since, h.Base = false, at, h.Figures
	if was := h.in.of; was != nil && was != h {
		h.Before, h.BeforeFigures = was.Item, was.Figures
	}
}

func (v *Inventory) established(h *Handle) bool {
	return !h.Aside && h.Figures.Calls-h.Base.Calls >= v.opt.MinCalls
}

// makeRoom drops the older half of what is not established. Where that was
// little, it is not looked for again at once: a look costs as much as all the
// entries.
func (v *Inventory) makeRoom() {
	if v.pause > 0 {
		v.pause--
		return
	}
	var idle []*Handle
	for _, h := range v.entries {
		if !v.established(h) {
			idle = append(idle, h)
		}
	}
	if len(idle) < v.opt.MaxEntries/8 {
		v.pause = v.opt.MaxEntries / 8
	}
	slices.SortFunc(idle, func(a, b *Handle) int { return cmp.Or(cmp.Compare(a.Last, b.Last), byScope(&a.Entry, &b.Entry)) })
	idle = idle[:(len(idle)+1)/2]
	for _, h := range idle {
		v.overflow += h.Figures.Calls
		v.drop(h)
	}
	v.tidy()
}

func (v *Inventory) drop(h *Handle) {
	delete(v.entries, entryKey{h.Route, h.Item})
	if h.in.of == h {
		h.in.of = nil
	}
	v.dropped++
}

// tidy forgets the scopes that nothing is in any more.
func (v *Inventory) tidy() {
	used := make(map[*inUse]bool, len(v.scopes))
	for _, h := range v.entries {
		used[h.in] = true
	}
	for s, in := range v.scopes {
		if !used[in] {
			delete(v.scopes, s)
		}
	}
}

// Expire forgets what was not seen for the expiry and says how much that was.
// Counted from the last call on, so an item that returns is new again.
func (v *Inventory) Expire(now int64) int {
	n := 0
	for _, h := range v.entries { // any order: each goes by its own age
		if now-h.Last > v.opt.Expiry {
			v.drop(h)
			n++
		}
	}
	if n > 0 {
		v.tidy()
	}
	return n
}

// Overflow counts calls that were left out, or forgotten early, because the
// inventory was full.
func (v *Inventory) Overflow() int64 { return v.overflow }

// Dropped counts entries that were forgotten; handles from before it moved are
// void.
func (v *Inventory) Dropped() int64 { return v.dropped }

// Entries lists all that is remembered, by route, aspect, first call and name.
func (v *Inventory) Entries() []Entry {
	out := make([]Entry, 0, len(v.entries))
	for _, h := range v.entries {
		out = append(out, h.Entry)
	}
	slices.SortFunc(out, func(a, b Entry) int { return byScope(&a, &b) })
	return out
}

func byScope(a, b *Entry) int {
	return cmp.Or(
		cmp.Compare(a.Route, b.Route), cmp.Compare(a.Item.Aspect, b.Item.Aspect), cmp.Compare(a.First, b.First),
		cmp.Compare(a.Item.Maker, b.Item.Maker), cmp.Compare(a.Item.Name, b.Item.Name), cmp.Compare(a.Item.Version, b.Item.Version),
	)
}

// Restore takes entries back into an empty inventory, as many as it has room
// for. Of each scope the established item with the latest call is the one in
// use, else the one with the latest call.
func (v *Inventory) Restore(list []Entry) {
	for i := range list {
		e := list[i]
		if _, twice := v.entries[entryKey{e.Route, e.Item}]; twice || e.Item.Name == "" {
			continue
		}
		if len(v.entries) >= v.opt.MaxEntries {
			v.overflow += e.Figures.Calls
			continue
		}
		h := v.keep(e)
		if h.Aside {
			continue
		}
		was := h.in.of
		if was == nil || v.established(h) && !v.established(was) || v.established(h) == v.established(was) && was.Last <= h.Last {
			h.in.of = h
		}
	}
}
