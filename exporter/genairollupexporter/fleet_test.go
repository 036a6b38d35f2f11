package genairollupexporter

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// with changes the attributes of a call.
func with(td ptrace.Traces, attrs map[string]string) ptrace.Traces {
	out := ptrace.NewTraces()
	td.CopyTo(out)
	for k, v := range attrs {
		out.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().PutStr(k, v)
	}
	return out
}

// The API says which routes spend how much on a model that goes, how many days
// are left, what replaces it; and who answered in another's place at which
// difference in cost.
func TestAgeingModelsAndSubstitutions(t *testing.T) {
	e := start(t, componenttest.NewNopHost(), "ui: {endpoint: \"localhost:0\"}\nprometheus: {endpoint: \"localhost:0\"}")
	day := time.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly)
	old := map[string]string{
		"spanledger.model.lifecycle": "deprecated", "spanledger.model.retirement_date": day, "spanledger.model.replacement": "gpt-5.1",
		"gen_ai.response.model": "gpt-4o-2024-05-13",
	}
	instead := map[string]string{
		"gen_ai.response.model": "gpt-4o-mini", "spanledger.model.id": "gpt-4o-mini", "spanledger.model.match": "different",
	}
	difference := func(td ptrace.Traces, amount float64) ptrace.Traces {
		td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().PutDouble("spanledger.model.cost_difference", amount)
		return td
	}
	instead["spanledger.model.substitute_for"], instead["spanledger.model.substituted_by"] = "gpt-4o", "provider"
	once := call(1, "checkout", 0.2)
	e.send(t, with(once, old), with(once, old), with(call(2, "checkout", 0.4), old), with(call(3, "search", 0.1), nil), difference(with(call(4, "checkout", 0.05), instead), -0.2), difference(with(call(5, "checkout", 0.07), instead), -0.31), with(call(6, "checkout", 0.06), instead))

	var got struct {
		Models []struct {
			Route, Name, Version, Lifecycle, Replacement string
			Ageing                                       bool
			Days                                         *int `json:"days_to_retirement"`
			Figures                                      struct {
				Calls int64
				Cost  string
			}
		}
		Substitutions []struct {
			Route, Requested, Served, By string
			Calls, Compared              int64
			InAll                        string  `json:"cost_difference"`
			Difference                   float64 `json:"cost_per_call_difference"`
		}
	}
	require.NoError(t, json.Unmarshal(get(t, "http://"+e.inner.pageAddr+"/api/v1/inventory"), &got))
	require.Len(t, got.Models, 3)
	ageing := got.Models[0]
	require.Equal(t, "checkout gpt-4o gpt-4o-2024-05-13 deprecated gpt-5.1", ageing.Route+" "+ageing.Name+" "+ageing.Version+" "+ageing.Lifecycle+" "+ageing.Replacement)
	require.True(t, ageing.Ageing)
	require.Equal(t, 30, *ageing.Days)
	require.EqualValues(t, 2, ageing.Figures.Calls, "a span that comes again is not counted again")
	require.Equal(t, "0.6", ageing.Figures.Cost)
	require.False(t, got.Models[1].Ageing)
	require.False(t, got.Models[2].Ageing)

	require.Len(t, got.Substitutions, 1)
	s := got.Substitutions[0]
	require.Equal(t, "checkout gpt-4o gpt-4o-mini provider", s.Route+" "+s.Requested+" "+s.Served+" "+s.By)
	require.EqualValues(t, 3, s.Calls)
	require.EqualValues(t, 2, s.Compared, "what has no price at the model asked for is not compared")
	require.Equal(t, "-0.51", s.InAll)
	require.InDelta(t, -0.255, s.Difference, 1e-12)
	require.Contains(t, string(get(t, "http://"+e.inner.promAddr+"/metrics")),
		`spanledger_model_retirement_timestamp_seconds{lifecycle="deprecated",route="checkout",spanledger_model_id="gpt-4o"`)
}
