package fleet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
)

func TestVerdicts(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "verdicts.tsv"))
	require.NoError(t, err)
	rows := 0
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		require.Len(t, f, 5, "%q", line)
		rows++
		assert.Equal(t, f[3], Verdict(f[0], f[1], f[2]).String(), "%s: %q answered by %q: %s", f[0], f[1], f[2], f[4])
	}
	assert.GreaterOrEqual(t, rows, 60)
}

// The verdict that Resolve stamps is the one the table is about, and knows the
// user's map and the deployment besides.
func TestResolveStampsTheVerdict(t *testing.T) {
	r, err := New(Options{Aliases: []Alias{{From: "checkout", To: "azure/gpt-4o-2024-08-06"}}})
	require.NoError(t, err)
	for _, c := range []struct {
		about string
		ref   llm.ModelRef
		want  llm.Match
	}{
		{"mapped name, the model it stands for", llm.ModelRef{Provider: "azure", Request: "checkout", Response: "gpt-4o-2024-08-06"}, llm.MatchAlias},
		{"mapped name, another model", llm.ModelRef{Provider: "azure", Request: "checkout", Response: "gpt-4o-mini-2024-07-18"}, llm.MatchDifferent},
		{"no answer, but a deployment", llm.ModelRef{Request: "smart", Deployment: "azure/gpt-4.1"}, llm.MatchAlias},
		{"an answer that no table knows, but a deployment", llm.ModelRef{Request: "gpt-4.1", Response: "xyz", Deployment: "azure/gpt-4.1"}, llm.MatchExact},
		{"a fallback behind a gateway", llm.ModelRef{Request: "gpt-4.1", Deployment: "anthropic/claude-sonnet-4-5"}, llm.MatchDifferent},
		{"nothing named", llm.ModelRef{Provider: "openai"}, llm.MatchUnknown},
	} {
		assert.Equal(t, c.want, r.Resolve(c.ref).Match, c.about)
	}
}
