package llmspan

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// stampRead reads the value of one output key; a value of another type is left
// alone.
type stampRead func(*stamp.Stamp, pcommon.Value) told

// told is what a span said where silence has a meaning of its own, or that it
// said something in a second form.
type told uint8

const (
	toldMatch told = 1 << iota
	toldLifecycle
	toldExact // a decimal that overrides the double beside it
)

// stampKeys says how every key that [Write] writes is read back, but for
// owners, whose keys are the user's.
var stampKeys = newStampKeys()

func newStampKeys() *keyTable[stampRead] {
	t := &keyTable[stampRead]{}
	for key, read := range map[string]stampRead{
		kCostStatus:      name(stamp.ParseStatus, func(s *stamp.Stamp) *stamp.Status { return &s.Cost.Status }),
		kCostCurrency:    plain(func(s *stamp.Stamp) *string { return &s.Cost.Currency }),
		kCostPriceID:     plain(func(s *stamp.Stamp) *string { return &s.Cost.PriceID }),
		kCostTokenBasis:  name(parseBasis, func(s *stamp.Stamp) *llm.TokenBasis { return &s.Cost.Basis }),
		kCostUse:         name(stamp.ParseUse, func(s *stamp.Stamp) *stamp.Use { return &s.Cost.Use }),
		kCostDuplicateOf: id(func(s *stamp.Stamp) *llm.SpanID { return &s.Cost.DuplicateOf }),
		kCostModifiers:   readModifiers,

		kModelID:          plain(func(s *stamp.Stamp) *string { return &s.Model.ID }),
		kModelVendor:      plain(func(s *stamp.Stamp) *string { return &s.Model.Vendor }),
		kModelPlatform:    plain(func(s *stamp.Stamp) *string { return &s.Model.Platform }),
		kModelVersion:     plain(func(s *stamp.Stamp) *string { return &s.Model.Version }),
		kModelFamily:      plain(func(s *stamp.Stamp) *string { return &s.Model.Family }),
		kModelRegion:      plain(func(s *stamp.Stamp) *string { return &s.Model.Region }),
		kModelRetirement:  plain(func(s *stamp.Stamp) *string { return &s.Model.RetirementDate }),
		kModelReplacement: plain(func(s *stamp.Stamp) *string { return &s.Model.Replacement }),
		kModelPolicy:      plain(func(s *stamp.Stamp) *string { return &s.Model.Policy }),
		kModelMatch:       silent(toldMatch, parseMatch, func(s *stamp.Stamp) *llm.Match { return &s.Model.Match }),
		kModelLifecycle:   silent(toldLifecycle, stamp.ParseLifecycle, func(s *stamp.Stamp) *stamp.Lifecycle { return &s.Model.Lifecycle }),
		kContextRatio:     double(func(s *stamp.Stamp, f float64) { s.Model.ContextRatio = f }),
		kPromptCache:      name(stamp.ParsePromptCache, func(s *stamp.Stamp) *stamp.PromptCache { return &s.Model.PromptCache }),
		kSubstituteFor:    plain(func(s *stamp.Stamp) *string { return &s.Substitution.For }),
		kSubstitutedBy:    plain(func(s *stamp.Stamp) *string { return &s.Substitution.By }),

		kAttemptGroup:     id(func(s *stamp.Stamp) *llm.SpanID { return &s.Attempt.Group }),
		kAttemptKind:      name(stamp.ParseKind, func(s *stamp.Stamp) *stamp.Kind { return &s.Attempt.Kind }),
		kAttemptEvidence:  name(stamp.ParseEvidence, func(s *stamp.Stamp) *stamp.Evidence { return &s.Attempt.Evidence }),
		kAttemptNumber:    whole(func(s *stamp.Stamp, n int64) { s.Attempt.Number = int(n) }),
		kAttemptCount:     whole(func(s *stamp.Stamp, n int64) { s.Attempt.Count = int(n) }),
		kAttemptFinal:     truth(func(s *stamp.Stamp, b bool) { s.Attempt.Final = triOf(b) }),
		kAttemptProbable:  truth(func(s *stamp.Stamp, b bool) { s.Attempt.Probable = b }),
		kAttemptFutile:    truth(func(s *stamp.Stamp, b bool) { s.Attempt.Futile = b }),
		kAttemptTakesOver: id(func(s *stamp.Stamp) *llm.SpanID { return &s.Attempt.TakesOver }),

		kErrorClass:   name(llm.ParseErrorClass, func(s *stamp.Stamp) *llm.ErrorClass { return &s.Error }),
		kCallOutcome:  name(stamp.ParseOutcome, func(s *stamp.Stamp) *stamp.Outcome { return &s.Call.Outcome }),
		kCallAttempts: whole(func(s *stamp.Stamp, n int64) { s.Call.Attempts, s.Call.Set = int(n), true }),
		kCallDuration: double(func(s *stamp.Stamp, f float64) { s.Call.Duration = nanos(f) }),
		kCallWasted:   double(func(s *stamp.Stamp, f float64) { s.Call.WastedLatency = nanos(f) }),
		kCallBackoff:  double(func(s *stamp.Stamp, f float64) { s.Call.Backoff = nanos(f) }),

		kTimeBasis:   inText(func(s *stamp.Stamp, v string) { s.TimeReceived = v == "received" }),
		kReceivedAt:  whole(func(s *stamp.Stamp, n int64) { s.ReceivedAt = n }),
		kRoute:       plain(func(s *stamp.Stamp) *string { return &s.Route }),
		kRouteSource: plain(func(s *stamp.Stamp) *string { return &s.RouteSource }),

		kCostTotal:    double(func(s *stamp.Stamp, f float64) { s.Cost.Total, _ = money.FromFloat64(f) }),
		kCostAtLeast:  double(func(s *stamp.Stamp, f float64) { s.Cost.AtLeast, _ = money.FromFloat64(f) }),
		kCostList:     double(func(s *stamp.Stamp, f float64) { s.Cost.List, s.Cost.HasList = money.FromFloat64(f) }),
		kCostReported: double(func(s *stamp.Stamp, f float64) { s.Cost.Reported, s.Cost.HasReported = money.FromFloat64(f) }),
		kCallCost:     double(func(s *stamp.Stamp, f float64) { s.Call.Cost, s.Call.HasCost = money.FromFloat64(f) }),
		kCostDifference: double(func(s *stamp.Stamp, f float64) {
			s.Substitution.Difference, s.Substitution.HasDifference = money.FromFloat64(f)
		}),

		kEstimateBasis:    plain(func(s *stamp.Stamp) *string { return &s.Estimate.Basis }),
		kEstimateCurrency: plain(func(s *stamp.Stamp) *string { return &s.Estimate.Currency }),
		kEstimateInput:    whole(func(s *stamp.Stamp, n int64) { s.Estimate.InputTokens = n }),
		kEstimateOutput:   whole(func(s *stamp.Stamp, n int64) { s.Estimate.OutputTokens = n }),
		kEstimateCost:     double(func(s *stamp.Stamp, f float64) { s.Estimate.Cost, _ = money.FromFloat64(f) }),
	} {
		t.add(key, read)
	}
	for c := range stamp.NumComponents {
		t.add(componentKeys[c], double(func(s *stamp.Stamp, f float64) { s.Cost.Components[c], _ = money.FromFloat64(f) }))
	}
	for key := range exactAmounts {
		t.add(key, func(*stamp.Stamp, pcommon.Value) told { return toldExact })
	}
	return t
}

