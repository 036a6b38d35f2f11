package rollupcomponent

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/spanledger/spanledger/internal/rollup"
)

// ScopeName is the instrumentation scope of everything published here.
const ScopeName = "github.com/spanledger/spanledger/internal/rollupcomponent"

// encoding says how a snapshot becomes OTLP metrics.
type encoding struct {
	publish Publish
	version string
}

// cumulative converts a snapshot with the ledger's start as start time.
func (e encoding) cumulative(snap *rollup.Snapshot) (pmetric.Metrics, *builder) {
	return e.encode(snap, snap.Start, pmetric.AggregationTemporalityCumulative)
}

// delta converts what happened between two snapshots of one ledger; base nil
// stands for its start. Gauges are those of the later one.
func (e encoding) delta(base, snap *rollup.Snapshot) (pmetric.Metrics, *builder) {
	start := snap.Start
	if base != nil {
		start = base.At
	}
	return e.encode(difference(base, snap), start, pmetric.AggregationTemporalityDelta)
}

func (e encoding) encode(snap *rollup.Snapshot, start time.Time, temporality pmetric.AggregationTemporality) (pmetric.Metrics, *builder) {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "spanledger")
	rm.Resource().Attributes().PutStr("service.instance.id", snap.Instance)
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.Scope().SetName(ScopeName)
	sm.Scope().SetVersion(e.version)

	b := &builder{
		scope: sm, temporality: temporality, shown: shown{},
		start: pcommon.NewTimestampFromTime(start), at: pcommon.NewTimestampFromTime(snap.At),
	}
	walk(snap, e.publish, b.add)
	return md, b
}

// builder appends points to the metric that is being written.
type builder struct {
	scope       pmetric.ScopeMetrics
	temporality pmetric.AggregationTemporality
	start, at   pcommon.Timestamp

	shown   shown
	current *metric
	numbers pmetric.NumberDataPointSlice
	hists   pmetric.HistogramDataPointSlice
	expos   pmetric.ExponentialHistogramDataPointSlice
}

func (b *builder) add(p *point) {
	if p.metric != b.current {
		b.open(p.metric)
	}
	switch p.metric.kind {
	case histogram:
		b.histogram(p)
	case exponential:
		b.exponential(p)
	default:
		b.number(p)
	}
}

func (b *builder) histogram(p *point) {
	dp := b.hists.AppendEmpty()
	dp.SetStartTimestamp(b.startOf(p))
	dp.SetTimestamp(b.at)
	dp.ExplicitBounds().FromRaw(p.hist.Bounds)
	dp.BucketCounts().FromRaw(p.hist.Counts)
	dp.SetSum(p.hist.Sum)
	dp.SetCount(p.hist.Count)
	b.exemplar(p, dp.Exemplars())
	putAttributes(p, dp.Attributes())
}

func (b *builder) exponential(p *point) {
	dp, h := b.expos.AppendEmpty(), p.hist.Exponential
	dp.SetStartTimestamp(b.startOf(p))
	dp.SetTimestamp(b.at)
	dp.SetScale(h.Scale)
	dp.SetZeroCount(h.Zero)
	dp.Positive().SetOffset(h.Low)
	dp.Positive().BucketCounts().FromRaw(h.Counts)
	dp.SetSum(h.Sum)
	dp.SetCount(h.Count)
	b.exemplar(p, dp.Exemplars())
	putAttributes(p, dp.Attributes())
}

// startOf is from when a point counts: a series that ended and came again
// began later than the rest.
func (b *builder) startOf(p *point) pcommon.Timestamp {
	if p.start.IsZero() {
		return b.start
	}
	return max(b.start, pcommon.NewTimestampFromTime(p.start))
}

// exemplar adds the call behind a point, if it is of the point's interval.
func (b *builder) exemplar(p *point, out pmetric.ExemplarSlice) {
	x := p.exemplar
	if x == nil || x.At < int64(b.startOf(p)) || x.At > int64(b.at) {
		return
	}
	e := out.AppendEmpty()
	e.SetTimestamp(pcommon.Timestamp(x.At))
	e.SetTraceID(pcommon.TraceID(x.Trace))
	e.SetSpanID(pcommon.SpanID(x.Span))
	if p.hist != nil {
		e.SetDoubleValue(float64(x.Nanos) / 1e9)
	} else {
		e.SetIntValue(1)
	}
}

func (b *builder) number(p *point) {
	dp := b.numbers.AppendEmpty()
	if p.metric.kind == counter {
		dp.SetStartTimestamp(b.startOf(p))
	}
	dp.SetTimestamp(b.at)
	b.exemplar(p, dp.Exemplars())
	if p.metric.fleeting && (p.metric.kind == gauge || b.temporality == pmetric.AggregationTemporalityCumulative) {
		b.shown.add(p)
	}
	if p.integer {
		dp.SetIntValue(p.n)
	} else {
		dp.SetDoubleValue(p.num)
	}
	putAttributes(p, dp.Attributes())
}

func (b *builder) open(m *metric) {
	b.current = m
	out := b.scope.Metrics().AppendEmpty()
	out.SetName(m.name)
	out.SetUnit(m.unit)
	out.SetDescription(m.doc)
	switch m.kind {
	case counter:
		sum := out.SetEmptySum()
		sum.SetIsMonotonic(true)
		sum.SetAggregationTemporality(b.temporality)
		b.numbers = sum.DataPoints()
	case gauge:
		b.numbers = out.SetEmptyGauge().DataPoints()
	case histogram:
		h := out.SetEmptyHistogram()
		h.SetAggregationTemporality(b.temporality)
		b.hists = h.DataPoints()
	case exponential:
		h := out.SetEmptyExponentialHistogram()
		h.SetAggregationTemporality(b.temporality)
		b.expos = h.DataPoints()
	}
}

func putAttributes(p *point, attrs pcommon.Map) {
	attrs.EnsureCapacity(len(p.keys))
	for i, key := range p.keys {
		switch {
		case p.values[i] == "":
		case key == attrOverflow:
			attrs.PutBool(key, true)
		default:
			attrs.PutStr(key, p.values[i])
		}
	}
}
