package genaienricherprocessor

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Throughput bought at 30 an hour for 60 million tokens: a call of a
// million tokens is charged half a unit, and the metrics hold what an
// idle share is worked out from.
func TestCommittedThroughputIsAccountedFor(t *testing.T) {
	s := newStand(t, `
contracts:
  - {name: ptu, model: gpt-4o, commitment: {per_hour: 30, capacity: 60000000}}
  - {name: past, model: gpt-4o-mini, commitment: {per_hour: 1, capacity: 1}, valid_to: 2020-01-01}
`).run(t, componenttest.NewNopHost())
	require.Equal(t, "0.5", totalOf(t, s.enricher, "gpt-4o"))

	charged, err := s.tel.GetMetric("otelcol_processor_gen_ai_enricher_commitment_charged")
	require.NoError(t, err)
	points := charged.Data.(metricdata.Sum[float64]).DataPoints
	require.Len(t, points, 1)
	require.InDelta(t, 0.5, points[0].Value, 0)

	hourly, err := s.tel.GetMetric("otelcol_processor_gen_ai_enricher_commitment_hourly_cost")
	require.NoError(t, err)
	gauge := hourly.Data.(metricdata.Gauge[float64]).DataPoints
	require.Len(t, gauge, 1, "a contract that ended costs nothing any more")
	require.InDelta(t, 30, gauge[0].Value, 0)
	name, _ := gauge[0].Attributes.Value("contract")
	require.Equal(t, "ptu", name.AsString())
}
