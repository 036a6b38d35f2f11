package genaienricherprocessor

import (
	"errors"
	"fmt"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llmspan"
)

// Config is the configuration of the processor. The zero values of
// createDefaultConfig do the job; everything here is optional.
type Config struct {
	// Stamp says how much is written on a span: "standard" (default) writes the
	// essentials and what is out of the ordinary, "full" everything.
	Stamp string `mapstructure:"stamp"`
	// TrustUpstream keeps spanledger.* attributes that arrive on spans, for a
	// second tier behind collectors of one's own. Default false: they are
	// removed and counted.
	TrustUpstream bool `mapstructure:"trust_upstream"`
	// Catalogs are price lists that stand above the embedded one; the first
	// listed wins. LiteLLM JSON, models.dev api.json, genai-prices data.json
	// and our own YAML are told apart by their content.
	Catalogs []CatalogConfig `mapstructure:"catalogs"`
	// Overrides are prices given right here; they stand above every catalogue.
	Overrides []OverrideConfig `mapstructure:"overrides"`
	// Storage is the id of a storage extension in which the last good content of
	// every URL catalogue is kept, so that a restart without network has it.
	// Default none: it is kept in memory only.
	Storage *component.ID `mapstructure:"storage"`
	// Aliases map names of one's own (deployments, inference profiles, virtual
	// models) to the models behind them.
	Aliases []AliasConfig `mapstructure:"aliases"`
	// Contracts are agreed prices; they apply on list, and exactly one applies.
	Contracts []ContractConfig `mapstructure:"contracts"`
	// Routes are OTTL value expressions for the route key, tried in order
	// before the built-in ladder.
	Routes []string `mapstructure:"routes"`
	// Owners are OTTL value expressions by owner key, tried in order; the first
	// that gives a value is stamped as spanledger.owner.<key>. For team, user,
	// tenant, cost_center, agent, workflow, prompt, prompt_version and
	// conversation the list may be empty: below it stands the built-in ladder of
	// the span, those above it and the resource. Default none.
	Owners map[string][]string `mapstructure:"owners"`
	// Errors classify failures that the built-in table gets wrong: the first
	// condition that holds decides.
	Errors []ErrorConfig `mapstructure:"errors"`
	// Attempts configures how tries of one call are found.
	Attempts AttemptsConfig `mapstructure:"attempts"`
	// EstimateAbortedStreams also writes what a stream that broke off without
	// usage may have used, under spanledger.estimate.*; it is never a cost.
	// Default false.
	EstimateAbortedStreams bool `mapstructure:"estimate_aborted_streams"`
	// Fleet says which models may be used, and for how long they are served.
	Fleet FleetConfig `mapstructure:"fleet"`
	// Mapping gives fields of spans in a dialect of one's own, as OTTL value
	// expressions by field name; docs/dialects.md lists the fields.
	Mapping map[string]string `mapstructure:"mapping"`
	// CostAttributes also writes the cost under the names of other products:
	// semconv, openinference, openlit, langfuse, sentry. Default none.
	CostAttributes []string `mapstructure:"cost_attributes"`
	// Endpoints are inference endpoints beyond the built-in ones, where a failed
	// HTTP call may be all that is left of an LLM call.
	Endpoints []EndpointConfig `mapstructure:"endpoints"`
	// ErrorMode says what an OTTL expression that fails does: "ignore"
	// (default) goes on to the next rung and counts the span, "propagate"
	// refuses the batch.
	ErrorMode ottl.ErrorMode `mapstructure:"error_mode"`
	// CacheSize bounds how many distinct model references are remembered.
	// Default 8192.
	CacheSize int `mapstructure:"cache_size"`
}

// EndpointConfig is one host that serves models.
type EndpointConfig struct {
	// Host is a host name; with a leading "*." any host below it.
	Host string `mapstructure:"host"`
	// Platform is what calls there are booked on, such as openai.
	Platform string `mapstructure:"platform"`
}

// ErrorConfig is one rule of error classification.
type ErrorConfig struct {
	// Condition is an OTTL condition on the span.
	Condition string `mapstructure:"condition"`
	// Class is the error class that then holds.
	Class string `mapstructure:"class"`
}

