package rollup

import (
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/spanledger/spanledger/internal/money"
)

// Values of rows that no call carries itself.
const (
	// OverflowValue stands for the values that a cap kept out.
	OverflowValue = "_overflow"
	// Unattributed is the route of calls that nothing attributed.
	Unattributed = "unattributed"
)

// series is one row and what belongs to it inside the ledger. What an ordinary
// call touches comes first: a ledger is larger than any cache.
type series struct {
	hash   uint64
	target *target
	parts  *modelBooks // of the model seen last on this row, see below
	plain  plain
	index  int // its place among the rows

	touched int64 // arrival of the newest record, Unix nanoseconds
	hists   hists
	Row     // begins with what finding it compares

	since int64 // from when the figures count, Unix nanoseconds; 0 since the ledger's start

	extrapolated struct {
		micros int64 // calls, in millionths
		cost   money.Amount
	}

	// The model seen last on this row, and where it is booked: dimensions
	// usually hold the model, so this is nearly always the right one.
	vendor, platform, model string
}

// million is the unit of extrapolated calls: sums of it do not depend on the
// order.
const million = 1_000_000

const (
	histDuration = iota
	histFirstChunk
	histPerToken
	numHists
)

// seriesTable finds rows by route and dimension values without building a
// key: an open-addressing index of hashes over the rows. It is capped; see
// admit for what happens at the cap.
type seriesTable struct {
	limit, valueLimit int
	protected         map[string]bool
	seed              uint64

	rows   []*series
	slots  []uint32 // row + 1
	routes map[string]string
	open   int                 // routes that are not protected
	values []map[string]string // per dimension: the values admitted so far
	key    []string            // scratch
}

func newSeriesTable(dims, limit, valueLimit int, protected map[string]bool) *seriesTable {
	t := &seriesTable{
		limit: limit, valueLimit: valueLimit, protected: protected,
		seed: rand.Uint64(), slots: make([]uint32, 64), routes: map[string]string{},
		values: make([]map[string]string, dims), key: make([]string, dims),
	}
	for i := range t.values {
		t.values[i] = map[string]string{}
	}
	return t
}

func (t *seriesTable) hash(route string, dims []string) uint64 {
	h := hashText(t.seed, route)
	for _, d := range dims {
		h = hashText(h, d)
	}
	return h
}

// hashText goes on from h, which begins as a random number: without it nobody
// can choose values that meet. A value's length is part of it.
func hashText(h uint64, s string) uint64 {
	h ^= uint64(len(s)) * k1
	for len(s) > 8 {
		h = fold(h^word(s), k2)
		s = s[8:]
	}
	var w uint64
	if len(s) == 8 {
		w = word(s)
	} else {
		for i := range len(s) {
			w |= uint64(s[i]) << (8 * i)
		}
	}
	return fold(h^w, k3^bits.RotateLeft64(h, 32))
}

// guess returns the row that the index names first for a hash, without looking
// whether it is the right one; nil where there is none.
func (t *seriesTable) guess(h uint64) *series {
	if at := t.slots[h&uint64(len(t.slots)-1)]; at != 0 {
		return t.rows[at-1]
	}
	return nil
}

// find returns the row of exactly these values, or nil.
func (t *seriesTable) find(h uint64, route string, dims []string) *series {
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; t.slots[i] != 0; i = (i + 1) & mask {
		s := t.rows[t.slots[i]-1]
		if s.hash == h && s.Route == route && equal(s.Dims, dims) {
			return s
		}
	}
	return nil
}

func equal(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

// row returns the row that books these values and whether the caps forced it
// to stand in for another. dims has one value per dimension.
func (t *seriesTable) row(route string, dims []string) (s *series, collapsed bool) {
	h := t.hash(route, dims)
	if s := t.find(h, route, dims); s != nil {
		return s, false
	}
	return t.admit(route, dims)
}

// admit makes a new row. Past a cap, a value becomes OverflowValue: first
// only the value whose own dimension is full; once the rows are full, all
// dimensions of a known or protected route; and for a new route the route
// too. So there are at most limit rows, one more for each known or protected
// route, and one for all the rest.
func (t *seriesTable) admit(route string, dims []string) (s *series, collapsed bool) {
	full := len(t.rows) >= t.limit
	key := t.key
	copy(key, dims)
	if _, known := t.routes[route]; !known && !t.protected[route] && (full || t.open >= t.valueLimit) {
		route, collapsed = OverflowValue, true
	}
	for i := range key {
		if _, known := t.values[i][key[i]]; full || (!known && key[i] != OverflowValue && len(t.values[i]) >= t.valueLimit) {
			key[i], collapsed = OverflowValue, true
		}
	}
	h := t.hash(route, key)
	if collapsed {
		if s := t.find(h, route, key); s != nil {
			s.Overflow = true
			return s, true
		}
	}
	return t.add(h, route, key, collapsed), collapsed
}

// keep returns the row of these values, past any cap: it had its place before a
// restart.
func (t *seriesTable) keep(route string, dims []string, overflow bool) *series {
	h := t.hash(route, dims)
	if s := t.find(h, route, dims); s != nil {
		return s
	}
	return t.add(h, route, dims, overflow)
}

func (t *seriesTable) add(h uint64, route string, key []string, overflow bool) *series {
	s := &series{hash: h}
	if _, known := t.routes[route]; !known && !t.protected[route] && route != OverflowValue {
		t.open++
	}
	s.Route = intern(t.routes, route)
	s.Dims = make([]string, len(key))
	for i := range key {
		if s.Dims[i] = OverflowValue; key[i] != OverflowValue { // which takes no place of a value
			s.Dims[i] = intern(t.values[i], key[i])
		}
	}
	// A value that a call carries itself and that reads as if a cap had put it
	// there is taken for that from the start: the row's series keep their names
	// when others collapse into it.
	s.Overflow = overflow || route == OverflowValue || slices.Contains(key, OverflowValue)
	t.insert(s)
	return s
}

func (t *seriesTable) insert(s *series) {
	s.index = len(t.rows)
	t.rows = append(t.rows, s)
	if 4*len(t.rows) > 3*len(t.slots) {
		t.slots = make([]uint32, 2*len(t.slots))
		for i, r := range t.rows {
			t.place(r.hash, i)
		}
		return
	}
	t.place(s.hash, len(t.rows)-1)
}

func (t *seriesTable) place(h uint64, row int) {
	mask := uint64(len(t.slots) - 1)
	i := h & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = uint32(row + 1)
}

// intern keeps one copy of a string that does not alias anybody's span.
func intern(m map[string]string, v string) string {
	if kept, ok := m[v]; ok {
		return kept
	}
	kept := string(append([]byte(nil), v...))
	m[kept] = kept
	return kept
}
