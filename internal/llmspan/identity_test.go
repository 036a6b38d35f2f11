package llmspan

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
)

// Spans that are no calls and resources are read under the names of every
// dialect; the better name wins whatever their order, and labels come last.
func TestIdentity(t *testing.T) {
	for _, order := range [][]string{{"team", "team.name", "metadata.user_api_key_team_alias"}, {"metadata.user_api_key_team_alias", "team", "team.name"}} {
		span := ptrace.NewSpan()
		for _, k := range order {
			span.Attributes().PutStr(k, k)
		}
		span.Attributes().PutInt("user.id", 7) // no text is no name
		span.Attributes().PutStr("gen_ai.agent.name", "")
		var id llm.Identity
		if !ReadIdentity(span.Attributes(), &id) || id != (llm.Identity{Team: "metadata.user_api_key_team_alias"}) {
			t.Errorf("%v: %+v", order, id)
		}
	}
	rs := ptrace.NewResourceSpans()
	a := rs.Resource().Attributes()
	a.PutStr("k8s.namespace.label.team", "platform")
	a.PutStr("k8s.pod.labels.team", "web")
	a.PutStr("k8s.namespace.label.cost-center", "cc-1")
	a.PutStr("k8s.pod.label.tenant", "acme")
	a.PutStr("tenant.id", "t-7")
	v := ReadResource(rs)
	if got, want := *v.Identity(), (llm.Identity{Team: "web", Tenant: "t-7", CostCenter: "cc-1"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if n := testing.AllocsPerRun(100, func() {
		var id llm.Identity
		ReadIdentity(a, &id)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Every owner key has a name, a field and a slot of its own.
func TestOwnerKeys(t *testing.T) {
	for k := range llm.NumOwnerKeys {
		if back, ok := llm.ParseOwnerKey(k.String()); !ok || back != k {
			t.Errorf("%v is not read back", k)
		}
		var id llm.Identity
		*ownerField(&id, k) = "x"
		for o := range llm.NumOwnerKeys {
			if got := id.Owner(o) == "x"; got != (o == k) {
				t.Errorf("field of %v read as %v: %v", k, o, got)
			}
		}
	}
}
