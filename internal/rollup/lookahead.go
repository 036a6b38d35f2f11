package rollup

import "github.com/spanledger/spanledger/internal/llm"

// warmBatch is how many records are looked up before they are booked.
const warmBatch = 64

// lookahead is what was looked up for a batch of records: keys, and rows where
// they exist already. A ledger is larger than any cache, and a record touches
// a dozen places of it. Booked one by one, each record would wait for each
// place in turn; looked up together, the places of many records are on their
// way at once.
type lookahead struct {
	spans, bills []key128
	hashes       []uint64
	rows         []*series
	sink         int64 // keeps reads alive that only warm the cache
}

// lookAhead goes over the batch once for each step that the next one depends
// on, so that within a step nothing waits for anything.
func (l *Ledger) lookAhead(recs []Record) {
	a := &l.ahead
	a.spans, a.bills, a.hashes, a.rows = a.spans[:0], a.bills[:0], a.hashes[:0], a.rows[:0]
	for i := range recs {
		c := recs[i].Call
		a.spans = append(a.spans, spanKey(c.Trace, c.Span))
		a.bills = append(a.bills, billKey(c.ResponseID, c.Trace))
		route, dims := l.key(&recs[i])
		h := l.series.hash(route, dims)
		a.hashes = append(a.hashes, h)
		a.rows = append(a.rows, l.series.guess(h))
	}
	a.sink ^= l.spans.warm(a.spans) ^ l.bills.warm(a.bills)
	for _, s := range a.rows {
		if s != nil && len(s.Dims) > 0 {
			a.sink ^= int64(s.hash) ^ int64(len(s.Dims[0]))
		}
	}
	for i, h := range a.hashes {
		route, dims := l.key(&recs[i])
		if a.rows[i] = l.series.find(h, route, dims); a.rows[i] != nil {
			a.sink ^= a.rows[i].warm()
		}
	}
}

// warm reads one value of every cache line that a plain answer writes to,
// beside the first of the row, which finding it has read.
func (s *series) warm() (sink int64) {
	sink = s.hists[histFirstChunk].sum ^ s.Tokens[0] ^ s.Tokens[llm.NumBuckets-1]
	for i := range s.hists {
		if c := s.hists[i].counts; len(c) > 8 {
			sink ^= int64(c[0] ^ c[8])
		}
	}
	if s.target != nil {
		for _, o := range s.target.slos {
			sink ^= o.good ^ int64(o.spec.Kind)
		}
	}
	if s.parts != nil {
		sink ^= s.parts.warm()
	}
	return sink
}

// key is what a record's row is found by; dims has one value per dimension and
// holds until the next call.
func (l *Ledger) key(r *Record) (route string, dims []string) {
	route, dims = r.Stamp.Route, r.Dims
	if route == "" {
		route = Unattributed
	}
	if len(dims) != len(l.dims) {
		clear(l.dims)
		copy(l.dims, dims)
		dims = l.dims
	}
	return route, dims
}
