package rollupcomponent

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// What dashboards and rules are held against must be what is really emitted.
func TestPublishedMetricsAreThoseOfTheWalk(t *testing.T) {
	published := map[string]PublishedMetric{}
	for _, p := range PublishedMetrics() {
		require.NotContains(t, published, p.Name)
		published[p.Name] = p
	}
	seen := map[string]bool{}
	walk(fixture().snap, Publish{Extrapolated: true}, func(p *point) {
		m, ok := published[p.metric.promName()]
		require.True(t, ok, p.metric.name)
		seen[m.Name] = true
		for i, key := range p.keys {
			label := promLabel(key)
			require.Contains(t, m.Labels, label, m.Name)
			values := m.Values[label]
			require.True(t, p.values[i] == "" || values == nil || slices.Contains(values, p.values[i]),
				"%s{%s=%q}: not among %v", m.Name, label, p.values[i], values)
		}
	})
	require.Greater(t, len(seen), len(published)/2, "the fixture shows most metrics")
	walk(fixture().snap, Publish{Share: true}, func(p *point) {
		require.False(t, published[p.metric.promName()].Whole, p.metric.name)
	})
}
