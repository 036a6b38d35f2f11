package attempt

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// rootKey is what may tie root calls of different traces: the same content,
// asked by the same service instance.
type rootKey struct {
	content  uint64
	instance uint32
}

// rootRef is the last failed root call of a key.
type rootRef struct {
	group llm.SpanID
	num   uint8
	end   int64
	model uint32
	class llm.ErrorClass
}

// maxRoots bounds the failed roots that are remembered; at the bound all are
// forgotten, since they live for five minutes at most.
const maxRoots = 10_000

type rootIndex map[rootKey]rootRef

// crossTrace continues, with Config.CrossTrace, a failed root call of another
// trace by a due root call with the same content.
func (m *Memory) crossTrace(e *entry, c *chain) {
	x := &e.calls[c.head]
	if !m.cfg.CrossTrace || !x.has(fDue) || !x.parent.IsZero() || x.content == 0 || x.instance == 0 {
		return
	}
	if m.roots == nil || len(m.roots) >= maxRoots {
		m.roots = make(rootIndex)
	}
	k := rootKey{x.content, x.instance}
	prev, ok := m.roots[k]
	if ok && x.start-prev.end >= -overlap && x.start-prev.end <= strongGap && int(prev.num) < m.cfg.MaxAttempts {
		x.group, x.num, x.kind, x.evid = prev.group, prev.num+1, stamp.KindRetry, stamp.EvidenceStrong
		if x.model != prev.model {
			x.kind = stamp.KindFallback
		}
		x.set(fGrouped, true)
		x.set(fFutile, x.kind == stamp.KindRetry && futile(prev.class))
		if !x.failed() {
			x.final, x.count = stamp.Yes, x.num
		}
	}
	delete(m.roots, k)
	if x.failed() {
		group, num := x.span, uint8(1)
		if x.num > 0 {
			group, num = x.group, x.num
		}
		m.roots[k] = rootRef{group, num, x.end, x.model, x.class}
	}
}
