package llmspan

import (
	"encoding/hex"
	"math"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// ReadStamp reads what [Write] wrote and reports whether the span is stamped,
// that is whether it has a cost status. s is overwritten whole; its slices
// are reused and its strings alias the memory of the batch. Values of a wrong
// type or vocabulary are as good as absent.
func ReadStamp(span ptrace.Span, s *stamp.Stamp) bool {
	*s = stamp.Stamp{Owners: s.Owners[:0], Cost: stamp.Cost{Modifiers: s.Cost.Modifiers[:0]}}
	r := stampReader{s: s}
	for k, v := range span.Attributes().All() {
		if isStamp(k) {
			r.take(k, v)
		}
	}
	r.finish()
	return s.Cost.Status != stamp.StatusNone
}

type stampReader struct {
	s                *stamp.Stamp
	match, lifecycle bool
	exact            [stamp.NumComponents + 5]string
	anyExact         bool
}

// Places of the exact decimals after those of the components.
const (
	exactTotal = int(stamp.NumComponents) + iota
	exactList
	exactReported
	exactAtLeast
	exactCall
)

func (r *stampReader) take(k string, v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		r.text(k, v.Str())
	case pcommon.ValueTypeDouble:
		r.double(k, v.Double())
	case pcommon.ValueTypeInt:
		r.int(k, v.Int())
	case pcommon.ValueTypeBool:
		r.bool(k, v.Bool())
	case pcommon.ValueTypeSlice:
		if k == kCostModifiers {
			for i := range v.Slice().Len() {
				if e := v.Slice().At(i); e.Type() == pcommon.ValueTypeStr {
					r.s.Cost.Modifiers = append(r.s.Cost.Modifiers, e.Str())
				}
			}
		}
	}
}

func (r *stampReader) text(k, v string) {
	s := r.s
	switch k {
	case kCostStatus:
		s.Cost.Status, _ = stamp.ParseStatus(v)
	case kCostCurrency:
		s.Cost.Currency = v
	case kCostPriceID:
		s.Cost.PriceID = v
	case kCostTokenBasis:
		s.Cost.Basis, _ = parseName[llm.TokenBasis](v, 3)
	case kCostUse:
		s.Cost.Use, _ = stamp.ParseUse(v)
	case kCostDuplicateOf:
		s.Cost.DuplicateOf = spanID(v)
	case kModelID:
		s.Model.ID = v
	case kModelVendor:
		s.Model.Vendor = v
	case kModelPlatform:
		s.Model.Platform = v
	case kModelVersion:
		s.Model.Version = v
	case kModelFamily:
		s.Model.Family = v
	case kModelRegion:
		s.Model.Region = v
	case kModelMatch:
		s.Model.Match, r.match = parseName[llm.Match](v, 5)
	case kModelLifecycle:
		s.Model.Lifecycle, r.lifecycle = stamp.ParseLifecycle(v)
	case kModelRetirement:
		s.Model.RetirementDate = v
	case kModelReplacement:
		s.Model.Replacement = v
	case kModelPolicy:
		s.Model.Policy = v
	case kAttemptGroup:
		s.Attempt.Group = spanID(v)
	case kAttemptKind:
		s.Attempt.Kind, _ = stamp.ParseKind(v)
	case kAttemptEvidence:
		s.Attempt.Evidence, _ = stamp.ParseEvidence(v)
	case kErrorClass:
		s.Error, _ = llm.ParseErrorClass(v)
	case kCallOutcome:
		s.Call.Outcome, _ = stamp.ParseOutcome(v)
	case kTimeBasis:
		s.TimeReceived = v == "received"
	case kRoute:
		s.Route = v
	case kRouteSource:
		s.RouteSource = v
	default:
		r.rareText(k, v)
	}
}

func (r *stampReader) rareText(k, v string) {
	if strings.HasPrefix(k, ownerPrefix) {
		if key := k[len(ownerPrefix):]; key != "" {
			r.s.Owners = append(r.s.Owners, stamp.Owner{Key: key, Value: v})
		}
		return
	}
	var place int
	switch k {
	case kCostExact:
		place = exactTotal
	case kCostListExact:
		place = exactList
	case kCostReportedExact:
		place = exactReported
	case kCostAtLeastExact:
		place = exactAtLeast
	case kCallCostExact:
		place = exactCall
	default:
		place = slices.Index(componentExactKeys[:], k)
	}
	if place >= 0 {
		r.exact[place], r.anyExact = v, true
	}
}

func (r *stampReader) double(k string, f float64) {
	s := r.s
	switch k {
	case kCostTotal:
		s.Cost.Total, _ = money.FromFloat64(f)
	case kCostAtLeast:
		s.Cost.AtLeast, _ = money.FromFloat64(f)
	case kCostList:
		s.Cost.List, s.Cost.HasList = money.FromFloat64(f)
	case kCostReported:
		s.Cost.Reported, s.Cost.HasReported = money.FromFloat64(f)
	case kCallCost:
		s.Call.Cost, s.Call.HasCost = money.FromFloat64(f)
	case kCallDuration:
		s.Call.Duration = nanos(f)
	case kCallWasted:
		s.Call.WastedLatency = nanos(f)
	case kContextRatio:
		s.Model.ContextRatio = f
	default:
		if i := slices.Index(componentKeys[:], k); i >= 0 {
			s.Cost.Components[i], _ = money.FromFloat64(f)
		}
	}
}

func (r *stampReader) int(k string, n int64) {
	s := r.s
	switch k {
	case kAttemptNumber:
		s.Attempt.Number = int(n)
	case kAttemptCount:
		s.Attempt.Count = int(n)
	case kCallAttempts:
		s.Call.Attempts, s.Call.Set = int(n), true
	case kReceivedAt:
		s.ReceivedAt = n
	}
}

func (r *stampReader) bool(k string, b bool) {
	switch k {
	case kAttemptFinal:
		r.s.Attempt.Final = stamp.No
		if b {
			r.s.Attempt.Final = stamp.Yes
		}
	case kAttemptProbable:
		r.s.Attempt.Probable = b
	}
}

// finish applies what silence means and the exact decimals.
func (r *stampReader) finish() {
	s := r.s
	if s.Model.ID != "" {
		if !r.match {
			s.Model.Match = llm.MatchExact
		}
		if !r.lifecycle {
			s.Model.Lifecycle = stamp.LifecycleActive
		}
	}
	if len(s.Owners) > 1 {
		slices.SortFunc(s.Owners, func(a, b stamp.Owner) int { return strings.Compare(a.Key, b.Key) })
	}
	if r.anyExact {
		r.applyExact()
	}
}

func (r *stampReader) applyExact() {
	c := &r.s.Cost
	for i, t := range r.exact {
		if t == "" {
			continue
		}
		a, err := money.Parse(t)
		if err != nil {
			continue
		}
		switch i {
		case exactTotal:
			c.Total = a
		case exactList:
			c.List = a
		case exactReported:
			c.Reported = a
		case exactAtLeast:
			c.AtLeast = a
		case exactCall:
			r.s.Call.Cost = a
		default:
			c.Components[i] = a
		}
	}
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
