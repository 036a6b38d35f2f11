package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/scenario"
)

// seedIDs reads provider and id pairs as emitters and catalogues write them.
func seedIDs(tb testing.TB) [][2]string {
	tb.Helper()
	data, err := os.ReadFile(scenario.OraclePath("model_ids.tsv"))
	require.NoError(tb, err)
	var out [][2]string
	for line := range strings.Lines(string(data)) {
		provider, id, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		require.True(tb, ok, "%q", line)
		out = append(out, [2]string{provider, id})
	}
	require.NotEmpty(tb, out)
	return out
}

// seedRefs reads the provider and model pairs of the resolution oracle.
func seedRefs(tb testing.TB) [][2]string {
	tb.Helper()
	data, err := os.ReadFile(scenario.OraclePath("model_resolution.jsonl"))
	require.NoError(tb, err)
	var out [][2]string
	for line := range bytes.Lines(data) {
		var row struct {
			Provider *string `json:"provider_ref"`
			Model    string  `json:"model_ref"`
		}
		require.NoError(tb, json.Unmarshal(line, &row))
		provider := ""
		if row.Provider != nil {
			provider = *row.Provider
		}
		out = append(out, [2]string{provider, row.Model})
	}
	require.NotEmpty(tb, out)
	return out
}

// TestGolden pins the identity of every id that the oracles hold.
func TestGolden(t *testing.T) {
	r, err := New(Options{})
	require.NoError(t, err)
	var out bytes.Buffer
	out.WriteString("provider\tmodel\tvendor\tfamily\tversion\tplatform\tregion\tid\tvariant\tname\tflags\n")
	seen := map[[2]string]bool{}
	for _, pair := range append(seedIDs(t), seedRefs(t)...) {
		if seen[pair] {
			continue
		}
		seen[pair] = true
		m := r.Resolve(llm.ModelRef{Provider: pair[0], Request: pair[1]})
		fmt.Fprintf(&out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", pair[0], pair[1],
			m.Vendor, m.Family, m.Version, m.Platform, m.Region, m.ID, m.Variant, m.Name, flags(m))
	}
	scenario.Golden(t, filepath.Join("testdata", "golden.tsv"), out.Bytes())
}

func flags(m *llm.Model) string {
	var f []string
	if m.Opaque {
		f = append(f, "opaque")
	}
	if m.FineTuned {
		f = append(f, "fine-tuned")
	}
	return strings.Join(f, ",")
}

// TestMostIDsHaveAMaker lists the ids without one: they are names of a user's
// own, which no grammar can know.
func TestMostIDsHaveAMaker(t *testing.T) {
	r, err := New(Options{})
	require.NoError(t, err)
	ids := seedIDs(t)
	var without []string
	for _, pair := range ids {
		if r.Resolve(llm.ModelRef{Provider: pair[0], Request: pair[1]}).Vendor == "" {
			without = append(without, pair[0]+" "+pair[1])
		}
	}
	t.Logf("%d of %d ids have a vendor; without:\n%s", len(ids)-len(without), len(ids), strings.Join(without, "\n"))
	require.GreaterOrEqual(t, float64(len(ids)-len(without)), 0.97*float64(len(ids)))
}
