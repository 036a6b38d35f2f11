package llmspan

import (
	"fmt"
	"sort"
	"strconv"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Hook gives the value of one field for a span, as text; not ok leaves the
// field as the dialects read it. Hooks are called for candidates only, unless
// a marking field is mapped ([FieldOperation], [FieldInputTokens]).
type Hook func(ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span) (string, bool)

// Field names what a [Hook] maps.
type Field string

// The fields that can be mapped. Counts are decimal integers, the time to the
// first chunk is in seconds.
const (
	FieldOperation      Field = "operation"
	FieldProvider       Field = "provider"
	FieldRequestModel   Field = "request_model"
	FieldResponseModel  Field = "response_model"
	FieldDeployment     Field = "deployment"
	FieldResponseID     Field = "response_id"
	FieldConversationID Field = "conversation_id"
	FieldCallID         Field = "call_id"
	FieldInputTokens    Field = "input_tokens"
	FieldOutputTokens   Field = "output_tokens"
	FieldTotalTokens    Field = "total_tokens"
	FieldCacheRead      Field = "cache_read_tokens"
	FieldCacheWrite     Field = "cache_write_tokens"
	FieldCacheWrite1h   Field = "cache_write_1h_tokens"
	FieldReasoning      Field = "reasoning_tokens"
	FieldServiceTier    Field = "service_tier"
	FieldGeo            Field = "inference_geo"
	FieldErrorType      Field = "error_type"
	FieldAttempts       Field = "attempts"
	FieldFirstChunk     Field = "time_to_first_chunk"
	FieldAgent          Field = "agent"
	FieldWorkflow       Field = "workflow"
	FieldPrompt         Field = "prompt"
	FieldUser           Field = "user"
	FieldTeam           Field = "team"
	FieldTenant         Field = "tenant"
	FieldCostCenter     Field = "cost_center"
)

// fieldSlot says where a field goes.
type fieldSlot struct {
	slot  slot
	count bool
	scale float64 // counts: units per unit given; 0 stands for 1
}

var fieldSlots = map[Field]fieldSlot{
	FieldOperation: {slot: sOperation}, FieldProvider: {slot: sProvider},
	FieldRequestModel: {slot: sRequestModel}, FieldResponseModel: {slot: sResponseModel}, FieldDeployment: {slot: sDeployment},
	FieldResponseID: {slot: sResponseID}, FieldConversationID: {slot: sConversation}, FieldCallID: {slot: sCallID},
	FieldInputTokens: {slot: nInput, count: true}, FieldOutputTokens: {slot: nOutput, count: true}, FieldTotalTokens: {slot: nTotal, count: true},
	FieldCacheRead: {slot: nCacheRead, count: true}, FieldCacheWrite: {slot: nCacheWrite, count: true}, FieldCacheWrite1h: {slot: nCacheWrite1h, count: true},
	FieldReasoning: {slot: nReasoning, count: true}, FieldServiceTier: {slot: sTier}, FieldGeo: {slot: sGeo}, FieldErrorType: {slot: sErrorType},
	FieldAttempts: {slot: nAttempts, count: true}, FieldFirstChunk: {slot: nFirstChunk, count: true, scale: 1e9},
	FieldAgent: {slot: sAgent}, FieldWorkflow: {slot: sWorkflow}, FieldPrompt: {slot: sPrompt},
	FieldUser: {slot: sUser}, FieldTeam: {slot: sTeam}, FieldTenant: {slot: sTenant}, FieldCostCenter: {slot: sCostCenter},
}

// Fields lists the fields that can be mapped, sorted.
func Fields() []Field {
	out := make([]Field, 0, len(fieldSlots))
	for f := range fieldSlots {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

type mapped struct {
	fieldSlot
	field Field
	hook  Hook
}

func newMapping(m map[Field]Hook) ([]mapped, error) {
	var out []mapped
	for f, h := range m {
		fs, ok := fieldSlots[f]
		if !ok || h == nil {
			return nil, fmt.Errorf("mapping %q: not a field (one of %v)", f, Fields())
		}
		out = append(out, mapped{fs, f, h})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].field < out[j].field })
	return out, nil
}

// marks reports whether a mapping can make a call of any span.
func (r *Reader) marks() bool {
	for i := range r.mapping {
		if f := r.mapping[i].field; f == FieldOperation || f == FieldInputTokens {
			return true
		}
	}
	return false
}

// applyMapping lets the user's own words stand above the dialects'.
func (r *Reader) applyMapping(s *scan, res *ResourceView, scope *ScopeView, span ptrace.Span) {
	for i := range r.mapping {
		m := &r.mapping[i]
		v, ok := m.hook(res.Spans, scope.Spans, span)
		if !ok || v == "" {
			continue
		}
		if !m.count {
			s.forceText(m.slot, v)
			continue
		}
		if m.scale != 0 {
			if f, err := strconv.ParseFloat(v, 64); err == nil && f >= 0 && f < 1e9 {
				s.forceCount(m.slot, int64(f*m.scale))
				continue
			}
		} else if n, ok := parseCount(v); ok {
			s.forceCount(m.slot, n)
			continue
		}
		s.conflicts++
	}
}
