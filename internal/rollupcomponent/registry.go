package rollupcomponent

import "sync"

// Registry finds the engine that the halves of one connector share. The
// collector gives both the same configuration, so its address is the key.
type Registry struct {
	mu      sync.Mutex
	engines map[*Config]*shared
}

type shared struct {
	engine *Engine
	users  int
}

// Half is one user of an engine.
type Half struct {
	*Engine
	// Ingests is true for exactly one of the halves: every batch is delivered to
	// both.
	Ingests bool

	registry *Registry
	key      *Config
	release  sync.Once
}

// Acquire gives the engine of the configuration and makes it for the first.
func (r *Registry) Acquire(key *Config, create func() (*Engine, error)) (*Half, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, found := r.engines[key]
	if !found {
		engine, err := create()
		if err != nil {
			return nil, err
		}
		if r.engines == nil {
			r.engines = map[*Config]*shared{}
		}
		s = &shared{engine: engine}
		r.engines[key] = s
	}
	s.users++
	return &Half{Engine: s.engine, Ingests: !found, registry: r, key: key}, nil
}

// Release leaves the engine and reports whether this was the last half, who
// closes it. Only the first call counts.
func (h *Half) Release() (last bool) {
	h.release.Do(func() {
		h.registry.mu.Lock()
		defer h.registry.mu.Unlock()
		s := h.registry.engines[h.key]
		if s.users--; s.users == 0 {
			delete(h.registry.engines, h.key)
			last = true
		}
	})
	return last
}
