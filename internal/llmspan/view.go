package llmspan

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
)

// ResourceView is what the spans of one ResourceSpans share, read once.
// Its strings alias the memory of the batch.
type ResourceView struct {
	Service, Instance, Environment string
	// Spans is the ResourceSpans itself, for mapping hooks.
	Spans ptrace.ResourceSpans

	product  dialectID // the product that the service is, where its name says so
	known    bool
	provider bool // the model provider itself

	identity   llm.Identity // see Identity
	identified bool
}

// ScopeView is what the spans of one ScopeSpans share, read once. It belongs to
// one batch: it learns, and is not safe for concurrent use.
type ScopeView struct {
	Name, Version string
	// Spans is the ScopeSpans itself, for mapping hooks.
	Spans ptrace.ScopeSpans

	// What follows is worked out for scopes with a call alone, see learn.
	learnt    bool
	dialect   dialectID
	known     bool
	framework bool // an agent framework or an instrumentation of one
	provider  bool
}

// ReadResource reads the facts of one ResourceSpans.
func ReadResource(rs ptrace.ResourceSpans) ResourceView {
	v := ResourceView{Spans: rs}
	legacyEnvironment := ""
	for k, a := range rs.Resource().Attributes().All() {
		if a.Type() != pcommon.ValueTypeStr {
			continue
		}
		switch k {
		case "service.name":
			v.Service = a.Str()
		case "service.instance.id":
			v.Instance = a.Str()
		case "deployment.environment.name":
			v.Environment = a.Str()
		case "deployment.environment":
			legacyEnvironment = a.Str()
		}
	}
	if v.Environment == "" {
		v.Environment = legacyEnvironment
	}
	v.product, v.known = productOf(v.Service)
	v.provider = v.Service == "claude-platform"
	return v
}

// productOf knows gateways by the service name they ship with.
func productOf(service string) (dialectID, bool) {
	switch {
	case service == "openrouter":
		return dlOpenRouter, true
	case strings.HasPrefix(service, "litellm"):
		return dlLiteLLM, true
	case strings.HasPrefix(service, "agentgateway"):
		return dlAgentGateway, true
	case strings.HasPrefix(service, "bifrost"):
		return dlBifrost, true
	case strings.HasPrefix(service, "tensorzero"):
		return dlTensorZero, true
	case service == "kong" || strings.HasPrefix(service, "kong-"):
		return dlKong, true
	case strings.HasPrefix(service, "ai-gateway-extproc"), strings.HasPrefix(service, "envoy-ai-gateway"):
		return dlEnvoy, true
	case strings.HasPrefix(service, "claude-code"):
		return dlClaudeCode, true
	case service == "claude-platform":
		return dlAnthropic, true
	}
	return 0, false
}

// ReadScope reads the facts of one ScopeSpans.
func ReadScope(ss ptrace.ScopeSpans) ScopeView {
	return ScopeView{Name: ss.Scope().Name(), Version: ss.Scope().Version(), Spans: ss}
}

// learn finds out whose scope it is, once: most scopes are nobody's.
func (v *ScopeView) learn() {
	if v.learnt {
		return
	}
	v.learnt = true
	v.dialect, v.known = scopeDialect(v.Name)
	v.framework = scopeIsFramework(v.Name)
	v.provider = strings.HasPrefix(v.Name, "com.anthropic.claude-platform")
}

// scopeDialect finds the dialect with the longest matching scope prefix.
func scopeDialect(scope string) (dialectID, bool) {
	if scope == "ai" || scope == "gen_ai" {
		return dlVercel, true
	}
	var best dialectID
	length := 0
	for id := range dialects {
		for _, p := range dialects[id].scopes {
			if len(p) > length && strings.HasPrefix(scope, p) {
				best, length = dialectID(id), len(p)
			}
		}
	}
	return best, length > 0
}

// frameworks are named in the scopes of the instrumentations that wrap them.
var frameworks = [...]string{
	"langchain", "langgraph", "llama_index", "llama-index", "llamaindex", "crewai", "agno", "smolagents", "dspy",
	"haystack", "autogen", "openai_agents", "openai-agents", "pydantic", "strands", "google_adk", "google-adk",
	"beeai", "instructor", "guardrails", "litellm", "claude_agent_sdk", "claude-agent-sdk", "mcp",
}

func scopeIsFramework(scope string) bool {
	for _, f := range frameworks {
		if strings.Contains(scope, f) {
			return true
		}
	}
	return false
}
