package llmspan

import (
	"crypto/sha256"
	"hash"
	"strings"
	"sync"

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
	p := prompts.Get().(*prompt)
	defer p.forget()
	p.h.Write(append(p.out[:0], key[:]...))
	if !p.attributes(span.Attributes()) && !p.events(span.Events()) {
		return fingerprint, false
	}
	p.finish()
	copy(fingerprint[:], p.h.Sum(p.out[:0]))
	return fingerprint, p.any
}

// prompt feeds a canonical form of a request to a hash: first the system
// text, then the messages in order, then the sorted tools. Each part is
// framed by its kind and ended by a zero, so that parts do not run together.
type prompt struct {
	h     hash.Hash
	any   bool
	turns []turn
	texts []string // of all turns
	tools []string

	tape    tape     // the values that are walked
	members []member // of the objects that are being walked, outermost first
	flat    []indexedAttribute
	out     []byte // on its way to the hash
}

// turn is one message: a role and, up to the next turn, the texts said in it.
type turn struct {
	role string
	from int // in the texts
}

// member is what an object says: a name, and where its value stands.
type member struct {
	name  string
	value int
}

// prompts are used again by later spans, without what they held.
var prompts = sync.Pool{New: func() any { return &prompt{h: sha256.New(), out: make([]byte, 0, 256)} }}

// forget clears all that was said, since nothing of it may be kept, and hands
// the prompt on; one that grew large is dropped.
func (p *prompt) forget() {
	const large = 4096
	if cap(p.tape) > large || cap(p.texts) > large || cap(p.members) > large || cap(p.flat) > large {
		return
	}
	p.h.Reset()
	p.any = false
	p.turns, p.texts, p.tools = wiped(p.turns), wiped(p.texts), wiped(p.tools)
	p.tape, p.members, p.flat = wiped(p.tape), wiped(p.members), wiped(p.flat)
	clear(p.out[:cap(p.out)])
	prompts.Put(p)
}

// wiped empties a slice and what it held.
func wiped[S ~[]E, E any](s S) S {
	clear(s)
	return s[:0]
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
		p.request(p.tape.attribute(v))
		if s, ok := m.Get(src.system); ok {
			p.say("system")
			p.leaves(p.tape.attribute(s), 0)
		}
		if t, ok := m.Get(src.tools); ok {
			p.toolNames(p.tape.attribute(t))
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
				p.leaves(p.tape.attribute(v), 0)
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
	p.turns = append(p.turns, turn{canonicalRole(role), len(p.texts)})
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
	p.texts = append(p.texts, s)
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
