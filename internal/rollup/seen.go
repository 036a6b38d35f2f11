package rollup

import "math/bits"

// seen remembers keys for a horizon, oldest out first, in bounded memory: a
// ring in order of arrival and an index over it. When full it forgets the
// oldest before its time and counts that in early.
//
// To forget a key is to move the head of the ring past it. Its slot of the
// index stays and is dead, which its arrival number tells without a look at the
// ring, until another key takes it. So only the look-up of a new key touches
// memory out of order, and nothing is ever moved.
type seen struct {
	horizon int64 // nanoseconds
	max     int
	seed    uint64

	ring  []seenEntry // a power of two of them
	first uint32      // arrival number of the oldest
	n     int
	index []bucket
	early int64
}

// seenEntry packs the arrival and one flag: the lowest bit of at.
type seenEntry struct {
	key128
	at int64
}

// bucket is one cache line of the index. A slot holds the tag of a key and its
// arrival number. A key that found no room in its own bucket is in the next,
// and spill is the arrival number of the last one that did not: while that is
// alive, a search goes on.
type bucket struct {
	slots [7]uint64
	spill uint64
}

func newSeen(horizon int64, limit int, seed uint64) *seen {
	s := &seen{horizon: horizon, max: max(limit, 1), seed: seed}
	s.resize(min(1024, s.max))
	return s
}

// tag is the hash of a key, kept in the upper half of its slot.
func (s *seen) tag(k key128) uint64 { return fold(k.a^s.seed, k.b^k3) >> 32 }

func (s *seen) home(tag uint64) *bucket { return &s.index[tag&uint64(len(s.index)-1)] }

// warm reads the buckets that the keys of a batch will need. Alone each read
// would wait for memory; in a row they wait together. The result means
// nothing.
func (s *seen) warm(keys []key128) int64 {
	var sink uint64
	for _, k := range keys {
		sink ^= s.home(s.tag(k)).spill
	}
	return int64(sink)
}

// add remembers k. It returns the place of the key and whether it is new.
func (s *seen) add(k key128, now int64, flag bool) (entry *seenEntry, isNew bool) {
	s.expire(now)
	if e := s.find(k); e != nil {
		return e, false
	}
	at := now &^ 1
	if flag {
		at |= 1
	}
	return s.insert(k, at), true
}

func (s *seen) find(k key128) *seenEntry {
	tag, mask := s.tag(k), uint64(len(s.index)-1)
	for i := range uint64(len(s.index)) { // in a small index all may have spilt
		b := &s.index[(tag+i)&mask]
		for _, v := range &b.slots {
			if v>>32 == tag && s.alive(v) {
				if e := s.entry(uint32(v)); e.key128 == k {
					return e
				}
			}
		}
		if !s.alive(b.spill) {
			break
		}
	}
	return nil
}

// alive reports whether the ring still holds the key of a slot. A slot of four
// billion arrivals ago may seem alive again: it leads to another key.
func (s *seen) alive(slot uint64) bool { return int(uint32(slot)-s.first) < s.n }

func (s *seen) entry(number uint32) *seenEntry { return &s.ring[int(number)&(len(s.ring)-1)] }

// insert remembers a key that is not there yet.
func (s *seen) insert(k key128, at int64) *seenEntry {
	switch {
	case s.n == s.max:
		s.pop()
		s.early++
	case s.n == len(s.ring):
		s.resize(min(2*s.n, s.max))
	}
	number := s.first + uint32(s.n)
	e := s.entry(number)
	*e = seenEntry{k, at}
	s.link(s.tag(k), number)
	s.n++
	return e
}

// link enters an arrival into the index, into the first slot from its bucket on
// that is free or dead: both look alike.
func (s *seen) link(tag uint64, number uint32) {
	mask := uint64(len(s.index) - 1)
	for i := tag & mask; ; i = (i + 1) & mask {
		b := &s.index[i]
		for j, v := range &b.slots {
			if !s.alive(v) {
				b.slots[j] = tag<<32 | uint64(number)
				return
			}
		}
		b.spill = uint64(number)
	}
}

func (e *seenEntry) flag() bool { return e.at&1 == 1 }
func (e *seenEntry) setFlag()   { e.at |= 1 }

func (s *seen) expire(now int64) {
	for s.n > 0 && now-s.entry(s.first).at > s.horizon {
		s.pop()
	}
}

func (s *seen) pop() {
	s.first++
	s.n--
}

// resize makes room for n keys and builds the index anew, with a bucket for
// four keys at most.
func (s *seen) resize(n int) {
	size := 1 << bits.Len(uint(n-1))
	ring := make([]seenEntry, size)
	for i := range s.n {
		ring[(i+1)&(size-1)] = *s.at(i)
	}
	count := s.n
	s.ring, s.first, s.n = ring, 1, 0 // no arrival is 0, so that a free slot is dead
	s.index = make([]bucket, max(size/4, 1))
	for ; s.n < count; s.n++ {
		number := s.first + uint32(s.n)
		s.link(s.tag(s.entry(number).key128), number)
	}
}

// at returns the i-th oldest entry.
func (s *seen) at(i int) *seenEntry { return s.entry(s.first + uint32(i)) }
