package fleet

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spanledger/spanledger/internal/money"
)

// Aspect is what of a route's fleet an entry is about.
type Aspect uint8

// The aspects.
const (
	AspectModel    Aspect = iota // Maker: vendor, Name: canonical id, Version
	AspectPlatform               // Name: platform, Version: region
	AspectPrompt                 // Name: prompt, Version
	NumAspects
)

var aspectNames = [NumAspects]string{"model", "platform", "prompt"}

func (a Aspect) String() string {
	if a < NumAspects {
		return aspectNames[a]
	}
	return "invalid"
}

// Item is one member of a route's fleet; comparable.
type Item struct {
	Aspect               Aspect
	Maker, Name, Version string
}

// Figures are what calls amounted to. Cost adds the priced ones only, in the
// reporting currency; Nanos is the sum of their durations.
type Figures struct {
	Calls, Failed, Priced int64
	Nanos                 int64
	Input, Output         int64 // tokens
	Cost                  money.Amount
}

// Add adds the figures of other calls.
func (f *Figures) Add(o *Figures) {
	f.Calls, f.Failed, f.Priced = f.Calls+o.Calls, f.Failed+o.Failed, f.Priced+o.Priced
	f.Nanos, f.Input, f.Output = f.Nanos+o.Nanos, f.Input+o.Input, f.Output+o.Output
	f.Cost = f.Cost.Add(o.Cost)
}

// Entry is what is remembered of an item on a route. It is a plain value: a
// list of entries is the whole state of an inventory.
type Entry struct {
	Route string
	Item  Item
	// First and Last are the earliest and the latest start of a call, Unix ns.
	First, Last int64
	Figures     Figures
	// Before is the item that the route used until this one appeared, with its
	// figures up to then; the zero Item where this was the route's first.
	Before        Item
	BeforeFigures Figures
	// Announced is set once the change from Before was reported.
	Announced bool
}

// Change says that a route began to use another item, with the figures of the
// old one until then and of the new one since.
type Change struct {
	Route         string
	At            int64 // first call of the new item, Unix ns
	From, To      Item
	Before, After Figures
}

// InventoryOptions bounds an inventory; zero fields take the defaults given.
type InventoryOptions struct {
	MaxEntries int   // 10,000
	MinCalls   int64 // calls that both sides of a change need before it is reported; 20
	Expiry     int64 // ns since the last call after which an entry is forgotten; 35 days
}

// Inventory remembers which models, platforms and prompt versions each route
// uses and since when, and reports each change once. It is not safe for
// concurrent use; its state depends on the order of observations alone.
//
// When it is full, an item that is not remembered yet is left out and counted
// ([Inventory.Overflow]); what is remembered stays right.
type Inventory struct {
	opt      InventoryOptions
	entries  map[entryKey]*Entry
	current  map[scope]Item // the item that was seen last, by arrival
	overflow int64
}

type entryKey struct {
	route string
	item  Item
}

// scope is what has one item at a time: the model and the platform of a route,
// the version of each prompt of a route.
type scope struct {
	route  string
	aspect Aspect
	prompt string
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
	return &Inventory{opt: o, entries: map[entryKey]*Entry{}, current: map[scope]Item{}}
}

// Observe counts calls of an item on a route that started at a time (Unix ns)
// and reports the change that they complete, if any. An item without a name is
// ignored. What is already remembered costs no allocation.
func (v *Inventory) Observe(route string, item Item, at int64, f *Figures) (Change, bool) {
	if item.Name == "" {
		return Change{}, false
	}
	e := v.entries[entryKey{route, item}]
	if e == nil {
		if e = v.appear(route, item, at); e == nil {
			v.overflow++
			return Change{}, false
		}
	}
	e.First, e.Last = min(e.First, at), max(e.Last, at)
	e.Figures.Add(f)
	v.current[scopeOf(e)] = e.Item
	if e.Announced || e.Before == (Item{}) || e.Figures.Calls < v.opt.MinCalls {
		return Change{}, false
	}
	e.Announced = true
	if e.BeforeFigures.Calls < v.opt.MinCalls {
		return Change{}, false // too little is known of what was before
	}
	return Change{Route: e.Route, At: e.First, From: e.Before, To: e.Item, Before: e.BeforeFigures, After: e.Figures}, true
}

// appear remembers a new item, or gives nil where there is no room.
func (v *Inventory) appear(route string, item Item, at int64) *Entry {
	if len(v.entries) >= v.opt.MaxEntries {
		return nil
	}
	e := &Entry{Route: strings.Clone(route), First: at, Last: at, Item: Item{
		Aspect: item.Aspect, Maker: strings.Clone(item.Maker), Name: strings.Clone(item.Name), Version: strings.Clone(item.Version),
	}}
	if was := v.entries[entryKey{route, v.current[scopeOf(e)]}]; was != nil {
		e.Before, e.BeforeFigures = was.Item, was.Figures
	}
	v.entries[entryKey{e.Route, e.Item}] = e
	return e
}

func scopeOf(e *Entry) scope {
	s := scope{route: e.Route, aspect: e.Item.Aspect}
	if e.Item.Aspect == AspectPrompt {
		s.prompt = e.Item.Name
	}
	return s
}

// Expire forgets what was not seen for the expiry and says how much that was.
// Counted from the last call on, so an item that returns is new again.
func (v *Inventory) Expire(now int64) int {
	n := 0
	for key, e := range v.entries { // any order: each goes by its own age
		if now-e.Last > v.opt.Expiry {
			delete(v.entries, key)
			if s := scopeOf(e); v.current[s] == e.Item {
				delete(v.current, s)
			}
			n++
		}
	}
	return n
}

// Overflow counts observations that were left out because the inventory was full.
func (v *Inventory) Overflow() int64 { return v.overflow }

// Entries lists all that is remembered, by route, aspect, first call and name.
func (v *Inventory) Entries() []Entry {
	out := make([]Entry, 0, len(v.entries))
	for _, e := range v.entries {
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(a.Route, b.Route), cmp.Compare(a.Item.Aspect, b.Item.Aspect), cmp.Compare(a.First, b.First),
			cmp.Compare(a.Item.Maker, b.Item.Maker), cmp.Compare(a.Item.Name, b.Item.Name), cmp.Compare(a.Item.Version, b.Item.Version),
		)
	})
	return out
}

// Restore takes entries back into an empty inventory, as many as it has room
// for. Of each scope the item with the latest call is the one in use.
func (v *Inventory) Restore(list []Entry) {
	for i := range list {
		e := list[i]
		key := entryKey{e.Route, e.Item}
		if _, twice := v.entries[key]; twice || e.Item.Name == "" {
			continue
		}
		if len(v.entries) >= v.opt.MaxEntries {
			v.overflow += e.Figures.Calls
			continue
		}
		v.entries[key] = &e
		s := scopeOf(&e)
		if was := v.entries[entryKey{e.Route, v.current[s]}]; was == nil || was.Last <= e.Last {
			v.current[s] = e.Item
		}
	}
}
