package failure

import "strings"

// stem is a token folded for lookup; longer tokens are cut, which no code is.
type stem struct {
	buf [48]byte
	n   int
}

// stemOf lower-cases t and drops everything but letters and digits.
func stemOf(t string) stem {
	var s stem
	for i := 0; i < len(t) && s.n < len(s.buf); i++ {
		c := t[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		default:
			continue
		}
		s.buf[s.n] = c
		s.n++
	}
	return s
}

func (s *stem) bytes() []byte { return s.buf[:s.n] }

// trimSuffixes drops one trailing "exception" or "error": the same class is
// RateLimitError, RateLimitException and rate_limit in different SDKs.
func (s *stem) trimSuffixes() {
	for _, suffix := range [...]string{"exception", "error"} {
		if s.n > len(suffix) && hasSuffix(s.bytes(), suffix) {
			s.n -= len(suffix)
			return
		}
	}
}

func hasSuffix(b []byte, s string) bool { return len(b) >= len(s) && string(b[len(b)-len(s):]) == s }
func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// containsFold reports whether s contains the lower-case ASCII string sub, in
// any case.
func containsFold(s, sub string) bool { return indexFold(s, sub) >= 0 }

// indexFold goes from one place where sub could begin to the next: failures
// are asked for dozens of phrases.
func indexFold(s, sub string) int {
	if sub == "" {
		return 0
	}
	for at := 0; at+len(sub) <= len(s); at++ {
		next := indexByteFold(s[at:], sub[0])
		if at += next; next < 0 || at+len(sub) > len(s) {
			return -1
		}
		if equalFold(s[at:at+len(sub)], sub) {
			return at
		}
	}
	return -1
}

// indexByteFold finds a byte, a lower-case letter in either case.
func indexByteFold(s string, c byte) int {
	i := strings.IndexByte(s, c)
	if c < 'a' || c > 'z' {
		return i
	}
	if i >= 0 {
		s = s[:i]
	}
	if j := strings.IndexByte(s, c-('a'-'A')); j >= 0 {
		return j
	}
	return i
}

func equalFold(s, sub string) bool {
	for i := range len(sub) {
		if lower(s[i]) != sub[i] {
			return false
		}
	}
	return true
}
