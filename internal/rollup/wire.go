package rollup

import (
	"encoding/binary"
	"math"

	"github.com/spanledger/spanledger/internal/money"
)

// The stored form is a plain sequence of varints, strings with their length,
// and sparse arrays as a mask and the values that are not zero.

func putUint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }
func putInt(b []byte, v int64) []byte   { return binary.AppendVarint(b, v) }

func putString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func putBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// putBools packs up to eight.
func putBools(b []byte, v ...bool) []byte {
	var mask byte
	for i := range v {
		if v[i] {
			mask |= 1 << i
		}
	}
	return append(b, mask)
}

// putFixed is for numbers that a varint would not shorten.
func putFixed(b []byte, v ...int64) []byte {
	for _, n := range v {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return b
}

func putStrings(b []byte, v []string) []byte {
	var mask uint64
	for i := range v {
		if v[i] != "" {
			mask |= 1 << i
		}
	}
	b = putUint(b, mask)
	for i := range v {
		if v[i] != "" {
			b = putString(b, v[i])
		}
	}
	return b
}

func putFloat(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}

func putAmount(b []byte, a money.Amount) []byte {
	hi, lo := a.Words()
	return binary.AppendUvarint(binary.AppendVarint(b, hi), lo)
}

func putInts(b []byte, v []int64) []byte {
	var mask uint64
	for i, n := range v {
		if n != 0 {
			mask |= 1 << i
		}
	}
	b = putUint(b, mask)
	for _, n := range v {
		if n != 0 {
			b = putInt(b, n)
		}
	}
	return b
}

func putAmounts(b []byte, v []money.Amount) []byte {
	var mask uint64
	for i := range v {
		if !v[i].IsZero() {
			mask |= 1 << i
		}
	}
	b = putUint(b, mask)
	for i := range v {
		if !v[i].IsZero() {
			b = putAmount(b, v[i])
		}
	}
	return b
}

// reader takes stored values off the front of b. After the first fault it
// only returns zeros and bad stays set, so callers check once.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fail() {
	r.b, r.bad = nil, true
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// below reads a number that must be less than n: an enumeration.
func (r *reader) below(n int) int {
	v := r.uint()
	if v >= uint64(n) {
		r.fail()
		return 0
	}
	return int(v)
}

// count reads the number of things that follow, each of at least size bytes,
// so that a broken count cannot ask for memory that the data does not have.
func (r *reader) count(size int) int {
	v := r.uint()
	if v > uint64(len(r.b)/size) {
		r.fail()
		return 0
	}
	return int(v)
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.fail()
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) string() string { return string(r.bytes(r.count(1))) }

func (r *reader) byte() byte {
	if v := r.bytes(1); v != nil {
		return v[0]
	}
	return 0
}

func (r *reader) strings(dst []string) []string {
	for range r.count(1) {
		dst = append(dst, r.string())
	}
	return dst
}

// texts is the inverse of putStrings, bools of putBools.
func (r *reader) texts(dst ...*string) {
	mask := r.mask(len(dst))
	for i, p := range dst {
		if *p = ""; mask&(1<<i) != 0 {
			*p = r.string()
		}
	}
}

func (r *reader) bools(dst ...*bool) {
	mask := r.byte()
	for i, p := range dst {
		*p = mask&(1<<i) != 0
	}
	if mask>>len(dst) != 0 {
		r.fail()
	}
}

func (r *reader) bool() bool { return r.below(2) == 1 }

func (r *reader) fixed() uint64 {
	if v := r.bytes(8); v != nil {
		return binary.LittleEndian.Uint64(v)
	}
	return 0
}

func (r *reader) float() float64 { return math.Float64frombits(r.fixed()) }

func (r *reader) amount() money.Amount {
	hi := r.int()
	return money.FromWords(hi, r.uint())
}

func (r *reader) ints(dst []int64) {
	mask := r.mask(len(dst))
	for i := range dst {
		if dst[i] = 0; mask&(1<<i) != 0 {
			dst[i] = r.int()
		}
	}
}

func (r *reader) amounts(dst []money.Amount) {
	mask := r.mask(len(dst))
	for i := range dst {
		if dst[i] = (money.Amount{}); mask&(1<<i) != 0 {
			dst[i] = r.amount()
		}
	}
}

func (r *reader) mask(n int) uint64 {
	mask := r.uint()
	if mask>>n != 0 {
		r.fail()
		return 0
	}
	return mask
}
