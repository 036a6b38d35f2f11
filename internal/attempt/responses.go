package attempt

import "github.com/spanledger/spanledger/internal/llm"

// billedID is the billed description of a response id, for copies that arrive
// in other traces.
type billedID struct {
	resp       uint64 // hash of the id, never 0
	trace      llm.TraceID
	span       llm.SpanID
	start, end int64
	in, out    uint32
	next       int32 // of the same chain, none at its end
}

// responses remembers the last billed response ids, at most limit: a ring in
// order of arrival, so that the oldest makes room for the newest, and over it
// chains by hash. Every ordinary call passes here with an id never seen
// before; that costs one look at a chain head, and no allocation once the
// ring is full.
type responses struct {
	limit   int
	ring    []billedID
	oldest  int
	heads   []int32 // a power of two of them, at least as many as the ring holds
	evicted int64
}

func (r *responses) head(resp uint64) *int32 {
	// Hashes are odd; the high bits are as random as any.
	return &r.heads[(resp>>16)&uint64(len(r.heads)-1)]
}

// find returns what is remembered under a hash, nil for nothing.
func (r *responses) find(resp uint64) *billedID {
	if len(r.heads) == 0 {
		return nil
	}
	for i := *r.head(resp); i != none; i = r.ring[i].next {
		if r.ring[i].resp == resp {
			return &r.ring[i]
		}
	}
	return nil
}

// add remembers an id that is not there yet.
func (r *responses) add(x billedID) {
	at := r.oldest
	if len(r.ring) < r.limit {
		at = len(r.ring)
		r.ring = append(r.ring, x)
		if len(r.ring) > len(r.heads) {
			r.rehash()
			return
		}
	} else {
		r.unlink(int32(at))
		r.oldest = (at + 1) % r.limit
		r.evicted++
	}
	r.link(int32(at), x)
}

func (r *responses) link(at int32, x billedID) {
	head := r.head(x.resp)
	x.next, *head = *head, at
	r.ring[at] = x
}

func (r *responses) unlink(at int32) {
	p := r.head(r.ring[at].resp)
	for *p != at {
		p = &r.ring[*p].next
	}
	*p = r.ring[at].next
}

// rehash doubles the heads and links everything anew.
func (r *responses) rehash() {
	r.heads = fill(r.heads, max(256, 2*len(r.heads)), none)
	for i := range r.ring {
		r.link(int32(i), r.ring[i])
	}
}
