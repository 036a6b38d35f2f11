package llmspan

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// The text of a broken stream is measured wherever a dialect keeps it, without
// roles, ids and what else stands around it.
func TestContentLength(t *testing.T) {
	for name, put := range map[string]func(ptrace.Span){
		"conventions": func(s ptrace.Span) {
			s.Attributes().PutStr("gen_ai.input.messages", `[{"role":"user","parts":[{"type":"text","content":"hello"}]}]`)
			s.Attributes().PutStr("gen_ai.output.messages", `[{"role":"assistant","parts":[{"type":"text","content":"good day"}],"finish_reason":"error"}]`)
		},
		"OpenInference": func(s ptrace.Span) {
			s.Attributes().PutStr("llm.input_messages.0.message.role", "user")
			s.Attributes().PutStr("llm.input_messages.0.message.content", "hello")
			s.Attributes().PutStr("llm.output_messages.0.message.role", "assistant")
			s.Attributes().PutStr("llm.output_messages.0.message.content", "good day")
		},
		"AI SDK": func(s ptrace.Span) {
			s.Attributes().PutStr("ai.prompt.messages", `[{"role":"user","content":[{"type":"text","text":"hello"}]}]`)
			s.Attributes().PutStr("ai.response.text", "good day")
		},
		"events": func(s ptrace.Span) {
			e := s.Events().AppendEmpty()
			e.SetName("gen_ai.user.message")
			e.Attributes().PutStr("content", "hello")
			e = s.Events().AppendEmpty()
			e.SetName("gen_ai.choice")
			e.Attributes().PutStr("message", `{"role":"assistant","content":"good day"}`)
		},
	} {
		span := ptrace.NewSpan()
		put(span)
		if in, out := ContentLength(span); in != 5 || out != 8 {
			t.Errorf("%s: %d and %d bytes", name, in, out)
		}
	}
	if in, out := ContentLength(ptrace.NewSpan()); in != 0 || out != 0 {
		t.Errorf("%d and %d bytes of nothing", in, out)
	}
	raw := ptrace.NewSpan()
	raw.Attributes().PutStr("output.value", `{"id":"chatcmpl-1","choices":[]}`)
	if _, out := ContentLength(raw); out != 0 {
		t.Errorf("%d bytes of what is no text", out)
	}
}
