package fleet

import (
	"regexp"
	"slices"
	"strings"
)

var (
	pointP     = regexp.MustCompile(`^([a-z]*\d+)p(\d+[a-z]*)$`)                 // 5p2, v3p1, 0p6b
	pointLow   = regexp.MustCompile(`^([a-z]*\d+)_(\d+[a-z]*)$`)                 // 3_3
	smallInt   = regexp.MustCompile(`^(?:[a-z]{0,2}|[a-z]+\d?)?\d{1,2}$`)        // 5, v3, k2, qwen2
	size       = regexp.MustCompile(`^[a-z]?\d+(\.\d+)?(x\d+(\.\d+)?)?[bmket]$`) // 70b, 8x7b, a22b, e4b, 128k, 16e, 1t
	number     = regexp.MustCompile(`^(\d{1,2}(?:\.\d{1,3})?)([a-z]?)$`)         // 4, 4.5, 4o, 3n
	serial     = regexp.MustCompile(`^([a-z])(\d{1,2}(?:\.\d{1,2})?)$`)          // v3.1, k2.5, m2.1, r1, x5
	quantised  = regexp.MustCompile(`^(fp8|fp16|bf16|fp4|nvfp4|mxfp4|int4|int8|awq|gptq|gguf|w4a16|w8a8|[iq]*q\d.*)$`)
	embeddedNo = regexp.MustCompile(`^([a-z]+)(\d{1,2}(?:\.\d{1,2})?)([a-z]?)$`) // qwen3.5, lfm2.5, o3
)

// understand turns what is left into the canonical id, its snapshot, the
// generation and the family.
func (r *reading) understand() {
	if !r.known {
		r.understandUnknown()
		return
	}
	toks := strings.Split(r.bare, "-")
	toks = slices.DeleteFunc(toks, func(t string) bool { return t == "" })
	if len(toks) == 0 {
		r.known = false
		r.understandUnknown()
		return
	}
	toks = r.cutLatest(toks)
	rest, snap, at := cutDate(toks, r.vendor)
	if snap != "" && len(snap) == 3 && !datesByThree(rest) {
		rest, snap = toks, ""
	}
	if snap != "" && r.snap == "" {
		r.snap = snap
	} else {
		at = len(rest)
	}
	var gen string
	if r.vendor == "anthropic" {
		rest, gen = r.claude(rest)
		at = len(rest)
	} else {
		before := len(rest)
		rest, gen = r.spell(rest)
		at = min(max(at+len(rest)-before, 0), len(rest))
	}
	r.finish(rest, gen, at)
}

// datesByThree: "gemini-2.0-flash-001" is a version of a model, but
// "text-embedding-004" is one.
func datesByThree(rest []string) bool {
	if rest[0] == "text" && len(rest) > 1 && rest[1] == "embedding" {
		return false
	}
	for _, t := range rest {
		if number.MatchString(t) || t == "bison" || t == "gecko" || t == "unicorn" {
			return true
		}
	}
	return false
}

// understandUnknown keeps a name of a family that no table knows, but for a
// date at its end where a maker is known.
func (r *reading) understandUnknown() {
	toks := strings.Split(r.bare, "-")
	if r.vendor != "" {
		if rest, snap, at := cutDate(toks, r.vendor); snap != "" && at == len(rest) {
			r.snap, toks = snap, rest
		}
	}
	gen, _ := generationOf(toks, "")
	r.finish(toks, gen, len(toks))
}

// cutLatest marks a name that moves. Where the generation is named too, or the
// vendor tells models apart by date alone, the word is no part of the identity.
func (r *reading) cutLatest(toks []string) []string {
	n := len(toks)
	if n < 2 || toks[n-1] != "latest" {
		return toks
	}
	r.moving = true
	if toks[0] == "chatgpt" {
		return toks
	}
	if r.vendor == "mistral" || hasGeneration(toks[:n-1]) {
		return toks[:n-1]
	}
	return toks
}

func hasGeneration(toks []string) bool {
	gen, _ := generationOf(toks, "")
	return gen != ""
}

// spell writes a name as its vendor does and finds the generation: one dot
// between the digits of a version, the vendor's join between family and
// generation, without the words that platforms add.
func (r *reading) spell(toks []string) (out []string, gen string) {
	words, f, _ := familyOf(strings.Join(toks, "-"))
	nameLen := strings.Count(words, "-") + 1
	if nameLen > len(toks) {
		nameLen = len(toks)
	}
	out = slices.Clone(toks)
	for i, t := range out {
		if m := pointP.FindStringSubmatch(t); m != nil {
			out[i] = m[1] + "." + m[2]
		}
		if m := pointLow.FindStringSubmatch(t); m != nil && !quantised.MatchString(t) {
			out[i] = m[1] + "." + m[2]
		}
	}
	last := nameLen - 1
	if tail := strings.TrimPrefix(out[last], words[strings.LastIndexByte(words, '-')+1:]); tail != "" && tail != out[last] && f.style == dashed && isDigit(tail[0]) {
		out[last] = strings.TrimSuffix(out[last], tail)
		out = slices.Insert(out, last+1, tail)
	}
	if f.style == dashed && len(out) > last+1 {
		if m := serial.FindStringSubmatch(out[last+1]); m != nil && m[1] == "v" {
			out[last+1] = m[2]
		}
	}
	if words == "gpt" && len(out) > 1 && out[1] == "35" {
		out[1] = "3.5"
	}
	out = joinVersion(out, last)
	if f.style == glued && len(out) > last+1 && out[last] == words && number.MatchString(out[last+1]) && !size.MatchString(out[last+1]) {
		out[last] += out[last+1]
		out = slices.Delete(out, last+1, last+2)
	}
	out = respell(out)
	gen, _ = generationOf(out, words)
	if gen == "" && r.revision != "" && (words == "nova" || words == "stable") {
		gen = strings.TrimSuffix(strings.ReplaceAll(r.revision, ":", "."), ".0") // counted by the revision alone
	}
	return out, gen
}

