package llmspan

import "strings"

// keyTable holds what is known of attribute keys in a hash table of fixed size
// with linear probing. It is built once; a lookup costs a hash of the length
// and sixteen bytes and, on a hit, one comparison.
type keyTable[R any] struct {
	names []string
	rows  []R
	index [1 << tableBits]uint16 // row number + 1
}

const tableBits = 11

// row is a key of a dialect.
type row struct {
	keyDef
	dialect dialectID
}

// keys are those of all dialects.
var keys = newDialectKeys(dialects[:])

func newDialectKeys(ds []dialect) *keyTable[row] {
	t := &keyTable[row]{}
	for id := range ds {
		for _, d := range ds[id].keys {
			// The common namespace tells nothing, but for Sentry's own marker.
			d.quiet = d.quiet || strings.HasPrefix(d.key, "gen_ai.") && d.slot != sKindSentry
			t.add(d.key, row{d, dialectID(id)})
		}
	}
	return t
}

// add enters a row; a key that is entered twice is a mistake in the tables,
// found by the first test that runs.
func (t *keyTable[R]) add(key string, r R) {
	if key == "" || len(t.rows) >= len(t.index)/2 {
		panic("llmspan: bad key table at " + key)
	}
	i := hashKey(key)
	for ; t.index[i] != 0; i = (i + 1) % uint32(len(t.index)) {
		if t.names[t.index[i]-1] == key {
			panic("llmspan: key entered twice: " + key)
		}
	}
	t.names, t.rows = append(t.names, key), append(t.rows, r)
	t.index[i] = uint16(len(t.rows))
}

// find returns the row of a key, nil where none has it.
func (t *keyTable[R]) find(key string) *R {
	if key == "" {
		return nil
	}
	for i := hashKey(key); ; i = (i + 1) % uint32(len(t.index)) {
		n := t.index[i]
		if n == 0 {
			return nil
		}
		if t.names[n-1] == key {
			return &t.rows[n-1]
		}
	}
}

// hashKey mixes the length, the last eight bytes and eight bytes of the
// middle: keys of one namespace differ there, not at their start.
func hashKey(s string) uint32 {
	n := len(s)
	var h uint64
	if n >= 8 {
		h = (load8(s[n-8:])^uint64(n))*0xff51afd7ed558ccd + load8(s[(n-8)/2:])*0xc4ceb9fe1a85ec53
	} else {
		for i := range n {
			h = (h ^ uint64(s[i])) * 0x100000001b3
		}
		h *= 0xc4ceb9fe1a85ec53
	}
	return uint32((h ^ h>>32) * 0x9E3779B97F4A7C15 >> (64 - tableBits))
}

func load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
