package genaienricherprocessor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/scenario"
)

// Law: the owners and the route of a call do not depend on the order in which
// the spans of a batch stand.
func TestOwnersDoNotDependOnOrder(t *testing.T) {
	var story *scenario.Story
	for _, s := range scenario.Stories(t, "testdata/stories") {
		if s.Name == "12-owners" {
			story = s
		}
	}
	spans, err := scenario.ParseSpans(story.Section("in 1"))
	require.NoError(t, err)
	var first map[string]string
	rapid.Check(t, func(rt *rapid.T) {
		sink := new(consumertest.TracesSink)
		p := newFromYAML(t, story.Section("config"), nil, sink)
		require.NoError(t, p.Start(t.Context(), componenttest.NewNopHost()))
		require.NoError(t, p.ConsumeTraces(t.Context(), scenario.Traces(rapid.Permutation(spans).Draw(rt, "order"), scenario.Epoch)))
		require.NoError(t, p.Shutdown(t.Context()))
		got, at := map[string]string{}, ""
		for line := range strings.Lines(scenario.PrintStamps(sink.AllTraces()[0], "spanledger.")) {
			switch stamp, isStamp := strings.CutPrefix(line, "  "); {
			case !isStamp:
				at, _, _ = strings.Cut(line, " ")
			case strings.HasPrefix(stamp, "owner."), strings.HasPrefix(stamp, "route"):
				got[at] += stamp
			}
		}
		require.Len(t, got, 4, "the calls of the batch")
		if first == nil {
			first = got
		}
		require.Equal(t, first, got)
	})
}

// A key that spans are not read for needs an expression; all others may be
// asked for by name alone.
func TestOwnersThatCannotBeFound(t *testing.T) {
	_, err := configOf([]byte(`owners: {squad: [], budget: , team: , user: []}`))
	require.ErrorContains(t, err, "owners::squad: has no expression")
	require.ErrorContains(t, err, "owners::budget: has no expression")
	require.NotContains(t, err.Error(), "owners::team")
	_, err = configOf([]byte(`owners: {team: , user: []}`))
	require.NoError(t, err)
}
