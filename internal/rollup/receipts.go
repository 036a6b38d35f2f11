package rollup

import "github.com/spanledger/spanledger/internal/llm"

// receipts is a ring of recent records in their stored form: a slot keeps its
// buffer, so that once warm nothing is allocated and nothing of the span is
// kept alive.
//
// The ring is meant for eyes. Under heavy traffic it keeps a tenth of itself
// of each second's plain answers, and as much of what is worth a look, so that
// it always reaches back some seconds and costs next to nothing.
type receipts struct {
	slots  [][]byte
	next   int
	full   bool
	second int64 // of arrival, for which the rations are
	plain  int   // still to be kept in this second
	odd    int
}

// receiptSeconds is how many seconds of heavy traffic a full ring reaches back.
const receiptSeconds = 10

func newReceipts(n int) receipts { return receipts{slots: make([][]byte, n)} }

// ration reports whether the record is kept.
func (r *receipts) ration(e *entry) bool {
	if second := e.now / 1e9; second != r.second {
		n := (len(r.slots) + receiptSeconds - 1) / receiptSeconds
		r.second, r.plain, r.odd = second, n, n
	}
	left := &r.plain
	if e.class != llm.ErrNone || !e.status.HasCost() {
		left = &r.odd
	}
	*left--
	return *left >= 0
}

func (r *receipts) keep(e *entry) {
	if len(r.slots) == 0 || !r.ration(e) {
		return
	}
	r.slots[r.next] = appendRecord(r.slots[r.next][:0], e.Record, e.at)
	if r.next++; r.next == len(r.slots) {
		r.next, r.full = 0, true
	}
}

func (r *receipts) len() int {
	if r.full {
		return len(r.slots)
	}
	return r.next
}

// latest returns the slot of the i-th newest.
func (r *receipts) latest(i int) []byte {
	return r.slots[(r.next-1-i+len(r.slots))%len(r.slots)]
}

// Receipts returns up to n recent bills, newest first. They are not durable: a
// restart begins with none.
func (l *Ledger) Receipts(n int) []Receipt {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = min(n, l.recent.len())
	list := make([]Receipt, 0, max(n, 0))
	for i := range n {
		if r, ok := readReceipt(l.recent.latest(i)); ok {
			list = append(list, r)
		}
	}
	return list
}

// Receipt finds the recent bill of one span.
func (l *Ledger) Receipt(trace llm.TraceID, span llm.SpanID) (Receipt, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.recent.len() {
		slot := l.recent.latest(i)
		if t, s, ok := recordKey(slot); ok && t == trace && s == span {
			return readReceipt(slot)
		}
	}
	return Receipt{}, false
}
