package genairollupexporter

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// self is what the exporter says of itself, by name without the prefix and
// with the attribute behind it, if there is one. What is counted is looked up
// once a second: read it once for each exporter.
func (r *running) self(t *testing.T) map[string]int64 {
	t.Helper()
	var rm metricdata.ResourceMetrics
	require.NoError(t, r.own.Reader.Collect(t.Context(), &rm))
	out := map[string]int64{}
	for _, sm := range rm.ScopeMetrics {
		for _, m := range sm.Metrics {
			name := strings.TrimPrefix(m.Name, "otelcol_exporter_gen_ai_rollup_")
			var points []metricdata.DataPoint[int64]
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				points = data.DataPoints
			case metricdata.Gauge[int64]:
				points = data.DataPoints
			}
			for _, p := range points {
				key := name
				if outcome, ok := p.Attributes.Value("outcome"); ok {
					key += " " + outcome.AsString()
				}
				out[key] = p.Value
			}
		}
	}
	return out
}

// refused is one span of a call that may still be retried.
func refused(id byte) ptrace.Traces {
	td := ptrace.NewTraces()
	call(id, "checkout", 0).CopyTo(td)
	span := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	span.Attributes().PutStr("spanledger.error.class", "rate_limited")
	span.Attributes().PutStr("spanledger.cost.status", "not_billable")
	span.Status().SetCode(ptrace.StatusCodeError)
	return td
}

// What was delivered is booked, known or, never, dropped; what waits for a
// retry is told; and so is what a start found in the storage.
func TestOwnTelemetry(t *testing.T) {
	const config = "ui: {endpoint: \"localhost:0\"}\nstorage: file_storage\nsettle: 1h\n"
	d := newDisk()
	e := start(t, d.host(), config)
	e.send(t, call(1, "checkout", 1), call(2, "checkout", 1), call(1, "checkout", 1), refused(3))
	got := e.self(t)
	require.Equal(t, int64(1), got["restore new"])
	require.Equal(t, int64(1), got["settle_queue"])
	require.Equal(t, int64(1), got["redelivered_spans"])
	require.Positive(t, got["checkpoint_size"], "new books are stored before the first call")
	require.Contains(t, got, "checkpoint_age")
	for _, name := range []string{
		"dropped_spans", "late_spans", "future_spans", "duplicate_bills", "overflow_spans", "checkpoint_failures",
		"sampled_without_threshold", "unclassified_errors", "split_calls", "default_slos_skipped",
	} {
		n, there := got[name]
		require.True(t, there, "%s is there from the start", name)
		require.Zero(t, n, name)
	}
	require.Positive(t, got["series_active"])
	require.NoError(t, e.Shutdown(context.Background()))

	again := start(t, d.host(), config)
	again.send(t, call(1, "checkout", 1), call(4, "checkout", 1))
	whole := again.self(t)
	require.Equal(t, int64(1), whole["restore whole"])
	require.NotContains(t, whole, "restore new")
	require.Equal(t, int64(1), whole["settle_queue"], "it waits over the restart")
	require.Zero(t, whole["dropped_spans"])
	require.Greater(t, whole["checkpoint_size"], got["checkpoint_size"])
	require.NoError(t, again.Shutdown(context.Background()))

	for _, key := range slices.Collect(maps.Keys(d.data)) {
		if strings.Contains(key, "books.") {
			d.data[key] = d.data[key][:len(d.data[key])/2]
		}
	}
	torn := start(t, d.host(), config)
	require.Equal(t, int64(1), torn.self(t)["restore lost"])

	none := start(t, componenttest.NewNopHost(), "ui: {endpoint: \"localhost:0\"}\n").self(t)
	require.Equal(t, int64(1), none["restore none"])
	require.NotContains(t, none, "checkpoint_age", "absent without a storage")
	require.Zero(t, none["checkpoint_size"])
}
