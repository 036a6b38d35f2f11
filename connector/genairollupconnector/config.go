package genairollupconnector

import (
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/spanledger/spanledger/internal/rollupcomponent"
)

// defaultUI reaches no further than the machine.
const defaultUI = "localhost:9465"

// Config of the connector: how the books are kept. Where they go is the
// business of the pipelines behind it.
type Config struct {
	Rollup rollupcomponent.Config `mapstructure:",squash"`

	// UI serves the built-in page and /api/v1. Default endpoint localhost:9465.
	UI configoptional.Optional[confighttp.ServerConfig] `mapstructure:"ui"`

	// prevent unkeyed literal initialization
	_ struct{}
}

func createDefaultConfig() component.Config {
	return &Config{
		Rollup: rollupcomponent.NewDefaultConfig(),
		UI:     configoptional.Default(rollupcomponent.NewServerConfig(defaultUI)),
	}
}
