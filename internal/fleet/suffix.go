package fleet

import (
	"regexp"
	"strings"
)

// variants are suffixes behind a colon that change the price or the way of
// serving; any other word there is a tag of the model's (Ollama).
var variants = words("free batch online nitro floor exacto thinking extended beta fast flex priority standard")

// revisionForm is how Bedrock ends an id: "-v1:0", "-v1", "-1:0", "-v1:0:200k".
var revisionForm = regexp.MustCompile(`^(.+)-(v?)(\d{1,2})(?::(\d{1,2}))?(?::(\d+k|mm))?$`)

// window is what coding agents write behind a model to ask for a context window
// ("claude-sonnet-4-5[1m]").
var window = regexp.MustCompile(`\[\d+[km]\]$`)

// cutSuffixes takes off, from the end, what is no part of the name. Each rule
// knows where it holds; a suffix that no rule knows stays.
func (r *reading) cutSuffixes(on string) {
	r.bare = window.ReplaceAllString(r.bare, "")
	r.cutVariant(on)
	r.cutTag(on)
	r.cutAt()
	r.cutRevision(on)
	if r.known {
		r.bare = strings.TrimSuffix(r.bare, "-maas")
		r.cutDashVariant(on)
	}
}

func (r *reading) cutVariant(on string) {
	if on == ollama {
		return
	}
	for {
		i := strings.LastIndexByte(r.bare, ':')
		if i <= 0 || !variants[r.bare[i+1:]] {
			return
		}
		r.variant, r.bare = r.bare[i+1:], r.bare[:i]
	}
}

// cutTag reads the tag of a local model: a size is part of the vendor's name
// ("qwen3:0.6b" is Qwen3-0.6B), "latest" is none.
func (r *reading) cutTag(on string) {
	front, tag, ok := strings.Cut(r.bare, ":")
	if ok && allDigits(tag) && (on == bedrock || r.shape == bedrock) && !revisionForm.MatchString(r.bare) {
		r.bare, r.revision = front, tag // "nvidia.nemotron-nano-3-30b:0"
		return
	}
	if !ok || front == "" || tag == "" || revisionForm.MatchString(r.bare) || strings.HasSuffix(front, "-v") {
		return
	}
	if !r.known && on != ollama && on != "ollama_cloud" {
		return
	}
	if strings.HasPrefix(front, "claude-v") {
		return
	}
	if on == ollama || on == "ollama_cloud" {
		tag = strings.TrimSuffix(strings.TrimSuffix(tag, "cloud"), "-")
	}
	r.bare = front
	if tag != "latest" && tag != "" {
		r.bare += "-" + strings.ReplaceAll(tag, ":", "-")
	}
}

// cutAt reads Vertex' "@version"; a tail of any other form stays.
func (r *reading) cutAt() {
	i := strings.LastIndexByte(r.bare, '@')
	if i <= 0 {
		return
	}
	switch tail := r.bare[i+1:]; {
	case tail == "default":
	case tail == "latest":
		r.moving = true
	case len(tail) == 3 && allDigits(tail) && r.vendor != "google":
		r.revision = tail // "mistral-large-2411@001": the cloud's count
	case isDay(tail) && len(tail) == 8, len(tail) == 3 && allDigits(tail):
		r.snap = tail
	default:
		return
	}
	if r.shape == "" {
		r.shape = vertex
	}
	r.bare = r.bare[:i]
}

// cutRevision takes off a cloud's revision, where it is one and no part of the
// vendor's own name.
func (r *reading) cutRevision(on string) {
	if r.vendor == "openai" {
		r.bare = strings.TrimSuffix(r.bare, "ada-002-v2")
		if strings.HasSuffix(r.bare, "text-embedding-") {
			r.bare, r.revision = r.bare+"ada-002", "2"
		}
	}
	m := revisionForm.FindStringSubmatch(r.bare)
	if m == nil {
		return
	}
	front, v, major, minor := m[1], m[2], m[3], m[4]
	rev := major
	if minor != "" {
		rev += ":" + minor
	}
	cloud := on == bedrock || r.shape == bedrock || r.vendor == "amazon" && strings.HasPrefix(front, "nova-")
	switch {
	case minor == "" && (v == "" || !cloud || !revisesBare[r.vendor]):
		return
	case front == "claude" || front == "claude-instant": // "claude-v2:1" is Claude 2.1
		if minor != "" && minor != "0" {
			r.bare = front + "-" + major + "." + minor
		}
		return
	case r.vendor == "mistral" && major == "0" && minor != "": // "-v0:2" is the name v0.2
		r.bare = front + "-v0." + minor
		return
	case v == "" && versionEnd.MatchString(front) && keepsRevision(front): // "rerank-v3-5:0" is Rerank 3.5
		r.bare, r.revision = front+"."+major, minor
		return
	case v != "" && keepsRevision(front): // Titan and Cohere count models by it
		r.bare = front + "-v" + major
		return
	}
	if r.shape == "" && on == "" && minor != "" {
		r.shape = bedrock
	}
	r.bare, r.revision = front, rev
}

