package genairollupconnector

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanledger/spanledger/internal/rollupcomponent"
)

// observe registers the engine's own counters with the collector's telemetry.
func (h *half) observe() error {
	t := h.telemetry
	var errs []error
	for _, m := range []struct {
		register func(metric.Int64Callback) error
		of       func(*rollupcomponent.Stats) int64
	}{
		{t.RegisterConnectorGenAiRollupDroppedSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Dropped }},
		{t.RegisterConnectorGenAiRollupSettleQueueCallback, func(s *rollupcomponent.Stats) int64 { return s.SettleQueue }},
		{t.RegisterConnectorGenAiRollupSplitCallsCallback, func(s *rollupcomponent.Stats) int64 { return s.SplitCalls }},
		{t.RegisterConnectorGenAiRollupDefaultSlosSkippedCallback, func(s *rollupcomponent.Stats) int64 { return s.DefaultSLOsSkipped }},
		{t.RegisterConnectorGenAiRollupCheckpointSizeCallback, func(s *rollupcomponent.Stats) int64 { return s.CheckpointSize }},
		{t.RegisterConnectorGenAiRollupSeriesActiveCallback, func(s *rollupcomponent.Stats) int64 { return s.SeriesActive }},
		{t.RegisterConnectorGenAiRollupDedupeSizeCallback, func(s *rollupcomponent.Stats) int64 { return s.DedupeSize }},
		{t.RegisterConnectorGenAiRollupLateSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Late }},
		{t.RegisterConnectorGenAiRollupFutureSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Future }},
		{t.RegisterConnectorGenAiRollupRedeliveredSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Redelivered }},
		{t.RegisterConnectorGenAiRollupDuplicateBillsCallback, func(s *rollupcomponent.Stats) int64 { return s.DuplicateBills }},
		{t.RegisterConnectorGenAiRollupOverflowSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.OverflowRecords }},
		{t.RegisterConnectorGenAiRollupEarlyEvictionsCallback, func(s *rollupcomponent.Stats) int64 { return s.EarlyEvicted }},
		{t.RegisterConnectorGenAiRollupLateAttemptsCallback, func(s *rollupcomponent.Stats) int64 { return s.LateAttempts }},
		{t.RegisterConnectorGenAiRollupRestartSplitsCallback, func(s *rollupcomponent.Stats) int64 { return s.RestartSplits }},
		{t.RegisterConnectorGenAiRollupSettledEarlyCallback, func(s *rollupcomponent.Stats) int64 { return s.SettledEarly }},
		{t.RegisterConnectorGenAiRollupUnclassifiedErrorsCallback, func(s *rollupcomponent.Stats) int64 { return s.Unclassified }},
		{t.RegisterConnectorGenAiRollupUnconvertedSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Unconverted }},
		{t.RegisterConnectorGenAiRollupUnstampedSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.Unstamped }},
		{t.RegisterConnectorGenAiRollupBadSpansCallback, func(s *rollupcomponent.Stats) int64 { return s.BadSpans }},
		{t.RegisterConnectorGenAiRollupSampledWithoutThresholdCallback, func(s *rollupcomponent.Stats) int64 { return s.SampledWithoutThreshold }},
		{t.RegisterConnectorGenAiRollupPushFailuresCallback, func(s *rollupcomponent.Stats) int64 { return s.PushFailures }},
		{t.RegisterConnectorGenAiRollupCheckpointFailuresCallback, func(s *rollupcomponent.Stats) int64 { return s.CheckpointFailures }},
	} {
		errs = append(errs, m.register(func(_ context.Context, o metric.Int64Observer) error {
			stats := h.Stats()
			o.Observe(m.of(&stats))
			return nil
		}))
	}
	errs = append(errs, t.RegisterConnectorGenAiRollupCheckpointAgeCallback(func(_ context.Context, o metric.Int64Observer) error {
		if age := h.Stats().CheckpointAge; age >= 0 {
			o.Observe(int64(age.Seconds()))
		}
		return nil
	}))
	errs = append(errs, t.RegisterConnectorGenAiRollupRestoreCallback(func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(1, metric.WithAttributes(attribute.String("outcome", h.Stats().Restore.String())))
		return nil
	}))
	return errors.Join(errs...)
}
