package llmspan

import "strings"

// The keys of all dialects in one hash table of fixed size with linear
// probing. It is built once from the dialect files; a lookup costs a hash of
// the length and sixteen bytes and, on a hit, one comparison.

const tableBits = 11

type row struct {
	keyDef
	dialect dialectID
}

type keyTable struct {
	rows  []row
	index [1 << tableBits]uint16 // row number + 1
}

var keys = newKeyTable(dialects[:])

func newKeyTable(ds []dialect) *keyTable {
	t := &keyTable{}
	for id := range ds {
		for _, d := range ds[id].keys {
			// The common namespace tells nothing, but for Sentry's own marker.
			d.quiet = d.quiet || strings.HasPrefix(d.key, "gen_ai.") && d.slot != sKindSentry
			t.add(row{d, dialectID(id)})
		}
	}
	return t
}

// add enters a row; a key that two dialects claim without a gate is a mistake
// in the tables, found by the first test that runs.
func (t *keyTable) add(r row) {
	if r.key == "" || len(t.rows) >= len(t.index)/2 {
		panic("llmspan: bad key table at " + r.key)
	}
	i := hashKey(r.key)
	for ; t.index[i] != 0; i = (i + 1) % uint32(len(t.index)) {
		if old := t.rows[t.index[i]-1]; old.key == r.key {
			panic("llmspan: key of two dialects: " + r.key)
		}
	}
	t.rows = append(t.rows, r)
	t.index[i] = uint16(len(t.rows))
}

// find returns the row of a key, nil where no dialect knows it.
func (t *keyTable) find(key string) *row {
	if key == "" {
		return nil
	}
	for i := hashKey(key); ; i = (i + 1) % uint32(len(t.index)) {
		n := t.index[i]
		if n == 0 {
			return nil
		}
		if r := &t.rows[n-1]; r.key == key {
			return r
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
