package llmspan

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// ContentLength is how many bytes of text a span carries: of the request, and
// of the answer as far as it came. 0 is none, or none that is on the span.
// Nothing is kept of the text, and it is walked once: meant for the few spans
// of streams that broke off.
func ContentLength(span ptrace.Span) (request, answer int) {
	asked, answered := prompts.Get().(*prompt), prompts.Get().(*prompt)
	defer asked.forget()
	defer answered.forget()
	if !asked.attributes(span.Attributes()) {
		asked.events(span.Events())
	}
	answered.answer(span)
	return asked.length(), answered.length()
}

// answerSources say where a dialect keeps the text of the answer, best first.
// What is JSON there and no list of messages is an answer as it came over the
// wire, with ids and counts, and says nothing of the length of the text.
var answerSources = [...]string{
	"gen_ai.output.messages", "ai.response.text", "langfuse.observation.output", "output.value", "gen_ai.completion",
}

func (p *prompt) answer(span ptrace.Span) {
	m := span.Attributes()
	if p.indexed(m, "llm.output_messages.") || p.indexed(m, "gen_ai.completion.") {
		return
	}
	for _, k := range answerSources {
		v, ok := m.Get(k)
		if !ok || empty(v) {
			continue
		}
		switch at := p.tape.attribute(v); p.tape[at].kind {
		case isText:
			p.add(p.tape[at].text)
		case isList:
			p.request(at)
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
				p.leaves(p.tape.attribute(v), 0)
				break
			}
		}
	}
}

func (p *prompt) length() int {
	n := 0
	for _, t := range p.texts {
		n += len(strings.TrimSpace(t))
	}
	return n
}
