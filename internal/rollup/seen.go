package rollup

import (
	"encoding/binary"
	"math/bits"

	"github.com/spanledger/spanledger/internal/llm"
)

// key128 is what is remembered of a span or of a bill: enough bits that two
// different ones never meet in practice, and half the memory of the ids.
type key128 struct{ a, b uint64 }

// The multipliers are odd and of balanced bits; what they are does not matter,
// but state on disk depends on them.
const (
	k1 = 0x9e3779b97f4a7c15
	k2 = 0xd6e8feb86659fd93
	k3 = 0xa0761d6478bd642f
)

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// spanKey keeps the span id whole and folds the trace id.
func spanKey(trace llm.TraceID, span llm.SpanID) key128 {
	hi, lo := binary.BigEndian.Uint64(trace[:8]), binary.BigEndian.Uint64(trace[8:])
	return key128{fold(hi^k1, lo^k2) ^ hi + lo, binary.BigEndian.Uint64(span[:])}
}

// shortID is the length below which a response id is taken for a counter of a
// local server ("chatcmpl-123"), unique within a trace at best.
const shortID = 16

// billKey is the key of a bill: the response id, which providers make unique
// in the world. Short ones count within their trace only.
func billKey(responseID string, trace llm.TraceID) key128 {
	k := key128{k1, k2}
	if len(responseID) < shortID {
		s := spanKey(trace, llm.SpanID{})
		k.a ^= s.a
	}
	for s := responseID; s != ""; {
		var w uint64
		if len(s) >= 8 {
			w = uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
				uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
			s = s[8:]
		} else {
			w = uint64(len(s)) << 56
			for i := range len(s) {
				w |= uint64(s[i]) << (8 * i)
			}
			s = ""
		}
		k.a, k.b = fold(k.a^w, k3), fold(k.b+w, k1)^bits.RotateLeft64(w, 29)
	}
	return k
}

// seen remembers keys for a horizon, oldest out first, in bounded memory: a
// ring in order of arrival and an open-addressing index over it. When full it
// forgets the oldest before its time and counts that in early.
type seen struct {
	horizon int64 // nanoseconds
	max     int
	seed    uint64

	ring  []seenEntry
	head  int // the oldest
	n     int
	slots []uint64 // upper half: the tag, from which its home follows; lower half: ring position + 1
	early int64
}

// seenEntry packs the arrival and one flag: the lowest bit of at.
type seenEntry struct {
	key128
	at int64
}

func newSeen(horizon int64, limit int, seed uint64) *seen {
	s := &seen{horizon: horizon, max: max(limit, 1), seed: seed}
	s.resize(min(1024, s.max))
	return s
}

// tag is the hash of a key, kept in the upper half of its slot.
func (s *seen) tag(k key128) uint64 { return fold(k.a^s.seed, k.b^k3) >> 32 }

// warm reads the slots that the keys of a batch will need, and those of as
// many keys that are about to be forgotten. Alone each read would wait for
// memory; in a row they wait together. The result means nothing.
func (s *seen) warm(keys []key128) int64 {
	var sink uint64
	mask := uint64(len(s.slots) - 1)
	for _, k := range keys {
		sink ^= s.slots[s.tag(k)&mask]
	}
	for i := range min(len(keys), s.n) {
		sink ^= s.slots[s.tag(s.at(i).key128)&mask]
	}
	return int64(sink)
}

// add remembers k. It returns the place of the key and whether it is new.
func (s *seen) add(k key128, now int64, flag bool) (entry *seenEntry, isNew bool) {
	s.expire(now)
	tag, mask := s.tag(k), uint64(len(s.slots)-1)
	for i := tag & mask; s.slots[i] != 0; i = (i + 1) & mask {
		if v := s.slots[i]; v>>32 == tag {
			if e := &s.ring[uint32(v)-1]; e.key128 == k {
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

// insert remembers a key that is not there yet.
func (s *seen) insert(k key128, at int64) *seenEntry {
	if s.n == len(s.ring) {
		if s.n < s.max {
			s.resize(min(2*s.n, s.max))
		} else {
			s.pop()
			s.early++
		}
	}
	pos := s.head + s.n
	if pos >= len(s.ring) {
		pos -= len(s.ring)
	}
	s.ring[pos] = seenEntry{k, at}
	s.n++
	s.link(pos)
	return &s.ring[pos]
}

// link enters a ring position into the index.
func (s *seen) link(pos int) {
	tag, mask := s.tag(s.ring[pos].key128), uint64(len(s.slots)-1)
	i := tag & mask
	for s.slots[i] != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = tag<<32 | uint64(pos+1)
}

func (e *seenEntry) flag() bool { return e.at&1 == 1 }
func (e *seenEntry) setFlag()   { e.at |= 1 }

func (s *seen) expire(now int64) {
	for s.n > 0 && now-s.ring[s.head].at > s.horizon {
		s.pop()
	}
}

// pop forgets the oldest key; the entries behind it in its probe run move up,
// so that the index needs no tombstones.
func (s *seen) pop() {
	mask := uint64(len(s.slots) - 1)
	i := s.tag(s.ring[s.head].key128) & mask
	for uint32(s.slots[i]) != uint32(s.head+1) {
		i = (i + 1) & mask
	}
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
	if s.head++; s.head == len(s.ring) {
		s.head = 0
	}
	s.n--
}

func (s *seen) resize(n int) {
	ring := make([]seenEntry, n)
	for i := range s.n {
		ring[i] = *s.at(i)
	}
	s.ring, s.head = ring, 0
	s.slots = make([]uint64, 1<<bits.Len(uint(2*n-1)))
	for pos := range s.n {
		s.link(pos)
	}
}

// at returns the i-th oldest entry.
func (s *seen) at(i int) *seenEntry {
	if i += s.head; i >= len(s.ring) {
		i -= len(s.ring)
	}
	return &s.ring[i]
}
