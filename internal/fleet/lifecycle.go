package fleet

import (
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/stamp"
)

// Info is what a catalogue knows about a model apart from its price. The zero
// value knows nothing.
type Info struct {
	ContextWindow, MaxOutput int64 // tokens; 0 unknown
	// Lifecycle is the stage that the vendor declared.
	Lifecycle stamp.Lifecycle
	// DeprecationDate and RetirementDate are the first days (ISO 8601, UTC)
	// on which the model is deprecated and no longer served; "" none is known.
	DeprecationDate, RetirementDate string
	Replacement                     string // canonical id; "" none named
	// Cache says whether the model can read its prompt from a cache.
	Cache Support
}

// Support is a three-valued answer: unknown is not no.
type Support uint8

// The answers.
const (
	SupportUnknown Support = iota
	Supported
	Unsupported
)

// Source is a catalogue of models. ModelInfo is asked with a canonical vendor
// and a canonical id, dated or not, may be called from several goroutines at
// once, and must not allocate where that matters to the caller.
type Source interface {
	ModelInfo(vendor, id string) (Info, bool)
}

// SourceFunc is a function as a Source.
type SourceFunc func(vendor, id string) (Info, bool)

// ModelInfo calls the function.
func (f SourceFunc) ModelInfo(vendor, id string) (Info, bool) { return f(vendor, id) }

// LifecycleAt says where a model stands at a time (Unix nanoseconds): a date
// that has come beats the declared stage, retirement beats deprecation, and a
// date that is still ahead or cannot be read changes nothing.
func LifecycleAt(info Info, now int64) stamp.Lifecycle {
	switch {
	case reached(info.RetirementDate, now):
		return stamp.LifecycleRetired
	case info.Lifecycle == stamp.LifecycleRetired:
		return stamp.LifecycleRetired
	case reached(info.DeprecationDate, now):
		return stamp.LifecycleDeprecated
	}
	return info.Lifecycle
}

// reached compares by days of UTC, as the numbers that ISO dates spell.
func reached(date string, now int64) bool {
	day, ok := dayOf(date)
	if !ok {
		return false
	}
	y, m, d := time.Unix(0, now).UTC().Date()
	return (y*100+int(m))*100+d >= day
}

// dayOf reads YYYY-MM-DD as the number YYYYMMDD.
func dayOf(date string) (day int, ok bool) {
	if len(date) != len(time.DateOnly) {
		return 0, false
	}
	for i := range len(date) {
		switch c := date[i]; {
		case i == 4 || i == 7:
			if c != '-' {
				return 0, false
			}
		case !isDigit(c):
			return 0, false
		default:
			day = day*10 + int(c-'0')
		}
	}
	return day, true
}

// previewID reports whether an id calls itself a preview, for models that the
// catalogue does not know.
func previewID(id string) bool {
	for rest := id; rest != ""; {
		var word string
		word, rest, _ = strings.Cut(rest, "-")
		switch word {
		case "preview", "exp", "experimental", "beta", "alpha":
			return true
		}
	}
	return false
}
