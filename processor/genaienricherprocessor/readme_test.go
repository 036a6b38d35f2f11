package genaienricherprocessor

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// The YAML of the README is a configuration that loads, and every key of the
// configuration is described there and in the page on configuration.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		retrieved, err := confmap.NewRetrievedFromYAML(block[1])
		require.NoError(t, err)
		conf, err := retrieved.AsConf()
		require.NoError(t, err)
		cfg := createDefaultConfig()
		if sub := conf.Get("processors::gen_ai_enricher"); sub != nil {
			conf, err = conf.Sub("processors::gen_ai_enricher")
			require.NoError(t, err)
			require.NoError(t, conf.Unmarshal(cfg))
		}
		require.NoError(t, confmap.Validate(cfg))
	}
	page, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	for _, config := range []reflect.Type{
		reflect.TypeFor[Config](), reflect.TypeFor[AttemptsConfig](), reflect.TypeFor[FleetConfig](), reflect.TypeFor[PolicyConfig](), reflect.TypeFor[LifecycleConfig](),
		reflect.TypeFor[CatalogConfig](),
		reflect.TypeFor[URLConfig](), reflect.TypeFor[OverrideConfig](), reflect.TypeFor[ContractConfig](), reflect.TypeFor[CommitmentConfig](),
		reflect.TypeFor[EndpointConfig](), reflect.TypeFor[AliasConfig](), reflect.TypeFor[ErrorConfig](),
	} {
		for i := range config.NumField() {
			key := strings.TrimSuffix(config.Field(i).Tag.Get("mapstructure"), ",squash")
			for name, doc := range map[string][]byte{"README.md": text, "docs/configuration.md": page} {
				if !regexp.MustCompile("\\b" + regexp.QuoteMeta(key) + "\\b").Match(doc) {
					t.Errorf("%s does not name %s of %s", name, key, config.Name())
				}
			}
		}
	}
}
