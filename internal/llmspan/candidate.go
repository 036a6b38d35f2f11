package llmspan

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Seen is what one cheap pass saw on a span.
type Seen uint8

const (
	// SeenLLM: worth a [Reader.Read].
	SeenLLM Seen = 1 << iota
	// SeenStamps: attributes of ours, or in our name, are there.
	SeenStamps
	// SeenHTTP: an HTTP client span, worth a [Reader.ReadTransport] where it
	// turns out to be no call.
	SeenHTTP
)

// Look is the one cheap pass over a span that tells what else to do with it:
// the span name and the namespaces of keys. It never allocates. A span that
// looks like an LLM span may still turn out to be none; one that does not, is
// none.
func Look(_ *ScopeView, span ptrace.Span) Seen {
	var seen Seen
	if candidateName(span.Name()) {
		seen = SeenLLM
	}
	client := span.Kind() == ptrace.SpanKindClient
	for k := range span.Attributes().All() {
		if len(k) <= 5 {
			continue
		}
		switch k[0] {
		case 'g', 'l', 'o', 'a', 'm', 't':
			if seen&SeenLLM == 0 && candidateKey(k) {
				seen |= SeenLLM
			}
		case 's':
			if isStamp(k) {
				seen |= SeenStamps
			}
		case 'u', 'h':
			if client && (k == "url.full" || k == "url.path" || k == "http.url" || k == "http.target") {
				seen |= SeenHTTP
			}
		}
	}
	return seen
}

// IsCandidate reports whether a span is worth a [Reader.Read], and stops at
// the first sign of it: [Look] where nothing else is asked.
func IsCandidate(_ *ScopeView, span ptrace.Span) bool {
	if candidateName(span.Name()) {
		return true
	}
	for k := range span.Attributes().All() {
		if len(k) > 5 && candidateKey(k) {
			return true
		}
	}
	return false
}

// IsStampedOrCandidate reports whether a span is worth a [ReadStamp], since
// attributes of ours are there, or a [Reader.Read], and stops at the first sign
// of either.
func IsStampedOrCandidate(span ptrace.Span) bool {
	if candidateName(span.Name()) {
		return true
	}
	for k := range span.Attributes().All() {
		if len(k) > 5 && (candidateKey(k) || k[0] == 's' && isStamp(k)) {
			return true
		}
	}
	return false
}

// candidateKey looks at the first letter and, on a hit, at the namespace.
func candidateKey(k string) bool {
	switch k[0] {
	case 'g':
		return k[:3] == "gen" && strings.HasPrefix(k, "gen_ai.")
	case 'l':
		return k[:4] == "llm." || k[:4] == "lang" && (strings.HasPrefix(k, "langfuse.observation.") || strings.HasPrefix(k, "langsmith.span.")) ||
			strings.HasPrefix(k, "litellm.")
	case 'o':
		return strings.HasPrefix(k, "openinference.")
	case 'a':
		return strings.HasPrefix(k, "ai.operationId") || strings.HasPrefix(k, "ai.usage.")
	case 'm':
		return strings.HasPrefix(k, "mlflow.spanType")
	case 't':
		return strings.HasPrefix(k, "traceloop.span.")
	}
	return false
}

// candidateName knows the span names of emitters whose spans may carry no key
// of a namespace of theirs.
func candidateName(name string) bool {
	if len(name) < 8 {
		return false
	}
	switch name[0] {
	case 'c':
		return name == "call_llm" || strings.HasPrefix(name, "claude_code.")
	case 'l':
		return name == "litellm_request" || name == "llm.call"
	case 'r':
		return strings.HasPrefix(name, "retry.attempt.")
	case 'm':
		return name == "model_provider_inference"
	case 's':
		return name == "session_task.turn"
	}
	return false
}
