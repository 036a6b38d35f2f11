package llmspan

import (
	"crypto/sha256"
	"math/rand/v2"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// asPlain fails where the fingerprint is not that of [plainContent], or the
// length not that of [plainContentLength].
func asPlain(t *testing.T, span ptrace.Span) {
	t.Helper()
	got, ok := Content(span, testKey)
	want, wantOK := plainContent(span, testKey)
	if got != want || ok != wantOK {
		t.Fatalf("fingerprint %x (%v), plainly %x (%v), of %v", got, ok, want, wantOK, span.Attributes().AsRaw())
	}
	in, out := ContentLength(span)
	if wantIn, wantOut := plainContentLength(span); in != wantIn || out != wantOut {
		t.Fatalf("%d and %d bytes, plainly %d and %d, of %v", in, out, wantIn, wantOut, span.Attributes().AsRaw())
	}
}

// contentKeys are places of a request and of an answer.
var contentKeys = []string{
	"gen_ai.input.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions", "ai.prompt.messages", "ai.prompt.tools", "events",
	"input.value", "gen_ai.prompt", "llm.input_messages.0.message.content", "llm.input_messages.0.message.role", "llm.input_messages.10.message.content",
	"llm.input_messages.2.message.tool_calls.1.name", "gen_ai.prompt.1.content", "llm.prompts.0.prompt.text", "embedding.embeddings.0.embedding.text",
	"llm.tools.0.tool.json_schema", "llm.request.functions.0.name",
	"gen_ai.output.messages", "ai.response.text", "output.value", "llm.output_messages.0.message.content", "gen_ai.completion.0.content",
}

// jsonAtoms are pieces that a request is thrown together from: names and roles
// that have a meaning, escapes and bytes that are hard to read, and faults.
var jsonAtoms = []string{
	"{", "{", "}", "}", "[", "[", "]", "]", ":", ":", ",", ",", " ", "\n", "null", "true", "false", "0", "-1", "1.50", "1e3", "01", "-", "2.", "nul",
	`"role"`, `"user"`, `"system"`, `"tool"`, `"type"`, `"content"`, `"parts"`, `"text"`, `"messages"`, `"contents"`, `"input"`, `"prompt"`, `"instructions"`,
	`"tools"`, `"name"`, `"function"`, `"id"`, `"event.name"`, `"gen_ai.choice"`, `"model"`, `""`, `"__REDACTED__"`, `" a  b\n"`, `"é\u00e9 \u2003x"`,
	`"\ud83d\ude00"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\/\"\\\b\f\r\t"`, `"\x"`, `"\u12g4"`, "\"\xff\xfe\"", "\"\x01\"", `"{\"role\":\"user\",\"content\":\"in\"}"`,
	`"[{\"name\":\"deep\"}]"`, `"open`, "\u00a0", "\x00",
}

// randomJSON is mostly JSON.
func randomJSON(r *rand.Rand, depth int) string {
	scalar := func() string { return jsonAtoms[14+r.IntN(len(jsonAtoms)-14)] }
	if depth == 0 || r.IntN(4) == 0 {
		return scalar()
	}
	var b strings.Builder
	open, end := "[", "]"
	if r.IntN(3) > 0 {
		open, end = "{", "}"
	}
	b.WriteString(open)
	for i := range r.IntN(5) {
		if i > 0 {
			b.WriteString(", ")
		}
		if open == "{" {
			b.WriteString(jsonAtoms[25+r.IntN(27)] + ":")
		}
		b.WriteString(randomJSON(r, depth-1))
	}
	return b.String() + end
}

// Law: the fingerprint is the one that encoding/json and maps would give,
// whatever the content.
func TestContentIsThatOfPlainReading(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 4))
	some := 0
	for range 60_000 {
		span := ptrace.NewSpan()
		for range 1 + r.IntN(3) {
			text := randomJSON(r, 4)
			if r.IntN(8) == 0 { // soup
				var soup strings.Builder
				for range r.IntN(12) {
					soup.WriteString(jsonAtoms[r.IntN(len(jsonAtoms))])
				}
				text = soup.String()
			}
			span.Attributes().PutStr(contentKeys[r.IntN(len(contentKeys))], text)
		}
		asPlain(t, span)
		if _, ok := Content(span, testKey); ok {
			some++
		}
	}
	if some < 10_000 {
		t.Errorf("only %d spans had content: the law was hardly tried", some)
	}
}

