package llmspan

import (
	"encoding/hex"
	"math"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// ReadStamp reads what [Write] wrote and reports whether the span is stamped,
// that is whether it has a cost status. s is overwritten whole; its slices
// are reused and its strings alias the memory of the batch. Values of a wrong
// type or vocabulary are as good as absent.
func ReadStamp(span ptrace.Span, s *stamp.Stamp) bool {
	*s = stamp.Stamp{Owners: s.Owners[:0], Cost: stamp.Cost{Modifiers: s.Cost.Modifiers[:0]}}
	var said told
	for k, v := range span.Attributes().All() {
		if !isStamp(k) {
			continue
		}
		if read := stampKeys.find(k); read != nil {
			said |= (*read)(s, v)
		} else if key, ok := strings.CutPrefix(k, ownerPrefix); ok && key != "" && v.Type() == pcommon.ValueTypeStr {
			s.Owners = append(s.Owners, stamp.Owner{Key: key, Value: v.Str()})
		}
	}
	if s.Model.ID != "" { // silence means ordinary
		if said&toldMatch == 0 {
			s.Model.Match = llm.MatchExact
		}
		if said&toldLifecycle == 0 {
			s.Model.Lifecycle = stamp.LifecycleActive
		}
	}
	if len(s.Owners) > 1 {
		slices.SortFunc(s.Owners, func(a, b stamp.Owner) int { return strings.Compare(a.Key, b.Key) })
	}
	if said&toldExact != 0 {
		readExact(span.Attributes(), s)
	}
	return s.Cost.Status != stamp.StatusNone
}

// nanos reads a duration as [seconds] writes it. Above 48 days the product may
// be off by the last nanosecond; whole seconds and the rest, scaled apart, are
// not.
func nanos(f float64) int64 {
	n := math.Round(f * 1e9)
	if !(math.Abs(n) < 1<<62) { // NaN fails
		return 0
	}
	if seconds(int64(n)) == f {
		return int64(n)
	}
	whole, rest := math.Modf(f)
	return int64(whole)*1e9 + int64(math.Round(rest*1e9))
}

func spanID(s string) (id llm.SpanID) {
	if len(s) == hex.EncodedLen(len(id)) {
		if _, err := hex.Decode(id[:], []byte(s)); err != nil {
			return llm.SpanID{}
		}
	}
	return id
}

// parseName is the inverse of String for the n values of a small enumeration.
func parseName[T interface {
	~uint8
	String() string
}](s string, n int) (T, bool) {
	for i := range n {
		if T(i).String() == s {
			return T(i), true
		}
	}
	return 0, false
}
