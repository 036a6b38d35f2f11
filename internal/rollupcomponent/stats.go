package rollupcomponent

import (
	"time"

	"github.com/spanledger/spanledger/internal/rollup"
)

// Stats is what a component reports of itself.
type Stats struct {
	rollup.Self
	Unstamped                                  int64
	BadSpans, PushFailures, CheckpointFailures int64
	// CheckpointAge is the time since the books were stored; negative where they
	// never were.
	CheckpointAge time.Duration
}

// statsAge is how old stats may be: the callbacks of one collection share one
// cut of the ledger.
const statsAge = time.Second

// Stats reports the engine's own counters, at most statsAge old.
func (e *Engine) Stats() Stats {
	e.statsMu.Lock()
	defer e.statsMu.Unlock()
	now := time.Now()
	if now.Sub(e.statsAt) >= statsAge {
		snap := e.ledger.Cut(now)
		e.stats = Stats{Self: snap.Self, Unstamped: snap.Totals.Unstamped}
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
	return s
}
