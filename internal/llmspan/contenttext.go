package llmspan

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// request walks a whole request: text, a list of messages, or an object that
// holds messages, system text and tools under one of the providers' names.
func (p *prompt) request(at int) {
	switch n := p.tape[at]; n.kind {
	case isText:
		p.say("user")
		p.add(n.text)
	case isList:
		for i := at + 1; i < n.end; i = p.tape[i].end {
			p.message(i)
		}
	case isObject:
		found := false
		for _, k := range [...]string{"messages", "contents", "input", "prompt"} {
			if m, ok := p.tape.find(at, k); ok {
				found = true
				p.request(m)
				break
			}
		}
		if !found {
			p.say("user")
			p.leaves(at, 0)
		}
		for _, k := range [...]string{"system", "system_instruction", "systemInstruction", "instructions"} {
			if s, ok := p.tape.find(at, k); ok && found {
				p.say("system")
				p.leaves(s, 0)
			}
		}
		if t, ok := p.tape.find(at, "tools"); ok {
			p.toolNames(t)
		}
	}
}

// message is one entry of a list of messages.
func (p *prompt) message(at int) {
	switch n := p.tape[at]; n.kind {
	case isText:
		if inner := len(p.tape); p.tape.json(n.text) && p.tape[inner].kind == isObject {
			p.message(inner)
			return
		}
		p.say("user")
		p.add(n.text)
	case isList: // LangChain: batches of lists
		for i := at + 1; i < n.end; i = p.tape[i].end {
			p.message(i)
		}
	case isObject:
		if event, _ := p.tape.text(at, "event.name"); event == "gen_ai.choice" { // the answer
			return
		}
		role, _ := p.tape.text(at, "role")
		if role == "" {
			role, _ = p.tape.text(at, "type")
		}
		p.say(role)
		p.leaves(at, 0)
	}
}

// notContent are the names of a message that do not belong to what was said:
// ids that differ between attempts, the model, and the shape of the message.
func notContent(k string) bool {
	switch k {
	case "role", "type", "id", "tool_call_id", "call_id", "tool_use_id", "toolCallId", "toolUseId", "model", "model_name", "modelId",
		"cache_control", "providerOptions", "providerMetadata", "gen_ai.message.index", "event.name", "gen_ai.system", "finish_reason",
		"temperature", "max_tokens", "stream", "tools":
		return true
	}
	return false
}

const maxDepth = 32

// leaves adds every scalar below a value in the order of sorted names.
func (p *prompt) leaves(at, depth int) {
	if depth > maxDepth {
		return
	}
	switch n := p.tape[at]; n.kind {
	case isText, isScalar:
		p.add(n.text)
	case isList:
		for i := at + 1; i < n.end; i = p.tape[i].end {
			p.leaves(i, depth+1)
		}
	case isObject:
		from := len(p.members)
		p.membersOf(at)
		for i := from; i < len(p.members); i++ {
			if i+1 < len(p.members) && p.members[i+1].name == p.members[i].name {
				continue // the last of one name counts
			}
			p.leaves(p.members[i].value, depth+1)
		}
		clear(p.members[from:])
		p.members = p.members[:from]
	}
}

// membersOf puts what an object says onto the members, sorted by name.
func (p *prompt) membersOf(object int) {
	from := len(p.members)
	for i := object + 1; i < p.tape[object].end; i = p.tape[i+1].end {
		if name := p.tape[i].text; !notContent(name) {
			p.members = append(p.members, member{name, i + 1})
		}
	}
	slices.SortStableFunc(p.members[from:], func(a, b member) int { return strings.Compare(a.name, b.name) })
}

// toolNames takes the names alone: descriptions change with deployments.
func (p *prompt) toolNames(at int) {
	switch n := p.tape[at]; n.kind {
	case isText:
		if inner := len(p.tape); p.tape.json(n.text) {
			p.toolNames(inner)
		}
	case isList:
		for i := at + 1; i < n.end; i = p.tape[i].end {
			p.toolNames(i)
		}
	case isObject:
		if name, ok := p.tape.text(at, "name"); ok {
			p.tools = append(p.tools, name)
			return
		}
		for _, k := range [...]string{"function", "functionDeclarations", "function_declarations", "toolSpec"} {
			if t, ok := p.tape.find(at, k); ok {
				p.toolNames(t)
			}
		}
	}
}

