package attempt

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/spanledger/spanledger/internal/llm"
)

func traceNo(n uint64) (id llm.TraceID) {
	binary.BigEndian.PutUint64(id[8:], n)
	return id
}

// Law: what is there is never denied, whatever came and went.
func TestPresenceNeverDeniesWhatIsThere(t *testing.T) {
	for _, size := range []int{1, 3, 1000} {
		p, r := newPresence(size), rand.New(rand.NewPCG(1, uint64(size)))
		there := map[llm.TraceID]bool{}
		for range 200_000 { // many times what the table was made for: places fill up
			id := traceNo(r.Uint64N(2000))
			if there[id] {
				delete(there, id)
				p.remove(id)
			} else {
				there[id] = true
				p.add(id)
			}
			id = traceNo(r.Uint64N(2000))
			if there[id] && !p.perhaps(id) {
				t.Fatalf("size %d: a trace that is there is denied", size)
			}
		}
	}
}

// It is of use: at its full size most of what is not there is denied, and all
// of it once everything has gone.
func TestPresenceDeniesMostOfWhatIsNot(t *testing.T) {
	const size = 10_000
	p := newPresence(size)
	for i := range uint64(size) {
		p.add(traceNo(i))
	}
	perhaps := 0
	for i := range uint64(size) {
		if p.perhaps(traceNo(size + i)) {
			perhaps++
		}
	}
	if perhaps > size/3 {
		t.Errorf("%d of %d strangers may be there", perhaps, size)
	}
	for i := range uint64(size) {
		p.remove(traceNo(i))
	}
	for i := range uint64(2 * size) {
		if p.perhaps(traceNo(i)) {
			t.Fatal("an empty table knows somebody")
		}
	}
}
