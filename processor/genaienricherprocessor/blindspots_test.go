package genaienricherprocessor

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llmspan"
)

func TestBlindSpotsAreBounded(t *testing.T) {
	b := newBlindSpots()
	first := b.of(&llmspan.ScopeView{Name: "openinference", Version: "1"})
	for i := range 3 * maxScopes {
		b.of(&llmspan.ScopeView{Name: fmt.Sprint("scope-", i)})
	}
	require.Len(t, b.known, maxScopes)
	require.Equal(t, first, b.of(&llmspan.ScopeView{Name: "openinference", Version: "1"}))
	require.Equal(t, b.other, b.of(&llmspan.ScopeView{Name: "openinference", Version: "2"}))
}
