package rollupcomponent

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/spanledger/spanledger/internal/confvalue"
	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

// InventoryConfig bounds the memory of which models, platforms, prompt
// versions and prices each route uses.
type InventoryConfig struct {
	// MaxEntries is how many are remembered over all routes. Default 10000.
	MaxEntries int `mapstructure:"max_entries"`
	// MinCalls is how many calls each side of a change needs before the change
	// is reported. Default 20.
	MinCalls int64 `mapstructure:"min_calls"`
	// ForgetAfter is how long after its last call an entry is kept. Default 35d.
	ForgetAfter confvalue.Duration `mapstructure:"forget_after"`
}

func (c *InventoryConfig) validate() error {
	var errs []error
	if c.MaxEntries <= 0 {
		errs = append(errs, fmt.Errorf("inventory::max_entries: %d is not a positive number of entries", c.MaxEntries))
	}
	if c.MinCalls <= 0 {
		errs = append(errs, fmt.Errorf("inventory::min_calls: %d is not a positive number of calls", c.MinCalls))
	}
	if c.ForgetAfter <= 0 {
		errs = append(errs, fmt.Errorf("inventory::forget_after: %v is not a positive duration", c.ForgetAfter))
	}
	return errors.Join(errs...)
}

const (
	// maxChanges is how many changes are kept for the page and for a receiver of
	// events that does not answer.
	maxChanges = 200
	// maxMemo bounds the memory of which entries a kind of call counts for.
	maxMemo = 4096
)

// FleetChange is one change of what a route uses.
type FleetChange struct {
	fleet.Change
	// Number counts the changes of a ledger, from 1.
	Number uint64
	// Seen is when enough calls were there to say so, Unix ns.
	Seen int64
}

// inventory keeps the fleet of every route from the calls that were booked.
// The identity is the one that was stamped; the dated snapshot, which a span
// carries only with stamp: full, is read off the ids of the call again, as
// long as that gives the model that was stamped (a user's alias may not).
type inventory struct {
	resolver *fleet.Resolver
	currency string

	mu      sync.Mutex
	items   *fleet.Inventory
	memo    map[callKind]*counted
	dropped int64 // of the items, when the memo was made
	changes []FleetChange
	newest  uint64 // number of the newest change
	sent    uint64 // number of the last change that was sent as an event
	news    bool   // a change, or its sending, is not stored yet
	moved   bool   // any figure is not stored yet
}

// callKind is all of a call that decides for which entries it counts.
type callKind struct {
	route                                   string
	ref                                     llm.ModelRef
	vendor, id, platform, version, region   string
	prompt, promptVersion, priceID, gateway string
	substituteFor, substitutedBy            string
	different                               bool
}

// counted are the entries of a kind of call; nil where there is none.
type counted struct {
	model, platform, prompt, price, substitution *fleet.Handle
}

func newInventory(c *Config) (*inventory, error) {
	resolver, err := fleet.New(fleet.Options{})
	if err != nil {
		return nil, err
	}
	return &inventory{
		resolver: resolver, currency: c.ReportingCurrency, memo: map[callKind]*counted{},
		items: fleet.NewInventory(fleet.InventoryOptions{
			MaxEntries: c.Inventory.MaxEntries, MinCalls: c.Inventory.MinCalls, Expiry: int64(c.Inventory.ForgetAfter),
		}),
	}, nil
}

// observe counts the records that were booked as new attempts.
func (v *inventory) observe(recs []rollup.Record, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range recs {
		if r := &recs[i]; r.Counted && r.Stamp.Model.ID != "" {
			v.count(r, now.UnixNano())
		}
	}
}

func (v *inventory) count(r *rollup.Record, now int64) {
	at := r.Call.Start
	if at <= 0 || at > now {
		at = now
	}
	entries := v.entries(r, at)
	f := v.figures(r)
	aside := r.Stamp.Attempt.Kind == stamp.KindFallback
	for _, h := range [...]*fleet.Handle{entries.model, entries.platform, entries.prompt, entries.price} {
		if c, ok := v.items.Count(h, at, &f, aside); ok {
			v.changed(c, now)
		}
	}
	v.items.Count(entries.substitution, at, &f, true)
	if entries.model != nil {
		entries.model.Note.Remark(&r.Stamp.Model)
	}
	v.moved = true
}

func (v *inventory) figures(r *rollup.Record) fleet.Figures {
	f := fleet.Figures{Calls: 1}
	if r.Stamp.Error != llm.ErrNone || r.Call.Failed() {
		f.Failed = 1
	} else if r.Call.Start > 0 && r.Call.End > r.Call.Start {
		f.Nanos = r.Call.End - r.Call.Start
	}
	tokens := &r.Call.Usage.Tokens
	for b, n := range tokens {
		if llm.Bucket(b).IsInput() {
			f.Input += n
		} else {
			f.Output += n
		}
	}
	f.Cached = tokens[llm.CacheRead] + tokens[llm.CacheReadAudio] + tokens[llm.CacheReadImage]
	if c := &r.Stamp.Cost; c.Status.HasCost() && c.Currency == v.currency {
		f.Priced, f.Cost = 1, c.Total
		f.TextIn, f.TextInCost = tokens[llm.Input], c.Components[stamp.CompInput]
		f.TextOut, f.TextOutCost = tokens[llm.Output], c.Components[stamp.CompOutput]
		if by := &r.Stamp.Substitution; by.HasDifference {
			f.Compared, f.Difference = 1, by.Difference
		}
	}
	return f
}

