package llmspan

import (
	"fmt"
	"math"
	"sort"
	"strconv"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
)

// Hook gives the value of one field for a span, as text; not ok leaves the
// field as the dialects read it. Hooks are called for candidates only, unless
// a marking field is mapped ([FieldOperation], [FieldInputTokens]).
type Hook func(ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span) (string, bool)

// Field names what a [Hook] maps.
type Field string

// The fields that can be mapped. Counts are decimal integers; the time to the
// first chunk and the lengths of audio and video are in seconds.
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
	FieldInputAudio     Field = "input_audio_tokens"
	FieldInputImage     Field = "input_image_tokens"
	FieldInputVideo     Field = "input_video_tokens"
	FieldOutputAudio    Field = "output_audio_tokens"
	FieldOutputImage    Field = "output_image_tokens"
	FieldOutputVideo    Field = "output_video_tokens"
	FieldServiceTier    Field = "service_tier"
	FieldGeo            Field = "inference_geo"
	FieldQuality        Field = "quality"
	FieldErrorType      Field = "error_type"
	FieldAttempts       Field = "attempts"
	FieldFirstChunk     Field = "time_to_first_chunk"
	FieldAgent          Field = "agent"
	FieldWorkflow       Field = "workflow"
	FieldPrompt         Field = "prompt"
	FieldPromptVersion  Field = "prompt_version"
	FieldUser           Field = "user"
	FieldTeam           Field = "team"
	FieldTenant         Field = "tenant"
	FieldCostCenter     Field = "cost_center"
)

// Fields for things other than tokens that providers bill. No convention has
// attributes for them, but for the searches that some emitters report.
const (
	FieldWebSearches        Field = "web_searches"
	FieldFileSearches       Field = "file_searches"
	FieldCodeExecutions     Field = "code_executions"
	FieldToolCalls          Field = "tool_calls"
	FieldInputImages        Field = "input_images"
	FieldOutputImages       Field = "output_images"
	FieldInputPixels        Field = "input_pixels"
	FieldOutputPixels       Field = "output_pixels"
	FieldInputAudioSeconds  Field = "input_audio_seconds"
	FieldOutputAudioSeconds Field = "output_audio_seconds"
	FieldInputVideoSeconds  Field = "input_video_seconds"
	FieldOutputVideoSeconds Field = "output_video_seconds"
	FieldInputCharacters    Field = "input_characters"
	FieldOutputCharacters   Field = "output_characters"
	FieldPages              Field = "pages"
	FieldRerankSearches     Field = "rerank_searches"
)

// fieldSlot says where a field goes: a slot of the scan, or a billed unit.
type fieldSlot struct {
	slot   slot
	count  bool
	scale  float64 // counts: units per unit given; 0 stands for 1
	billed bool    // unit, not slot
	unit   llm.Unit
}

