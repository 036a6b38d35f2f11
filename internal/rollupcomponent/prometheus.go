package rollupcomponent

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// NewScrape serves /metrics from the books as they may be published, under the names that
// Prometheus itself would give the metrics if it received them by OTLP.
//
// Histograms always have their explicit buckets here. Where exponential ones
// are kept, a scraper that asks for the protobuf form finds them beside those
// as native histograms; the text forms cannot carry them.
func NewScrape(books Books, publish Publish) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(newScrape(books, publish))
	mux := http.NewServeMux()
	// promhttp's default answers 500 to a single bad series; one odd label value
	// must not blind the whole scrape.
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, EnableOpenMetrics: true, // for the exemplars
	}))
	return mux
}

// scrape makes the series anew from one cut per request.
type scrape struct {
	books   Books
	publish Publish
}

func newScrape(books Books, publish Publish) *scrape {
	publish.fleet = books.Fleet
	publish.Histograms = HistogramExplicit
	return &scrape{books, publish}
}

// Describe sends nothing: the series are those of the traffic, and the
// registry checks them as they come.
func (*scrape) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (s *scrape) Collect(out chan<- prometheus.Metric) {
	snap := s.books.Snapshot()
	names := map[*metric]string{}
	var labels map[string]string
	walk(snap, s.publish, func(p *point) {
		name, ok := names[p.metric]
		if !ok {
			name = p.metric.promName()
			names[p.metric] = name
			labels = make(map[string]string, len(p.keys))
			for _, key := range p.keys {
				labels[key] = promLabel(key)
			}
		}
		keys, values := make([]string, 0, len(p.keys)), make([]string, 0, len(p.keys))
		for i, v := range p.values {
			if v != "" {
				keys, values = append(keys, labels[p.keys[i]]), append(values, v)
			}
		}
		out <- constant(prometheus.NewDesc(name, p.metric.doc, keys, nil), p, values)
	})
}

func constant(desc *prometheus.Desc, p *point, values []string) prometheus.Metric {
	var m prometheus.Metric
	var err error
	value := p.num
	if p.integer {
		value = float64(p.n)
	}
	switch p.metric.kind {
	case histogram:
		buckets, below := make(map[float64]uint64, len(p.hist.Bounds)), uint64(0)
		for i, bound := range p.hist.Bounds {
			below += p.hist.Counts[i]
			buckets[bound] = below
		}
		m, err = prometheus.NewConstHistogram(desc, p.hist.Count, p.hist.Sum, buckets, values...)
		if err == nil && p.hist.Exponential != nil {
			m, err = withNative(m, desc, p.hist.Exponential, values)
		}
	case counter:
		m, err = prometheus.NewConstMetric(desc, prometheus.CounterValue, value, values...)
	default:
		m, err = prometheus.NewConstMetric(desc, prometheus.GaugeValue, value, values...)
	}
	if err == nil && p.exemplar != nil {
		m, err = withExemplar(m, p)
	}
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return m
}
