package rollup

import (
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// appendRecord stores a record: all that the books and a receipt need, and no
// more of the span. at is the event time that was booked; 0 where it is not
// decided yet.
func appendRecord(b []byte, rec *Record, at int64) []byte {
	c, st := rec.Call, rec.Stamp
	b = append(b, c.Trace[:]...)
	b = append(b, c.Span[:]...)
	b = putInt(b, at)
	b = putInt(b, c.Start)
	b = putInt(b, c.End-c.Start)
	b = putInt(b, c.FirstChunk)
	b = append(b, byte(c.Role), byte(c.Failure.Class))
	b = putBool(b, c.Streaming)
	b = putBool(b, c.Attempt.Auxiliary)
	b = putInt(b, int64(c.Attempt.Hidden))
	for _, s := range [...]string{c.Ref.Provider, c.Ref.Server, c.Ref.Request, c.Ref.Response, c.Ref.Deployment, c.ResponseID} {
		b = putString(b, s)
	}
	b = putBool(b, c.Usage.Known)
	b = putInts(b, c.Usage.Tokens[:])
	b = putInts(b, c.Usage.Units[:])
	b = appendStamp(b, st)
	b = putFloat(b, rec.Weight)
	b = putBool(b, rec.NoThreshold)
	b = putUint(b, uint64(len(rec.Dims)))
	for _, d := range rec.Dims {
		b = putString(b, d)
	}
	return b
}

func appendStamp(b []byte, st *stamp.Stamp) []byte {
	c, m, a := &st.Cost, &st.Model, &st.Attempt
	b = append(b, byte(c.Status), byte(c.Basis), byte(c.Use), byte(m.Match), byte(m.Lifecycle),
		byte(a.Kind), byte(a.Evidence), byte(a.Final), byte(st.Error), byte(st.Call.Outcome))
	for _, v := range [...]bool{c.HasList, c.HasReported, a.Probable, st.Call.Set, st.Call.HasCost, st.TimeReceived} {
		b = putBool(b, v)
	}
	for _, v := range [...]string{
		c.Currency, c.PriceID, m.ID, m.Vendor, m.Platform, m.Version, m.Family, m.Region,
		m.RetirementDate, m.Replacement, m.Policy, st.Route, st.RouteSource,
	} {
		b = putString(b, v)
	}
	for _, v := range [...]int64{
		int64(a.Number), int64(a.Count), int64(st.Call.Attempts), st.Call.Duration, st.Call.WastedLatency, st.ReceivedAt,
	} {
		b = putInt(b, v)
	}
	b = putAmount(b, c.Total)
	b = putAmounts(b, c.Components[:])
	b = putAmount(b, c.List)
	b = putAmount(b, c.Reported)
	b = putAmount(b, c.AtLeast)
	b = putAmount(b, st.Call.Cost)
	b = append(b, c.DuplicateOf[:]...)
	b = append(b, a.Group[:]...)
	b = putFloat(b, m.ContextRatio)
	b = putUint(b, uint64(len(c.Modifiers)))
	for _, s := range c.Modifiers {
		b = putString(b, s)
	}
	b = putUint(b, uint64(len(st.Owners)))
	for _, o := range st.Owners {
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

func (r *reader) record(s *stored) {
	c := &s.call
	copy(c.Trace[:], r.bytes(len(c.Trace)))
	copy(c.Span[:], r.bytes(len(c.Span)))
	s.at = r.int()
	c.Start = r.int()
	c.End = c.Start + r.int()
	c.FirstChunk = r.int()
	c.Role = llm.Role(r.byte())
	c.Failure.Class = llm.ErrorClass(r.byte())
	c.Streaming, c.Attempt.Auxiliary = r.bool(), r.bool()
	c.Attempt.Hidden = int(r.int())
	for _, p := range [...]*string{&c.Ref.Provider, &c.Ref.Server, &c.Ref.Request, &c.Ref.Response, &c.Ref.Deployment, &c.ResponseID} {
		*p = r.string()
	}
	c.Usage.Known = r.bool()
	r.ints(c.Usage.Tokens[:])
	r.ints(c.Usage.Units[:])
	r.stamp(&s.stamp)
	s.Weight = r.float()
	s.NoThreshold = r.bool()
	s.Dims = r.strings(s.Dims[:0])
	s.Call, s.Stamp = c, &s.stamp
}

func (r *reader) byte() byte {
	if v := r.bytes(1); v != nil {
		return v[0]
	}
	return 0
}

func (r *reader) strings(dst []string) []string {
	for range r.count(1) {
		dst = append(dst, r.string())
	}
	return dst
}

func (r *reader) stamp(st *stamp.Stamp) {
	c, m, a := &st.Cost, &st.Model, &st.Attempt
	c.Status, c.Basis, c.Use = stamp.Status(r.byte()), llm.TokenBasis(r.byte()), stamp.Use(r.byte())
	m.Match, m.Lifecycle = llm.Match(r.byte()), stamp.Lifecycle(r.byte())
	a.Kind, a.Evidence, a.Final = stamp.Kind(r.byte()), stamp.Evidence(r.byte()), stamp.Tri(r.byte())
	st.Error, st.Call.Outcome = llm.ErrorClass(r.byte()), stamp.Outcome(r.byte())
	for _, p := range [...]*bool{&c.HasList, &c.HasReported, &a.Probable, &st.Call.Set, &st.Call.HasCost, &st.TimeReceived} {
		*p = r.bool()
	}
	for _, p := range [...]*string{
		&c.Currency, &c.PriceID, &m.ID, &m.Vendor, &m.Platform, &m.Version, &m.Family, &m.Region,
		&m.RetirementDate, &m.Replacement, &m.Policy, &st.Route, &st.RouteSource,
	} {
		*p = r.string()
	}
	a.Number, a.Count, st.Call.Attempts = int(r.int()), int(r.int()), int(r.int())
	st.Call.Duration, st.Call.WastedLatency, st.ReceivedAt = r.int(), r.int(), r.int()
	c.Total = r.amount()
	r.amounts(c.Components[:])
	c.List, c.Reported, c.AtLeast, st.Call.Cost = r.amount(), r.amount(), r.amount(), r.amount()
	copy(c.DuplicateOf[:], r.bytes(len(c.DuplicateOf)))
	copy(a.Group[:], r.bytes(len(a.Group)))
	m.ContextRatio = r.float()
	c.Modifiers = r.strings(c.Modifiers[:0])
	st.Owners = st.Owners[:0]
	for range r.count(2) {
		st.Owners = append(st.Owners, stamp.Owner{Key: r.string(), Value: r.string()})
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
