package rollupcomponent

import (
	"maps"
	"slices"
	"strings"
	"time"

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

// endRows does the same for the series of rows that expired, and of their sums,
// which the snapshot lists for a while; told are those that the receiver knows of.
func (e encoding) endRows(md pmetric.Metrics, snap *rollup.Snapshot, told map[string]bool, b *builder) (known map[string]bool) {
	known = map[string]bool{}
	var over, again rollup.Snapshot // again: the same rows where they live
	over.Dimensions, again.Dimensions = snap.Dimensions, snap.Dimensions
	isNew := func(at time.Time, words ...string) bool {
		key := strings.Join(words, between) + between + at.String()
		known[key] = true
		return !told[key]
	}
	for i := range snap.Ended {
		if x := &snap.Ended[i]; isNew(x.At, append([]string{"row", x.Route}, x.Dims...)...) {
			over.Rows, again.Rows = append(over.Rows, x.Last), appendSame(again.Rows, snap.Rows, &x.Last, compareRows)
		}
	}
	for i := range snap.EndedFolds {
		switch x := &snap.EndedFolds[i]; {
		case x.Latency != nil && isNew(x.At, "latency", x.Latency.Route, x.Latency.Model):
			row := *x.Latency
			for _, h := range []*rollup.Histogram{&row.Duration, &row.FirstChunk, &row.TimePerOutputToken} {
				h.Exponential = &rollup.Exponential{}
			}
			over.Latency, again.Latency = append(over.Latency, row), appendSame(again.Latency, snap.Latency, &row, compareLatency)
		case x.Provider != nil && isNew(x.At, "provider", x.Provider.Vendor, x.Provider.Platform, x.Provider.Model):
			over.Providers, again.Providers = append(over.Providers, *x.Provider), appendSame(again.Providers, snap.Providers, x.Provider, compareProviders)
		}
	}
	slices.SortFunc(over.Rows, byValue(compareRows))
	slices.SortFunc(over.Latency, byValue(compareLatency))
	slices.SortFunc(over.Providers, byValue(compareProviders))
	going := map[string]bool{}
	e.endings(newWalker(&again, func(p *point) { going[p.metric.name+between+strings.Join(p.values, between)] = true }))
	e.endings(newWalker(&over, func(p *point) {
		if !going[p.metric.name+between+strings.Join(p.values, between)] {
			b.end(md, p)
		}
	}))
	return known
}

// appendSame appends the row of a sorted list that has the same values, if
// there is one.
func appendSame[T any](to, list []T, row *T, compare func(a, b *T) int) []T {
	if i, found := slices.BinarySearchFunc(list, row, func(a T, b *T) int { return compare(&a, b) }); found {
		to = append(to, list[i])
	}
	return to
}

// endings walks over what ends with rows.
func (e encoding) endings(w *walker) {
	w.outcomes()
	w.attempts()
	w.providers()
	w.usage()
	if e.publish.Extrapolated {
		w.extrapolated()
	}
	w.histograms(e.publish.Histograms)
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
