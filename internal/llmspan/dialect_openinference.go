package llmspan

import (
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

var openInferenceDialect = dialect{
	name: "openinference", title: "OpenInference",
	marker: "openinference.span.kind decides",
	scopes: []string{"openinference.", "@arizeai/"},
	layer:  llm.LayerClient,
	keys: []keyDef{
		{key: "openinference.span.kind", form: formText, slot: sKindOpenInference},
		{key: "llm.provider", form: formText, slot: sProvider, rank: 2},
		{key: "llm.system", form: formText, slot: sProvider, rank: 3},
		{key: "llm.request.model_name", form: formText, slot: sRequestModel, rank: 2},
		{key: "llm.response.model_name", form: formText, slot: sResponseModel, rank: 2},
		{key: "llm.model_name", form: formText, slot: sModelName},
		{key: "embedding.model_name", form: formText, slot: sModelName, rank: 1},
		{key: "llm.invocation_parameters", form: formObject, slot: sBlobParams},
		{key: "embedding.invocation_parameters", form: formObject, slot: sBlobParams, rank: 2},
		{key: "llm.token_count.prompt", form: formCount, slot: nInput, rank: 2},
		{key: "llm.token_count.completion", form: formCount, slot: nOutput, rank: 2},
		{key: "llm.token_count.total", form: formCount, slot: nTotal, rank: 1},
		{key: "llm.token_count.prompt_details.cache_read", form: formCount, slot: nCacheRead, rank: 2},
		{key: "llm.token_count.prompt_details.cache_write", form: formCount, slot: nCacheWrite, rank: 4},
		{key: "llm.token_count.prompt_details.cache_input", form: formCount, slot: nCacheRead, rank: 6},
		{key: "llm.token_count.prompt_details.audio", form: formCount, slot: nInAudio, rank: 1},
		{key: "llm.token_count.completion_details.audio", form: formCount, slot: nOutAudio, rank: 1},
		{key: "llm.token_count.completion_details.reasoning", form: formCount, slot: nReasoning, rank: 1},
		{key: "llm.cost.total", form: formMoney, slot: mCost, rank: 6},
		{key: "llm.finish_reason", form: formText, slot: sFinish, rank: 3},
		{key: "llm.prompt_template.version", form: formText, slot: sPromptVersion, rank: 2},
		{key: "output.value", form: formObject, slot: sRawResponse, quiet: true},
		{key: "metadata", form: formObject, slot: sBlobRunMeta, quiet: true},
		{key: "agent.name", form: formText, slot: sAgent, rank: 3, quiet: true},
	},
}

// runMetadata reads what LangChain's instrumentation tells only there. Others
// keep all kinds of things under the key, so that LangChain's names count alone.
func (s *scan) runMetadata(text string) {
	for o := (objText{s: text}); ; {
		name, value, _, ok := o.next()
		if !ok {
			return
		}
		if o.depth != 1 {
			continue
		}
		switch name {
		case "ls_provider":
			s.setText(sProviderHint, value)
		case "ls_model_name":
			s.setText(sModelName, value)
		case "thread_id":
			s.setText(sConversation, value)
		}
	}
}

// rawResponse reads from the provider's answer, where an instrumentation logs
// it whole, what the attributes leave out: the tier that served, the duration
// of cache writes, tool fees, and what the provider says it charged. Text
// inside the answer cannot pose as usage, since its quotes are escaped.
func (s *scan) rawResponse(text string) {
	const most = 1 << 20
	if len(text) > most || !strings.HasPrefix(text, "{") {
		return
	}
	if rest, ok := afterLast(text, `"service_tier":`); ok {
		s.setText(sTier, firstQuoted(rest[:min(len(rest), 40)]))
	}
	if rest, ok := afterLast(text, `"usage":`); ok {
		s.rawUsage(strings.TrimSpace(rest))
	}
}

// rawUsage reads the usage object at the start of text.
func (s *scan) rawUsage(text string) {
	cost, ownKey := "", false
	o := objText{s: text}
	for {
		name, value, quoted, ok := o.next()
		if !ok || o.depth == 0 { // past the object
			break
		}
		switch {
		case name == "cost" && o.depth == 1, name == "total_cost" && o.parent() == "cost":
			cost = value
			continue
		case name == "is_byok", name == "upstream_inference_cost":
			ownKey = ownKey || isTrue(value) || decimalText(value) != "" && strings.Trim(value, "0.") != ""
			continue
		case name == "inference_geo":
			s.setText(sGeo, value)
			continue
		case name == "speed":
			s.setText(sSpeed, value)
			continue
		}
		n, known := usageSlot(o.parent(), name)
		if !known || quoted || n == nInput || n == nOutput || n == nTotal {
			continue
		}
		if v, ok := parseCount(value); ok {
			s.setCount(n, v)
		}
	}
	if !ownKey { // with a key of the customer's own the figure is only a fee
		s.bill(cost)
	}
}

func afterLast(s, sep string) (after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[i+len(sep):], true
	}
	return "", false
}
