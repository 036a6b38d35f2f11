package grafana

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/scenario"
)

func TestDashboardFile(t *testing.T) {
	got, err := Dashboard()
	require.NoError(t, err)
	scenario.Golden(t, filepath.Join(scenario.Root(), "deploy", "grafana", "spanledger.json"), got)
}

// Every picture says what it shows and what its absence means, and none lies
// over another.
func TestPanelsAreCompleteAndApart(t *testing.T) {
	raw, err := Dashboard()
	require.NoError(t, err)
	type pos struct{ X, Y, W, H int }
	type shown struct {
		ID                       int
		Type, Title, Description string
		GridPos                  pos
		Panels                   []shown
		Targets                  []struct{ Expr string }
		FieldConfig              struct {
			Defaults struct{ NoValue, Unit string }
		}
	}
	var d struct{ Panels []shown }
	require.NoError(t, json.Unmarshal(raw, &d))
	var flat []shown
	for _, p := range d.Panels {
		flat = append(append(flat, p), p.Panels...)
	}
	ids := map[int]bool{}
	for i, p := range flat {
		require.False(t, ids[p.ID], p.Title)
		ids[p.ID] = true
		require.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
		for _, q := range flat[:i] {
			a, b := p.GridPos, q.GridPos
			require.False(t, a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H, "%q lies over %q", p.Title, q.Title)
		}
		if p.Type == "row" {
			continue
		}
		require.NotEmpty(t, p.Targets, p.Title)
		require.NotEmpty(t, p.Description, p.Title)
		require.NotEmpty(t, p.FieldConfig.Defaults.NoValue, p.Title)
		require.NotEmpty(t, p.FieldConfig.Defaults.Unit, p.Title)
	}
	require.Greater(t, len(flat), 30)
}