// entries finds what a call counts for.
func (v *inventory) entries(r *rollup.Record, at int64) *counted {
	if d := v.items.Dropped(); d != v.dropped || len(v.memo) >= maxMemo {
		clear(v.memo)
		v.dropped = d
	}
	s, route := r.Stamp, r.Stamp.Route
	if route == "" {
		route = rollup.Unattributed
	}
	key := callKind{
		route: route, ref: r.Call.Ref,
		vendor: s.Model.Vendor, id: s.Model.ID, platform: s.Model.Platform, version: s.Model.Version, region: s.Model.Region,
		prompt: r.Call.Identity.Prompt, promptVersion: r.Call.Identity.PromptVersion, priceID: s.Cost.PriceID,
		substituteFor: s.Substitution.For, substitutedBy: s.Substitution.By,
		different: s.Model.Match == llm.MatchDifferent, gateway: "provider",
	}
	if r.Call.Layer == llm.LayerGateway || r.Call.Attempt.FallbackIndex > 0 {
		key.gateway = "gateway"
	}
	if known := v.memo[key]; known != nil {
		return known
	}
	found := v.find(&key, at)
	if d := v.items.Dropped(); d != v.dropped {
		// Room was made: what was found before that may be void already.
		clear(v.memo)
		v.dropped = d
		if found = v.find(&key, at); v.items.Dropped() != d {
			return &counted{}
		}
	}
	v.memo[key.owned()] = found
	return found
}

func (v *inventory) find(k *callKind, at int64) *counted {
	version, region, snapshot := k.version, k.region, k.id
	if m := v.resolver.Resolve(k.ref); m.ID == k.id {
		if version, snapshot = "", m.Snapshot; snapshot != k.id {
			version = snapshot
		}
		if region == "" && m.Platform == k.platform {
			region = m.Region
		}
	}
	find := func(i fleet.Item) *fleet.Handle { return v.items.Find(k.route, i, at) }
	c := &counted{
		model:    find(fleet.Item{Aspect: fleet.AspectModel, Maker: k.vendor, Name: k.id, Version: version}),
		platform: find(fleet.Item{Aspect: fleet.AspectPlatform, Name: k.platform, Version: region}),
		prompt:   find(fleet.Item{Aspect: fleet.AspectPrompt, Name: k.prompt, Version: k.promptVersion}),
	}
	if k.priceID != "" {
		c.price = find(fleet.Item{Aspect: fleet.AspectPrice, Maker: k.platform, Name: snapshot, Version: k.priceID})
	}
	switch {
	case k.substituteFor != "":
		c.substitution = find(fleet.Item{Aspect: fleet.AspectSubstitution, Maker: k.substituteFor, Name: k.id, Version: k.substitutedBy})
	case k.different: // stamped before substitutions were
		asked := v.resolver.Resolve(llm.ModelRef{Provider: k.ref.Provider, Server: k.ref.Server, Request: k.ref.Request})
		c.substitution = find(fleet.Item{Aspect: fleet.AspectSubstitution, Maker: asked.ID, Name: k.id, Version: k.gateway})
	}
	return c
}

// owned copies the strings, which alias the memory of a span.
func (k callKind) owned() callKind {
	for _, s := range [...]*string{
		&k.route, &k.ref.Provider, &k.ref.Server, &k.ref.Request, &k.ref.Response, &k.ref.Deployment,
		&k.vendor, &k.id, &k.platform, &k.version, &k.region, &k.prompt, &k.promptVersion, &k.priceID,
		&k.substituteFor, &k.substitutedBy,
	} {
		*s = strings.Clone(*s)
	}
	return k
}

func (v *inventory) changed(c fleet.Change, now int64) {
	v.newest++
	v.changes = append(v.changes, FleetChange{Change: c, Number: v.newest, Seen: now})
	if extra := len(v.changes) - maxChanges; extra > 0 {
		v.changes = append(v.changes[:0], v.changes[extra:]...)
	}
	v.news = true
}

// expire forgets what was not seen for long.
func (v *inventory) expire(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.items.Expire(now.UnixNano()) > 0 {
		v.moved = true
	}
}

// unsent are the changes that no receiver of events has taken yet.
func (v *inventory) unsent() []FleetChange {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range v.changes {
		if v.changes[i].Number > v.sent {
			return append([]FleetChange(nil), v.changes[i:]...)
		}
	}
	return nil
}

// took notes that a receiver of events has taken all up to a number.
func (v *inventory) took(number uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if number > v.sent {
		v.sent, v.news = number, true
	}
}

// Fleet is what an inventory holds at one moment.
type Fleet struct {
	Entries  []fleet.Entry
	Changes  []FleetChange // oldest first
	Overflow int64
	Currency string
}

func (v *inventory) state() Fleet {
	v.mu.Lock()
	defer v.mu.Unlock()
	return Fleet{Entries: v.items.Entries(), Changes: append([]FleetChange(nil), v.changes...), Overflow: v.items.Overflow(), Currency: v.currency}
}