// finish hashes the canonical form.
func (p *prompt) finish() {
	for _, system := range [...]bool{true, false} {
		for i, t := range p.turns {
			to := len(p.texts)
			if i+1 < len(p.turns) {
				to = p.turns[i+1].from
			}
			if t.from == to || (t.role == "system") != system {
				continue
			}
			if !system {
				p.part(t.role)
			}
			for _, s := range p.texts[t.from:to] {
				p.part(s)
			}
		}
		p.part("")
	}
	slices.Sort(p.tools)
	for _, t := range slices.Compact(p.tools) {
		p.part(t)
	}
}

// part writes a text without its white space, ended by a zero.
func (p *prompt) part(s string) {
	out := p.out[:0]
	for i := 0; i < len(s); {
		if len(out)+utf8.UTFMax >= cap(out) {
			p.h.Write(out)
			out = out[:0]
		}
		if c := s[i]; c < utf8.RuneSelf {
			if !unicode.IsSpace(rune(c)) {
				out = append(out, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsSpace(r) {
			out = append(out, s[i:i+n]...)
		}
		i += n
	}
	p.h.Write(append(out, 0))
}

// indexedAttribute is one of the flattened messages of OpenInference and the
// older OpenLLMetry: prefix, index, rest.
type indexedAttribute struct {
	index int
	rest  string
	value pcommon.Value
}

// indexed takes messages that are flattened into attributes, in the order of
// their numbers whatever the order on the span.
func (p *prompt) indexed(m pcommon.Map, prefix string) bool {
	found := wiped(p.flat)
	for k, v := range m.All() {
		rest, ok := strings.CutPrefix(k, prefix)
		if !ok {
			continue
		}
		if n, rest, ok := leadingInt(rest); ok && !strings.HasSuffix(rest, ".vector") { // that is the answer
			found = append(found, indexedAttribute{n, strings.TrimPrefix(rest, "."), v})
		}
	}
	p.flat = found
	slices.SortFunc(found, func(a, b indexedAttribute) int {
		if a.index != b.index {
			return a.index - b.index
		}
		return naturalCompare(a.rest, b.rest)
	})
	last := -1
	for i := range found {
		if found[i].index != last {
			last = found[i].index
			p.say(roleOf(found[i:], last))
		}
		if !idOrRole(found[i].rest) {
			p.leaves(p.tape.attribute(found[i].value), 0)
		}
	}
	return p.any
}

func roleOf(list []indexedAttribute, index int) string {
	for i := range list {
		if list[i].index != index {
			break
		}
		if r := list[i].rest; r == "role" || strings.HasSuffix(r, ".role") {
			return text(list[i].value)
		}
	}
	return ""
}

func idOrRole(rest string) bool {
	return notContent(rest[strings.LastIndexByte(rest, '.')+1:])
}

// naturalCompare orders names with numbers in them by the numbers.
func naturalCompare(a, b string) int {
	for a != "" && b != "" {
		na, ra, oka := leadingInt(a)
		nb, rb, okb := leadingInt(b)
		if oka && okb {
			if na != nb {
				return na - nb
			}
			a, b = ra, rb
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

// indexedTools takes the tools that stand beside flattened messages.
func (p *prompt) indexedTools(m pcommon.Map) {
	for k, v := range m.All() {
		switch {
		case strings.HasPrefix(k, "llm.tools.") && strings.HasSuffix(k, ".json_schema"):
			p.toolNames(p.tape.attribute(v))
		case strings.HasPrefix(k, "llm.request.functions.") && strings.HasSuffix(k, ".name"):
			p.tools = append(p.tools, text(v))
		}
	}
}
