package genairollupconnector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"

	"github.com/spanledger/spanledger/connector/genairollupconnector/internal/metadata"
	"github.com/spanledger/spanledger/internal/rollupcomponent"
)

// NewFactory makes the factory of the connector gen_ai_rollup.
func NewFactory() connector.Factory {
	f := &factory{}
	return connector.NewFactory(metadata.Type, createDefaultConfig,
		connector.WithTracesToMetrics(f.tracesToMetrics, metadata.TracesToMetricsStability),
		connector.WithTracesToLogs(f.tracesToLogs, metadata.TracesToLogsStability))
}

// factory knows which engines exist, so that the metrics and the logs half of
// one connector share theirs.
type factory struct {
	engines rollupcomponent.Registry
}

func (f *factory) tracesToMetrics(_ context.Context, set connector.Settings, cfg component.Config, next consumer.Metrics) (connector.Traces, error) {
	c := cfg.(*Config)
	return f.half(set, c, rollupcomponent.NewMetricsSink(&c.Rollup, set.BuildInfo, next.ConsumeMetrics))
}

func (f *factory) tracesToLogs(_ context.Context, set connector.Settings, cfg component.Config, next consumer.Logs) (connector.Traces, error) {
	return f.half(set, cfg.(*Config), rollupcomponent.NewEventsSink(set.BuildInfo, next.ConsumeLogs))
}
