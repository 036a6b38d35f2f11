package genairollupexporter

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/spanledger/spanledger/exporter/genairollupexporter/internal/metadata"
)

var noQueue = configoptional.None[exporterhelper.QueueBatchConfig]()

// NewFactory makes the factory of the exporter gen_ai_rollup.
func NewFactory() exporter.Factory {
	return exporter.NewFactory(metadata.Type, createDefaultConfig, exporter.WithTraces(createTraces, metadata.TracesStability))
}

func createTraces(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Traces, error) {
	e, err := newExporter(ctx, set, cfg.(*Config))
	if err != nil {
		return nil, err
	}
	return e.traces(ctx, cfg)
}

// traces puts no queue before the books: a batch is acknowledged when it is
// booked, and a queue that delivers twice would only make work for the dedupe
// memory.
func (e *rollupExporter) traces(ctx context.Context, cfg component.Config) (exporter.Traces, error) {
	return exporterhelper.NewTraces(ctx, e.set, cfg, e.engine.Consume,
		exporterhelper.WithCapabilities(consumer.Capabilities{MutatesData: false}),
		exporterhelper.WithTimeout(exporterhelper.TimeoutConfig{}),
		exporterhelper.WithQueue(noQueue),
		exporterhelper.WithStart(e.start),
		exporterhelper.WithShutdown(e.shutdown))
}
