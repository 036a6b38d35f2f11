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
}

// responses remembers the last billed response ids, at most limit: a ring in
// order of arrival, so that the oldest makes room for the newest, and over it
// an index with open addressing. Every ordinary call passes here with an id
// never seen before; that touches one place of the index, and no memory is
// allocated once the ring is full.
type responses struct {
	limit   int
	ring    []billedID
	oldest  int
	index   []responseSlot // a power of two, at least twice the ring
	evicted int64
}

// responseSlot holds enough of the hash to leave other ids alone.
type responseSlot struct {
	tag uint32
	at  int32 // 1 + place in the ring, 0 for a free slot
}

func tagOf(resp uint64) uint32 { return uint32(resp >> 32) }

func (r *responses) next(i uint32) uint32 { return (i + 1) & uint32(len(r.index)-1) }
func (r *responses) home(tag uint32) uint32 {
	return tag & uint32(len(r.index)-1)
}

// find returns what is remembered under a hash, nil for nothing.
func (r *responses) find(resp uint64) *billedID {
	if len(r.index) == 0 {
		return nil
	}
	for i := r.home(tagOf(resp)); r.index[i].at != 0; i = r.next(i) {
		if s := r.index[i]; s.tag == tagOf(resp) && r.ring[s.at-1].resp == resp {
			return &r.ring[s.at-1]
		}
	}
	return nil
}

// add remembers an id that is not there yet.
func (r *responses) add(x billedID) {
	at := len(r.ring)
	if at < r.limit {
		r.ring = append(r.ring, x)
		if 2*len(r.ring) > len(r.index) {
			r.widen()
		}
	} else {
		at = r.oldest
		r.remove(at)
		r.ring[at] = x
		r.oldest = (at + 1) % r.limit
		r.evicted++
	}
	r.insert(responseSlot{tagOf(x.resp), int32(at) + 1})
}

func (r *responses) insert(s responseSlot) {
	i := r.home(s.tag)
	for r.index[i].at != 0 {
		i = r.next(i)
	}
	r.index[i] = s
}

// remove frees the slot of a place in the ring and moves up those behind it
// that a search would no longer find.
func (r *responses) remove(at int) {
	free := r.home(tagOf(r.ring[at].resp))
	for r.index[free].at != int32(at)+1 {
		free = r.next(free)
	}
	mask := uint32(len(r.index) - 1)
	for i := r.next(free); r.index[i].at != 0; i = r.next(i) {
		if (i-r.home(r.index[i].tag))&mask >= (i-free)&mask {
			r.index[free], free = r.index[i], i
		}
	}
	r.index[free] = responseSlot{}
}

// widen doubles the index.
func (r *responses) widen() {
	old := r.index
	r.index = make([]responseSlot, max(256, 2*len(old)))
	for _, s := range old {
		if s.at != 0 {
			r.insert(s)
		}
	}
}
