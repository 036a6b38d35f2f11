package fleet

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/memo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// DefaultCacheSize is how many distinct references a resolver remembers when
// Options does not say.
const DefaultCacheSize = 8192

// Alias maps a name of the user's own (an Azure deployment, an application
// inference profile, a gateway's virtual model) to the model behind it. To may
// begin with a platform: "azure/gpt-4o-2024-08-06". Aliases do not chain.
type Alias struct {
	From, To string
}

// Options configures a Resolver; the zero value is usable.
type Options struct {
	Aliases []Alias
	// Approved is the policy; none approves everything.
	Approved []Approval
	// Lifecycles are the user's overrides of the catalogue; the first that
	// covers a model applies.
	Lifecycles []Override
	// Source supplies what a catalogue knows about models; nil knows nothing.
	Source Source
	// Said is what the user's own catalogues say of a model where it is served;
	// what it leaves zero is Source's. nil says nothing. It is asked once for
	// each model until [Resolver.Forget], from several goroutines at once.
	Said func(m *llm.Model) Info
	// CacheSize is how many references are remembered; 0 is DefaultCacheSize.
	CacheSize int
}

// Resolver identifies models. It is safe for concurrent use.
type Resolver struct {
	aliases   map[string]reading // by cleaned From
	source    Source
	said      func(m *llm.Model) Info
	forgotten atomic.Uint64 // how often Forget was called
	policy    *Policy
	overrides []override
	cache     *cache
	facts     memo.Table[facts]
}

// New checks the options and builds a resolver. Two aliases of the same name
// with different targets, empty ones and malformed patterns are refused, all
// in one error.
func New(o Options) (*Resolver, error) {
	var errs []error
	if o.CacheSize < 0 {
		errs = append(errs, fmt.Errorf("cache size %d: must not be negative", o.CacheSize))
	}
	aliases, err := readAliases(o.Aliases)
	if err != nil {
		errs = append(errs, err)
	}
	policy, err := NewPolicy(o.Approved)
	if err != nil {
		errs = append(errs, err)
	}
	overrides, err := compileOverrides(o.Lifecycles)
	if err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	size := o.CacheSize
	if size == 0 {
		size = DefaultCacheSize
	}
	return &Resolver{aliases: aliases, source: o.Source, said: o.Said, policy: policy, overrides: overrides, cache: newCache(size)}, nil
}

func readAliases(list []Alias) (map[string]reading, error) {
	var errs []error
	out := make(map[string]reading, len(list))
	targets := make(map[string]string, len(list))
	for i, a := range list {
		from, to := clean(a.From), clean(a.To)
		if from == "" || to == "" {
			errs = append(errs, fmt.Errorf("alias %d: from %q to %q: both must name a model", i, a.From, a.To))
			continue
		}
		if was, twice := targets[from]; twice && was != to {
			errs = append(errs, fmt.Errorf("alias %q: maps to both %q and %q", a.From, was, a.To))
			continue
		}
		targets[from] = to
		rd := read(a.To, "")
		rd.mapped = true
		out[from] = rd
	}
	return out, errors.Join(errs...)
}

// Resolve identifies the model of a reference. The result is shared and must
// not be changed; it is the same pointer for as long as the reference is
// remembered. A hit does not allocate. A reference that names no model at all
// gives a Model with an empty ID.
func (r *Resolver) Resolve(ref llm.ModelRef) *llm.Model {
	ref = bounded(ref)
	if m := r.cache.get(ref); m != nil {
		return m
	}
	ref = owned(ref)
	return r.cache.put(ref, r.identify(ref))
}

// Info is what the user and the catalogue know about a model; not ok where
// neither knows anything. What was once found is not asked for again while the
// model is shared.
func (r *Resolver) Info(m *llm.Model) (Info, bool) {
	f := r.know(m)
	return f.info, f.known
}

// Forget makes the resolver ask again what is known of models: a catalogue has
// changed.
func (r *Resolver) Forget() { r.forgotten.Add(1) }

// facts is what is known of a model whenever it is called.
type facts struct {
	vendor, id, snapshot, platform string // of the model that they are about
	opaque                         bool
	info                           Info
	known                          bool
	preview                        bool // by its own name
	age                            uint64
}

func (f *facts) about(m *llm.Model) bool {
	return f.id == m.ID && f.vendor == m.Vendor && f.snapshot == m.Snapshot && f.platform == m.Platform && f.opaque == m.Opaque
}

func (r *Resolver) know(m *llm.Model) *facts {
	age := r.forgotten.Load()
	if f := r.facts.Get(unsafe.Pointer(m)); f != nil && f.age == age && f.about(m) {
		return f
	}
	f := &facts{
		age:    age,
		vendor: strings.Clone(m.Vendor), id: strings.Clone(m.ID), snapshot: strings.Clone(m.Snapshot), platform: strings.Clone(m.Platform), opaque: m.Opaque,
		preview: previewID(m.ID),
	}
	f.info, f.known = r.ask(m)
	r.facts.Put(unsafe.Pointer(m), f)
	return f
}

func (r *Resolver) ask(m *llm.Model) (Info, bool) {
	info, ok := r.listed(m)
	if r.said != nil && m.ID != "" {
		if own := r.said(m); own != (Info{}) {
			info, ok = own.over(info), true
		}
	}
	if o := r.overrideFor(m); o != nil {
		return o.on(info), true
	}
	return info, ok
}

// listed is what the catalogue knows. A dated snapshot is asked for first, then
// the model it is one of.
func (r *Resolver) listed(m *llm.Model) (Info, bool) {
	if r.source == nil || m.ID == "" || m.Opaque {
		return Info{}, false
	}
	if m.Snapshot != m.ID {
		if info, ok := r.source.ModelInfo(m.Vendor, m.Snapshot); ok {
			return info, true
		}
	}
	return r.source.ModelInfo(m.Vendor, m.ID)
}

// Allows reports whether the policy approves the model on a route and in an
// environment ("" none).
func (r *Resolver) Allows(m *llm.Model, route, env string) bool {
	return r.policy.Allows(m, route, env)
}

// Stats is what a resolver can say about its memory.
func (r *Resolver) Stats() Stats { return r.cache.stats() }

// Stamp fills the identity that is written on a span: everything about the
// model but the context ratio, which needs the usage. now is in Unix nanoseconds.
func (r *Resolver) Stamp(m *llm.Model, route, env string, now int64) stamp.Model {
	out := stamp.Model{
		ID: m.ID, Vendor: m.Vendor, Platform: m.Platform,
		Version: m.Version, Family: m.Family, Region: m.Region, Match: m.Match,
	}
	f := r.know(m)
	out.Lifecycle = LifecycleAt(f.info, now)
	if out.Lifecycle == stamp.LifecycleUnknown && f.preview {
		out.Lifecycle = stamp.LifecyclePreview
	}
	out.RetirementDate, out.Replacement = f.info.RetirementDate, f.info.Replacement
	if !r.policy.Allows(m, route, env) {
		out.Policy = Unapproved
	}
	return out
}

// owned copies the strings of a reference, which may alias a span's memory.
func owned(ref llm.ModelRef) llm.ModelRef {
	return llm.ModelRef{
		Provider: strings.Clone(ref.Provider), Server: strings.Clone(ref.Server),
		Request: strings.Clone(ref.Request), Response: strings.Clone(ref.Response),
		Deployment: strings.Clone(ref.Deployment),
	}
}
