package slo

import "strings"

// Sampling is what a tracestate says about the sampling of its span.
type Sampling uint8

const (
	// Unsampled: no threshold; as far as the tracestate tells, nothing was
	// dropped.
	Unsampled Sampling = iota
	// Thresholded: a valid threshold; the weight is exact.
	Thresholded
	// MalformedState: the OpenTelemetry entry cannot be read; the span counts
	// once and the parse error is to be counted.
	MalformedState
)

// AdjustedCount is the number of spans that a sampled span stands for, by the
// rejection threshold in its tracestate: ot=th:T, one to fourteen hex digits
// with trailing zeros left out, gives 2^56/(2^56-T). Without a threshold it is
// 1. It does not allocate.
func AdjustedCount(tracestate string) (weight float64, s Sampling) {
	for rest := tracestate; rest != ""; {
		var entry string
		entry, rest, _ = strings.Cut(rest, ",")
		if value, ok := strings.CutPrefix(strings.Trim(entry, " \t"), "ot="); ok {
			return otCount(value)
		}
	}
	return 1, Unsampled
}

// otCount reads the list of key:value pairs of the ot entry, all of it, so that
// damage anywhere is seen.
func otCount(value string) (weight float64, s Sampling) {
	const maxOTLen = 256
	if value == "" || len(value) > maxOTLen {
		return 1, MalformedState
	}
	weight, s = 1, Unsampled
	for more := true; more; {
		var field string
		field, value, more = strings.Cut(value, ";")
		key, v, ok := strings.Cut(field, ":")
		if !ok || !isOTKey(key) || !isOTValue(v) {
			return 1, MalformedState
		}
		switch key {
		case "th":
			t, ok := hex56(v)
			if !ok || s == Thresholded {
				return 1, MalformedState
			}
			weight, s = (1<<56)/float64(1<<56-t), Thresholded
		case "rv":
			if _, ok := hex56(v); !ok || len(v) != 14 {
				return 1, MalformedState
			}
		}
	}
	return weight, s
}

// hex56 reads up to fourteen hex digits as the leading ones of a 56-bit number.
func hex56(s string) (n uint64, ok bool) {
	if s == "" || len(s) > 14 {
		return 0, false
	}
	for i := range 14 {
		n <<= 4
		if i >= len(s) {
			continue
		}
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n |= uint64(c - '0')
		case c >= 'a' && c <= 'f':
			n |= uint64(c-'a') + 10
		default:
			return 0, false
		}
	}
	return n, true
}

func isOTKey(s string) bool {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func isOTValue(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}
