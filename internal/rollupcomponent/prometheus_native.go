package rollupcomponent

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/spanledger/spanledger/internal/rollup"
)

// maxSchema is the finest scale that a native histogram of Prometheus can have.
const maxSchema = 8

// native is a histogram in explicit and in exponential buckets at once, as the
// protobuf form of Prometheus has it.
type native struct {
	prometheus.Metric
	exponential prometheus.Metric
}

// withNative adds the exponential buckets to a histogram. Prometheus counts
// buckets by their upper bound, OpenTelemetry by their lower one.
func withNative(m prometheus.Metric, desc *prometheus.Desc, h *rollup.Exponential, values []string) (prometheus.Metric, error) {
	schema := min(h.Scale, maxSchema)
	buckets := make(map[int]int64, len(h.Counts))
	for i, n := range h.Counts {
		if n > 0 {
			buckets[int((h.Low+int32(i))>>(h.Scale-schema))+1] += int64(n)
		}
	}
	e, err := prometheus.NewConstNativeHistogram(desc, h.Count, h.Sum, buckets, nil, h.Zero, schema, 0, time.Time{}, values...)
	if err != nil {
		return nil, err
	}
	return &native{m, e}, nil
}

// Write implements prometheus.Metric.
func (n *native) Write(out *dto.Metric) error {
	if err := n.Metric.Write(out); err != nil {
		return err
	}
	var e dto.Metric
	if err := n.exponential.Write(&e); err != nil {
		return err
	}
	to, from := out.GetHistogram(), e.GetHistogram()
	to.Schema, to.ZeroThreshold, to.ZeroCount = from.Schema, from.ZeroThreshold, from.ZeroCount
	to.PositiveSpan, to.PositiveDelta = from.PositiveSpan, from.PositiveDelta
	return nil
}
