package attempt

import "github.com/spanledger/spanledger/internal/llm"

// Parent says below which span a span hangs, call or not, as far as the memory
// still knows it; a span whose parent nobody told is a root.
func (m *Memory) Parent(k llm.SpanKey) (parent llm.SpanID, ok bool) {
	e := m.trace(k.Trace)
	if e == nil {
		return parent, false
	}
	i, ok := e.find(k.Span)
	switch {
	case !ok:
		return parent, false
	case i >= 0:
		return e.calls[i].parent, true
	}
	return e.skels[^i].parent, true
}
