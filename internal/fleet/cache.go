package fleet

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/spanledger/spanledger/internal/llm"
)

const shards = 8 // a power of two

// Stats counts what happened in a resolver's memory since it was made.
type Stats struct {
	Size    int   // references remembered now
	Misses  int64 // references that had to be resolved
	Dropped int64 // remembered references that were forgotten for want of room
}

// cache remembers resolved references in two generations a shard. Lookups move
// what is used into the young generation; once that holds half of the room,
// it becomes the old one and what was not used since is dropped. So the size
// never exceeds the cap, a model in use stays, and a flood of junk costs one
// resolution each.
type cache struct {
	seed   maphash.Seed
	shard  [shards]generations
	misses atomic.Int64
}

type generations struct {
	mu         sync.RWMutex
	half       int // room of one generation
	young, old map[llm.ModelRef]*llm.Model
	dropped    int64
}

func newCache(size int) *cache {
	c := &cache{seed: maphash.MakeSeed()}
	half := max(1, size/(2*shards))
	for i := range c.shard {
		c.shard[i].half = half
		c.shard[i].young = make(map[llm.ModelRef]*llm.Model)
	}
	return c
}

func (c *cache) of(ref llm.ModelRef) *generations {
	return &c.shard[maphash.String(c.seed, ref.Request)&(shards-1)]
}

func (c *cache) get(ref llm.ModelRef) *llm.Model {
	g := c.of(ref)
	g.mu.RLock()
	m, old := g.young[ref], false
	if m == nil {
		m = g.old[ref]
		old = m != nil
	}
	g.mu.RUnlock()
	if old {
		g.put(m.Ref, m) // m.Ref is our own copy of the strings
	}
	return m
}

// put remembers m and returns what is remembered for the reference: the first
// of two concurrent resolutions stays, so that pointers do not change.
func (c *cache) put(ref llm.ModelRef, m *llm.Model) *llm.Model {
	c.misses.Add(1)
	return c.of(ref).put(ref, m)
}

func (g *generations) put(ref llm.ModelRef, m *llm.Model) *llm.Model {
	g.mu.Lock()
	defer g.mu.Unlock()
	if was := g.young[ref]; was != nil {
		return was
	}
	if was := g.old[ref]; was != nil {
		m = was
		delete(g.old, ref)
	}
	if len(g.young) >= g.half {
		g.dropped += int64(len(g.old))
		g.old, g.young = g.young, make(map[llm.ModelRef]*llm.Model, g.half)
	}
	g.young[ref] = m
	return m
}

func (c *cache) stats() Stats {
	s := Stats{Misses: c.misses.Load()}
	for i := range c.shard {
		g := &c.shard[i]
		g.mu.RLock()
		s.Size += len(g.young) + len(g.old)
		s.Dropped += g.dropped
		g.mu.RUnlock()
	}
	return s
}