// exactAmounts are the amounts that a span may also spell as decimals.
var exactAmounts = func() map[string]func(*stamp.Stamp) *money.Amount {
	m := map[string]func(*stamp.Stamp) *money.Amount{
		kCostExact:         func(s *stamp.Stamp) *money.Amount { return &s.Cost.Total },
		kCostListExact:     func(s *stamp.Stamp) *money.Amount { return &s.Cost.List },
		kCostReportedExact: func(s *stamp.Stamp) *money.Amount { return &s.Cost.Reported },
		kCostAtLeastExact:  func(s *stamp.Stamp) *money.Amount { return &s.Cost.AtLeast },
		kCallCostExact:     func(s *stamp.Stamp) *money.Amount { return &s.Call.Cost },
		kDifferenceExact:   func(s *stamp.Stamp) *money.Amount { return &s.Substitution.Difference },
		kEstimateExact:     func(s *stamp.Stamp) *money.Amount { return &s.Estimate.Cost },
	}
	for c := range stamp.NumComponents {
		m[componentExactKeys[c]] = func(s *stamp.Stamp) *money.Amount { return &s.Cost.Components[c] }
	}
	return m
}()

// readExact lets the decimals of a span override the doubles beside them. It
// is a pass of its own over the few spans that have any.
func readExact(m pcommon.Map, s *stamp.Stamp) {
	for k, v := range m.All() {
		if at := exactAmounts[k]; at != nil && v.Type() == pcommon.ValueTypeStr {
			if a, err := money.Parse(v.Str()); err == nil {
				*at(s) = a
			}
		}
	}
}