// AttemptsConfig bounds and switches the search for attempts.
type AttemptsConfig struct {
	// Wait holds LLM spans, and nothing else, until their group is decided, at
	// most this long; then every attribute is complete. Default 0s: nothing is
	// held, and a failure that has passed lacks count and final.
	Wait time.Duration `mapstructure:"wait"`
	// MaxHeld bounds the spans that are held; beyond it the oldest are let go
	// early. Default 20000.
	MaxHeld int `mapstructure:"max_held"`
	// MaxHeldBytes bounds them by size, as protobuf.
	MaxHeldBytes int `mapstructure:"max_held_bytes"`
	// WeakEvidence links spans by shape and position alone. Default false.
	WeakEvidence bool `mapstructure:"weak_evidence"`
	// ContentMatching compares keyed hashes of request content, where content
	// is on the span and its trace holds a failure. Default true.
	ContentMatching bool `mapstructure:"content_matching"`
	// CrossTrace links root spans of different traces by content. Default
	// false.
	CrossTrace bool `mapstructure:"cross_trace"`
	// MaxTraces bounds the memory of recent traces. Default 50000.
	MaxTraces int `mapstructure:"max_traces"`
	// Billing chooses among several descriptions of one call that arrive
	// together: "innermost" (default), "gateway" or "client".
	Billing string `mapstructure:"billing"`
}

const (
	stampStandard = "standard"
	stampFull     = "full"
)

// maxWait bounds how long a span may be held: longer than the trace memory
// lasts nothing more can be learnt.
const maxWait = 5 * time.Minute

func createDefaultConfig() component.Config {
	return &Config{
		Stamp:     stampStandard,
		ErrorMode: ottl.IgnoreError,
		CacheSize: fleet.DefaultCacheSize,
		Attempts:  AttemptsConfig{ContentMatching: true, MaxTraces: 50_000, MaxHeld: 20_000, MaxHeldBytes: 256 << 20, Billing: "innermost"},
	}
}

// Validate reports all faults at once, each under its path in the YAML.
func (cfg *Config) Validate() error {
	var errs []error
	fault := func(path, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
	}
	if cfg.Stamp != stampStandard && cfg.Stamp != stampFull {
		fault("stamp", "%q: there is %s and %s", cfg.Stamp, stampStandard, stampFull)
	}
	if cfg.ErrorMode != ottl.IgnoreError && cfg.ErrorMode != ottl.PropagateError {
		fault("error_mode", "%q: there is ignore and propagate", cfg.ErrorMode)
	}
	if cfg.CacheSize < 1 {
		fault("cache_size", "%d: at least 1", cfg.CacheSize)
	}
	if cfg.Attempts.MaxTraces < 1 {
		fault("attempts::max_traces", "%d: at least 1", cfg.Attempts.MaxTraces)
	}
	if cfg.Attempts.Wait < 0 || cfg.Attempts.Wait > maxWait {
		fault("attempts::wait", "%s: between 0s and %s", cfg.Attempts.Wait, maxWait)
	}
	if cfg.Attempts.MaxHeldBytes < 1 {
		fault("attempts::max_held_bytes", "%d: at least 1", cfg.Attempts.MaxHeldBytes)
	}
	if cfg.Attempts.MaxHeld < 1 {
		fault("attempts::max_held", "%d: at least 1", cfg.Attempts.MaxHeld)
	}
	if _, ok := billingPolicies[cfg.Attempts.Billing]; !ok {
		fault("attempts::billing", "%q: there is innermost, gateway and client", cfg.Attempts.Billing)
	}
	for i := range cfg.Catalogs {
		errs = append(errs, cfg.Catalogs[i].check(fmt.Sprintf("catalogs[%d]", i)))
	}
	if _, err := llmspan.ParseCompat(cfg.CostAttributes); err != nil {
		fault("cost_attributes", "%v", err)
	}
	for i, e := range cfg.Endpoints {
		if e.Host == "" || e.Platform == "" {
			fault(fmt.Sprintf("endpoints[%d]", i), "both host and platform are needed")
		}
	}
	// OTTL is compiled here, so that a bad expression stops the start.
	if _, err := cfg.compile(component.TelemetrySettings{Logger: zap.NewNop()}); err != nil {
		errs = append(errs, err)
	}
	if _, err := cfg.reader(component.TelemetrySettings{Logger: zap.NewNop()}); err != nil {
		errs = append(errs, err)
	}
	if _, err := cfg.layers(); err != nil {
		errs = append(errs, err)
	}
	if _, err := cfg.fleetOptions(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
