package rollupcomponent

import (
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// shown are the series of gauges that come and go which a push carried. What
// the next one does not carry any more is ended there: a receiver would go on
// with the last value.
type shown map[string]point

func (s shown) add(p *point) {
	key := p.metric.name + "\x00" + strings.Join(p.values, "\x00")
	s[key] = point{metric: p.metric, keys: slices.Clone(p.keys), values: slices.Clone(p.values)}
}

// end adds a point without a value for every series of before that is not in
// now.
func (s shown) end(md pmetric.Metrics, before shown, at pcommon.Timestamp) {
	metrics := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, still := s[key]; still {
			continue
		}
		p := before[key]
		dp := gaugeOf(metrics, p.metric).DataPoints().AppendEmpty()
		dp.SetTimestamp(at)
		dp.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
		putAttributes(&p, dp.Attributes())
	}
}

// gaugeOf finds a metric among those written, or begins it.
func gaugeOf(metrics pmetric.MetricSlice, m *metric) pmetric.Gauge {
	for _, out := range metrics.All() {
		if out.Name() == m.name {
			return out.Gauge()
		}
	}
	out := metrics.AppendEmpty()
	out.SetName(m.name)
	out.SetUnit(m.unit)
	out.SetDescription(m.doc)
	return out.SetEmptyGauge()
}
