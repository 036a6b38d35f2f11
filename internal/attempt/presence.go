package attempt

import (
	"encoding/binary"
	"math/bits"

	"github.com/spanledger/spanledger/internal/llm"
)

// presence says of most traces that are not in memory that they are not, by
// one look at a table that is small enough to stay near the processor. Most
// spans of a collector belong to traces without a call, and the map of those
// with one is too large for that.
//
// It counts the traces of each place. A count that reached its highest is kept
// there for good: a place that is full says "perhaps" for ever, which costs a
// look at the map and no more.
type presence struct {
	counts []uint8
	shift  int
}

const (
	placesPerTrace = 4
	maxPlaces      = 1 << 20
	fullPlace      = 255
)

func newPresence(maxTraces int) presence {
	n := bits.Len(uint(min(maxTraces, maxPlaces/placesPerTrace)*placesPerTrace - 1))
	return presence{counts: make([]uint8, 1<<n), shift: 64 - n}
}

// place is that of a trace: its id is random in its last half at least.
func (p *presence) place(id llm.TraceID) *uint8 {
	return &p.counts[binary.LittleEndian.Uint64(id[8:])*0x9e3779b97f4a7c15>>p.shift]
}

func (p *presence) add(id llm.TraceID) {
	if c := p.place(id); *c < fullPlace {
		*c++
	}
}

func (p *presence) remove(id llm.TraceID) {
	if c := p.place(id); *c < fullPlace {
		*c--
	}
}

// perhaps is false only where no trace of the id was added and not removed.
func (p *presence) perhaps(id llm.TraceID) bool { return *p.place(id) != 0 }
