package llmspan

import (
	"math"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// maxCount bounds what is believed of one count, so that sums of counts
// cannot wrap and garbage does not become money.
const maxCount = 1 << 50

// countOf reads a count from an int, an integral double or decimal text, as
// emitters spell them; not ok for anything else, negative or absurd.
func countOf(v pcommon.Value) (int64, bool) {
	switch v.Type() {
	case pcommon.ValueTypeInt:
		n := v.Int()
		return n, n >= 0 && n <= maxCount
	case pcommon.ValueTypeDouble:
		return integral(v.Double())
	case pcommon.ValueTypeStr:
		return parseCount(v.Str())
	}
	return 0, false
}

func integral(f float64) (int64, bool) {
	if f < 0 || f > maxCount || f != math.Trunc(f) {
		return 0, false // NaN fails the last comparison
	}
	return int64(f), true
}

// parseCount reads plain digits, or any decimal that is integral ("12.0").
func parseCount(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 24 {
		return 0, false
	}
	var n int64
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < '0' || c > '9' {
			return parseIntegral(s)
		}
		if n = n*10 + int64(c-'0'); n > maxCount {
			return 0, false
		}
	}
	return n, true
}

func parseIntegral(s string) (int64, bool) {
	if !isDecimal(s) {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false
	}
	return integral(f)
}

// isDecimal keeps out what ParseFloat also reads: hexadecimal, underscores,
// infinities.
func isDecimal(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return false
		}
	}
	return s != ""
}

// nanosOf reads a duration given in units of the given length.
func nanosOf(v pcommon.Value, unit float64) (int64, bool) {
	var f float64
	switch v.Type() {
	case pcommon.ValueTypeInt:
		f = float64(v.Int())
	case pcommon.ValueTypeDouble:
		f = v.Double()
	case pcommon.ValueTypeStr:
		var err error
		if f, err = strconv.ParseFloat(strings.TrimSpace(v.Str()), 64); err != nil {
			return 0, false
		}
	default:
		return 0, false
	}
	f *= unit
	if !(f >= 0 && f < 1e18) { // 31 years; NaN fails
		return 0, false
	}
	return int64(math.Round(f)), true
}

// textOf reads a scalar as text; lists and maps are no text.
func textOf(v pcommon.Value) (string, bool) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return v.Str(), true
	case pcommon.ValueTypeBool:
		return strconv.FormatBool(v.Bool()), true
	case pcommon.ValueTypeInt:
		return strconv.FormatInt(v.Int(), 10), true
	case pcommon.ValueTypeDouble:
		return formatDouble(v.Double()), true
	}
	return "", false
}

// objectOf reads an object as the text of one, which most emitters write
// themselves; maps and lists become JSON.
func objectOf(v pcommon.Value) (string, bool) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return v.Str(), true
	case pcommon.ValueTypeMap, pcommon.ValueTypeSlice:
		return v.AsString(), true
	}
	return "", false
}

// hundredths spares the allocation for the doubles that spans are full of:
// temperatures and the like.
var hundredths = func() (t [201]string) {
	for i := range t {
		t[i] = strconv.FormatFloat(float64(i)/100, 'g', -1, 64)
	}
	return t
}()

func formatDouble(f float64) string {
	if i := int(f*100 + 0.5); f >= 0 && f <= 2 && float64(i)/100 == f {
		return hundredths[i]
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// moneyText spells a reported cost as a decimal; "" where it is none.
func moneyText(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return decimalText(v.Str())
	case pcommon.ValueTypeInt:
		return strconv.FormatInt(v.Int(), 10)
	case pcommon.ValueTypeDouble:
		if f := v.Double(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
	}
	return ""
}

// decimalText is s where it is a decimal number, else "".
func decimalText(s string) string {
	s = strings.TrimSpace(s)
	if !isDecimal(s) {
		return ""
	}
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return ""
	}
	return s
}

// firstOf picks the entry of a list that says most: the first that is no
// ordinary end of a call, else the first. Lists may be JSON text.
func firstOf(v pcommon.Value) (string, bool) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		s := v.Str()
		if !strings.HasPrefix(s, "[") {
			return s, true
		}
		return firstQuoted(s), true
	case pcommon.ValueTypeSlice:
		first := ""
		for i := range v.Slice().Len() {
			e := v.Slice().At(i)
			if e.Type() != pcommon.ValueTypeStr {
				return "", false
			}
			if first == "" || notable(e.Str()) {
				first = e.Str()
			}
			if notable(first) {
				break
			}
		}
		return first, true
	}
	return "", false
}

func firstQuoted(s string) string {
	first := ""
	for {
		i := strings.IndexAny(s, `"'`)
		if i < 0 {
			return first
		}
		j := strings.IndexByte(s[i+1:], s[i])
		if j < 0 {
			return first
		}
		if e := s[i+1 : i+1+j]; first == "" || notable(e) {
			first = e
		}
		if notable(first) {
			return first
		}
		s = s[i+j+2:]
	}
}

// notable: a finish reason that is no ordinary one.
func notable(reason string) bool {
	switch reason {
	case "", "stop", "end_turn", "STOP", "length", "max_tokens", "MAX_TOKENS", "tool_calls", "tool_use", "tool-calls",
		"tool_call", "function_call", "stop_sequence", "COMPLETE", "completed", "unknown", "other":
		return false
	}
	return true
}

// headerCount reads a captured header: a list of decimal texts, of which the
// largest counts (one entry per resend).
func headerCount(v pcommon.Value) (int64, bool) {
	if v.Type() != pcommon.ValueTypeSlice {
		return countOf(v)
	}
	var most int64
	any := false
	for i := range v.Slice().Len() {
		if n, ok := countOf(v.Slice().At(i)); ok {
			any = true
			most = max(most, n)
		}
	}
	return most, any
}

// unquote strips one layer of JSON quotes.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// isTrue reads a flag however it is spelled ("true", Python's "True", "1").
func isTrue(s string) bool {
	return s == "1" || strings.EqualFold(s, "true")
}

func isFalse(s string) bool {
	return s == "0" || strings.EqualFold(s, "false")
}
