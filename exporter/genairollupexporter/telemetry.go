package genairollupexporter

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanledger/spanledger/internal/rollupcomponent"
)

// observe registers the engine's own counters with the collector's telemetry.
func (e *rollupExporter) observe() error {
	t := e.telemetry
	var errs []error
	for _, m := range []struct {
		register func(metric.Int64Callback) error
		of       func(*rollupcomponent.Stats) int64
	}{
		{t.RegisterExporterGenAiRollupDroppedSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Dropped }},
		{t.RegisterExporterGenAiRollupSettleQueueCallback, func(s *rollupcomponent.Stats) int64 { return s.SettleQueue }},
		{t.RegisterExporterGenAiRollupSplitCallsCallback, func(s *rollupcomponent.Stats) int64 { return s.SplitCalls }},
		{t.RegisterExporterGenAiRollupDefaultSlosSkippedCallback, func(s *rollupcomponent.Stats) int64 { return s.DefaultSLOsSkipped }},
		{t.RegisterExporterGenAiRollupCheckpointSizeCallback, func(s *rollupcomponent.Stats) int64 { return s.CheckpointSize }},
		{t.RegisterExporterGenAiRollupSeriesActiveCallback, func(s *rollupcomponent.Stats) int64 { return s.SeriesActive }},
		{t.RegisterExporterGenAiRollupDedupeSizeCallback, func(s *rollupcomponent.Stats) int64 { return s.DedupeSize }},
		{t.RegisterExporterGenAiRollupLateSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Late }},
		{t.RegisterExporterGenAiRollupFutureSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Future }},
		{t.RegisterExporterGenAiRollupRedeliveredSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Redelivered }},
		{t.RegisterExporterGenAiRollupDuplicateBillsCallback, func(s *rollupcomponent.Stats) int64 { return s.DuplicateBills }},
		{t.RegisterExporterGenAiRollupOverflowSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.OverflowRecords }},
		{t.RegisterExporterGenAiRollupEarlyEvictionsCallback, func(s *rollupcomponent.Stats) int64 { return s.EarlyEvicted }},
		{t.RegisterExporterGenAiRollupLateAttemptsCallback, func(s *rollupcomponent.Stats) int64 { return s.LateAttempts }},
		{t.RegisterExporterGenAiRollupRestartSplitsCallback, func(s *rollupcomponent.Stats) int64 { return s.RestartSplits }},
		{t.RegisterExporterGenAiRollupSettledEarlyCallback, func(s *rollupcomponent.Stats) int64 { return s.SettledEarly }},
		{t.RegisterExporterGenAiRollupUnclassifiedErrorsCallback, func(s *rollupcomponent.Stats) int64 { return s.Unclassified }},
		{t.RegisterExporterGenAiRollupUnconvertedSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Unconverted }},
		{t.RegisterExporterGenAiRollupUnstampedSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Unstamped }},
		{t.RegisterExporterGenAiRollupBadSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.BadSpans }},
		{t.RegisterExporterGenAiRollupSampledWithoutThresholdCallback, func(s *rollupcomponent.Stats) int64 { return s.SampledWithoutThreshold }},
		{t.RegisterExporterGenAiRollupPushFailuresCallback, func(s *rollupcomponent.Stats) int64 { return s.PushFailures }},
		{t.RegisterExporterGenAiRollupCheckpointFailuresCallback, func(s *rollupcomponent.Stats) int64 { return s.CheckpointFailures }},
	} {
		errs = append(errs, m.register(func(_ context.Context, o metric.Int64Observer) error {
			stats := e.engine.Stats()
			o.Observe(m.of(&stats))
			return nil
		}))
	}
	errs = append(errs, t.RegisterExporterGenAiRollupCheckpointAgeCallback(func(_ context.Context, o metric.Int64Observer) error {
		if age := e.engine.Stats().CheckpointAge; age >= 0 {
			o.Observe(int64(age.Seconds()))
		}
		return nil
	}))
	errs = append(errs, t.RegisterExporterGenAiRollupRestoreCallback(func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(1, metric.WithAttributes(attribute.String("outcome", e.engine.Stats().Restore.String())))
		return nil
	}))
	return errors.Join(errs...)
}
