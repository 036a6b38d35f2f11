package rollupcomponent

import (
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/spanledger/spanledger/internal/rollup"
)

// shown are the series that come and go apart from the rows, by name and
// values, which a push carried. What the next one does not carry any more is
// ended there: a receiver would go on with the last value.
type shown map[string]*metric

const between = "\x00"

func (s shown) add(p *point) { s[p.metric.name+between+strings.Join(p.values, between)] = p.metric }

// end adds a point without a value for every series of before that is not in
// now.
func (s shown) end(md pmetric.Metrics, before shown, b *builder) {
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, still := s[key]; !still {
			m := before[key]
			values := strings.Split(key, between)[1:]
			b.end(md, &point{metric: m, keys: m.attrs, values: values})
		}
	}
}

// endRows does the same for the series of rows that expired, which the
// snapshot lists for a while; told are those that the receiver knows of.
func (e encoding) endRows(md pmetric.Metrics, snap *rollup.Snapshot, told map[string]bool, b *builder) (known map[string]bool) {
	known = map[string]bool{}
	over := rollup.Snapshot{Dimensions: snap.Dimensions}
	for i := range snap.Ended {
		x := &snap.Ended[i]
		key := x.Route + between + strings.Join(x.Dims, between) + between + x.At.String()
		if known[key] = true; !told[key] {
			row := x.Last
			for _, h := range []*rollup.Histogram{&row.Duration, &row.FirstChunk, &row.TimePerOutputToken} {
				h.Exponential = &rollup.Exponential{}
			}
			over.Rows = append(over.Rows, row)
		}
	}
	if len(over.Rows) == 0 {
		return known
	}
	slices.SortFunc(over.Rows, byValue(compareRows))
	// A histogram adds rows: it is over when the last of them is.
	going := map[string]bool{}
	newWalker(snap, func(p *point) { going[p.metric.name+between+strings.Join(p.values, between)] = true }).histograms(e.publish.Histograms)
	w := newWalker(&over, func(p *point) {
		if !going[p.metric.name+between+strings.Join(p.values, between)] {
			b.end(md, p)
		}
	})
	w.outcomes()
	w.attempts()
	w.usage()
	if e.publish.Extrapolated {
		w.extrapolated()
	}
	w.histograms(e.publish.Histograms)
	return known
}

// end adds a point without a value to the metric, which is begun if it is not
// there.
func (b *builder) end(md pmetric.Metrics, p *point) {
	metrics := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	out, found := pmetric.Metric{}, false
	for _, m := range metrics.All() {
		if m.Name() == p.metric.name {
			out, found = m, true
			break
		}
	}
	if !found {
		b.current = nil
		b.open(p.metric)
		out = metrics.At(metrics.Len() - 1)
	}
	flags := pmetric.DefaultDataPointFlags.WithNoRecordedValue(true)
	switch p.metric.kind {
	case counter:
		endNumber(out.Sum().DataPoints().AppendEmpty(), p, b.start, b.at, flags)
	case gauge:
		endNumber(out.Gauge().DataPoints().AppendEmpty(), p, 0, b.at, flags)
	case histogram:
		dp := out.Histogram().DataPoints().AppendEmpty()
		dp.SetStartTimestamp(b.start)
		dp.SetTimestamp(b.at)
		dp.SetFlags(flags)
		putAttributes(p, dp.Attributes())
	case exponential:
		dp := out.ExponentialHistogram().DataPoints().AppendEmpty()
		dp.SetStartTimestamp(b.start)
		dp.SetTimestamp(b.at)
		dp.SetFlags(flags)
		putAttributes(p, dp.Attributes())
	}
}

func endNumber(dp pmetric.NumberDataPoint, p *point, start, at pcommon.Timestamp, flags pmetric.DataPointFlags) {
	dp.SetStartTimestamp(start)
	dp.SetTimestamp(at)
	dp.SetFlags(flags)
	putAttributes(p, dp.Attributes())
}
