package llmspan

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

var testKey = ContentKey{1, 2, 3}

func fingerprint(t *testing.T, story string) (fp [16]byte, ok bool) {
	t.Helper()
	_, _, span := only(parseStory(t, story))
	return Content(span, testKey)
}

// Each row says of two requests whether they are the same one.
func TestContentTellsTheSameRequestFromAnother(t *testing.T) {
	const ask = `gen_ai.input.messages = "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"capital of France?\"}]}]"`
	for _, row := range []struct {
		name, a, b string
		same       bool
	}{
		{"the same words", ask, ask, true},
		{"another model", ask + "\ngen_ai.request.model = \"gpt-4o\"", ask + "\ngen_ai.request.model = \"claude\"", true},
		{"white space", ask, `gen_ai.input.messages = "[ {\"role\" : \"user\", \"parts\":[{\"type\":\"text\",\"content\":\" capital  of France?\\n\"}]} ]"`, true},
		{"other words", ask, `gen_ai.input.messages = "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"capital of Spain?\"}]}]"`, false},
		{"one more turn", ask, `gen_ai.input.messages = "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"capital of France?\"}]},{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"Paris\"}]}]"`, false},
		{"another speaker", ask, `gen_ai.input.messages = "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"capital of France?\"}]}]"`, false},
		{
			"system text in its own key or as a message", ask + "\ngen_ai.system_instructions = \"[{\\\"type\\\":\\\"text\\\",\\\"content\\\":\\\"be brief\\\"}]\"",
			`gen_ai.input.messages = "[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"capital of France?\"}]"`, true,
		},
		{
			"ids of tool calls", `gen_ai.input.messages = "[{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"42\"}]"`,
			`gen_ai.input.messages = "[{\"role\":\"tool\",\"tool_call_id\":\"c2\",\"content\":\"42\"}]"`, true,
		},
		{
			"order and wording of tools", ask + "\ngen_ai.tool.definitions = \"[{\\\"name\\\":\\\"a\\\"},{\\\"name\\\":\\\"b\\\",\\\"description\\\":\\\"x\\\"}]\"",
			ask + "\ngen_ai.tool.definitions = \"[{\\\"type\\\":\\\"function\\\",\\\"function\\\":{\\\"name\\\":\\\"b\\\"}},{\\\"name\\\":\\\"a\\\"}]\"", true,
		},
		{"another tool", ask + "\ngen_ai.tool.definitions = \"[{\\\"name\\\":\\\"a\\\"}]\"", ask, false},
		{
			"flattened messages in another order",
			"llm.input_messages.0.message.role = \"system\"\nllm.input_messages.0.message.content = \"be brief\"\nllm.input_messages.10.message.content = \"z\"\nllm.input_messages.2.message.content = \"y\"",
			"llm.input_messages.2.message.content = \"y\"\nllm.input_messages.10.message.content = \"z\"\nllm.input_messages.0.message.content = \"be brief\"\nllm.input_messages.0.message.role = \"system\"", true,
		},
		{
			"OpenInference raw input of two models",
			`input.value = "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"`,
			`input.value = "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"`, true,
		},
		{"plain text of the AI SDK", `ai.prompt.messages = "hi there"`, `ai.prompt.messages = "hi  there"`, true},
		{
			"Pydantic events without and with the answer",
			`events = "[{\"event.name\":\"gen_ai.user.message\",\"role\":\"user\",\"content\":\"hi\"}]"`,
			`events = "[{\"event.name\":\"gen_ai.user.message\",\"role\":\"user\",\"content\":\"hi\"},{\"event.name\":\"gen_ai.choice\",\"message\":{\"role\":\"assistant\",\"content\":\"yo\"}}]"`, true,
		},
		{"message events", "event gen_ai.user.message @1\ncontent = \"hi\"", "event gen_ai.user.message @9\ncontent = \"hi\"", true},
		{"message events of others", "event gen_ai.user.message @1\ncontent = \"hi\"", "event gen_ai.user.message @1\ncontent = \"ho\"", false},
		{"parts do not run together", `gen_ai.input.messages = "[\"ab\",\"c\"]"`, `gen_ai.input.messages = "[\"a\",\"bc\"]"`, false},
	} {
		a, okA := fingerprint(t, row.a)
		b, okB := fingerprint(t, row.b)
		if !okA || !okB {
			t.Errorf("%s: no content found (%v, %v)", row.name, okA, okB)
		} else if (a == b) != row.same {
			t.Errorf("%s: taken for the same: %v", row.name, a == b)
		}
	}
}

func TestContentOfNothing(t *testing.T) {
	for name, story := range map[string]string{
		"no content":    `gen_ai.request.model = "gpt-4o"`,
		"empty list":    `gen_ai.input.messages = "[]"`,
		"redacted":      `input.value = "__REDACTED__"`,
		"redacted turn": `llm.input_messages.0.message.content = "__REDACTED__"`,
		"prompt name":   `gen_ai.prompt.name = "greet"`,
		"only roles":    `gen_ai.input.messages = "[{\"role\":\"user\"}]"`,
	} {
		if _, ok := fingerprint(t, story); ok {
			t.Errorf("%s: a fingerprint of nothing", name)
		}
	}
	span := ptrace.NewSpan()
	span.Attributes().PutStr("input.value", "hi")
	if _, ok := Content(span, ContentKey{}); ok {
		t.Error("without a key there are no fingerprints")
	}
	a, _ := Content(span, ContentKey{1})
	if b, _ := Content(span, ContentKey{2}); a == b {
		t.Error("the key does not matter")
	}
}

func TestContentOfDeepValuesEnds(t *testing.T) {
	span := ptrace.NewSpan()
	v := pcommon.NewValueStr("x")
	for range 2 * maxDepth {
		outer := pcommon.NewValueSlice()
		v.CopyTo(outer.Slice().AppendEmpty())
		v = outer
	}
	v.CopyTo(span.Attributes().PutEmpty("gen_ai.input.messages"))
	Content(span, testKey)
}
