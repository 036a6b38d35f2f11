//go:build gateway

package e2e

import (
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/sim"
)

// Two tiers of the gateway distribution, as examples/scale has them: the edge
// sends every trace whole to one of two shares. Attempts meet, no call is lost
// or booked twice, and the shares add up to the truth to the last unit. `make
// test-gateway` builds the distribution and runs this.
func TestTwoSharesAddUpToTheTruth(t *testing.T) {
	examples := filepath.Join(root(), "examples", "scale")
	var shares []*collector
	edge := []string{}
	for _, name := range []string{"SPANLEDGER_BOOKS_1", "SPANLEDGER_BOOKS_2"} {
		share := launchOf(t, "otelcol-spanledger-gateway", filepath.Join(examples, "books.yaml"), "SPANLEDGER_STATE="+t.TempDir(), "SPANLEDGER_SETTLE=1s")
		share.waitServing()
		shares = append(shares, share)
		edge = append(edge, name+"="+share.grpc)
	}
	front := launchOf(t, "otelcol-spanledger-gateway", filepath.Join(examples, "edge.yaml"), edge...)
	front.waitReceiving()

	fleet := sim.New(sim.Config{Seed: 7})
	for range requests / 20 {
		batch := ptrace.NewTraces()
		for range 20 {
			fleet.Next(time.Now()).ResourceSpans().MoveAndAppendTo(batch.ResourceSpans())
		}
		front.send(batch)
	}
	type account struct {
		cost, wasted       *big.Rat
		attempts, billable int64
		calls              map[string]int64
	}
	got := map[string]*account{}
	for _, share := range shares {
		share.eventually(20*time.Second, "every call is settled", func() bool { return share.books().Totals.Pending == 0 })
		b := share.books()
		require.NotZero(t, b.Totals.Calls, "each share has calls of its own")
		for _, route := range b.Routes {
			a := got[route.Route]
			if a == nil {
				a = &account{cost: new(big.Rat), wasted: new(big.Rat), calls: map[string]int64{}}
				got[route.Route] = a
			}
			a.cost.Add(a.cost, rat(t, route.Cost["USD"]))
			a.wasted.Add(a.wasted, rat(t, route.Wasted["USD"]))
			a.attempts += route.AttemptsTotal
			for outcome, n := range route.Calls {
				a.calls[outcome] += n
			}
		}
	}
	truth := fleet.Truth()
	require.Len(t, got, len(truth.Routes()))
	for name, a := range got {
		want := truth.Route(name)
		require.NotNil(t, want, name)
		require.Zero(t, rat(t, want.Cost()).Cmp(a.cost), "cost of %s: %s, not %s", name, want.Cost(), a.cost.FloatString(12))
		require.Zero(t, rat(t, want.Wasted()).Cmp(a.wasted), "waste of %s", name)
		require.Equal(t, want.Attempts, a.attempts, "attempts of %s", name)
		require.Equal(t, want.Calls, a.calls, "calls of %s by outcome", name)
	}
	front.stop()
	for _, share := range shares {
		share.stop()
	}
}

func rat(t *testing.T, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(money(s))
	require.True(t, ok, s)
	return r
}
