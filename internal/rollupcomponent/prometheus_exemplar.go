package rollupcomponent

import (
	"cmp"
	"encoding/hex"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// withExemplar names a call behind the value, for the forms that can say so.
func withExemplar(m prometheus.Metric, p *point) (prometheus.Metric, error) {
	x, value := p.exemplar, 1.0
	if p.hist != nil {
		value = float64(x.Nanos) / 1e9
	}
	m, err := prometheus.NewMetricWithExemplars(m, prometheus.Exemplar{
		Value: value, Timestamp: time.Unix(0, x.At),
		Labels: prometheus.Labels{"trace_id": hex.EncodeToString(x.Trace[:]), "span_id": hex.EncodeToString(x.Span[:])},
	})
	if err != nil {
		return nil, err
	}
	return inOrder{m}, nil
}

// inOrder sorts the labels of exemplars, which the library takes from a map in
// any order: a scrape of the same books is the same text.
type inOrder struct{ prometheus.Metric }

// Write implements prometheus.Metric.
func (m inOrder) Write(out *dto.Metric) error {
	if err := m.Metric.Write(out); err != nil {
		return err
	}
	list := append(slices.Clone(out.GetHistogram().GetExemplars()), out.GetCounter().GetExemplar())
	for _, b := range out.GetHistogram().GetBucket() {
		list = append(list, b.GetExemplar())
	}
	for _, x := range list {
		slices.SortFunc(x.GetLabel(), func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	}
	return nil
}