// revisesBare are the vendors whose Bedrock ids end in a revision without a
// minor number ("us.anthropic.claude-opus-4-6-v1").
var revisesBare = words("anthropic meta amazon writer")

var versionEnd = regexp.MustCompile(`-v\d$`)

func keepsRevision(front string) bool {
	if strings.HasPrefix(front, "command-r") {
		return false // dated by Cohere, counted by the cloud
	}
	for _, p := range [...]string{"titan", "embed", "rerank", "command", "ray", "stable-diffusion", "nemotron"} {
		if strings.HasPrefix(front, p) {
			return true
		}
	}
	return false
}

// cutDashVariant knows where "-batch", "-free" and "-fast" are prices and not
// names. No lab ends a name in the first two. The labs listed end none in
// "-fast": there it is a way of serving, as it is for anything on Nebius; in
// "grok-4-fast" it is the model's name.
func (r *reading) cutDashVariant(on string) {
	for _, way := range [...]string{"batch", "free"} {
		if front, ok := strings.CutSuffix(r.bare, "-"+way); ok && front != "" {
			r.bare, r.variant = front, way
		}
	}
	r.cutEffort()
	if fastIsServing[r.vendor] || on == nebius {
		for _, way := range [...]string{"fast", "ultrafast"} {
			if front, ok := strings.CutSuffix(r.bare, "-"+way); ok && front != "" {
				r.bare, r.variant = front, way
			}
		}
	}
}

// cutEffort knows how proxies and agents ask a reasoning model of OpenAI or
// Anthropic to think, by its name ("gpt-5-high", "claude-opus-4-6-thinking").
// Neither lab ends a name so; other labs do ("kimi-k2-thinking").
func (r *reading) cutEffort() {
	i := strings.LastIndexByte(r.bare, '-')
	if i <= 0 {
		return
	}
	front, way := r.bare[:i], r.bare[i+1:]
	if r.vendor == "anthropic" && way == "thinking" || r.vendor == "openai" && efforts[way] && reasons.MatchString(front) {
		r.bare, r.variant = front, way
	}
}

var (
	efforts = words("minimal low medium high xhigh")
	reasons = regexp.MustCompile(`^(o\d|gpt-?([5-9]|\d\d)\b|codex)`)
)

var fastIsServing = words("anthropic openai zhipu moonshot deepseek")

// stages are words that may follow a date ("gpt-4-0125-preview").
var stages = words("preview vision thinking instruct exp non reasoning tput")

// cutDate finds the snapshot among the parts of a name: a date at the end, or
// one that only stages follow. It returns the parts without it, the snapshot
// as written, and where it stood; "" where there is none. Nothing is taken for
// a date that is none.
func cutDate(toks []string, vendor string) (rest []string, snap string, at int) {
	end := len(toks)
	for {
		if n := dateLen(toks[:end], vendor); n > 0 {
			at = end - n
			rest = append(append([]string{}, toks[:at]...), toks[end:]...)
			return rest, strings.Join(toks[at:end], "-"), at
		}
		if end < 3 || !stages[toks[end-1]] && !quantised.MatchString(toks[end-1]) {
			return toks, "", 0
		}
		end--
	}
}

// dateLen is how many parts at the end of toks are a date; the first part
// never is, since it is the name.
func dateLen(toks []string, vendor string) int {
	n := len(toks)
	if n < 2 {
		return 0
	}
	last := toks[n-1]
	switch {
	case n > 3 && isYear(toks[n-3]) && isMonth(toks[n-2]) && isDayOfMonth(last): // 2024-08-06
		return 3
	case len(last) == 8 && isDay(last): // 20250929
		return 1
	case n > 2 && isMonth(toks[n-2]) && isYear(last): // 08-2024
		return 2
	case n > 3 && allLetters(toks[n-3]) && isMonth(toks[n-2]) && isDayOfMonth(last): // preview-05-20
		return 2
	case len(last) == 6 && isYear("20"+last[:2]) && isMonth(last[2:4]) && isDayOfMonth(last[4:]): // 250615
		return 1
	case len(last) == 4 && (isMonth(last[:2]) && isDayOfMonth(last[2:]) || isYear("20"+last[:2]) && isMonth(last[2:])): // 0731, 2507
		return 1
	case vendor == "google" && len(last) == 3 && last[0] == '0' && allDigits(last): // 001: a stable version
		return 1
	}
	return 0
}

func isYear(s string) bool  { return len(s) == 4 && allDigits(s) && s >= "2019" && s <= "2039" }
func isMonth(s string) bool { return len(s) == 2 && allDigits(s) && s >= "01" && s <= "12" }
func isDayOfMonth(s string) bool {
	return len(s) == 2 && allDigits(s) && s >= "01" && s <= "31"
}

// isDay: YYYYMMDD.
func isDay(s string) bool {
	return len(s) == 8 && isYear(s[:4]) && isMonth(s[4:6]) && isDayOfMonth(s[6:])
}
