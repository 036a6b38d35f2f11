package rollup

import "math/bits"

// seen remembers keys for a horizon, oldest out first, in bounded memory: a
// ring in order of arrival and an open-addressing index over it. When full it
// forgets the oldest before its time and counts that in early.
//
// To forget a key is to move the head of the ring past it. Its slot of the
// index stays and is dead, which its arrival number tells without a look at
// the ring; a hand that goes round the index, a few slots at each arrival,
// takes dead slots out. So nothing but the look-up of a new key touches memory
// out of order.
type seen struct {
	horizon int64 // nanoseconds
	max     int
	seed    uint64

	ring  []seenEntry // a power of two of them
	first uint32      // arrival number of the oldest
	n     int
	slots []uint64 // 0: free; else the tag, from which its home follows, and the arrival number
	hand  uint64
	early int64
}

// seenEntry packs the arrival and one flag: the lowest bit of at.
type seenEntry struct {
	key128
	at int64
}

const (
	// sweep is how many slots the hand passes at an arrival. The living fill half
	// of the index at most, and arrivals leave an eighth dead until the hand has
	// come round.
	sweep = 8
	// tagged keeps a tag from being 0.
	tagged = 1 << 31
)

func newSeen(horizon int64, limit int, seed uint64) *seen {
	s := &seen{horizon: horizon, max: max(limit, 1), seed: seed}
	s.resize(min(1024, s.max))
	return s
}

// tag is the hash of a key, kept in the upper half of its slot.
func (s *seen) tag(k key128) uint64 { return fold(k.a^s.seed, k.b^k3)>>32 | tagged }

// warm reads the slots that the keys of a batch will need. Alone each read
// would wait for memory; in a row they wait together. The result means
// nothing.
func (s *seen) warm(keys []key128) int64 {
	var sink uint64
	mask := uint64(len(s.slots) - 1)
	for _, k := range keys {
		sink ^= s.slots[s.tag(k)&mask]
	}
	return int64(sink)
}

// add remembers k. It returns the place of the key and whether it is new.
func (s *seen) add(k key128, now int64, flag bool) (entry *seenEntry, isNew bool) {
	s.expire(now)
	tag, mask := s.tag(k), uint64(len(s.slots)-1)
	for i := tag & mask; s.slots[i] != 0; i = (i + 1) & mask {
		if v := s.slots[i]; v>>32 == tag && s.alive(v) {
			if e := s.entry(uint32(v)); e.key128 == k {
				return e, false
			}
		}
	}
	at := now &^ 1
	if flag {
		at |= 1
	}
	return s.insert(k, at), true
}

// alive reports whether the ring still holds the key of a slot.
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
	s.n++
	s.link(s.tag(k), number)
	s.clean()
	return e
}

// link enters an arrival into the index, at the first slot of its run that is
// free or dead.
func (s *seen) link(tag uint64, number uint32) {
	mask := uint64(len(s.slots) - 1)
	i := tag & mask
	for s.slots[i] != 0 && s.alive(s.slots[i]) {
		i = (i + 1) & mask
	}
	s.slots[i] = tag<<32 | uint64(number)
}

// clean moves the hand on.
func (s *seen) clean() {
	mask := uint64(len(s.slots) - 1)
	for range sweep {
		if v := s.slots[s.hand]; v == 0 || s.alive(v) {
			s.hand = (s.hand + 1) & mask
		} else {
			s.free(s.hand)
		}
	}
}

// free empties a slot; the ones behind it in its run move up, so that the
// index needs no tombstones.
func (s *seen) free(i uint64) {
	mask := uint64(len(s.slots) - 1)
	for j := i; ; {
		j = (j + 1) & mask
		v := s.slots[j]
		if v == 0 {
			break
		}
		if home := v >> 32 & mask; (j-home)&mask >= (j-i)&mask {
			s.slots[i], i = v, j
		}
	}
	s.slots[i] = 0
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

// resize makes room for n keys and builds the index anew.
func (s *seen) resize(n int) {
	size := 1 << bits.Len(uint(n-1))
	ring := make([]seenEntry, size)
	for i := range s.n {
		ring[i] = *s.at(i)
	}
	s.ring, s.first, s.hand = ring, 0, 0
	s.slots = make([]uint64, max(2*size, 2*sweep)) // never full, however small
	for i := range s.n {
		s.link(s.tag(s.ring[i].key128), uint32(i))
	}
}

// at returns the i-th oldest entry.
func (s *seen) at(i int) *seenEntry { return s.entry(s.first + uint32(i)) }
