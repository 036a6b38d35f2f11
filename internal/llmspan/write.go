package llmspan

import (
	"encoding/hex"
	"sync/atomic"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Profile says how much is written on a span.
type Profile uint8

const (
	// Standard writes the essentials always and the rest when it says
	// something.
	Standard Profile = iota
	// Full writes everything that is known.
	Full
)

// Write puts the verdict on the span, under spanledger.* keys only. What it
// writes, [ReadStamp] reads back equal to [Canonical] of the stamp. Keys that
// are already there are overwritten; [StripStamps] removes those of others
// first.
func Write(span ptrace.Span, s *stamp.Stamp, p Profile) {
	m := span.Attributes()
	m.EnsureCapacity(m.Len() + capacityFor(s, p))
	w := writer{m: m, full: p == Full}
	w.cost(&s.Cost, otherAmounts(s))
	w.model(&s.Model)
	if s.Substitution.For != "" {
		w.substitution(&s.Substitution)
	}
	if s.Estimate.Basis != "" {
		w.estimate(&s.Estimate)
	}
	w.attempt(&s.Attempt)
	if s.Error != llm.ErrNone {
		w.str(kErrorClass, s.Error.String())
		m.PutBool(kErrorRetryable, s.Error.Retryable())
	}
	w.call(&s.Call)
	if s.TimeReceived {
		w.str(kTimeBasis, "received")
		m.PutInt(kReceivedAt, s.ReceivedAt)
	}
	w.str(kRoute, s.Route)
	if w.full {
		w.str(kRouteSource, s.RouteSource)
	}
	for i := range s.Owners {
		if o := &s.Owners[i]; o.Key != "" {
			m.PutStr(ownerKey(o.Key), o.Value)
		}
	}
}

// capacityFor is an upper bound of the keys that are written, near enough to
// make one growth of the map suffice.
func capacityFor(s *stamp.Stamp, p Profile) int {
	n := 14 + len(s.Owners)
	if s.Attempt.Kind != stamp.KindNone {
		n += 6
	}
	if s.Error != llm.ErrNone {
		n += 2
	}
	if s.Call.Set {
		n += 6
	}
	if s.TimeReceived {
		n += 2
	}
	if s.Substitution.For != "" || s.Estimate.Basis != "" {
		n += 6
	}
	if p == Full {
		n += 16
	}
	return n
}

type writer struct {
	m    pcommon.Map
	full bool
}

// str writes a text that says something.
func (w *writer) str(k, v string) {
	if v != "" {
		w.m.PutStr(k, v)
	}
}

// amount writes money as a double, and as a decimal beside it where the
// double does not decode to the same amount.
func (w *writer) amount(k, exact string, a money.Amount) {
	f := a.Float64()
	w.m.PutDouble(k, f)
	if back, ok := money.FromFloat64(f); !ok || back != a {
		w.m.PutStr(exact, a.String())
	}
}

// otherAmounts reports whether an amount outside the cost is in its currency.
func otherAmounts(s *stamp.Stamp) bool {
	return s.Call.Set && s.Call.HasCost || s.Substitution.For != "" && s.Substitution.HasDifference
}

func (w *writer) cost(c *stamp.Cost, others bool) {
	if c.Status != stamp.StatusNone {
		w.m.PutStr(kCostStatus, c.Status.String())
	}
	hasTotal, partial := c.Status.HasCost(), c.Status == stamp.StatusPartial
	if hasTotal {
		w.amount(kCostTotal, kCostExact, c.Total)
	}
	if partial {
		w.amount(kCostAtLeast, kCostAtLeastExact, c.AtLeast)
	}
	if hasTotal || partial {
		w.components(c)
	}
	if c.HasList {
		w.amount(kCostList, kCostListExact, c.List)
	}
	if c.HasReported {
		w.amount(kCostReported, kCostReportedExact, c.Reported)
	}
	if hasTotal || partial || c.HasList || c.HasReported || others {
		w.str(kCostCurrency, c.Currency)
	}
	w.str(kCostPriceID, c.PriceID)
	if len(c.Modifiers) > 0 {
		list := w.m.PutEmptySlice(kCostModifiers)
		list.EnsureCapacity(len(c.Modifiers))
		for _, v := range c.Modifiers {
			list.AppendEmpty().SetStr(v)
		}
	}
	if c.Basis != llm.BasisInclusive || w.full {
		w.m.PutStr(kCostTokenBasis, c.Basis.String())
	}
	if c.Use != stamp.UseDelivered || w.full {
		w.m.PutStr(kCostUse, c.Use.String())
	}
	if c.Status == stamp.StatusDuplicate && !c.DuplicateOf.IsZero() {
		w.id(kCostDuplicateOf, c.DuplicateOf)
	}
}

func (w *writer) components(c *stamp.Cost) {
	for i := range c.Components {
		if a := c.Components[i]; !a.IsZero() || w.full {
			w.amount(componentKeys[i], componentExactKeys[i], a)
		}
	}
}

func (w *writer) model(m *stamp.Model) {
	w.str(kModelID, m.ID)
	w.str(kModelVendor, m.Vendor)
	w.str(kModelPlatform, m.Platform)
	if m.ID != "" {
		if m.Match != llm.MatchExact || w.full {
			w.m.PutStr(kModelMatch, m.Match.String())
		}
		if m.Lifecycle != stamp.LifecycleActive || w.full {
			w.m.PutStr(kModelLifecycle, m.Lifecycle.String())
		}
	}
	w.str(kModelRetirement, m.RetirementDate)
	w.str(kModelReplacement, m.Replacement)
	w.str(kModelPolicy, m.Policy)
	if !w.full {
		return
	}
	w.str(kModelVersion, m.Version)
	w.str(kModelFamily, m.Family)
	w.str(kModelRegion, m.Region)
	if m.ContextRatio != 0 {
		w.m.PutDouble(kContextRatio, m.ContextRatio)
	}
	w.str(kPromptCache, m.PromptCache.String())
}

func (w *writer) substitution(s *stamp.Substitution) {
	w.str(kSubstituteFor, s.For)
	w.str(kSubstitutedBy, s.By)
	if s.HasDifference {
		w.amount(kCostDifference, kDifferenceExact, s.Difference)
	}
}

func (w *writer) estimate(e *stamp.Estimate) {
	w.str(kEstimateBasis, e.Basis)
	w.m.PutInt(kEstimateOutput, e.OutputTokens)
	if e.InputTokens != 0 {
		w.m.PutInt(kEstimateInput, e.InputTokens)
	}
	if e.Currency != "" {
		w.amount(kEstimateCost, kEstimateExact, e.Cost)
		w.str(kEstimateCurrency, e.Currency)
	}
}

func (w *writer) attempt(a *stamp.Attempt) {
	if !a.Group.IsZero() {
		w.id(kAttemptGroup, a.Group)
	}
	if a.Number != 0 {
		w.m.PutInt(kAttemptNumber, int64(a.Number))
	}
	w.str(kAttemptKind, a.Kind.String())
	w.str(kAttemptEvidence, a.Evidence.String())
	if a.Count != 0 {
		w.m.PutInt(kAttemptCount, int64(a.Count))
	}
	if a.Final != stamp.Unknown {
		w.m.PutBool(kAttemptFinal, a.Final == stamp.Yes)
	}
	if a.Probable {
		w.m.PutBool(kAttemptProbable, true)
	}
	if a.Futile {
		w.m.PutBool(kAttemptFutile, true)
	}
	if !a.TakesOver.IsZero() {
		w.id(kAttemptTakesOver, a.TakesOver)
	}
}

func (w *writer) call(c *stamp.CallSummary) {
	if !c.Set {
		return
	}
	if c.HasCost {
		w.amount(kCallCost, kCallCostExact, c.Cost)
	}
	w.m.PutInt(kCallAttempts, int64(c.Attempts))
	w.m.PutDouble(kCallDuration, seconds(c.Duration))
	if c.WastedLatency != 0 || w.full {
		w.m.PutDouble(kCallWasted, seconds(c.WastedLatency))
	}
	if c.Backoff != 0 {
		w.m.PutDouble(kCallBackoff, seconds(c.Backoff))
	}
	w.str(kCallOutcome, c.Outcome.String())
}

// seconds of nanoseconds; exact to the nanosecond below 2^23 seconds, 97 days.
func seconds(ns int64) float64 { return float64(ns) / 1e9 }

func (w *writer) id(k string, id llm.SpanID) {
	var b [16]byte
	hex.Encode(b[:], id[:])
	w.m.PutStr(k, string(b[:]))
}

// ownerKeys keeps the full names of owner keys, of which a configuration has
// a handful; past the cap names are put together anew each time.
var ownerKeys atomic.Pointer[map[string]string]

const maxOwnerKeys = 64

func ownerKey(key string) string {
	old := ownerKeys.Load()
	if old != nil {
		if k, ok := (*old)[key]; ok {
			return k
		}
		if len(*old) >= maxOwnerKeys {
			return ownerPrefix + key
		}
	}
	full := ownerPrefix + key
	next := make(map[string]string, maxOwnerKeys)
	if old != nil {
		for k, v := range *old {
			next[k] = v
		}
	}
	next[full[len(ownerPrefix):]] = full // a copy: key may alias a batch
	ownerKeys.CompareAndSwap(old, &next)
	return full
}

// StripStamps removes spanledger.* attributes that came with the span and
// returns how many there were; a span without any is not touched.
func StripStamps(span ptrace.Span) int {
	m := span.Attributes()
	n := 0
	for k := range m.All() {
		if isStamp(k) {
			n++
		}
	}
	if n > 0 {
		m.RemoveIf(func(k string, _ pcommon.Value) bool { return isStamp(k) })
	}
	return n
}

func isStamp(k string) bool { return len(k) > len(Prefix) && k[:len(Prefix)] == Prefix }
