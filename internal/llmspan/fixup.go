package llmspan

import "strings"

// fixups runs after the pass: values inside values, and names that mean
// something else in one dialect. Nothing is parsed that is not there.
func (s *scan) fixups(d dialectID) {
	if s.packed() {
		s.unpack()
	}
	s.serverFirstChunk(d)
}

// unpack reads the values that hold others.
func (s *scan) unpack() {
	if t := s.texts[sBlobLangfuse]; t != "" {
		s.langfuseUsage(t)
	}
	if t := s.texts[sBlobMLflow]; t != "" {
		s.usageObject(t, "")
	}
	if t := s.texts[sBlobLiteLLM]; t != "" {
		s.usageObject(t, "")
	}
	if t := s.texts[sBlobInput]; t != "" {
		s.usageObject(t, "input")
	}
	if t := s.texts[sBlobOutput]; t != "" {
		s.usageObject(t, "output")
	}
	if t := s.texts[sBlobHidden]; t != "" {
		s.hiddenParams(t)
	}
	if t := s.texts[sBlobMetadata]; t != "" {
		s.vercelMetadata(t)
	}
	if t := s.texts[sBlobResponse]; t != "" {
		s.adkResponse(t)
	}
	if t := s.texts[sBlobParams]; t != "" {
		s.requestParams(t)
	}
	if t := s.texts[sRawResponse]; t != "" {
		s.rawResponse(t)
	}
	if t := s.texts[sBlobRunMeta]; t != "" {
		s.runMetadata(t)
	}
	if t := s.texts[sBlobPrompt]; t != "" {
		s.promptObject(t)
	}
	if s.texts[sSpeed] == "fast" {
		s.forceText(sTier, "fast")
	}
}

// usageObject reads a usage object of which attributes may repeat parts.
func (s *scan) usageObject(text, side string) {
	var u usageText
	u.read(text, side, "")
	u.into(s)
	s.bill(u.cost)
}

// bill notes what the billing provider said it charged.
func (s *scan) bill(amount string) {
	if amount != "" && s.billed == "" {
		s.billed = amount
	}
}

// models settles which model was asked for and which answered, where the
// emitter names one without saying. Instrumentations overwrite it with the
// answering model when they know; it is the request's when the request is
// not told otherwise.
func (s *scan) models() {
	name := s.texts[sModelName]
	if name == "" {
		return
	}
	if s.texts[sRequestModel] == "" {
		s.setText(sRequestModel, name)
	} else {
		s.setText(sResponseModel, name)
	}
}

// serverFirstChunk: OpenLIT gives seconds, Strands milliseconds.
func (s *scan) serverFirstChunk(d dialectID) {
	if !s.has(nServerFirstChunk) {
		return
	}
	ns := s.counts[nServerFirstChunk]
	if d == dlStrands {
		ns /= 1000
	}
	s.setCount(nFirstChunk, ns)
}

// provider is who was asked and bills. Values that name a framework instead
// give way to what it says elsewhere; OpenRouter's broadcast names who served behind it, but the bill
// is its own.
func (s *scan) provider(d dialectID) string {
	p := s.texts[sProvider]
	if d == dlOpenRouter {
		return "openrouter"
	}
	switch p {
	case "", "strands-agents", "gcp.vertex.agent", "Langchain", "langchain", "LangChain", "langgraph", "LangGraph", "llama_index", "llamaindex",
		"crewai", "CrewAI", "spring_ai", "semantic_kernel", "microsoft.agent_framework", "pydantic-ai", "_OTHER", "unknown":
		p = s.texts[sProviderHint]
	}
	return strings.TrimSpace(p)
}
