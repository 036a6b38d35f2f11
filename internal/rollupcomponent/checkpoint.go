package rollupcomponent

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
)

// checkpoint stores the books where something was booked since they were last
// stored. What only time changes, a call that settles, a restored ledger does
// again by itself.
func (e *Engine) checkpoint(ctx context.Context) {
	if e.store == nil {
		return
	}
	now := time.Now()
	due := now.Sub(e.listed) >= inventoryEvery
	if due {
		e.listed = now
	}
	shown := e.published.Load()
	if shown != nil {
		shown = e.Snapshot() // before the state: never ahead of it
	}
	listed := e.store.storeInventory(ctx, e.fleet, due)
	if booked := e.dirty.Swap(false); booked || listed != nil {
		err := listed
		if booked {
			err = errors.Join(err, e.storeBooks(ctx))
		}
		if err != nil {
			e.dirty.Store(true)
			e.published.Store(shown) // rather ahead of a broken store than blind
			e.counters.checkpointFailures.Add(1)
			e.set.Telemetry.Logger.Warn("the books could not be stored", zap.Error(err))
			if !e.unstored.Swap(true) {
				componentstatus.ReportStatus(e.host, componentstatus.NewRecoverableErrorEvent(fmt.Errorf("store the books: %w", err)))
			}
			return
		}
		e.recovered(&e.unstored)
	}
	e.counters.checkpointed.Store(time.Now().UnixNano())
	e.published.Store(shown)
}

func (e *Engine) storeBooks(ctx context.Context) error {
	size, err := e.store.checkpoint(ctx, e.ledger)
	if err == nil {
		e.counters.checkpointSize.Store(int64(size))
	}
	return err
}

// recovered says that a trouble is over, once, if there is no other.
func (e *Engine) recovered(trouble *atomic.Bool) {
	if trouble.Load() && trouble.Swap(false) && !e.unstored.Load() && !e.refusing.Load() {
		componentstatus.ReportStatus(e.host, componentstatus.NewEvent(componentstatus.StatusOK))
	}
}
