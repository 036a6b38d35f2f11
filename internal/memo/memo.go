// Package memo finds what was worked out for a shared value by the value's
// address, in front of a larger memory that is keyed by what the value says.
//
// A map keyed by ten strings costs a hash over all of them for every span. A
// resolved model is shared by all of its calls: its address says where to
// look, and the owner only compares the keys, whose strings are then the same
// memory. No lock is taken, so cores do not wait for one another.
package memo

import (
	"sync/atomic"
	"unsafe"
)

const (
	bits = 11
	size = 1 << bits
)

// Table remembers at most 2,048 results, the latest of those whose addresses
// share a place. The zero Table is empty and ready. It is safe for concurrent
// use.
type Table[T any] struct {
	slots [size]atomic.Pointer[T]
}

// Get returns what was put last at the place of the address p, or nil. It may
// belong to another value, or to what the value was before: the caller holds
// the result's key against the one it has now.
func (t *Table[T]) Get(p unsafe.Pointer) *T { return t.slots[place(p)].Load() }

// Put remembers a result, which must not change any more.
func (t *Table[T]) Put(p unsafe.Pointer, v *T) { t.slots[place(p)].Store(v) }

// place hashes the address; it is never followed.
func place(p unsafe.Pointer) uint64 {
	return uint64(uintptr(p)) * 0x9e3779b97f4a7c15 >> (64 - bits)
}
