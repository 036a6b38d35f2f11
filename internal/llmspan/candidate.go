package llmspan

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// IsCandidate is the one cheap test that tells spans worth a [Reader.Read]
// from the rest: a span name, a scope or the namespace of a key that only
// LLM spans have. It never allocates. A candidate may still turn out to be
// no LLM span; a span that is none is never one.
func IsCandidate(scope *ScopeView, span ptrace.Span) bool {
	if candidateName(span.Name()) {
		return true
	}
	for k := range span.Attributes().All() {
		if len(k) > 5 && candidateKey(k) {
			return true
		}
	}
	return scope.known && scope.dialect == dlADK && span.Name() == "call_llm"
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
	}
	return false
}
