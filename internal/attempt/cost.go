package attempt

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
)

// Book records the cost of an attempt after pricing; known is false where the
// attempt may have cost something and did not say. A span that the memory
// does not hold is ignored.
func (m *Memory) Book(k llm.SpanKey, cost money.Amount, known bool) {
	e, i := m.lookup(k)
	if e == nil {
		return
	}
	c := &e.calls[i]
	c.cost = cost
	c.set(fBooked, true)
	c.flags &^= fCostKnown
	c.set(fCostKnown, known)
}

// CallCost is the cost of the whole logical call that k is the final attempt
// of: the sum over its attempts so far, if all are known. An attempt that
// another span bills counts with that span's cost.
func (m *Memory) CallCost(k llm.SpanKey) (money.Amount, bool) {
	e, i := m.lookup(k)
	if e == nil {
		return money.Amount{}, false
	}
	if e.calls[i].num == 0 {
		return e.costOf(i)
	}
	var sum costSum
	if e.calls[i].has(fCross) {
		sum = m.crossCost(e, i)
	} else {
		for j := range e.calls {
			if c := &e.calls[j]; c.num > 0 && c.group == e.calls[i].group {
				sum.add(e.costOf(int32(j)))
			}
		}
	}
	if sum.unknown {
		return money.Amount{}, false
	}
	return sum.amount, true
}

// costSum adds up costs; one that is unknown makes the sum unknown.
type costSum struct {
	amount  money.Amount
	unknown bool
}

func (s *costSum) add(cost money.Amount, known bool) {
	s.amount, s.unknown = s.amount.Add(cost), s.unknown || !known
}

func (e *entry) costOf(i int32) (money.Amount, bool) {
	c := &e.calls[i]
	if c.bill == Duplicate {
		j, ok := e.find(c.billOf)
		if !ok || j < 0 {
			return money.Amount{}, false
		}
		c = &e.calls[j]
	}
	return c.cost, c.has(fBooked) && c.has(fCostKnown)
}
