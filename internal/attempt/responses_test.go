package attempt

import (
	"math/rand/v2"
	"testing"

	"github.com/spanledger/spanledger/internal/llm"
)

// Law: of any ids in any order exactly the last limit are remembered, each as
// it was added.
func TestResponsesRememberTheLast(t *testing.T) {
	for _, limit := range []int{1, 2, 7, 300, 1000} {
		rnd := rand.New(rand.NewPCG(uint64(limit), 1))
		r := responses{limit: limit}
		var added []uint64
		known := map[uint64]uint32{}
		for n := range uint32(4000) {
			// Few homes in the index, so that ids crowd there.
			resp := rnd.Uint64N(64)<<34 | rnd.Uint64N(64)<<1 | 1
			if x := r.find(resp); x != nil {
				if want, ok := known[resp]; !ok || x.in != want {
					t.Fatalf("limit %d: found %d as %d, want %d (%v)", limit, resp, x.in, want, ok)
				}
				continue
			} else if _, ok := known[resp]; ok {
				t.Fatalf("limit %d: lost %d", limit, resp)
			}
			r.add(billedID{resp: resp, span: llm.SpanID{1}, in: n})
			added, known[resp] = append(added, resp), n
			if len(added) > limit {
				delete(known, added[0])
				added = added[1:]
			}
		}
		if len(r.ring) != limit || len(known) != limit {
			t.Errorf("limit %d: %d kept", limit, len(r.ring))
		}
	}
}
