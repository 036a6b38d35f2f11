package genaienricherprocessor

import (
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

// recent remembers a value by span in two generations: when the young one is
// full it becomes the old one, and what was old is forgotten. A forgotten
// value costs nothing but the agreement of spans that are far apart in time.
type recent[V any] struct {
	limit      int
	young, old map[llm.SpanKey]V
}

func newRecent[V any](limit int) recent[V] {
	return recent[V]{limit: limit, young: map[llm.SpanKey]V{}}
}

func (m *recent[V]) keep(k llm.SpanKey, v V) {
	if len(m.young) >= m.limit {
		m.young, m.old = map[llm.SpanKey]V{}, m.young
	}
	m.young[k] = v
}

func (m *recent[V]) get(k llm.SpanKey) (V, bool) {
	if v, ok := m.young[k]; ok {
		return v, true
	}
	v, ok := m.old[k]
	return v, ok
}

func (m *recent[V]) empty() bool { return len(m.young) == 0 && len(m.old) == 0 }

// origin is what the attempts of a group take over from its first.
type origin struct {
	route  string
	claims []claim
	model  *llm.Model
}

// originOf copies what outlives the batch.
func originOf(e *entry) origin {
	o := origin{route: strings.Clone(e.stamp.Route), model: e.model}
	if len(e.claims) > 0 {
		o.claims = ownClaims(e.claims)
	}
	return o
}

// ownClaims copies claims with their strings, which alias a batch.
func ownClaims(list []claim) []claim {
	out := make([]claim, len(list))
	for i, c := range list {
		out[i] = claim{strings.Clone(c.value), c.by}
	}
	return out
}

// ownIdentity copies of an identity what calls below may be attributed by: the
// names for the route, and the keys that are asked for. It reports whether
// there is any.
func (x *expressions) ownIdentity(id *llm.Identity) (*llm.Identity, bool) {
	out := llm.Identity{Agent: id.Agent, Workflow: id.Workflow, Prompt: id.Prompt}
	for i := range x.owners {
		switch x.owners[i].known {
		case llm.OwnerTeam:
			out.Team = id.Team
		case llm.OwnerUser:
			out.User = id.User
		case llm.OwnerTenant:
			out.Tenant = id.Tenant
		case llm.OwnerCostCenter:
			out.CostCenter = id.CostCenter
		case llm.OwnerPromptVersion:
			out.PromptVersion = id.PromptVersion
		case llm.OwnerConversation:
			out.Conversation = id.Conversation
		}
	}
	if out == (llm.Identity{}) {
		return nil, false
	}
	for _, s := range [...]*string{
		&out.Agent, &out.Workflow, &out.Prompt, &out.PromptVersion, &out.Team, &out.User, &out.Tenant, &out.CostCenter, &out.Conversation,
	} {
		*s = strings.Clone(*s)
	}
	return &out, true
}
