package price

import (
	"strings"
	"sync"

	"github.com/spanledger/spanledger/internal/llm"
)

// modelKey is all of a model that its row depends on.
type modelKey struct {
	platform, vendor, name, snapshot, id, region, variant string
	served, asked, deployment                             string
	fineTuned, opaque                                     bool
}

func keyOf(m *llm.Model) modelKey {
	return modelKey{
		m.Platform, m.Vendor, m.Name, m.Snapshot, m.ID, m.Region, m.Variant,
		m.Ref.Response, m.Ref.Request, m.Ref.Deployment, m.FineTuned, m.Opaque,
	}
}

// clone copies the strings, which may alias the memory of a span.
func (k modelKey) clone() modelKey {
	for _, s := range [...]*string{
		&k.platform, &k.vendor, &k.name, &k.snapshot, &k.id, &k.region, &k.variant, &k.served, &k.asked, &k.deployment,
	} {
		*s = strings.Clone(*s)
	}
	return k
}

// cacheShards keeps cores that price at once out of each other's way.
const cacheShards = 8

// cache remembers what models resolved to, in two generations: when the young
// one is full it becomes the old one, and what the old one held is forgotten
// unless it was asked for again.
type cache struct {
	shards [cacheShards]shard
}

type shard struct {
	mu         sync.RWMutex
	young, old map[modelKey]*resolved
	limit      int
	forgotten  uint64
	_          [64]byte // a cache line of its own
}

func (c *cache) init(size int) {
	for i := range c.shards {
		c.shards[i].limit = max(1, size/cacheShards/2)
		c.shards[i].young = map[modelKey]*resolved{}
	}
}

func (c *cache) shard(k *modelKey) *shard {
	h := uint(len(k.name)) + uint(len(k.asked))<<2
	if n := len(k.name); n > 0 {
		h += uint(k.name[n-1]) + uint(k.name[n/2])<<1
	}
	return &c.shards[h%cacheShards]
}

// get returns what the key resolved to, or nil.
func (c *cache) get(k *modelKey) *resolved {
	s := c.shard(k)
	s.mu.RLock()
	r, old := s.young[*k], false
	if r == nil {
		r = s.old[*k]
		old = r != nil
	}
	s.mu.RUnlock()
	if old {
		return c.put(*k, r)
	}
	return r
}

// put remembers r, unless another caller was first; it returns what counts.
func (c *cache) put(k modelKey, r *resolved) *resolved {
	s := c.shard(&k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if there := s.young[k]; there != nil {
		return there
	}
	if len(s.young) >= s.limit {
		s.forgotten += uint64(len(s.old))
		s.old, s.young = s.young, make(map[modelKey]*resolved, s.limit)
	}
	delete(s.old, k)
	s.young[k] = r
	return r
}

// CacheStats says how full the memory of models is.
type CacheStats struct {
	Models    int    // remembered now
	Forgotten uint64 // dropped to stay within the bound
}

// CacheStats reports on the memory of models.
func (b *Book) CacheStats() (st CacheStats) {
	for i := range b.cache.shards {
		s := &b.cache.shards[i]
		s.mu.RLock()
		st.Models += len(s.young) + len(s.old)
		st.Forgotten += s.forgotten
		s.mu.RUnlock()
	}
	return st
}
