package genaienricherprocessor

import (
	"context"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanledger/spanledger/internal/stamp"
	"github.com/spanledger/spanledger/processor/genaienricherprocessor/internal/metadata"
)

// telemetry is the processor's account of itself.
type telemetry struct {
	builder *metadata.TelemetryBuilder
	status  [stamp.NumStatuses]metric.MeasurementOption
	evicted int64 // as far as it has been counted
}

func newTelemetry(set component.TelemetrySettings, p *enricher) (*telemetry, error) {
	builder, err := metadata.NewTelemetryBuilder(set)
	if err != nil {
		return nil, err
	}
	t := &telemetry{builder: builder}
	for s := range t.status {
		t.status[s] = metric.WithAttributeSet(attribute.NewSet(attribute.String("status", stamp.Status(s).String())))
	}
	err = builder.RegisterProcessorGenAiEnricherTracesCallback(func(_ context.Context, o metric.Int64Observer) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		o.Observe(int64(p.memory.Stats().Traces))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, builder.RegisterProcessorGenAiEnricherCatalogTimestampCallback(func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(p.checked.Load())
		return nil
	})
}

func (t *telemetry) shutdown() { t.builder.Shutdown() }

// count adds a batch up before it touches the counters.
func (t *telemetry) count(ctx context.Context, b *batch) {
	if b.stripped > 0 {
		t.builder.ProcessorGenAiEnricherStrippedAttributes.Add(ctx, int64(b.stripped))
	}
	if len(b.entries) == 0 {
		return
	}
	var statuses [stamp.NumStatuses]int64
	var conflicts, bad, undetectable int64
	for i := range b.entries {
		e := &b.entries[i]
		statuses[e.stamp.Cost.Status]++
		if e.call.Conflicts > 0 {
			bad++
			conflicts += int64(e.call.Conflicts)
		}
		if b.verdicts[i].Undetectable {
			undetectable++
		}
	}
	for s, n := range statuses {
		if n > 0 {
			t.builder.ProcessorGenAiEnricherCalls.Add(ctx, n, t.status[s])
		}
	}
	add := func(c metric.Int64Counter, n int64) {
		if n > 0 {
			c.Add(ctx, n)
		}
	}
	add(t.builder.ProcessorGenAiEnricherConflicts, conflicts)
	add(t.builder.ProcessorGenAiEnricherBadSpans, bad)
	add(t.builder.ProcessorGenAiEnricherUndetectableRetries, undetectable)
}

func cloneString(s string) string { return strings.Clone(s) }