var fieldSlots = map[Field]fieldSlot{
	FieldOperation: {slot: sOperation}, FieldProvider: {slot: sProvider},
	FieldRequestModel: {slot: sRequestModel}, FieldResponseModel: {slot: sResponseModel}, FieldDeployment: {slot: sDeployment},
	FieldResponseID: {slot: sResponseID}, FieldConversationID: {slot: sConversation}, FieldCallID: {slot: sCallID},
	FieldInputTokens: {slot: nInput, count: true}, FieldOutputTokens: {slot: nOutput, count: true}, FieldTotalTokens: {slot: nTotal, count: true},
	FieldCacheRead: {slot: nCacheRead, count: true}, FieldCacheWrite: {slot: nCacheWrite, count: true}, FieldCacheWrite1h: {slot: nCacheWrite1h, count: true},
	FieldReasoning: {slot: nReasoning, count: true}, FieldServiceTier: {slot: sTier}, FieldGeo: {slot: sGeo}, FieldQuality: {slot: sQuality}, FieldErrorType: {slot: sErrorType},
	FieldAttempts: {slot: nAttempts, count: true}, FieldFirstChunk: {slot: nFirstChunk, count: true, scale: 1e9},
	FieldAgent: {slot: sAgent}, FieldWorkflow: {slot: sWorkflow}, FieldPrompt: {slot: sPrompt}, FieldPromptVersion: {slot: sPromptVersion},
	FieldUser: {slot: sUser}, FieldTeam: {slot: sTeam}, FieldTenant: {slot: sTenant}, FieldCostCenter: {slot: sCostCenter},
	FieldInputAudio: {slot: nInAudio, count: true}, FieldInputImage: {slot: nInImage, count: true}, FieldInputVideo: {slot: nInVideo, count: true},
	FieldOutputAudio: {slot: nOutAudio, count: true}, FieldOutputImage: {slot: nOutImage, count: true}, FieldOutputVideo: {slot: nOutVideo, count: true},

	FieldWebSearches:  {slot: nWebSearches, count: true},
	FieldFileSearches: unitField(llm.FileSearches), FieldCodeExecutions: unitField(llm.CodeExecutions), FieldToolCalls: unitField(llm.ToolCalls),
	FieldInputImages: unitField(llm.InputImages), FieldOutputImages: unitField(llm.OutputImages),
	FieldInputPixels: unitField(llm.InputPixels), FieldOutputPixels: unitField(llm.OutputPixels),
	FieldInputAudioSeconds: secondsField(llm.InputAudioMillis), FieldOutputAudioSeconds: secondsField(llm.OutputAudioMillis),
	FieldInputVideoSeconds: secondsField(llm.InputVideoMillis), FieldOutputVideoSeconds: secondsField(llm.OutputVideoMillis),
	FieldInputCharacters: unitField(llm.InputCharacters), FieldOutputCharacters: unitField(llm.OutputCharacters),
	FieldPages: unitField(llm.Pages), FieldRerankSearches: unitField(llm.RerankSearches),
}

func unitField(u llm.Unit) fieldSlot { return fieldSlot{count: true, billed: true, unit: u} }

// secondsField takes a length in seconds, which is kept in milliseconds.
func secondsField(u llm.Unit) fieldSlot {
	return fieldSlot{count: true, scale: 1000, billed: true, unit: u}
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
		if m.billed && m.unit != llm.RerankSearches {
			continue // [Reader.applyUnits]
		}
		v, ok := m.hook(res.Spans, scope.Spans, span)
		if !ok || v == "" {
			continue
		}
		if m.billed {
			s.flags |= 1 << fSearches
			continue
		}
		if !m.count {
			s.forceText(m.slot, v)
			continue
		}
		if n, ok := m.parse(v); ok {
			s.forceCount(m.slot, n)
		} else {
			s.conflicts++
		}
	}
}

// applyUnits fills in the billed units that the mapping gives. A span that
// states one has stated its usage; of an operation that answers in tokens it
// is a lower bound as long as nothing speaks of tokens.
func (r *Reader) applyUnits(s *scan, op llm.Operation, u *llm.Usage, res *ResourceView, scope *ScopeView, span ptrace.Span) {
	for i := range r.mapping {
		m := &r.mapping[i]
		if !m.billed {
			continue
		}
		v, ok := m.hook(res.Spans, scope.Spans, span)
		if !ok || v == "" {
			continue
		}
		if n, ok := m.parse(v); ok {
			u.Units[m.unit] = n
			u.Partial = u.Partial || !u.Known && op.Generates()
			u.Known = true
		} else {
			s.conflicts++
		}
	}
}

// parse reads a count, or a decimal that is kept in a smaller unit.
func (m *mapped) parse(v string) (int64, bool) {
	if m.scale == 0 {
		return parseCount(v)
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= 0 && f < 1e9) { // NaN fails
		return 0, false
	}
	return int64(math.Round(f * m.scale)), true
}
