package sim

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Spans ranges over all spans of a request.
func Spans(td ptrace.Traces) func(yield func(ptrace.Span) bool) {
	return func(yield func(ptrace.Span) bool) {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, sp := range ss.Spans().All() {
					if !yield(sp) {
						return
					}
				}
			}
		}
	}
}

// LastEnd is the end of the span that ends last, in Unix nanoseconds.
func LastEnd(td ptrace.Traces) (last int64) {
	for sp := range Spans(td) {
		last = max(last, int64(sp.EndTimestamp()))
	}
	return last
}

// ShiftToEnd moves spans in time as a whole so that the last one ends at end.
func ShiftToEnd(td ptrace.Traces, end time.Time) { Shift(td, end.UnixNano()-LastEnd(td)) }

// Shift moves spans and their events in time by a number of nanoseconds; a
// time that is missing stays missing.
func Shift(td ptrace.Traces, by int64) {
	move := func(t pcommon.Timestamp) pcommon.Timestamp {
		if t == 0 {
			return 0
		}
		return pcommon.Timestamp(int64(t) + by)
	}
	for sp := range Spans(td) {
		sp.SetStartTimestamp(move(sp.StartTimestamp()))
		sp.SetEndTimestamp(move(sp.EndTimestamp()))
		for _, e := range sp.Events().All() {
			e.SetTimestamp(move(e.Timestamp()))
		}
	}
}
