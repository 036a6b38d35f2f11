package llmspan

import (
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

// emitter is who wrote the span, as far as the arithmetic of its counts
// depends on it.
type emitter struct {
	dialect  dialectID
	known    bool // the scope named the dialect, not only a key
	scope    string
	version  string
	provider string
	model    string
	op       llm.Operation
}

// rule says where a part stands to its whole.
type rule uint8

const (
	ruleNone   rule = iota
	ruleInside      // the count includes the part
	ruleOnTop       // the part comes on top
)

// anthropic: Anthropic's own interface was spoken, wherever it is served. A
// Claude model behind an interface of OpenAI's kind is counted as OpenAI does.
func (e *emitter) anthropic() bool {
	if e.provider == "" {
		return e.claude()
	}
	return strings.Contains(e.provider, "nthropic")
}

func (e *emitter) claude() bool { return strings.Contains(e.model, "claude") }

func (e *emitter) bedrock() bool {
	return strings.Contains(e.provider, "bedrock") || strings.Contains(e.provider, "Bedrock") ||
		strings.HasPrefix(e.provider, "AWS") || strings.Contains(e.scope, "bedrock")
}

// google: Google's own interface was spoken.
func (e *emitter) google() bool {
	p := e.provider
	if p == "" {
		return strings.HasPrefix(e.model, "gemini")
	}
	return strings.HasPrefix(p, "google") || strings.HasPrefix(p, "gcp.") || strings.HasPrefix(p, "gemini") ||
		strings.HasPrefix(p, "vertex") || strings.HasPrefix(p, "Google")
}

// inputRule is the table of emitters for cached input tokens
// (reference: what the sources of each instrumentation do). ruleNone where
// nothing is known of the emitter.
func (e *emitter) inputRule(s *scan) rule {
	switch e.dialect {
	case dlVercel:
		return e.vercelInput(s)
	case dlOpenInference:
		return ruleIf(strings.Contains(e.scope, "bedrock") || strings.Contains(e.scope, "claude_agent_sdk") || strings.Contains(e.scope, "claude-agent-sdk"))
	case dlOpenLLMetry:
		return e.openLLMetryInput()
	case dlLangSmith:
		return ruleIf(e.bedrock() && e.claude())
	case dlLangfuse:
		return ruleInside // buckets are put together by the blob reader
	case dlOpenLIT, dlAgentFramework:
		return ruleIf(e.dialect == dlOpenLIT && (e.anthropic() || e.bedrock()) ||
			e.anthropic() && strings.HasPrefix(e.scope, "agent_framework"))
	case dlStrands:
		return e.strandsInput()
	case dlSpringAI:
		return ruleIf(e.anthropic() || e.bedrock())
	case dlEnvoy: // its OpenInference spans are inclusive
		return ruleIf(s.seen&(1<<dlOpenInference) == 0 && (e.anthropic() || e.bedrock()))
	case dlClaudeCode:
		return ruleOnTop
	case dlPydantic: // before 0.2 it passed on what Anthropic says
		return ruleIf(e.anthropic() && versionBelow(e.version, 0, 2))
	case dlLiteLLM, dlSentry, dlMLflow, dlADK, dlAnthropic, dlAgentGateway, dlCodex, dlGeminiCLI:
		return ruleInside
	case dlSemConv:
		return e.semconvInput()
	}
	return ruleNone
}

func ruleIf(onTop bool) rule {
	if onTop {
		return ruleOnTop
	}
	return ruleInside
}

// vercelInput: the versions before 6 pass on what Anthropic and Bedrock say;
// they are known by not reporting cached tokens apart.
func (e *emitter) vercelInput(s *scan) rule {
	old := e.scope == "ai" && !s.vercelDetails()
	return ruleIf(old && (e.anthropic() || e.bedrock()))
}

// openLLMetryInput: Bedrock is passed on raw in Python, Anthropic in
// JavaScript and in Python before 0.34.
func (e *emitter) openLLMetryInput() rule {
	if strings.HasPrefix(e.scope, "@traceloop/") {
		return ruleIf(e.anthropic() || e.bedrock())
	}
	if !e.known {
		return ruleNone
	}
	return ruleIf(e.bedrock() || e.anthropic() && versionBelow(e.version, 0, 34))
}

// strandsInput follows the model adapter, since the provider is no provider.
func (e *emitter) strandsInput() rule {
	return ruleIf(e.claude() || strings.Contains(e.model, "nova"))
}

// semconvInput: the instrumentations of OpenTelemetry itself follow the
// convention, but for Bedrock, which is passed on raw.
func (e *emitter) semconvInput() rule {
	if !e.known {
		return ruleNone
	}
	return ruleIf(e.bedrock())
}

// outputRule is the table of emitters for reasoning tokens: only Google's own
// interface counts them beside the output, and some pass that on.
func (e *emitter) outputRule(s *scan) rule {
	onTop := false
	switch e.dialect {
	case dlGeminiCLI, dlOpenLIT, dlOpenLLMetry:
		onTop = true
	case dlADK:
		onTop = versionBelow(e.version, 2, 0)
	case dlVercel:
		onTop = e.scope == "ai" && !s.vercelDetails()
	case dlSemConv:
		onTop = e.known && strings.Contains(e.scope, "vertexai")
	}
	if onTop && e.google() {
		return ruleOnTop
	}
	return ruleNone
}

// versionBelow compares a dotted version with major.minor; an empty or odd
// version is below nothing.
func versionBelow(v string, major, minor int) bool {
	a, rest, ok := leadingInt(strings.TrimPrefix(v, "v"))
	if !ok {
		return false
	}
	if a != major {
		return a < major
	}
	b, _, ok := leadingInt(strings.TrimPrefix(rest, "."))
	return ok && b < minor
}

func leadingInt(s string) (n int, rest string, ok bool) {
	i := 0
	for ; i < len(s) && i < 6 && s[i] >= '0' && s[i] <= '9'; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n, s[i:], i > 0
}
