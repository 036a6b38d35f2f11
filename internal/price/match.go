package price

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// matcher is a clause made ready: literals in lower case, expressions compiled.
type matcher struct {
	op   Op
	text string
	re   *regexp.Regexp
	sub  []matcher
}

// maxClauseDepth bounds how deep clauses nest.
const maxClauseDepth = 16

func (c *Clause) compile(depth int) (matcher, error) {
	m := matcher{op: c.Op, text: strings.ToLower(c.Text)}
	if depth > maxClauseDepth {
		return m, fmt.Errorf("clauses are nested more than %d deep", maxClauseDepth)
	}
	switch c.Op {
	case OpEquals, OpStartsWith, OpEndsWith, OpContains:
		if c.Text == "" {
			return m, errors.New("a clause has an empty literal")
		}
		return m, nil
	case OpRegex:
		re, err := regexp.Compile(c.Text)
		if err != nil {
			return m, fmt.Errorf("clause: %w", err)
		}
		m.re = re
		return m, nil
	case OpAny, OpAll, OpNot:
		if len(c.Sub) == 0 || (c.Op == OpNot && len(c.Sub) != 1) {
			return m, fmt.Errorf("a clause has %d parts", len(c.Sub))
		}
	default:
		return m, fmt.Errorf("clause kind %d is unknown", c.Op)
	}
	var errs []error
	for i := range c.Sub {
		s, err := c.Sub[i].compile(depth + 1)
		errs = append(errs, err)
		m.sub = append(m.sub, s)
	}
	return m, errors.Join(errs...)
}

// matches reports whether the clause takes the id, which is in lower case.
func (m *matcher) matches(id string) bool {
	switch m.op {
	case OpEquals:
		return id == m.text
	case OpStartsWith:
		return strings.HasPrefix(id, m.text) && endsWhole(id, len(m.text))
	case OpEndsWith:
		return strings.HasSuffix(id, m.text) && startsWhole(id, len(id)-len(m.text))
	case OpContains:
		for at := 0; ; {
			i := strings.Index(id[at:], m.text)
			if i < 0 {
				return false
			}
			at += i
			if startsWhole(id, at) && endsWhole(id, at+len(m.text)) {
				return true
			}
			at++
		}
	case OpRegex:
		return m.re.MatchString(id)
	case OpAny:
		for i := range m.sub {
			if m.sub[i].matches(id) {
				return true
			}
		}
		return false
	case OpAll:
		for i := range m.sub {
			if !m.sub[i].matches(id) {
				return false
			}
		}
		return true
	case OpNot:
		return !m.sub[0].matches(id)
	}
	return false
}

// endsWhole reports whether id[:end] does not end inside a version: that what
// follows a last digit does not carry the number on. "-5", ".5", "p2" and a
// letter do ("sonnet-5" | "-5", "glm-5" | "p2", "gpt-4" | "o"); a date, a
// revision ("-v1:0"), a size ("-70b"), a word and a zero ("-0", the same
// version) do not.
func endsWhole(id string, end int) bool {
	if end == 0 || end >= len(id) || !digit(id[end-1]) {
		return true
	}
	rest := id[end:]
	switch c := rest[0]; {
	case digit(c):
		return false
	case c == 'p' && len(rest) > 1 && digit(rest[1]):
		return false
	case letter(c):
		return isSize(rest)
	case c != '-' && c != '.' && c != '_':
		return true
	}
	n := 1
	for n < len(rest) && digit(rest[n]) {
		n++
	}
	switch number := rest[1:n]; {
	case number == "" || number == "0" || len(number) > 2:
		return true // a word, the same version, or a date
	case n < len(rest) && letter(rest[n]):
		return true // a size or a word: "-70b", "-8x7b", "-32k"
	case isMonthDay(rest):
		return true
	}
	return false
}

// startsWhole reports whether id[start:] does not begin inside a number.
func startsWhole(id string, start int) bool {
	if start == 0 || start >= len(id) || !digit(id[start]) {
		return true
	}
	before := id[start-1]
	return !digit(before) && (before != '.' || start < 2 || !digit(id[start-2]))
}

// isMonthDay reports whether the text begins with "-05-20", a date without its
// year that is followed by no further number.
func isMonthDay(s string) bool {
	if len(s) < 6 || s[0] != '-' || s[3] != '-' || !digit(s[1]) || !digit(s[2]) || !digit(s[4]) || !digit(s[5]) {
		return false
	}
	month, day := int(s[1]-'0')*10+int(s[2]-'0'), int(s[4]-'0')*10+int(s[5]-'0')
	return month >= 1 && month <= 12 && day >= 1 && day <= 31 && (len(s) == 6 || !digit(s[6]))
}

// isSize reports whether the text is the unit of a parameter or context size.
func isSize(s string) bool {
	return (s[0] == 'b' || s[0] == 'k' || s[0] == 'm') && (len(s) == 1 || !letter(s[1]) && !digit(s[1]))
}

func digit(c byte) bool  { return c >= '0' && c <= '9' }
func letter(c byte) bool { return c >= 'a' && c <= 'z' }
