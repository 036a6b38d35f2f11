package genaienricherprocessor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/sim"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Every single request of a simulated fleet costs what its truth says, in
// ordinary traffic and in an outage.
func TestEveryRequestCostsItsTruth(t *testing.T) {
	for _, name := range sim.Scenarios {
		t.Run("scenario "+name, func(t *testing.T) {
			p := newBenchEnricher(t, stampStandard)
			fleet := sim.New(sim.Config{Seed: 42, Scenario: name})
			before := money.Amount{}
			for i := range 3000 {
				td := fleet.Next(time.Now())
				after, err := money.Parse(fleet.Truth().Total().Cost())
				require.NoError(t, err)
				_, err = p.consume(t.Context(), td)
				require.NoError(t, err)
				require.Equal(t, after.Sub(before).String(), costOf(td).String(), "request %d:\n%s", i, scenario.PrintStamps(td, ""))
				before = after
			}
		})
	}
}

func costOf(td ptrace.Traces) (sum money.Amount) {
	for sp := range sim.Spans(td) {
		var s stamp.Stamp
		if llmspan.ReadStamp(sp, &s) && s.Cost.Status.HasCost() {
			sum = sum.Add(s.Cost.Total)
		}
	}
	return sum
}