// joinVersion puts the dot back that an id could not hold: the first number
// that a smaller one follows ("5-4" is 5.4, "llama3-2" is 3.2).
func joinVersion(toks []string, from int) []string {
	for i := from; i+1 < len(toks); i++ {
		t, next := toks[i], toks[i+1]
		if size.MatchString(t) || len(t) == 2 && t[0] == '0' {
			continue
		}
		if m := embeddedNo.FindStringSubmatch(t); m != nil && strings.Contains(t, ".") {
			return toks // has its dot
		}
		isVersion := smallInt.MatchString(t) && (i > from || !allLetters(t)) && !strings.Contains(t, ".")
		if !isVersion {
			if number.MatchString(t) {
				return toks
			}
			continue
		}
		if len(next) <= 2 && allDigits(next) && (len(next) != 2 || next[0] != '0') {
			toks[i] = t + "." + next
			return slices.Delete(toks, i+1, i+2)
		}
		return toks
	}
	return toks
}

func allLetters(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isLetter(s[i]) {
			return false
		}
	}
	return true
}

// generationOf finds the generation among the parts of a canonical name and
// the letter of its series ("k" in kimi-k2), which belongs to the family.
func generationOf(toks []string, words string) (gen, series string) {
	nameLen := 0
	if words != "" {
		nameLen = strings.Count(words, "-")
	}
	for i, t := range toks {
		if i < nameLen || size.MatchString(t) || quantised.MatchString(t) {
			continue
		}
		if i == nameLen && t == words[strings.LastIndexByte(words, '-')+1:] {
			continue // a digit of the family's own: "v0"
		}
		if i == nameLen || words == "" && i == 0 {
			if m := embeddedNo.FindStringSubmatch(t); m != nil {
				return m[2] + m[3], ""
			}
			if i == 0 {
				continue
			}
		}
		if m := number.FindStringSubmatch(t); m != nil {
			return m[1] + m[2], ""
		}
		if m := serial.FindStringSubmatch(t); m != nil {
			if m[1] == "v" {
				return m[2], ""
			}
			return m[2], m[1]
		}
	}
	return "", ""
}

// finish writes the results.
func (r *reading) finish(toks []string, gen string, at int) {
	id := strings.Join(toks, "-")
	if canonical, ok := renamed[id]; ok {
		id = canonical
		words, _, _ := familyOf(id)
		gen, _ = generationOf(strings.Split(id, "-"), words)
	}
	r.id, r.generation = id, gen
	if r.family == "" {
		r.family = familyName(strings.Split(id, "-"))
	}
	r.snapshot = id
	if r.snap != "" {
		r.snapshot = id + "-" + r.snap
		if at < len(toks) && at > 0 && id == strings.Join(toks, "-") {
			r.snapshot = strings.Join(toks[:at], "-") + "-" + r.snap + "-" + strings.Join(toks[at:], "-")
		}
	}
	if r.tuned {
		r.id, r.snapshot = tunedPrefix+r.id, tunedPrefix+r.snapshot
	}
}

// familyEnds are words behind which a name says no more about its family.
var familyEnds = words("preview exp experimental beta instruct chat it thinking latest reasoning non generate hf base distill " +
	"turbo versatile instant maas search customtools b")

// familyName is a name without its generation, sizes and stages.
func familyName(toks []string) string {
	words, _, _ := familyOf(strings.Join(toks, "-"))
	nameLen := max(strings.Count(words, "-")+1, 1)
	gen, series := generationOf(toks, words)
	var out []string
	for i, t := range toks {
		ends := serial.MatchString(t) && t[0] == 'v' && t != "v"+gen || familyEnds[t] && (gen != "" || t != "reasoning") || allDigits(t) && t != gen
		if i >= nameLen && ends {
			break
		}
		switch {
		case i < nameLen:
			if m := embeddedNo.FindStringSubmatch(t); m != nil && i == nameLen-1 && m[2]+m[3] == gen {
				t = m[1]
			}
			out = append(out, t)
		case size.MatchString(t) || quantised.MatchString(t):
		case series != "" && t == series+gen:
			out = append(out, series)
		case t == gen || t == "v"+gen:
		default:
			out = append(out, t)
		}
	}
	return strings.Join(out, "-")
}
