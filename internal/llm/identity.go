package llm

// Identity is whom a call was for, as far as a span says; "" unknown.
type Identity struct {
	Agent, Workflow, Prompt, PromptVersion string
	Team, User, Tenant, CostCenter         string
	Conversation                           string
	// GatewayRoute is the route by the gateway's own attributes, only where the
	// span is that product's.
	GatewayRoute string
}

// OwnerKey is one thing that a call can be booked on besides its route.
type OwnerKey uint8

// The owner keys that spans are read for.
const (
	OwnerTeam OwnerKey = iota
	OwnerUser
	OwnerTenant
	OwnerCostCenter
	OwnerAgent
	OwnerWorkflow
	OwnerPrompt
	OwnerPromptVersion
	OwnerConversation
	NumOwnerKeys
)

var ownerNames = [NumOwnerKeys]string{
	"team", "user", "tenant", "cost_center", "agent", "workflow", "prompt", "prompt_version", "conversation",
}

func (k OwnerKey) String() string { return nameOf(ownerNames[:], int(k)) }

// ParseOwnerKey is the inverse of String; a key of the user's own is not ok.
func ParseOwnerKey(s string) (OwnerKey, bool) {
	for i, n := range ownerNames {
		if n == s {
			return OwnerKey(i), true
		}
	}
	return NumOwnerKeys, false
}

// Personal reports whether values of the key stand for single people or their
// doings: of high cardinality, and nobody's business unless asked for.
func (k OwnerKey) Personal() bool { return k == OwnerUser || k == OwnerConversation }

// Owner returns what the identity says under a key, "" nothing.
func (id *Identity) Owner(k OwnerKey) string {
	switch k {
	case OwnerTeam:
		return id.Team
	case OwnerUser:
		return id.User
	case OwnerTenant:
		return id.Tenant
	case OwnerCostCenter:
		return id.CostCenter
	case OwnerAgent:
		return id.Agent
	case OwnerWorkflow:
		return id.Workflow
	case OwnerPrompt:
		return id.Prompt
	case OwnerPromptVersion:
		return id.PromptVersion
	case OwnerConversation:
		return id.Conversation
	}
	return ""
}
