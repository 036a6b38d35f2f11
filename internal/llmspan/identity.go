package llmspan

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/spanledger/spanledger/internal/llm"
)

// identitySlots are the slots of an identity, by owner key.
var identitySlots = [llm.NumOwnerKeys]slot{
	llm.OwnerTeam: sTeam, llm.OwnerUser: sUser, llm.OwnerTenant: sTenant, llm.OwnerCostCenter: sCostCenter,
	llm.OwnerAgent: sAgent, llm.OwnerWorkflow: sWorkflow, llm.OwnerPrompt: sPrompt, llm.OwnerPromptVersion: sPromptVersion,
	llm.OwnerConversation: sConversation,
}

// ownerOfSlot is the inverse, NumOwnerKeys where a text is no part of it.
var ownerOfSlot = func() (out [numTexts]llm.OwnerKey) {
	for i := range out {
		out[i] = llm.NumOwnerKeys
	}
	for k, s := range identitySlots {
		out[s] = llm.OwnerKey(k)
	}
	return out
}()

// ReadIdentity fills id with whom the attributes of a span that is no call, or
// of a resource, name, under the names of any dialect that need no scope to be
// told apart; it reports whether they name anybody. Nothing is allocated, and
// strings alias the memory of the batch.
func ReadIdentity(m pcommon.Map, id *llm.Identity) bool {
	*id = llm.Identity{}
	var rank [llm.NumOwnerKeys]uint8
	named := false
	for k, v := range m.All() {
		if v.Type() != pcommon.ValueTypeStr {
			continue
		}
		r := keys.find(k)
		if r == nil || r.gate != 0 || r.form != formText && r.form != formQuoted {
			continue
		}
		owner := ownerOfSlot[r.slot]
		if owner == llm.NumOwnerKeys || !better(rank[owner], r.rank) {
			continue
		}
		t := v.Str()
		if r.form == formQuoted {
			t = unquote(t)
		}
		if t != "" {
			*ownerField(id, owner), rank[owner], named = t, r.rank+1, true
		}
	}
	return named
}

func ownerField(id *llm.Identity, k llm.OwnerKey) *string {
	return [llm.NumOwnerKeys]*string{
		llm.OwnerTeam: &id.Team, llm.OwnerUser: &id.User, llm.OwnerTenant: &id.Tenant, llm.OwnerCostCenter: &id.CostCenter,
		llm.OwnerAgent: &id.Agent, llm.OwnerWorkflow: &id.Workflow, llm.OwnerPrompt: &id.Prompt, llm.OwnerPromptVersion: &id.PromptVersion,
		llm.OwnerConversation: &id.Conversation,
	}[k]
}

// Identity is whom the resource names: under the names that spans use, else by
// the labels of its pod, else of its namespace, as Kubernetes detectors write
// them. It is read at the first use.
func (v *ResourceView) Identity() *llm.Identity {
	if v.identified {
		return &v.identity
	}
	v.identified = true
	m := v.Spans.Resource().Attributes()
	ReadIdentity(m, &v.identity)
	var pod, namespace llm.Identity
	for k, a := range m.All() {
		if a.Type() != pcommon.ValueTypeStr || !strings.HasPrefix(k, "k8s.") {
			continue
		}
		if label, ok := cutLabel(k, "k8s.pod."); ok {
			labelled(&pod, label, a.Str())
		} else if label, ok := cutLabel(k, "k8s.namespace."); ok {
			labelled(&namespace, label, a.Str())
		}
	}
	for _, by := range [...]*llm.Identity{&pod, &namespace} {
		for k := range llm.NumOwnerKeys {
			if f := ownerField(&v.identity, k); *f == "" {
				*f = by.Owner(k)
			}
		}
	}
	return &v.identity
}

// cutLabel reads a label's name off its attribute: k8s.pod.label.team, or
// labels in older detectors.
func cutLabel(key, of string) (string, bool) {
	rest, ok := strings.CutPrefix(key, of)
	if !ok {
		return "", false
	}
	if label, ok := strings.CutPrefix(rest, "label."); ok {
		return label, true
	}
	return strings.CutPrefix(rest, "labels.")
}

func labelled(id *llm.Identity, label, value string) {
	switch label {
	case "team":
		id.Team = value
	case "tenant":
		id.Tenant = value
	case "cost-center", "cost_center":
		id.CostCenter = value
	}
}
