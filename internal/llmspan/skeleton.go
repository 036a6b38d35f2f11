package llmspan

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
)

// ReadSkeleton fills sk with what attempt detection needs of a span that is
// no call: ids, times, whether attempts may cross it, what went over HTTP.
// Strings alias the memory of the batch. Nothing is allocated.
func ReadSkeleton(span ptrace.Span, sk *llm.Skeleton) {
	*sk = llm.Skeleton{
		Trace: llm.TraceID(span.TraceID()), Span: llm.SpanID(span.SpanID()), Parent: llm.SpanID(span.ParentSpanID()),
		Name: span.Name(), Kind: kindOf(span.Kind()), Status: statusOf(span.Status().Code()),
		Start: int64(span.StartTimestamp()), End: int64(span.EndTimestamp()),
	}
	var w wire
	for k, v := range span.Attributes().All() {
		if len(k) < 4 {
			continue
		}
		switch k[0] {
		case 'g', 'o', 't', 'l', 'm', 'a':
			markSkeleton(sk, k, v)
		}
		w.take(k, v)
	}
	if strings.HasPrefix(sk.Name, "execute_tool ") || sk.Name == "ai.toolCall" {
		sk.Tool = true
	}
	sk.Barrier = sk.Barrier || sk.Tool
	w.settle(span, &sk.HTTP)
}

// markSkeleton tells agents, workflows and tools by whoever marked them.
// Everything else, chains and tasks included, is transparent to attempts.
func markSkeleton(sk *llm.Skeleton, k string, v pcommon.Value) {
	if v.Type() != pcommon.ValueTypeStr {
		return
	}
	s := v.Str()
	switch k {
	case "gen_ai.operation.name":
		switch s {
		case "invoke_agent", "create_agent", "invoke_workflow":
			sk.Barrier = true
		case "execute_tool":
			sk.Tool = true
		}
	case "openinference.span.kind", "mlflow.spanType":
		switch unquote(s) {
		case "AGENT", "WORKFLOW":
			sk.Barrier = true
		case "TOOL":
			sk.Tool = true
		}
	case "traceloop.span.kind", "langfuse.observation.type", "gen_ai.operation.type", "langsmith.span.kind":
		switch s {
		case "agent", "workflow":
			sk.Barrier = true
		case "tool":
			sk.Tool = true
		}
	case "ai.operationId":
		sk.Tool = sk.Tool || s == "ai.toolCall"
	case "agentgateway.outbound.kind":
		sk.HTTP.Outbound = s
	}
}
