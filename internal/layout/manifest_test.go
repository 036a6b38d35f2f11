package layout

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/scenario"
)

type entry struct {
	GoMod  string `yaml:"gomod"`
	Import string `yaml:"import"`
}

type manifest struct {
	Receivers  []entry `yaml:"receivers"`
	Processors []entry `yaml:"processors"`
	Exporters  []entry `yaml:"exporters"`
	Connectors []entry `yaml:"connectors"`
	Extensions []entry `yaml:"extensions"`
	Providers  []entry `yaml:"providers"`
}

func readManifest(t *testing.T, name string) manifest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(scenario.Root(), name))
	require.NoError(t, err)
	var m manifest
	require.NoError(t, yaml.Unmarshal(data, &m))
	return m
}

// A component that is not in the manifest is not in the distribution, and one
// that is in only one of the two surprises whoever moves between them.
func TestManifestsHoldTheComponents(t *testing.T) {
	for kind, pick := range map[string]func(manifest) []entry{
		"processor": func(m manifest) []entry { return m.Processors },
		"exporter":  func(m manifest) []entry { return m.Exporters },
		"connector": func(m manifest) []entry { return m.Connectors },
	} {
		dirs, err := filepath.Glob(filepath.Join(scenario.Root(), kind, "*", "metadata.yaml"))
		require.NoError(t, err)
		var want []string
		for _, d := range dirs {
			want = append(want, module+kind+"/"+filepath.Base(filepath.Dir(d)))
		}
		require.NotEmpty(t, want, kind)
		for _, name := range []string{"builder-config.yaml", "builder-config-gateway.yaml"} {
			var got []string
			for _, e := range pick(readManifest(t, name)) {
				if e.Import != "" {
					require.Equal(t, strings.TrimSuffix(module, "/")+" v0.0.0", e.GoMod)
					got = append(got, e.Import)
				}
			}
			sort.Strings(got)
			require.Equal(t, want, got, "%s of %s", kind, name)
		}
	}
}

// Whatever runs on the lean distribution runs on the gateway.
func TestGatewayContainsTheLeanOne(t *testing.T) {
	lean, gateway := readManifest(t, "builder-config.yaml"), readManifest(t, "builder-config-gateway.yaml")
	for kind, pair := range map[string][2][]entry{
		"receivers":  {lean.Receivers, gateway.Receivers},
		"processors": {lean.Processors, gateway.Processors},
		"exporters":  {lean.Exporters, gateway.Exporters},
		"connectors": {lean.Connectors, gateway.Connectors},
		"extensions": {lean.Extensions, gateway.Extensions},
		"providers":  {lean.Providers, gateway.Providers},
	} {
		require.Subset(t, pair[1], pair[0], kind)
	}
}
