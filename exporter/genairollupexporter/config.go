package genairollupexporter

import (
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"

	"github.com/spanledger/spanledger/internal/rollupcomponent"
)

// The default addresses reach no further than the machine.
const (
	defaultPrometheus = "localhost:9464"
	defaultUI         = "localhost:9465"
)

// Config of the exporter: how the books are kept, and where they go. At least
// one destination is needed.
type Config struct {
	Rollup rollupcomponent.Config `mapstructure:",squash"`

	// OTLPGRPC pushes metrics; the keys are those of the exporter otlp_grpc
	// without its sending_queue.
	OTLPGRPC configoptional.Optional[otlpexporter.Config] `mapstructure:"otlp_grpc"`
	// OTLPHTTP pushes metrics; the keys are those of the exporter otlp_http
	// without its sending_queue.
	OTLPHTTP configoptional.Optional[otlphttpexporter.Config] `mapstructure:"otlp_http"`
	// Prometheus serves /metrics. Default endpoint localhost:9464.
	Prometheus configoptional.Optional[confighttp.ServerConfig] `mapstructure:"prometheus"`
	// UI serves the built-in page and /api/v1. Default endpoint localhost:9465.
	UI configoptional.Optional[confighttp.ServerConfig] `mapstructure:"ui"`

	// prevent unkeyed literal initialization
	_ struct{}
}

func createDefaultConfig() component.Config {
	grpc := *otlpexporter.NewFactory().CreateDefaultConfig().(*otlpexporter.Config)
	grpc.QueueConfig = noQueue
	http := *otlphttpexporter.NewFactory().CreateDefaultConfig().(*otlphttpexporter.Config)
	http.QueueConfig = noQueue
	return &Config{
		Rollup:     rollupcomponent.NewDefaultConfig(),
		OTLPGRPC:   configoptional.Default(grpc),
		OTLPHTTP:   configoptional.Default(http),
		Prometheus: configoptional.Default(rollupcomponent.NewServerConfig(defaultPrometheus)),
		UI:         configoptional.Default(rollupcomponent.NewServerConfig(defaultUI)),
	}
}

// Validate reports what the parts cannot see.
func (c *Config) Validate() error {
	var errs []error
	if !c.OTLPGRPC.HasValue() && !c.OTLPHTTP.HasValue() && !c.Prometheus.HasValue() && !c.UI.HasValue() {
		errs = append(errs, errors.New("the books go nowhere: set at least one of otlp_grpc, otlp_http, prometheus and ui"))
	}
	const queue = "::sending_queue: is not for this: only the newest snapshot is worth sending, and this exporter keeps it"
	if c.OTLPGRPC.HasValue() && c.OTLPGRPC.Get().QueueConfig.HasValue() {
		errs = append(errs, errors.New("otlp_grpc"+queue))
	}
	if c.OTLPHTTP.HasValue() && c.OTLPHTTP.Get().QueueConfig.HasValue() {
		errs = append(errs, errors.New("otlp_http"+queue))
	}
	return errors.Join(errs...)
}
