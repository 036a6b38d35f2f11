package rollupcomponent

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// batchSize is how many records go to the ledger at once: enough to make its
// lock cheap, few enough for their memory to be reused.
const batchSize = 256

// batch is the reusable memory of one Consume.
type batch struct {
	calls  [batchSize]llm.Call
	stamps [batchSize]stamp.Stamp
	recs   [batchSize]rollup.Record
	dims   []string
	n      int
	most   int // records of the fullest flush
}

// ingester reads stamped spans into records. It is safe for concurrent use.
type ingester struct {
	reader     *llmspan.Reader
	dims       []dimension
	tracestate bool
	fixed      float64 // weight of every span where a fixed share was kept
	pool       sync.Pool
	// exchange converts into currency, the reporting one; nil converts nothing.
	exchange *price.Conversion
	currency string
	// book takes records; it retains nothing of them.
	book func(context.Context, []rollup.Record) error
	// bad counts spans that could not be read.
	bad func(int64)
	// errors judges single spans by the user's conditions.
	errors *errorRules
}

// dimension is a configured dimension and the stamp that usually holds it.
type dimension struct {
	Dimension
	of func(*stamp.Stamp) string // nil: an attribute
}

func newIngester(c *Config, set component.TelemetrySettings, book func(context.Context, []rollup.Record) error, bad func(int64)) (*ingester, error) {
	reader, err := llmspan.NewReader(llmspan.Options{})
	if err != nil {
		return nil, err
	}
	kept, err := c.Sampling.Upstream.kept()
	if err != nil {
		return nil, err
	}
	exchange, err := c.exchange()
	if err != nil {
		return nil, err
	}
	rules, err := c.errorRules(set)
	if err != nil {
		return nil, err
	}
	in := &ingester{errors: rules, exchange: exchange, currency: c.ReportingCurrency, reader: reader, tracestate: c.Sampling.Upstream == SamplingTracestate, fixed: 1 / kept, book: book, bad: bad}
	for _, d := range c.Dimensions {
		dim := dimension{Dimension: d}
		switch d.Name {
		case attrVendor:
			dim.of = func(s *stamp.Stamp) string { return s.Model.Vendor }
		case attrPlatform:
			dim.of = func(s *stamp.Stamp) string { return s.Model.Platform }
		case attrModel:
			dim.of = func(s *stamp.Stamp) string { return s.Model.ID }
		}
		in.dims = append(in.dims, dim)
	}
	in.pool.New = func() any { return &batch{dims: make([]string, batchSize*len(in.dims))} }
	return in, nil
}

// consume books the LLM spans of a batch. The only error is that of a journal
// that could not be written, before anything of the rest was booked: the
// sender repeats the batch, and what was booked is known again by its ids.
func (in *ingester) consume(ctx context.Context, td ptrace.Traces) error {
	b := in.pool.Get().(*batch)
	defer in.release(b)
	for _, rs := range td.ResourceSpans().All() {
		resource := llmspan.ReadResource(rs)
		for _, ss := range rs.ScopeSpans().All() {
			scope := llmspan.ReadScope(ss)
			for _, span := range ss.Spans().All() {
				if !in.read(ctx, b, &resource, &scope, span) {
					continue
				}
				if b.n++; b.n == batchSize {
					if err := in.flush(ctx, b); err != nil {
						return err
					}
				}
			}
		}
	}
	return in.flush(ctx, b)
}

func (in *ingester) flush(ctx context.Context, b *batch) error {
	if b.n == 0 {
		return nil
	}
	err := in.book(ctx, b.recs[:b.n])
	b.most = max(b.most, b.n)
	b.n = 0
	return err
}

// release forgets the calls of the batch before its memory is kept. Stamps stay:
// the next reading reuses their slices and overwrites the rest.
func (in *ingester) release(b *batch) {
	most := min(max(b.most, b.n)+1, batchSize) // one may have been given up half read
	clear(b.calls[:most])
	clear(b.dims[:most*len(in.dims)])
	b.n, b.most = 0, 0
	in.pool.Put(b)
}

// read fills the next record from a span that is a call or is stamped as one.
// A span that breaks the reader is counted and passed over: one odd span must
// not stop the books.
func (in *ingester) read(ctx context.Context, b *batch, resource *llmspan.ResourceView, scope *llmspan.ScopeView, span ptrace.Span) (ok bool) {
	defer func() {
		if recover() != nil {
			in.bad(1)
			ok = false
		}
	}()
	if !llmspan.IsStampedOrCandidate(span) {
		return false
	}
	call, verdict := &b.calls[b.n], &b.stamps[b.n]
	stamped := llmspan.ReadStamp(span, verdict)
	isCall := (stamped || in.reader.IsCandidate(scope, span)) && in.reader.Read(resource, scope, span, call)
	switch {
	case !isCall && !stamped:
		return false
	case !isCall && !in.reader.ReadTransport(resource, scope, span, call):
		// The enricher knew it as a call by mappings of its own; ids and times
		// are all that is needed beside the stamps.
		*call = llm.Call{
			Trace: llm.TraceID(span.TraceID()), Span: llm.SpanID(span.SpanID()), Parent: llm.SpanID(span.ParentSpanID()),
			Start: int64(span.StartTimestamp()), End: int64(span.EndTimestamp()), Role: llm.RoleInference,
		}
	}
	in.convert(call, verdict)
	rec := &b.recs[b.n]
	*rec = rollup.Record{Call: call, Stamp: verdict, Dims: b.dims[b.n*len(in.dims) : (b.n+1)*len(in.dims)]}
	for i := range in.dims {
		rec.Dims[i] = in.dims[i].value(verdict, span.Attributes(), resource)
	}
	rec.Weight, rec.NoThreshold = in.weight(span)
	if in.errors.single {
		rec.Ruled = in.errors.judge(ctx, resource, scope, span, call, verdict)
	}
	return true
}

func (d *dimension) value(s *stamp.Stamp, attrs pcommon.Map, resource *llmspan.ResourceView) string {
	if d.of != nil {
		if v := d.of(s); v != "" {
			return v
		}
		return d.Default
	}
	v, ok := attrs.Get(d.Name)
	if !ok {
		v, ok = resource.Spans.Resource().Attributes().Get(d.Name)
	}
	switch {
	case !ok:
		return d.Default
	case v.Type() == pcommon.ValueTypeStr:
		return v.Str()
	}
	return v.AsString()
}

// weight is the adjusted count of a span, and whether it was sampled without
// saying at which rate: a tracestate that cannot be read says nothing.
func (in *ingester) weight(span ptrace.Span) (weight float64, unknown bool) {
	if !in.tracestate {
		return in.fixed, false
	}
	weight, told := slo.AdjustedCount(span.TraceState().AsRaw())
	return weight, told != slo.Thresholded
}
