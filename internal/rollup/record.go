package rollup

import (
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// appendRecord stores a record: all that the books and a receipt need, and no
// more of the span. at is the event time that was booked; 0 where it is not
// decided yet. Every record that is booked passes here once for its receipt,
// so most of what is empty costs one bit.
func appendRecord(b []byte, rec *Record, at int64) []byte {
	c, st := rec.Call, rec.Stamp
	m, a, cost := &st.Model, &st.Attempt, &st.Cost
	b = append(b, c.Trace[:]...)
	b = append(b, c.Span[:]...)
	b = putFixed(b, at, c.Start, c.End)
	b = append(b, byte(c.Role), byte(c.Failure.Class), byte(cost.Status), byte(cost.Basis), byte(cost.Use),
		byte(m.Match), byte(m.Lifecycle), byte(a.Kind), byte(a.Evidence), byte(a.Final), byte(st.Error), byte(st.Call.Outcome))
	b = putBools(b, c.Streaming, c.Attempt.Auxiliary, c.Usage.Known, rec.NoThreshold, rec.Ruled&1 != 0, rec.Ruled&2 != 0, c.Usage.Partial)
	b = putBools(b, cost.HasList, cost.HasReported, a.Probable, st.Call.Set, st.Call.HasCost, st.TimeReceived, a.Futile, !a.TakesOver.IsZero())
	texts := [...]string{
		c.Ref.Provider, c.Ref.Server, c.Ref.Request, c.Ref.Response, c.Ref.Deployment, c.ResponseID,
		cost.Currency, cost.PriceID, m.ID, m.Vendor, m.Platform, m.Version, m.Family, m.Region,
		m.RetirementDate, m.Replacement, m.Policy, st.Route, st.RouteSource,
	}
	b = putStrings(b, texts[:])
	numbers := [...]int64{
		c.FirstChunk, int64(c.Attempt.Hidden), int64(a.Number), int64(a.Count),
		int64(st.Call.Attempts), st.Call.Duration, st.Call.WastedLatency, st.Call.Backoff, st.ReceivedAt,
	}
	b = putInts(b, numbers[:])
	b = putInts(b, c.Usage.Tokens[:])
	b = putInts(b, c.Usage.Units[:])
	b = putAmounts(b, cost.Components[:])
	amounts := [...]money.Amount{cost.Total, cost.List, cost.Reported, cost.AtLeast, st.Call.Cost}
	b = putAmounts(b, amounts[:])
	b = append(b, cost.DuplicateOf[:]...)
	b = append(b, a.Group[:]...)
	if !a.TakesOver.IsZero() {
		b = append(b, a.TakesOver[:]...)
	}
	if c.Role == llm.RoleTransport { // it may stand in for its parent
		b = append(b, c.Parent[:]...)
	}
	b = putFloat(putFloat(b, m.ContextRatio), rec.Weight)
	return putLists(b, rec)
}

func putLists(b []byte, rec *Record) []byte {
	b = putUint(b, uint64(len(rec.Dims)))
	for _, d := range rec.Dims {
		b = putString(b, d)
	}
	b = putUint(b, uint64(len(rec.Stamp.Cost.Modifiers)))
	for _, s := range rec.Stamp.Cost.Modifiers {
		b = putString(b, s)
	}
	b = putUint(b, uint64(len(rec.Stamp.Owners)))
	for _, o := range rec.Stamp.Owners {
		b = putString(putString(b, o.Key), o.Value)
	}
	return b
}

// stored is a record read back, with the values that its pointers point to.
type stored struct {
	Record
	call  llm.Call
	stamp stamp.Stamp
	at    int64
}

// record is the inverse of appendRecord.
func (r *reader) record(s *stored) {
	c, st := &s.call, &s.stamp
	m, a, cost := &st.Model, &st.Attempt, &st.Cost
	copy(c.Trace[:], r.bytes(len(c.Trace)))
	copy(c.Span[:], r.bytes(len(c.Span)))
	s.at, c.Start, c.End = int64(r.fixed()), int64(r.fixed()), int64(r.fixed())
	c.Role, c.Failure.Class = llm.Role(r.byte()), llm.ErrorClass(r.byte())
	cost.Status, cost.Basis, cost.Use = stamp.Status(r.byte()), llm.TokenBasis(r.byte()), stamp.Use(r.byte())
	m.Match, m.Lifecycle = llm.Match(r.byte()), stamp.Lifecycle(r.byte())
	a.Kind, a.Evidence, a.Final = stamp.Kind(r.byte()), stamp.Evidence(r.byte()), stamp.Tri(r.byte())
	st.Error, st.Call.Outcome = llm.ErrorClass(r.byte()), stamp.Outcome(r.byte())
	var ruled [2]bool
	r.bools(&c.Streaming, &c.Attempt.Auxiliary, &c.Usage.Known, &s.NoThreshold, &ruled[0], &ruled[1], &c.Usage.Partial)
	s.Ruled = verdictOf(ruled)
	takesOver := false
	r.bools(&cost.HasList, &cost.HasReported, &a.Probable, &st.Call.Set, &st.Call.HasCost, &st.TimeReceived, &a.Futile, &takesOver)
	r.texts(
		&c.Ref.Provider, &c.Ref.Server, &c.Ref.Request, &c.Ref.Response, &c.Ref.Deployment, &c.ResponseID,
		&cost.Currency, &cost.PriceID, &m.ID, &m.Vendor, &m.Platform, &m.Version, &m.Family, &m.Region,
		&m.RetirementDate, &m.Replacement, &m.Policy, &st.Route, &st.RouteSource,
	)
	var numbers [9]int64
	r.ints(numbers[:])
	c.FirstChunk, c.Attempt.Hidden, a.Number, a.Count = numbers[0], int(numbers[1]), int(numbers[2]), int(numbers[3])
	st.Call.Attempts, st.Call.Duration, st.Call.WastedLatency, st.Call.Backoff, st.ReceivedAt = int(numbers[4]), numbers[5], numbers[6], numbers[7], numbers[8]
	r.ints(c.Usage.Tokens[:])
	r.ints(c.Usage.Units[:])
	r.amounts(cost.Components[:])
	var amounts [5]money.Amount
	r.amounts(amounts[:])
	cost.Total, cost.List, cost.Reported, cost.AtLeast, st.Call.Cost = amounts[0], amounts[1], amounts[2], amounts[3], amounts[4]
	copy(cost.DuplicateOf[:], r.bytes(len(cost.DuplicateOf)))
	copy(a.Group[:], r.bytes(len(a.Group)))
	if takesOver {
		copy(a.TakesOver[:], r.bytes(len(a.TakesOver)))
	}
	if c.Role == llm.RoleTransport {
		copy(c.Parent[:], r.bytes(len(c.Parent)))
	}
	m.ContextRatio, s.Weight = r.float(), r.float()
	r.lists(s)
	s.Call, s.Stamp = c, st
}

// verdictOf is a verdict of its two bits, which hold them all.
func verdictOf(bits [2]bool) (v slo.Verdict) {
	if bits[0] {
		v |= 1
	}
	if bits[1] {
		v |= 2
	}
	return v
}

func (r *reader) lists(s *stored) {
	s.Dims = r.strings(s.Dims[:0])
	s.stamp.Cost.Modifiers = r.strings(s.stamp.Cost.Modifiers[:0])
	s.stamp.Owners = s.stamp.Owners[:0]
	for range r.count(2) {
		s.stamp.Owners = append(s.stamp.Owners, stamp.Owner{Key: r.string(), Value: r.string()})
	}
}

func recordKey(b []byte) (trace llm.TraceID, span llm.SpanID, ok bool) {
	if len(b) < len(trace)+len(span) {
		return trace, span, false
	}
	copy(trace[:], b)
	copy(span[:], b[len(trace):])
	return trace, span, true
}

func readReceipt(b []byte) (Receipt, bool) {
	r := reader{b: b}
	var s stored
	r.record(&s)
	if r.bad {
		return Receipt{}, false
	}
	c := &s.call
	rec := Receipt{
		Trace: c.Trace, Span: c.Span, Route: s.stamp.Route, At: time.Unix(0, s.at).UTC(),
		Stamp: s.stamp, Ref: c.Ref, Usage: c.Usage, Failed: c.Failure.Class,
	}
	if rec.Failed == llm.ErrNone {
		rec.Failed = s.stamp.Error
	}
	if c.Start > 0 && c.End >= c.Start {
		rec.Took = time.Duration(c.End - c.Start)
	}
	return rec, true
}
