package llmspan

import (
	"crypto/sha256"
	"hash"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// ContentKey keys content fingerprints, so that they mean nothing outside the
// process. The zero key switches them off.
type ContentKey [16]byte

// Content is the fingerprint of what was asked: equal for the attempts at one
// request whatever model they went to. It covers the messages with their
// roles, the system text and the names of the tools; ids and white space are
// left out, and so is the model. ok is false where the span carries no
// content, or where r has no key. Nothing is kept but the 128 bits.
//
// It is meant for the few spans whose trace holds a failed call: it walks and
// hashes the whole content.
func (r *Reader) Content(span ptrace.Span) (fingerprint [16]byte, ok bool) {
	return Content(span, r.content)
}

// Content is [Reader.Content] with a key of the caller's.
func Content(span ptrace.Span, key ContentKey) (fingerprint [16]byte, ok bool) {
	if key == (ContentKey{}) {
		return fingerprint, false
	}
	p := prompt{h: sha256.New()}
	p.h.Write(key[:])
	if !p.attributes(span.Attributes()) && !p.events(span.Events()) {
		return fingerprint, false
	}
	p.finish()
	var sum [sha256.Size]byte
	copy(fingerprint[:], p.h.Sum(sum[:0]))
	return fingerprint, p.any
}

// prompt feeds a canonical form of a request to a hash: first the system
// text, then the messages in order, then the sorted tools. Each part is
// framed by its kind and ended by a zero, so that parts do not run together.
type prompt struct {
	h     hash.Hash
	any   bool
	turns []turn
	tools []string
}

// turn is one message: a role and the texts said in it.
type turn struct {
	role  string
	texts []string
}

// contentSource says where a dialect keeps the request, best first: the first
// that is present is taken, since several may repeat it. System text and
// tools may stand in keys of their own.
type contentSource struct{ key, system, tools string }

var contentSources = [...]contentSource{
	{"gen_ai.input.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions"},
	{"ai.prompt.messages", "", "ai.prompt.tools"},
	{"events", "", ""}, // Pydantic AI before 1.0
	{"langfuse.observation.input", "", ""},
	{"mlflow.spanInputs", "", ""},
	{"gcp.vertex.agent.llm_request", "", ""},
	{"input.value", "", ""},
	{"gen_ai.prompt", "", ""},
	{"ai.prompt", "", ""},
	{"ai.value", "", ""},
}

// attributes takes the request from the attributes of whichever dialect, and
// reports whether there was one.
func (p *prompt) attributes(m pcommon.Map) bool {
	if p.indexed(m, "llm.input_messages.") || p.indexed(m, "gen_ai.prompt.") || p.indexed(m, "llm.prompts.") {
		p.indexedTools(m)
		return true
	}
	for i := range contentSources {
		src := &contentSources[i]
		v, ok := m.Get(src.key)
		if !ok || empty(v) {
			continue
		}
		p.request(decoded(v))
		if s, ok := m.Get(src.system); ok {
			p.say("system")
			p.leaves(decoded(s), 0)
		}
		if t, ok := m.Get(src.tools); ok {
			p.toolNames(decoded(t))
		}
		return p.any
	}
	return p.indexed(m, "embedding.embeddings.")
}

func empty(v pcommon.Value) bool {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		s := v.Str()
		return s == "" || s == "[]" || s == "__REDACTED__"
	case pcommon.ValueTypeSlice:
		return v.Slice().Len() == 0
	case pcommon.ValueTypeMap:
		return v.Map().Len() == 0
	}
	return true
}

// events takes the request from the message events of the conventions before
// 1.37, which Strands and others still write.
func (p *prompt) events(list ptrace.SpanEventSlice) bool {
	for i := range list.Len() {
		e := list.At(i)
		role, ok := eventRole(e.Name())
		if !ok {
			if e.Name() == "gen_ai.client.inference.operation.details" && p.attributes(e.Attributes()) {
				return true
			}
			continue
		}
		p.say(role)
		for _, k := range [...]string{"content", "gen_ai.prompt", "gen_ai.event.content", "message"} {
			if v, ok := e.Attributes().Get(k); ok {
				p.leaves(decoded(v), 0)
				break
			}
		}
	}
	return p.any
}

func eventRole(name string) (string, bool) {
	switch name {
	case "gen_ai.system.message":
		return "system", true
	case "gen_ai.user.message", "gen_ai.content.prompt":
		return "user", true
	case "gen_ai.assistant.message":
		return "assistant", true
	case "gen_ai.tool.message":
		return "tool", true
	}
	return "", false
}

// say opens a turn.
func (p *prompt) say(role string) {
	p.turns = append(p.turns, turn{role: canonicalRole(role)})
}

// add puts a text into the open turn.
func (p *prompt) add(s string) {
	if s = strings.TrimSpace(s); s == "" || s == "__REDACTED__" {
		return
	}
	p.any = true
	if len(p.turns) == 0 {
		p.say("user")
	}
	t := &p.turns[len(p.turns)-1]
	t.texts = append(t.texts, s)
}

func canonicalRole(r string) string {
	switch strings.ToLower(r) {
	case "system", "developer":
		return "system"
	case "assistant", "model", "ai":
		return "assistant"
	case "tool", "function":
		return "tool"
	}
	return "user"
}
