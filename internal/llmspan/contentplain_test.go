package llmspan

import (
	"crypto/sha256"
	"encoding/json"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// plainContent is [Content] written without regard to what it costs: text is
// parsed by encoding/json into maps and lists, which are then walked. The two
// must agree on every span.
func plainContent(span ptrace.Span, key ContentKey) (fingerprint [16]byte, ok bool) {
	p := plainPrompt{h: sha256.New()}
	p.h.Write(key[:])
	if !p.attributes(span.Attributes()) && !p.events(span.Events()) {
		return fingerprint, false
	}
	p.finish()
	copy(fingerprint[:], p.h.Sum(nil))
	return fingerprint, p.any
}

// plainContentLength is [ContentLength] in the same way.
func plainContentLength(span ptrace.Span) (request, answer int) {
	var asked, answered plainPrompt
	if !asked.attributes(span.Attributes()) {
		asked.events(span.Events())
	}
	answered.answer(span)
	return asked.length(), answered.length()
}

type plainPrompt struct {
	h     hash.Hash
	any   bool
	turns []plainTurn
	tools []string
}

type plainTurn struct {
	role  string
	texts []string
}

// attributes takes the request from the attributes of whichever dialect, and
// reports whether there was one.
func (p *plainPrompt) attributes(m pcommon.Map) bool {
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

// events takes the request from the message events of the conventions before
// 1.37, which Strands and others still write.
func (p *plainPrompt) events(list ptrace.SpanEventSlice) bool {
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

// say opens a turn.
func (p *plainPrompt) say(role string) {
	p.turns = append(p.turns, plainTurn{role: canonicalRole(role)})
}

// add puts a text into the open turn.
func (p *plainPrompt) add(s string) {
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

// decoded is an attribute as plain values; text that is JSON is parsed.
func decoded(v pcommon.Value) any {
	if v.Type() == pcommon.ValueTypeStr {
		return parsed(v.Str())
	}
	return v.AsRaw()
}

func parsed(s string) any {
	t := strings.TrimSpace(s)
	if t == "" || t[0] != '{' && t[0] != '[' {
		return s
	}
	d := json.NewDecoder(strings.NewReader(t))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return s
	}
	if _, err := d.Token(); err != io.EOF {
		return s
	}
	return v
}

// request walks a whole request: text, a list of messages, or an object that
// holds messages, system text and tools under one of the providers' names.
func (p *plainPrompt) request(v any) {
	switch v := v.(type) {
	case string:
		p.say("user")
		p.add(v)
	case []any:
		for _, m := range v {
			p.message(m)
		}
	case map[string]any:
		found := false
		for _, k := range [...]string{"messages", "contents", "input", "prompt"} {
			if m, ok := v[k]; ok && !found {
				found = true
				p.request(m)
			}
		}
		if !found {
			p.say("user")
			p.leaves(v, 0)
		}
		for _, k := range [...]string{"system", "system_instruction", "systemInstruction", "instructions"} {
			if s, ok := v[k]; ok && found {
				p.say("system")
				p.leaves(s, 0)
			}
		}
		if t, ok := v["tools"]; ok {
			p.toolNames(t)
		}
	}
}

// message is one entry of a list of messages.
func (p *plainPrompt) message(v any) {
	switch v := v.(type) {
	case string:
		if inner, ok := parsed(v).(map[string]any); ok {
			p.message(inner)
			return
		}
		p.say("user")
		p.add(v)
	case []any: // LangChain: batches of lists
		for _, m := range v {
			p.message(m)
		}
	case map[string]any:
		if v["event.name"] == "gen_ai.choice" { // the answer
			return
		}
		role, _ := v["role"].(string)
		if role == "" {
			role, _ = v["type"].(string)
		}
		p.say(role)
		p.leaves(v, 0)
	}
}

// leaves adds every scalar below v in the order of sorted names.
func (p *plainPrompt) leaves(v any, depth int) {
	if depth > maxDepth {
		return
	}
	switch v := v.(type) {
	case string:
		p.add(v)
	case json.Number:
		p.add(v.String())
	case bool:
		p.add(strconv.FormatBool(v))
	case int64:
		p.add(strconv.FormatInt(v, 10))
	case float64:
		p.add(strconv.FormatFloat(v, 'g', -1, 64))
	case []any:
		for _, e := range v {
			p.leaves(e, depth+1)
		}
	case map[string]any:
		names := make([]string, 0, len(v))
		for k := range v {
			if !notContent(k) {
				names = append(names, k)
			}
		}
		slices.Sort(names)
		for _, k := range names {
			p.leaves(v[k], depth+1)
		}
	}
}

// toolNames takes the names alone: descriptions change with deployments.
func (p *plainPrompt) toolNames(v any) {
	switch v := v.(type) {
	case string:
		if inner := parsed(v); inner != any(v) {
			p.toolNames(inner)
		}
	case []any:
		for _, t := range v {
			p.toolNames(t)
		}
	case map[string]any:
		if n, ok := v["name"].(string); ok {
			p.tools = append(p.tools, n)
			return
		}
		for _, k := range [...]string{"function", "functionDeclarations", "function_declarations", "toolSpec"} {
			p.toolNames(v[k])
		}
	}
}

// finish hashes the canonical form.
func (p *plainPrompt) finish() {
	for _, system := range [...]bool{true, false} {
		for i := range p.turns {
			t := &p.turns[i]
			if len(t.texts) == 0 || (t.role == "system") != system {
				continue
			}
			if !system {
				p.part(t.role)
			}
			for _, s := range t.texts {
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
func (p *plainPrompt) part(s string) {
	for s != "" {
		i := strings.IndexFunc(s, unicode.IsSpace)
		if i < 0 {
			i = len(s)
		}
		_, _ = io.WriteString(p.h, s[:i]) // a hash takes everything
		s = strings.TrimLeftFunc(s[i:], unicode.IsSpace)
	}
	p.h.Write([]byte{0})
}

// indexed takes messages that are flattened into attributes, in the order of
// their numbers whatever the order on the span.
func (p *plainPrompt) indexed(m pcommon.Map, prefix string) bool {
	var found []indexedAttribute
	for k, v := range m.All() {
		rest, ok := strings.CutPrefix(k, prefix)
		if !ok {
			continue
		}
		if n, rest, ok := leadingInt(rest); ok && !strings.HasSuffix(rest, ".vector") { // that is the answer
			found = append(found, indexedAttribute{n, strings.TrimPrefix(rest, "."), v})
		}
	}
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
			p.leaves(decoded(found[i].value), 0)
		}
	}
	return p.any
}

// indexedTools takes the tools that stand beside flattened messages.
func (p *plainPrompt) indexedTools(m pcommon.Map) {
	for k, v := range m.All() {
		switch {
		case strings.HasPrefix(k, "llm.tools.") && strings.HasSuffix(k, ".json_schema"):
			p.toolNames(decoded(v))
		case strings.HasPrefix(k, "llm.request.functions.") && strings.HasSuffix(k, ".name"):
			p.tools = append(p.tools, text(v))
		}
	}
}

func (p *plainPrompt) answer(span ptrace.Span) {
	m := span.Attributes()
	if p.indexed(m, "llm.output_messages.") || p.indexed(m, "gen_ai.completion.") {
		return
	}
	for _, k := range answerSources {
		v, ok := m.Get(k)
		if !ok || empty(v) {
			continue
		}
		switch v := decoded(v).(type) {
		case string:
			p.add(v)
		case []any:
			p.request(v)
		}
		if p.any {
			return
		}
	}
	for i := range span.Events().Len() {
		e := span.Events().At(i)
		if e.Name() != "gen_ai.choice" && e.Name() != "gen_ai.content.completion" {
			continue
		}
		for _, k := range [...]string{"message", "content", "gen_ai.completion"} {
			if v, ok := e.Attributes().Get(k); ok {
				p.leaves(decoded(v), 0)
				break
			}
		}
	}
}

func (p *plainPrompt) length() int {
	n := 0
	for i := range p.turns {
		for _, t := range p.turns[i].texts {
			n += len(strings.TrimSpace(t))
		}
	}
	return n
}
