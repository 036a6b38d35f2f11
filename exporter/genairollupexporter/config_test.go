package genairollupexporter

import (
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/spanledger/spanledger/internal/confvalue"
	"github.com/spanledger/spanledger/internal/rollupcomponent"
	"github.com/spanledger/spanledger/internal/slo"
)

// load reads a configuration as a collector does: strictly, then validated.
func load(t *testing.T, yaml string) (*Config, error) {
	t.Helper()
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(yaml))
	require.NoError(t, err)
	conf, err := retrieved.AsConf()
	require.NoError(t, err)
	cfg := createDefaultConfig().(*Config)
	if err := conf.Unmarshal(cfg); err != nil {
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

func TestLoadConfig(t *testing.T) {
	cfg, err := load(t, `
metrics_flush_interval: 15s
aggregation_temporality: delta
dimensions:
  - {name: spanledger.model.id}
  - {name: deployment.environment.name, default: unknown}
settle: 90s
dedupe: {horizon: 1d}
sampling: {upstream: 0.1}
storage: file_storage/books
durability: sync
slos:
  - name: checkout-fast
    where: {route: checkout}
    sli: {kind: duration, threshold: 8s}
    objective: 99.5%
    window: {rolling: 30d}
    errors: {model_not_found: excluded}
  - name: checkout-good
    sli: {kind: composite, duration: 20s, time_to_first_chunk: 1500ms}
    objective: 0.95
    window: {calendar: month, zone: Europe/Berlin}
  - name: cheap
    sli: {kind: cost_per_call, threshold: 0.05}
    objective: "0.9"
    clear_after: 20m
  - name: every-night
    objective: 0.95
    window: {rolling: 7d}
    budgeting: {method: timeslices, target: 90%}
    clear_after: 20m
    alerts:
      - {name: page, long: 1h, short: 5m, factor: 4}
      - {name: ticket, long: 6h, short: 30m, factor: 2, clear_after: 1h}
budgets:
  - {name: checkout-month, where: {route: checkout}, limit: 5000, soft: "4000.000000000001", window: {calendar: month, zone: UTC}}
otlp_http: {endpoint: "http://localhost:8080/otlp"}
prometheus:
ui: {endpoint: "localhost:1234"}
`)
	require.NoError(t, err)
	require.Equal(t, 15*time.Second, cfg.Rollup.FlushInterval)
	require.Equal(t, confvalue.Duration(24*time.Hour), cfg.Rollup.Dedupe.Horizon)
	require.Equal(t, 2_000_000, cfg.Rollup.Dedupe.MaxSpans, "a default stays beside what is set")
	require.Equal(t, rollupcomponent.Sampling("0.1"), cfg.Rollup.Sampling.Upstream)
	require.False(t, cfg.OTLPGRPC.HasValue())
	require.Equal(t, "localhost:9464", cfg.Prometheus.Get().NetAddr.Endpoint)
	require.Equal(t, "localhost:1234", cfg.UI.Get().NetAddr.Endpoint)

	books, err := cfg.Rollup.Ledger()
	require.NoError(t, err)
	require.Equal(t, "0.995", books.SLOs[0].Objective.String())
	require.Len(t, books.SLOs[0].Tiers, 4, "the default tiers")
	require.Equal(t, "0.05", books.SLOs[2].Limits.Cost.String())
	for _, tier := range books.SLOs[2].Tiers {
		require.Equal(t, 20*time.Minute, tier.ClearAfter, "of the default tiers too")
	}
	night := books.SLOs[3]
	require.Equal(t, slo.Timeslices, night.Method)
	require.Equal(t, time.Minute, night.Slice)
	require.Equal(t, "0.9", night.SliceTarget.String())
	require.Equal(t, []time.Duration{20 * time.Minute, time.Hour}, []time.Duration{night.Tiers[0].ClearAfter, night.Tiers[1].ClearAfter})
	require.Equal(t, "4000.000000000001", books.Budgets[0].Soft.String())
}

// Every message names the key and what is wrong with its value.
func TestBadConfigs(t *testing.T) {
	for name, c := range map[string]struct {
		yaml string
		want []string
	}{
		"nowhere to go":       {`{}`, []string{"the books go nowhere: set at least one of otlp_grpc, otlp_http, prometheus and ui"}},
		"unknown key":         {`{ui: {}, flush_interval: 10s}`, []string{"invalid keys: flush_interval"}},
		"unknown key in slo":  {`{ui: {}, slos: [{name: a, objektive: 0.9}]}`, []string{"invalid keys: objektive"}},
		"queue":               {`{otlp_grpc: {endpoint: "x:1", sending_queue: {num_consumers: 1}}}`, []string{"otlp_grpc::sending_queue: is not for this"}},
		"no endpoint":         {`{otlp_http: {}}`, []string{"otlp_http", "at least one endpoint must be specified"}},
		"objective of 1.2":    {`{ui: {}, slos: [{name: a, objective: 1.2}]}`, []string{"slos[0]: objective", "must be less than 1"}},
		"objective missing":   {`{ui: {}, slos: [{name: a}]}`, []string{"slos[0]: objective: is missing"}},
		"negative objective":  {`{ui: {}, slos: [{name: a, objective: -0.5}]}`, []string{"slos[0]: objective", "must be more than 0"}},
		"impossible window":   {`{ui: {}, slos: [{name: a, objective: 0.9, window: {rolling: 90d}}]}`, []string{"slos[0]", "window: rolling 2160h0m0s is longer than"}},
		"two windows":         {`{ui: {}, slos: [{name: a, objective: 0.9, window: {rolling: 30d, calendar: month}}]}`, []string{"exclude each other"}},
		"unknown zone":        {`{ui: {}, slos: [{name: a, objective: 0.9, window: {calendar: month, zone: Mars/Olympus}}]}`, []string{"Mars/Olympus", "IANA"}},
		"unreachable tier":    {`{ui: {}, slos: [{name: a, objective: 0.5, alerts: [{name: page, long: 1h, short: 5m, factor: 14.4}]}]}`, []string{"can never alert"}},
		"unknown sli":         {`{ui: {}, slos: [{name: a, objective: 0.9, sli: {kind: latency}}]}`, []string{"slos[0]: sli: kind", "latency", "availability, duration"}},
		"sli threshold":       {`{ui: {}, slos: [{name: a, objective: 0.9, sli: {kind: duration, threshold: fast}}]}`, []string{"slos[0]: sli: threshold", "fast"}},
		"unknown budgeting":   {`{ui: {}, slos: [{name: a, objective: 0.9, budgeting: {method: sometimes}}]}`, []string{"slos[0]: budgeting: method", "sometimes", "occurrences, timeslices, ratiotimeslices"}},
		"slices, no target":   {`{ui: {}, slos: [{name: a, objective: 0.9, budgeting: {method: timeslices}}]}`, []string{"slos[0]: budgeting: target: is missing"}},
		"odd slices":          {`{ui: {}, slos: [{name: a, objective: 0.9, budgeting: {method: ratiotimeslices, slice: 7m}}]}`, []string{"slos[0]", "slice 7m0s must be whole minutes that divide an hour"}},
		"slices of nothing":   {`{ui: {}, slos: [{name: a, objective: 0.9, budgeting: {slice: 5m}}]}`, []string{"slos[0]", "belong to the time slice methods only"}},
		"rule of nothing":     {`{ui: {}, error_policy: [{verdict: bad}]}`, []string{"error_policy[0]: it picks nothing"}},
		"rules, all faults":   {`{ui: {}, error_policy: [{class: teapot, verdict: bad}, {condition: "span.attributes[", verdict: maybe}]}`, []string{"error_policy[0]: class", "teapot", "error_policy[1]: condition", "OTTL", "verdict", "maybe"}},
		"negative hold":       {`{ui: {}, slos: [{name: a, objective: 0.9, clear_after: -1m}]}`, []string{"slos[0]: clear_after"}},
		"negative hold, tier": {`{ui: {}, slos: [{name: a, objective: 0.9, alerts: [{name: page, long: 1h, short: 5m, factor: 2, clear_after: -1m}]}]}`, []string{"slos[0]", "clear_after"}},
		"unknown error class": {`{ui: {}, slos: [{name: a, objective: 0.9, errors: {teapot: good}}]}`, []string{"slos[0]: errors", "teapot"}},
		"foreign dimension":   {`{ui: {}, slos: [{name: a, objective: 0.9, where: {tenant: x}}]}`, []string{"slos[0]", "tenant", "not a dimension"}},
		"same name twice":     {`{ui: {}, slos: [{name: a, objective: 0.9}, {name: a, objective: 0.8}]}`, []string{`the name "a" is taken`}},
		"negative budget":     {`{ui: {}, budgets: [{name: b, limit: -5}]}`, []string{"budgets[0]", "limit -5 is not positive"}},
		"budget of words":     {`{ui: {}, budgets: [{name: b, limit: lots}]}`, []string{"budgets", "limit", "lots"}},
		"too many digits":     {`{ui: {}, budgets: [{name: b, limit: 1234567.123456789012}]}`, []string{"quote it"}},
		"no unit":             {`{ui: {}, settle: 60}`, []string{"settle", "60 is not a duration with a unit"}},
		"sampling of 0":       {`{ui: {}, sampling: {upstream: 0}}`, []string{"sampling", "above 0 and at most 1"}},
		"sync on nothing":     {`{ui: {}, durability: sync}`, []string{"durability: sync needs a storage extension"}},
		"lower case currency": {`{ui: {}, reporting_currency: usd}`, []string{"reporting_currency", "usd"}},
		"many at once": {
			`{ui: {}, scope: half, aggregation_temporality: both, histogram_aggregation: exponential, metrics_flush_interval: 1ms, aggregation_cardinality_limit: -1}`,
			[]string{"scope: \"half\"", "aggregation_temporality: \"both\"", "histogram_aggregation: \"exponential\"", "metrics_flush_interval: 1ms", "aggregation_cardinality_limit: -1"},
		},
		"several slos at once": {
			`{ui: {}, slos: [{name: a, objective: 2}, {name: b, objective: 0.9, window: {calendar: decade}}], budgets: [{name: c, limit: 1, window: {rolling: 1s}}]}`,
			[]string{"slos[0]: objective", "slos[1]: window: calendar: \"decade\""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, c.yaml)
			require.Error(t, err)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

// The YAML of the README is a configuration that starts.
func TestReadmeConfigs(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		retrieved, err := confmap.NewRetrievedFromYAML(block[1])
		require.NoError(t, err)
		conf, err := retrieved.AsConf()
		require.NoError(t, err)
		if conf.IsSet("exporters::gen_ai_rollup") {
			conf, err = conf.Sub("exporters::gen_ai_rollup")
			require.NoError(t, err)
		}
		require.NoError(t, conf.Merge(confmap.NewFromStringMap(map[string]any{"ui": map[string]any{}})))
		cfg := createDefaultConfig()
		require.NoError(t, conf.Unmarshal(cfg))
		require.NoError(t, confmap.Validate(cfg))
	}
}
