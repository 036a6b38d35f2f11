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
			w, s = word(s), s[8:]
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

// word reads the first eight bytes of a text that has them.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
