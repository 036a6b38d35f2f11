package fleet

import (
	"hash/fnv"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spanledger/spanledger/internal/llm"
)

// Bounds on what a span may make us remember, in bytes.
const (
	maxField = 512 // of each string of a reference
	maxID    = 200 // of an id
	maxWord  = 64  // of a platform, vendor or region that no table knows
)

// clean brings an id into the form that all rules work on: decoded, lower
// case, without white space or control characters, and no longer than maxID.
// clean(clean(s)) == clean(s).
func clean(s string) string {
	s = shorten(s, 4*maxID)
	for strings.IndexByte(s, '%') >= 0 {
		d := decodePercent(s)
		if d == s {
			break
		}
		s = d
	}
	s = strings.TrimFunc(strings.ToValidUTF8(strings.ToLower(s), "_"), isPadding)
	return shorten(strings.Map(printable, s), maxID)
}

// isPadding is what may stand around an id without being part of it.
func isPadding(r rune) bool {
	return unicode.IsSpace(r) || r == '"' || r == '\'' || r == '`' || r == '/'
}

// printable keeps a rune of an id, or says what stands for it.
func printable(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return '-'
	case unicode.IsControl(r) || !unicode.IsPrint(r):
		return '_'
	}
	return r
}

// decodePercent undoes one level of %XX; what is no such triple stays.
func decodePercent(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(v))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// shorten cuts a string longer than n, visibly: its end is "~" and a hash of
// the whole, so that two long strings stay two.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // a hash never fails
	cut := n - 17
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	sum := strconv.FormatUint(h.Sum64(), 16)
	return s[:cut] + "~" + strings.Repeat("0", 16-len(sum)) + sum
}

// bounded shortens the strings of a reference that are beyond reason.
func bounded(ref llm.ModelRef) llm.ModelRef {
	if len(ref.Provider) <= maxField && len(ref.Server) <= maxField && len(ref.Request) <= maxField &&
		len(ref.Response) <= maxField && len(ref.Deployment) <= maxField {
		return ref
	}
	ref.Provider, ref.Server = shorten(ref.Provider, maxField), shorten(ref.Server, maxField)
	ref.Request, ref.Response = shorten(ref.Request, maxField), shorten(ref.Response, maxField)
	ref.Deployment = shorten(ref.Deployment, maxField)
	return ref
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
