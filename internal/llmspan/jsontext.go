package llmspan

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNesting is how deep JSON may go before it is taken for plain text, as
// encoding/json has it.
const maxNesting = 10000

// jsonText reads JSON in one pass. It takes and refuses what encoding/json
// does.
type jsonText struct {
	s  string
	i  int
	to *tape
}

// value reads a value and the white space behind it.
func (j *jsonText) value(depth int) (ok bool) {
	at := len(*j.to)
	switch j.peek() {
	case '{':
		ok = depth < maxNesting && j.object(depth+1)
	case '[':
		ok = depth < maxNesting && j.list(depth+1)
	case '"':
		ok = j.quoted(isText)
	case 't':
		ok = j.word("true", isScalar)
	case 'f':
		ok = j.word("false", isScalar)
	case 'n':
		ok = j.word("null", isNothing)
	default:
		ok = j.number()
	}
	if ok {
		(*j.to)[at].end = len(*j.to)
		j.space()
	}
	return ok
}

func (j *jsonText) object(depth int) bool {
	j.to.put(isObject, "")
	j.i++
	if j.space(); j.take('}') {
		return true
	}
	for {
		if j.peek() != '"' || !j.quoted(isName) {
			return false
		}
		if j.space(); !j.take(':') {
			return false
		}
		if j.space(); !j.value(depth) {
			return false
		}
		if j.take('}') {
			return true
		}
		if !j.take(',') {
			return false
		}
		j.space()
	}
}

func (j *jsonText) list(depth int) bool {
	j.to.put(isList, "")
	j.i++
	if j.space(); j.take(']') {
		return true
	}
	for j.value(depth) {
		if j.take(']') {
			return true
		}
		if !j.take(',') {
			return false
		}
		j.space()
	}
	return false
}

// peek is the next byte, 0 at the end.
func (j *jsonText) peek() byte {
	if j.i < len(j.s) {
		return j.s[j.i]
	}
	return 0
}

func (j *jsonText) take(c byte) bool {
	if j.peek() != c {
		return false
	}
	j.i++
	return true
}

func (j *jsonText) space() {
	for j.i < len(j.s) && (j.s[j.i] == ' ' || j.s[j.i] == '\n' || j.s[j.i] == '\t' || j.s[j.i] == '\r') {
		j.i++
	}
}

func (j *jsonText) word(w string, kind nodeKind) bool {
	if !strings.HasPrefix(j.s[j.i:], w) {
		return false
	}
	j.to.put(kind, w)
	j.i += len(w)
	return true
}

func (j *jsonText) number() bool {
	start := j.i
	j.take('-')
	if !j.take('0') && !j.digits() {
		return false
	}
	if j.take('.') && !j.digits() {
		return false
	}
	if j.take('e') || j.take('E') {
		if !j.take('-') {
			j.take('+')
		}
		if !j.digits() {
			return false
		}
	}
	j.to.put(isScalar, j.s[start:j.i])
	return true
}

func (j *jsonText) digits() bool {
	start := j.i
	for c := j.peek(); c >= '0' && c <= '9'; c = j.peek() {
		j.i++
	}
	return j.i > start
}

// quoted reads a text or a name.
func (j *jsonText) quoted(kind nodeKind) bool {
	j.i++
	start, escaped, ascii := j.i, false, true
	for ; j.i < len(j.s); j.i++ {
		switch c := j.s[j.i]; {
		case c == '"':
			s := j.s[start:j.i]
			if escaped || !ascii && !utf8.ValidString(s) {
				s = unescape(s)
			}
			j.to.put(kind, s)
			j.i++
			return true
		case c == '\\':
			escaped = true
			if !j.escape() {
				return false
			}
		case c < ' ':
			return false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return false
}

// escape goes to the last byte of an escape, if it is one.
func (j *jsonText) escape() bool {
	j.i++
	switch j.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		if _, ok := hex4(j.s[j.i+1:]); ok {
			j.i += 4
			return true
		}
	}
	return false
}

// unescape is what a text says whose escapes are in order; halves of
// surrogate pairs and bytes that are no UTF-8 become U+FFFD.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for s != "" {
		if s[0] != '\\' {
			r, n := utf8.DecodeRuneInString(s)
			out, s = utf8.AppendRune(out, r), s[n:]
			continue
		}
		c := s[1]
		s = s[2:]
		switch c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(s)
			s = s[4:]
			if utf16.IsSurrogate(r) {
				r, s = surrogate(r, s)
			}
			out = utf8.AppendRune(out, r)
		default: // the byte itself
			out = append(out, c)
		}
	}
	return string(out)
}

// surrogate joins the first half of a pair with the second, which is at the
// start of rest.
func surrogate(first rune, rest string) (rune, string) {
	if strings.HasPrefix(rest, `\u`) {
		if second, ok := hex4(rest[2:]); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return r, rest[6:]
			}
		}
	}
	return utf8.RuneError, rest
}

func hex4(s string) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for i := range 4 {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
