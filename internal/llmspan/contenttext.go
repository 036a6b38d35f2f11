package llmspan

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

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
func (p *prompt) request(v any) {
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
func (p *prompt) message(v any) {
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

// leaves adds every scalar below v in the order of sorted names.
func (p *prompt) leaves(v any, depth int) {
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
func (p *prompt) toolNames(v any) {
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
func (p *prompt) finish() {
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
func (p *prompt) part(s string) {
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
			p.toolNames(decoded(v))
		case strings.HasPrefix(k, "llm.request.functions.") && strings.HasSuffix(k, ".name"):
			p.tools = append(p.tools, text(v))
		}
	}
}
