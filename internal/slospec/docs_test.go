package slospec

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/slo"
)

// The tables of docs/slo.md are what the code says.
func TestDocumentedTables(t *testing.T) {
	path := filepath.Join(scenario.Root(), "docs", "slo.md")
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	text := between(t, string(page), "policy", policyTable())
	text = between(t, text, "factors", factorTable())
	scenario.Golden(t, path, []byte(text))
}

// between replaces what stands between two comments.
func between(t *testing.T, page, name, table string) string {
	t.Helper()
	start, end := "<!-- "+name+": written by a test -->\n", "<!-- /"+name+" -->"
	head, rest, found := strings.Cut(page, start)
	require.True(t, found, name)
	_, tail, found := strings.Cut(rest, end)
	require.True(t, found, name)
	return head + start + table + end + tail
}

func policyTable() string {
	policy := slo.DefaultPolicy()
	var b strings.Builder
	b.WriteString("| class of failure |")
	for scope := range slo.NumScopes {
		fmt.Fprintf(&b, " %s |", scope)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", int(slo.NumScopes)) + "\n")
	for class := llm.ErrNone + 1; class < llm.NumErrorClasses; class++ {
		fmt.Fprintf(&b, "| `%s` |", class)
		for scope := range slo.NumScopes {
			fmt.Fprintf(&b, " %s |", policy.Verdict(scope, class))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func factorTable() string {
	const day = 24 * time.Hour
	var b strings.Builder
	b.WriteString("| period |")
	full := slo.DefaultTiers(30 * day)
	for _, t := range full {
		fmt.Fprintf(&b, " %s %s / %s (%s of the budget) |", t.Name, span(t.Long), span(t.Short), percent(slo.Objective(t.Budget))+" %")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(full)) + "\n")
	for _, period := range []time.Duration{day, 7 * day, 14 * day, 28 * day, 30 * day, 35 * day} {
		fmt.Fprintf(&b, "| %s |", span(period))
		tiers := slo.DefaultTiers(period)
		for _, want := range full {
			cell := " |"
			for _, t := range tiers {
				if t.Name == want.Name && t.Long == want.Long {
					cell = fmt.Sprintf(" %.4g |", t.BurnFactor(period))
				}
			}
			b.WriteString(cell)
		}
		b.WriteString("\n")
	}
	return b.String()
}
