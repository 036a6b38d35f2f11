package rollup

import (
	"time"

	"github.com/spanledger/spanledger/internal/llm"
)

// Exemplar is one call behind a row, so that a figure leads to a trace. It is
// not part of the books: a restart begins without.
type Exemplar struct {
	Trace llm.TraceID
	Span  llm.SpanID
	At    int64 // end of the span, Unix nanoseconds; 0 there is none
	Nanos int64 // how long it took
	Class llm.ErrorClass
}

// exemplarSpan is for how long a slow call stands for its row before any
// other takes its place.
const exemplarSpan = int64(10 * time.Minute)

// slowest keeps the slowest answer of some ten minutes.
func (x *Exemplar) slowest(c *llm.Call, at, nanos int64) {
	if nanos >= x.Nanos || at-x.At > exemplarSpan {
		*x = Exemplar{Trace: c.Trace, Span: c.Span, At: at, Nanos: nanos}
	}
}

// latest keeps the newest failure.
func (x *Exemplar) latest(c *llm.Call, at, nanos int64, class llm.ErrorClass) {
	if at >= x.At {
		*x = Exemplar{Trace: c.Trace, Span: c.Span, At: at, Nanos: max(nanos, 0), Class: class}
	}
}
