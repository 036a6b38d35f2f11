package genairollupconnector

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/connector/genairollupconnector/internal/metadata"
	"github.com/spanledger/spanledger/internal/rollupcomponent"
)

// half is one of the two sides of a connector. Both are given every batch;
// only the one that was made first books it, has the page and reports the
// telemetry.
type half struct {
	*rollupcomponent.Half
	cfg       *Config
	set       connector.Settings
	sink      rollupcomponent.Sink
	telemetry *metadata.TelemetryBuilder

	page    *rollupcomponent.Server
	stop    sync.Once
	stopped error
}

func (f *factory) half(set connector.Settings, cfg *Config, sink rollupcomponent.Sink) (connector.Traces, error) {
	shared, err := f.engines.Acquire(&cfg.Rollup, func() (*rollupcomponent.Engine, error) {
		return rollupcomponent.NewEngine(&cfg.Rollup, rollupcomponent.Settings{
			Kind: component.KindConnector, ID: set.ID, Build: set.BuildInfo, Telemetry: set.TelemetrySettings,
		})
	})
	if err != nil {
		return nil, err
	}
	h := &half{Half: shared, cfg: cfg, set: set, sink: sink}
	if h.telemetry, err = metadata.NewTelemetryBuilder(set.TelemetrySettings); err != nil {
		return nil, err
	}
	h.AddSink(sink)
	return h, nil
}

// Capabilities implements consumer.Traces: spans are only read.
func (*half) Capabilities() consumer.Capabilities { return consumer.Capabilities{MutatesData: false} }

// ConsumeTraces books the batch, in one of the two halves.
func (h *half) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	if !h.Ingests {
		return nil
	}
	return h.Consume(ctx, td)
}

// Start starts the shared engine and, in the half that books, the page.
func (h *half) Start(ctx context.Context, host component.Host) error {
	if err := h.Half.Start(ctx, host); err != nil {
		return err
	}
	if !h.Ingests {
		return nil
	}
	if h.cfg.UI.HasValue() {
		var err error
		if h.page, err = rollupcomponent.StartServer(ctx, "ui", h.cfg.UI.Get(), host, h.set.TelemetrySettings, rollupcomponent.NewPage(h.Engine, h.About())); err != nil {
			return err
		}
	}
	return h.observe()
}

// Shutdown hands the last cut to this half's pipeline while that still takes
// it; the last half to leave closes the books.
func (h *half) Shutdown(ctx context.Context) error {
	h.stop.Do(func() {
		var errs []error
		if h.page != nil {
			errs = append(errs, h.page.Stop(ctx))
		}
		h.Stop(ctx, h.sink)
		if h.Release() {
			errs = append(errs, h.Close(ctx))
		}
		h.telemetry.Shutdown()
		h.stopped = errors.Join(errs...)
	})
	return h.stopped
}