// What follows a value that is complete makes the whole a text, whatever it is.
func TestContentBehindTheEndIsThatOfPlainReading(t *testing.T) {
	for _, text := range []string{"[]\x00]", "[\"a\"]\x00]", "[] ]", "{}\x00}", "[]\u00a0]", "[\"a\"] [\"b\"]", "[\"a\"]\n ", "\x00[]"} {
		for _, key := range contentKeys {
			span := ptrace.NewSpan()
			span.Attributes().PutStr(key, text)
			asPlain(t, span)
		}
	}
}

// Values that are lists and maps, not text, are walked alike.
func TestContentOfValuesIsThatOfPlainReading(t *testing.T) {
	for _, raw := range []map[string]any{
		{"gen_ai.input.messages": []any{map[string]any{"role": "user", "parts": []any{map[string]any{"type": "text", "content": "hi"}, true, int64(7), 0.25, nil, []byte("x")}}}},
		{"gen_ai.input.messages": []any{"plain", `{"role":"tool","content":"[1]"}`}, "gen_ai.tool.definitions": []any{map[string]any{"name": "b"}, map[string]any{"name": "a"}}},
		{"input.value": map[string]any{"messages": []any{"a"}, "system": "be brief", "tools": []any{`[{"name":"x"}]`}}},
		{"input.value": map[string]any{"zeta": "z", "alpha": map[string]any{"id": "no", "text": "y"}}},
		{"gen_ai.system_instructions": []any{"be brief"}, "gen_ai.input.messages": "hi"},
	} {
		span := ptrace.NewSpan()
		if err := span.Attributes().FromRaw(raw); err != nil {
			t.Fatal(err)
		}
		asPlain(t, span)
	}
}

// JSON that is nested deeper than encoding/json goes is text.
func TestContentOfDeepTextIsThatOfPlainReading(t *testing.T) {
	for _, depth := range []int{maxDepth - 1, maxDepth, maxDepth + 1, maxDepth + 2, maxNesting, maxNesting + 1} {
		span := ptrace.NewSpan()
		span.Attributes().PutStr("input.value", `{"messages":[{"content":`+strings.Repeat("[", depth-3)+`"x"`+strings.Repeat("]", depth-3)+`}]}`)
		asPlain(t, span)
		span.Attributes().PutStr("input.value", strings.Repeat("[", depth)+strings.Repeat("]", depth))
		asPlain(t, span)
	}
}

func TestContentKeepsNothingBetweenSpans(t *testing.T) {
	ask := ptrace.NewSpan()
	ask.Attributes().PutStr("input.value", `{"messages":[{"role":"user","content":"a"}],"tools":[{"name":"t"}]}`)
	want, _ := Content(ask, testKey)
	for range 100 {
		other := ptrace.NewSpan()
		other.Attributes().PutStr("llm.input_messages.0.message.content", `{"b":"c","d":["e"]}`)
		Content(other, testKey)
		if got, _ := Content(ask, testKey); got != want {
			t.Fatal("what was read before changes the fingerprint")
		}
	}
	p := &prompt{h: sha256.New(), out: make([]byte, 0, 256)}
	p.attributes(ask.Attributes())
	p.forget()
	for _, n := range p.tape[:cap(p.tape)] {
		if n != (node{}) {
			t.Errorf("%q is still held", n.text)
		}
	}
	for _, s := range p.texts[:cap(p.texts)] {
		if s != "" {
			t.Errorf("%q is still held", s)
		}
	}
	for _, m := range p.members[:cap(p.members)] {
		if m != (member{}) {
			t.Errorf("%q is still held", m.name)
		}
	}
}

func FuzzContentIsThatOfPlainReading(f *testing.F) {
	f.Add("input.value", `{"messages":[{"role":"user","content":"\ud83d\ude00 a\u00e9"},{"a":1.0,"a":[true,null]}],"tools":"[{\"name\":\"x\"}]"}`)
	f.Add("gen_ai.input.messages", `["{\"role\":\"tool\"}", [[]], {"": "\n"}]`)
	f.Add("llm.input_messages.3.message.content", "[1,2")
	f.Fuzz(func(t *testing.T, key, text string) {
		span := ptrace.NewSpan()
		span.Attributes().PutStr(key, text)
		asPlain(t, span)
		span.Attributes().PutStr("gen_ai.input.messages", text)
		span.Attributes().PutStr("gen_ai.output.messages", text)
		asPlain(t, span)
	})
}
