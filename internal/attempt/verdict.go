package attempt

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Batch is what arrived together: the calls and skeletons of any number of
// traces, in any order. Nothing of it is retained.
type Batch struct {
	Calls []*llm.Call
	// Models are the resolved identities, parallel to Calls; nil or a nil entry
	// where none was resolved. They decide whether nested descriptions are of
	// the same model.
	Models    []*llm.Model
	Skeletons []*llm.Skeleton
	// Fingerprint fills Attempt.Content of Calls[i], for which there is a use:
	// its trace holds a failed call, or it may be an attempt across traces. It
	// is not asked about calls that have their content; nil fills nothing. The
	// failures of the batch itself are the caller's to see beforehand.
	Fingerprint func(i int)
}

// Verdict is what was concluded about one call.
type Verdict struct {
	Attempt stamp.Attempt
	// Call summarises the logical call; its cost is left to Memory.CallCost,
	// once the attempts have been priced and booked.
	Call stamp.CallSummary
	Bill Bill
	// Unobserved: the failure's caller got an answer all the same. Such a call
	// settles as recovered_probable.
	Unobserved bool
	// Recovers names an earlier failure that passed before this success tied
	// it, by weak evidence only, to an answer; zero none.
	Recovers llm.SpanID
	// Late: the group was decided before this attempt arrived.
	Late bool
	// Undetectable: neither HTTP spans nor a counter would have shown retries
	// inside this span.
	Undetectable bool
	// Redelivered: the span was seen before; the verdict is the one of then.
	Redelivered bool
	// Held: the verdict is not out yet; Due will tell (Config.Wait only).
	Held bool
}

// BillStatus says how a description of a call stands to its bill.
type BillStatus uint8

const (
	// Billed: price this span.
	Billed BillStatus = iota
	// Duplicate: Bill.Of carries the bill of this call.
	Duplicate
	// NotBillable: a failure that providers do not charge.
	NotBillable
	// NoBill: a roll-up of spans that are billed, or an HTTP span: no call of
	// its own.
	NoBill
)

// Bill is the billing verdict on one span.
type Bill struct {
	Status BillStatus
	// Of is the billed span, Duplicate and NoBill of a roll-up only.
	Of llm.SpanID
	// Rollup: the span repeats usage of calls that left no span and is billed
	// in their stead.
	Rollup bool
}

// Reason says why a held call was decided.
type Reason uint8

const (
	// ByParent: the span above the attempts arrived; no more follow.
	ByParent Reason = iota
	// BySuccess: an answer arrived.
	BySuccess
	// ByWait: the wait was over.
	ByWait
	// ByOverflow: too much was held (incomplete).
	ByOverflow
	// ByFlush: shutdown (incomplete).
	ByFlush
)

// Decision is one held call that may pass now.
type Decision struct {
	Key     llm.SpanKey
	Verdict Verdict
	Reason  Reason
}

// Stats counts what the memory did and gave up, and what it holds.
type Stats struct {
	Traces, Calls, Skeletons, Held int
	Bytes                          int64
	Evicted, Expired               int64 // traces
	DroppedCalls, DroppedSkeletons int64 // over the bounds of one trace
	Late, Incomplete               int64 // attempts
	Redelivered                    int64
	EvictedResponses               int64
	EvictedRoots                   int64 // root calls, CrossTrace only
}

// verdict reads back what was concluded about one call of the batch.
func (m *Memory) verdict(f *ref) Verdict {
	switch f.kind {
	case refDropped:
		return Verdict{}
	case refTransport, refTransportSeen:
		return f.e.loneVerdict(^f.i, f.kind == refTransportSeen)
	}
	if f.kind == refFresh && m.cfg.Wait > 0 && !f.e.direct {
		return Verdict{Held: true} // also if overflow has decided it by now: Due tells, once
	}
	v := f.e.verdict(f.i)
	v.Redelivered = f.kind == refSeen
	return v
}

func (e *entry) verdict(i int32) Verdict {
	c := &e.calls[i]
	if c.has(fHeld) {
		return Verdict{Held: true}
	}
	v := Verdict{
		Bill:       Bill{Status: c.bill, Of: c.billOf, Rollup: c.has(fRollup)},
		Unobserved: c.has(fUnobs), Recovers: c.recovers, Late: c.has(fLate), Undetectable: c.has(fBlind),
	}
	v.Attempt.Probable, v.Attempt.TakesOver = c.has(fProbable), e.takenBy(i)
	if c.has(fGrouped) {
		v.Attempt = stamp.Attempt{
			Group: c.group, Number: int(c.num), Kind: c.kind, Evidence: c.evid, Count: int(c.count), Final: c.final,
			Probable: c.has(fProbable), Futile: c.has(fFutile), TakesOver: v.Attempt.TakesOver,
		}
	}
	if e.more != nil {
		for j := range e.more.sums {
			if s := &e.more.sums[j]; s.call == i {
				v.Call = stamp.CallSummary{Set: true, Attempts: int(s.attempts), Duration: s.duration, WastedLatency: s.wasted, Backoff: s.backoff, Outcome: s.outcome}
				break
			}
		}
	}
	return v
}

// loneVerdict is that on an HTTP span, which says of attempts no more than that
// it is the evidence of a call: whether others are attempts at the same one is
// known for good only where that call has a span.
func (e *entry) loneVerdict(skel int32, seen bool) Verdict {
	v := Verdict{Bill: Bill{Status: NoBill}, Redelivered: seen}
	if e.skels[skel].has(fStandIn) {
		v.Attempt.Evidence = stamp.EvidenceTransport
	}
	return v
}