func inText(read func(*stamp.Stamp, string)) stampRead {
	return func(s *stamp.Stamp, v pcommon.Value) told {
		if v.Type() == pcommon.ValueTypeStr {
			read(s, v.Str())
		}
		return 0
	}
}

func plain(at func(*stamp.Stamp) *string) stampRead {
	return inText(func(s *stamp.Stamp, v string) { *at(s) = v })
}

func name[T any](parse func(string) (T, bool), at func(*stamp.Stamp) *T) stampRead {
	return inText(func(s *stamp.Stamp, v string) { *at(s), _ = parse(v) })
}

// silent is name for a key whose absence, or a word that nobody knows, has a
// meaning of its own.
func silent[T any](what told, parse func(string) (T, bool), at func(*stamp.Stamp) *T) stampRead {
	return func(s *stamp.Stamp, v pcommon.Value) told {
		if v.Type() == pcommon.ValueTypeStr {
			if x, ok := parse(v.Str()); ok {
				*at(s) = x
				return what
			}
		}
		return 0
	}
}

func id(at func(*stamp.Stamp) *llm.SpanID) stampRead {
	return inText(func(s *stamp.Stamp, v string) { *at(s) = spanID(v) })
}

func double(read func(*stamp.Stamp, float64)) stampRead {
	return func(s *stamp.Stamp, v pcommon.Value) told {
		if v.Type() == pcommon.ValueTypeDouble {
			read(s, v.Double())
		}
		return 0
	}
}

func whole(read func(*stamp.Stamp, int64)) stampRead {
	return func(s *stamp.Stamp, v pcommon.Value) told {
		if v.Type() == pcommon.ValueTypeInt {
			read(s, v.Int())
		}
		return 0
	}
}

func truth(read func(*stamp.Stamp, bool)) stampRead {
	return func(s *stamp.Stamp, v pcommon.Value) told {
		if v.Type() == pcommon.ValueTypeBool {
			read(s, v.Bool())
		}
		return 0
	}
}

func readModifiers(s *stamp.Stamp, v pcommon.Value) told {
	if v.Type() == pcommon.ValueTypeSlice {
		for i := range v.Slice().Len() {
			if e := v.Slice().At(i); e.Type() == pcommon.ValueTypeStr {
				s.Cost.Modifiers = append(s.Cost.Modifiers, e.Str())
			}
		}
	}
	return 0
}

func parseBasis(v string) (llm.TokenBasis, bool) { return parseName[llm.TokenBasis](v, 3) }
func parseMatch(v string) (llm.Match, bool)      { return parseName[llm.Match](v, 5) }

func triOf(b bool) stamp.Tri {
	if b {
		return stamp.Yes
	}
	return stamp.No
}
