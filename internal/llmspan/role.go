package llmspan

import (
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

// verdict is what one marker says of a span.
type verdict uint8

const (
	vSilent  verdict = iota
	vAllow           // a call to a model
	vWrapper         // around calls: may repeat their usage (rule R7)
	vDeny            // no bill whatever it carries (rule R2)
)

// role applies rules R1 to R4 to the markers: deny beats allow, and a model
// alone is no evidence. ok is false for spans that are no call.
func (s *scan) role(name string, failed bool) (llm.Role, llm.Operation) {
	op, v := operation(s.texts[sOperation])
	v = max(v, spanName(name))
	if s.marked() {
		v = max(v, s.markers())
	}
	if s.flag(fWrapper) {
		v = max(v, vWrapper)
	}
	if s.flag(fForeign) && v != vAllow {
		v = vDeny
	}
	if s.flag(fSearches) && (op == llm.OpRerank || strings.EqualFold(s.texts[sKindOpenInference], "RERANKER")) {
		op, v = llm.OpRerank, vAllow // no convention counts its searches; the user does
	}
	if op == llm.OpUnknown {
		op = s.impliedOperation()
	}
	switch v {
	case vAllow:
		if op == llm.OpTextCompletion && !failed && !s.saysAnything() {
			return llm.RoleNone, op // a prompt's span, renamed so by gen_ai_normalizer
		}
		return llm.RoleInference, op
	case vWrapper:
		if s.saysUsage() || s.has(nAggInput) || s.has(nAggOutput) || s.moneyRank[mCost] != 0 {
			return llm.RoleRollup, op
		}
	case vSilent:
		if s.implied(failed) {
			return llm.RoleInference, op
		}
	}
	return llm.RoleNone, op
}

// markers is the strongest word of those that say what the span is.
func (s *scan) markers() verdict {
	v := vSilent
	if s.texts[sKindSpring] != "" {
		v = vWrapper
	}
	return max(
		v,
		kindOpenInference(s.texts[sKindOpenInference]),
		kindLangfuse(s.texts[sKindLangfuse]),
		kindLangSmith(s.texts[sKindLangSmith]),
		kindMLflow(s.texts[sKindMLflow]),
		kindTraceloop(s.texts[sKindTraceloop]),
		kindSentry(s.texts[sKindSentry]),
		kindVercel(s.texts[sVercelOp]),
		kindClaudeCode(s.texts[sKindClaudeCode]),
		requestType(s.texts[sRequestType]),
	)
}

// saysUsage reports whether the span states tokens of any kind.
func (s *scan) saysUsage() bool {
	return s.has(nInput) || s.has(nOutput) || s.texts[sBlobLangfuse] != "" || s.texts[sBlobMLflow] != ""
}

// saysAnything reports whether the span names who was asked, or what came back.
func (s *scan) saysAnything() bool {
	return s.saysUsage() || s.texts[sProvider] != "" || s.texts[sRequestModel] != "" || s.texts[sResponseModel] != "" ||
		s.texts[sModelName] != "" || s.texts[sResponseID] != "" || s.texts[sFinish] != ""
}

// implied is rule R3 for spans without any marker: a provider or model with
// usage is a call; without, only a failure that names both is, since a
// model's name alone travels by baggage onto spans that are no calls.
func (s *scan) implied(failed bool) bool {
	provider := s.texts[sProvider] != ""
	model := s.texts[sRequestModel] != "" || s.texts[sResponseModel] != "" || s.texts[sModelName] != ""
	if s.saysUsage() { // Codex names neither on the span that has the usage
		return provider || model || s.seen&(1<<dlCodex) != 0
	}
	return provider && model && (failed || s.texts[sResponseID] != "" || s.texts[sFinish] != "")
}

func (s *scan) impliedOperation() llm.Operation {
	switch {
	case strings.EqualFold(s.texts[sKindOpenInference], "EMBEDDING"), strings.HasPrefix(s.texts[sVercelOp], "ai.embed"),
		s.texts[sRequestType] == "embedding", s.texts[sRequestType] == "aembedding", strings.EqualFold(s.texts[sKindLangfuse], "embedding"), strings.EqualFold(s.texts[sKindMLflow], "EMBEDDING"),
		strings.EqualFold(s.texts[sKindLangSmith], "embedding"):
		return llm.OpEmbeddings
	case s.texts[sRequestType] == "completion":
		return llm.OpTextCompletion
	case s.texts[sRequestType] == "chat", s.texts[sRequestType] == "acompletion", s.texts[sVercelOp] != "", strings.EqualFold(s.texts[sKindMLflow], "CHAT_MODEL"):
		return llm.OpChat
	}
	return llm.OpUnknown
}

// operation reads gen_ai.operation.name, its aliases included.
func operation(op string) (llm.Operation, verdict) {
	o, v := operationOf(op)
	if v == vSilent && op != "" {
		if low := strings.ToLower(op); low != op {
			return operationOf(low)
		}
	}
	return o, v
}

func operationOf(op string) (llm.Operation, verdict) {
	switch op {
	case "":
		return llm.OpUnknown, vSilent
	case "chat", "chat.completions", "chat.streaming_completions", "messages", "llm_call", "acompletion", "responses":
		return llm.OpChat, vAllow
	case "text_completion", "completion", "text.completions", "text.streaming_completions":
		return llm.OpTextCompletion, vAllow
	case "generate_content", "generate":
		return llm.OpGenerateContent, vAllow
	case "embeddings", "embedding":
		return llm.OpEmbeddings, vAllow
	case "image_generation", "image":
		return llm.OpImage, vAllow
	case "speech", "text_to_speech", "audio":
		return llm.OpSpeech, vAllow
	case "transcription", "speech_to_text":
		return llm.OpTranscription, vAllow
	case "rerank":
		return llm.OpRerank, vDeny
	case "invoke_agent", "create_agent", "invoke_workflow", "agent_step", "execute_event_loop_cycle", "orchestrate_tools",
		"plan", "execute_task", "crew", "agent", "workflow", "framework":
		return llm.OpUnknown, vWrapper
	case "execute_tool", "retrieval", "retrieve", "fetch_response", "handoff", "vectordb", "memory", "fine_tuning":
		return llm.OpUnknown, vDeny
	}
	if strings.HasPrefix(op, "invoke_") { // swarms, graphs, crews
		return llm.OpUnknown, vWrapper
	}
	if strings.HasSuffix(op, "_memory") || strings.HasSuffix(op, "_memory_store") {
		return llm.OpUnknown, vDeny
	}
	return llm.OpUnknown, vSilent // an operation that no rule knows: usage must speak
}

func kindOpenInference(k string) verdict {
	switch strings.ToUpper(strings.TrimSpace(k)) {
	case "":
		return vSilent
	case "LLM", "EMBEDDING":
		return vAllow
	case "AGENT", "CHAIN", "PROMPT":
		return vWrapper
	case "UNKNOWN":
		return vSilent
	}
	return vDeny
}

func kindLangfuse(k string) verdict {
	switch strings.ToLower(k) {
	case "":
		return vSilent
	case "generation", "embedding":
		return vAllow
	case "span", "agent", "chain":
		return vWrapper
	}
	return vDeny
}

// kindLangSmith vetoes: LangSmith writes chat operations and copied usage on
// runs of every type.
func kindLangSmith(k string) verdict {
	switch strings.ToLower(k) {
	case "":
		return vSilent
	case "llm", "embedding":
		return vAllow
	case "chain", "agent":
		return vWrapper
	}
	return vDeny
}

func kindMLflow(k string) verdict {
	switch strings.ToUpper(k) {
	case "", "UNKNOWN":
		return vSilent
	case "LLM", "CHAT_MODEL", "EMBEDDING":
		return vAllow
	case "AGENT", "CHAIN", "WORKFLOW", "TASK":
		return vWrapper
	}
	return vDeny
}

func kindTraceloop(k string) verdict {
	switch strings.ToLower(k) {
	case "workflow", "agent", "task":
		return vWrapper
	case "tool":
		return vDeny
	}
	return vSilent
}

func kindSentry(k string) verdict {
	switch k {
	case "ai_client":
		return vAllow
	case "agent":
		return vWrapper
	case "tool", "handoff":
		return vDeny
	}
	return vSilent
}

// kindVercel: the doX spans are the calls, the bare ones repeat their usage.
func kindVercel(op string) verdict {
	switch {
	case op == "":
		return vSilent
	case strings.HasSuffix(op, ".doGenerate"), strings.HasSuffix(op, ".doStream"), strings.HasSuffix(op, ".doEmbed"):
		return vAllow
	case op == "ai.toolCall", strings.HasPrefix(op, "ai.rerank"):
		return vDeny
	}
	return vWrapper
}

func kindClaudeCode(k string) verdict {
	switch k {
	case "":
		return vSilent
	case "llm_request":
		return vAllow
	case "interaction":
		return vWrapper
	}
	return vDeny
}

func requestType(k string) verdict {
	switch k {
	case "chat", "completion", "embedding", "acompletion", "aembedding":
		return vAllow
	case "rerank", "arerank":
		return vDeny
	}
	return vSilent
}

func spanName(name string) verdict {
	switch name {
	case "claude_code.llm_request", "call_llm", "litellm_request", "llm.call", "model_provider_inference":
		return vAllow
	case "raw_gen_ai_request":
		return vDeny
	case "Received Proxy Server Request", "session_task.turn":
		return vWrapper
	}
	switch {
	case strings.HasPrefix(name, "retry.attempt."):
		return vAllow
	case strings.HasPrefix(name, "fallback."): // Bifrost's, around the calls to one provider
		return vWrapper
	case name == "anthropic.messages.count_tokens", strings.HasPrefix(name, "anthropic.messages.batches."):
		return vDeny
	}
	return vSilent
}
