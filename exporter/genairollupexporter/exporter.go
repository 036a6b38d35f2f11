package genairollupexporter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"

	"github.com/spanledger/spanledger/exporter/genairollupexporter/internal/metadata"
	"github.com/spanledger/spanledger/internal/rollupcomponent"
)

// rollupExporter wires the engine to its destinations.
type rollupExporter struct {
	cfg       *Config
	set       exporter.Settings
	engine    *rollupcomponent.Engine
	telemetry *metadata.TelemetryBuilder

	inner    []exporter.Metrics // the core's OTLP exporters
	stop     sync.Once
	running  []exporter.Metrics // those that were started
	servers  []*rollupcomponent.Server
	pageAddr string
	promAddr string
}

func newExporter(ctx context.Context, set exporter.Settings, cfg *Config) (*rollupExporter, error) {
	engine, err := rollupcomponent.NewEngine(&cfg.Rollup, rollupcomponent.Settings{
		Kind: component.KindExporter, ID: set.ID, Build: set.BuildInfo, Telemetry: set.TelemetrySettings,
	})
	if err != nil {
		return nil, err
	}
	e := &rollupExporter{cfg: cfg, set: set, engine: engine}
	if cfg.OTLPGRPC.HasValue() {
		err = e.addInner(ctx, "otlp_grpc", otlpexporter.NewFactory(), cfg.OTLPGRPC.Get())
	}
	if err == nil && cfg.OTLPHTTP.HasValue() {
		err = e.addInner(ctx, "otlp_http", otlphttpexporter.NewFactory(), cfg.OTLPHTTP.Get())
	}
	if err != nil {
		return nil, err
	}
	if e.telemetry, err = metadata.NewTelemetryBuilder(set.TelemetrySettings); err != nil {
		return nil, err
	}
	return e, nil
}

// addInner wraps one of the core's exporters. Its id carries ours as its name,
// so that its own telemetry tells the instances apart.
func (e *rollupExporter) addInner(ctx context.Context, key string, f exporter.Factory, cfg component.Config) error {
	set := e.set
	set.ID = component.NewIDWithName(f.Type(), e.set.ID.String())
	inner, err := f.CreateMetrics(ctx, set, cfg)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	e.inner = append(e.inner, inner)
	e.engine.AddSink(rollupcomponent.NewMetricsSink(&e.cfg.Rollup, e.set.BuildInfo, inner.ConsumeMetrics))
	return nil
}

func (e *rollupExporter) start(ctx context.Context, host component.Host) error {
	for _, inner := range e.inner {
		if err := inner.Start(ctx, host); err != nil {
			return err
		}
		e.running = append(e.running, inner)
	}
	if err := e.engine.Start(ctx, host); err != nil {
		return err
	}
	publish := rollupcomponent.NewScrape(e.engine.Published(), e.cfg.Rollup.Publish())
	page := rollupcomponent.NewPage(e.engine, e.engine.About())
	var err error
	if e.promAddr, err = e.serve(ctx, host, "prometheus", &e.cfg.Prometheus, publish); err != nil {
		return err
	}
	if e.pageAddr, err = e.serve(ctx, host, "ui", &e.cfg.UI, page); err != nil {
		return err
	}
	return e.observe()
}

func (e *rollupExporter) serve(ctx context.Context, host component.Host, key string, c *configoptional.Optional[confighttp.ServerConfig], h http.Handler) (string, error) {
	if !c.HasValue() {
		return "", nil
	}
	server, err := rollupcomponent.StartServer(ctx, key, c.Get(), host, e.set.TelemetrySettings, h)
	if err != nil {
		return "", err
	}
	e.servers = append(e.servers, server)
	return server.Addr(), nil
}

// shutdown cuts the books a last time, stores and pushes them, and only then
// lets go of what that took. It runs once: the core's exporters do not bear a
// second shutdown.
func (e *rollupExporter) shutdown(ctx context.Context) error {
	var errs []error
	e.stop.Do(func() {
		for _, s := range e.servers {
			errs = append(errs, s.Stop(ctx))
		}
		e.engine.Stop(ctx)
		for _, inner := range e.running {
			errs = append(errs, inner.Shutdown(ctx))
		}
		errs = append(errs, e.engine.Close(ctx))
		e.telemetry.Shutdown()
	})
	return errors.Join(errs...)
}
