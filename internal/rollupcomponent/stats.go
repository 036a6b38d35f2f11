package rollupcomponent

import (
	"time"

	"github.com/spanledger/spanledger/internal/rollup"
)

// RestoreOutcome is what a start found in the storage.
type RestoreOutcome uint8

// The outcomes of a start. Those after RestoreRebuilt left the figures
// incomplete, and were reported as a recoverable error.
const (
	RestoreNone       RestoreOutcome = iota // no storage, or not started
	RestoreNew                              // an empty storage that never held books
	RestoreWhole                            // the books went on as they were stored
	RestoreRebuilt                          // the generation before and its journal gave the same books
	RestoreIncomplete                       // a part of the journal could not be read
	RestoreLost                             // the books could not be read and were set aside
	RestoreMissing                          // an empty storage that did hold books
	NumRestoreOutcomes
)

var restoreOutcomes = [NumRestoreOutcomes]string{"none", "new", "whole", "rebuilt", "incomplete", "lost", "missing"}

func (o RestoreOutcome) String() string {
	if o < NumRestoreOutcomes {
		return restoreOutcomes[o]
	}
	return "unknown"
}

// Stats is what a component reports of itself.
type Stats struct {
	rollup.Self
	Unstamped                                  int64
	BadSpans, PushFailures, CheckpointFailures int64
	// Dropped are spans that were acknowledged and are in no total: since the
	// start of the process, taken less booked and redelivered. It is measured, and
	// it is always zero. Spans that could not be read are BadSpans.
	Dropped int64
	// CheckpointAge is the time since the books were stored; negative where they
	// never were. CheckpointSize is what was stored then, in bytes; 0 likewise.
	CheckpointAge  time.Duration
	CheckpointSize int64
	Restore        RestoreOutcome
}

// statsAge is how old stats may be: the callbacks of one collection share one
// look at the ledger.
const statsAge = time.Second

// Stats reports the engine's own counters, at most statsAge old.
func (e *Engine) Stats() Stats {
	e.statsMu.Lock()
	defer e.statsMu.Unlock()
	now := time.Now()
	if now.Sub(e.statsAt) >= statsAge {
		taken := e.counters.taken.Load() // before what was booked, which is never less
		self, totals := e.ledger.Self(now)
		e.stats = Stats{
			Self: self, Unstamped: totals.Unstamped,
			Dropped: max(0, taken-(totals.Spans+self.Redelivered-e.counters.before.Load())),
		}
		e.statsAt = now
	}
	s := e.stats
	s.BadSpans = e.counters.badSpans.Load()
	s.PushFailures = e.counters.pushFailures.Load()
	s.CheckpointFailures = e.counters.checkpointFailures.Load()
	s.CheckpointAge = -1
	if at := e.counters.checkpointed.Load(); at > 0 {
		s.CheckpointAge = now.Sub(time.Unix(0, at))
	}
	s.CheckpointSize = e.counters.checkpointSize.Load()
	s.Restore = RestoreOutcome(e.counters.restored.Load())
	return s
}
