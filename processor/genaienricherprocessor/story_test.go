package genaienricherprocessor

import (
	"context"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"

	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/scenario"
)

// Every story goes through the public factory: spans in, stamps out, and the
// processor's own telemetry, side by side in one file.
func TestStories(t *testing.T) {
	for _, s := range scenario.Stories(t, "testdata/stories") {
		t.Run(s.Name, func(t *testing.T) {
			if !strings.Contains(string(s.Section("config")), "wait") {
				tell(t, s, func() {})
				return
			}
			// Stories of waiting have a clock of their own, which runs on until
			// everything that can be decided has been.
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(scenario.Epoch))
				tell(t, s, func() { time.Sleep(3 * time.Second) })
			})
		})
	}
}

// tell sends the batches of a story and compares what comes out; then is what
// happens after the last batch.
func tell(t *testing.T, s *scenario.Story, then func()) {
	t.Helper()
	tel := componenttest.NewTelemetry()
	sink := new(consumertest.TracesSink)
	p := newFromYAML(t, s.Section("config"), tel, sink)
	require.NoError(t, p.Start(t.Context(), componenttest.NewNopHost()))
	for _, in := range s.Sections("in") {
		spans, err := scenario.ParseSpans(s.Section(in))
		require.NoError(t, err)
		require.NoError(t, p.ConsumeTraces(t.Context(), scenario.Traces(spans, scenario.Epoch)))
	}
	then()
	s.Expect(t, "telemetry", printCounters(t, tel))
	require.NoError(t, p.Shutdown(t.Context()))
	out := ptrace.NewTraces()
	for _, td := range sink.AllTraces() {
		mutable(td).ResourceSpans().MoveAndAppendTo(out.ResourceSpans())
	}
	s.Expect(t, "out", catalogVersion.ReplaceAllString(scenario.PrintStamps(out, "spanledger."), "spanledger@VERSION:"))
}

// catalogVersion changes with every change of a price; stories are about one
// call.
var catalogVersion = regexp.MustCompile(`spanledger@[^:]+:`)

// configOf unmarshals and validates as a collector does.
func configOf(src []byte) (*Config, error) {
	var raw map[string]any
	if err := yaml.Unmarshal(src, &raw); err != nil {
		return nil, err
	}
	cfg := createDefaultConfig().(*Config)
	if err := confmap.NewFromStringMap(raw).Unmarshal(cfg); err != nil {
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

func newFromYAML(t *testing.T, src []byte, tel *componenttest.Telemetry, sink *consumertest.TracesSink) processor.Traces {
	t.Helper()
	cfg, err := configOf(src)
	require.NoError(t, err)
	f := NewFactory()
	set := processortest.NewNopSettings(f.Type())
	if tel != nil {
		set.TelemetrySettings = tel.NewTelemetrySettings()
		t.Cleanup(func() { require.NoError(t, tel.Shutdown(context.Background())) })
	}
	set.ID = component.NewID(f.Type())
	p, err := f.CreateTraces(t.Context(), set, cfg, sink)
	require.NoError(t, err)
	return p
}

// printCounters prints the processor's counters, sorted; gauges of the clock
// and of memory are left out.
func printCounters(t *testing.T, tel *componenttest.Telemetry) string {
	t.Helper()
	var md metricdata.ResourceMetrics
	require.NoError(t, tel.Reader.Collect(t.Context(), &md))
	var lines []string
	for _, sm := range md.ScopeMetrics {
		for _, m := range sm.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok || !strings.HasPrefix(m.Name, "otelcol_processor_gen_ai_enricher") {
				continue
			}
			for _, dp := range sum.DataPoints {
				if dp.Value == 0 {
					continue
				}
				var attrs strings.Builder
				for _, kv := range dp.Attributes.ToSlice() {
					fmt.Fprintf(&attrs, " %s=%s", kv.Key, kv.Value.String())
				}
				lines = append(lines, fmt.Sprintf("%s%s %d", strings.TrimPrefix(m.Name, "otelcol_processor_gen_ai_enricher_"), attrs.String(), dp.Value))
			}
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}
