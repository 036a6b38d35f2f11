package rollupcomponent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
)

// Start restores the books and starts settling, storing and pushing. Further
// calls, of a connector's other half, give the result of the first.
func (e *Engine) Start(ctx context.Context, host component.Host) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.started {
		return e.startup
	}
	e.started, e.host = true, host
	if e.startup = e.open(ctx, host); e.startup != nil {
		return e.startup
	}
	background, cancel := context.WithCancel(context.Background())
	e.cancel = cancel
	// Zeros of the declared SLOs, before the first event.
	zeros := e.offer()
	for _, s := range e.senders {
		s.start()
		s.offer(zeros)
	}
	e.loop.Go(func() { e.run(background) })
	return nil
}

// open restores the books from the storage, if there is one.
func (e *Engine) open(ctx context.Context, host component.Host) error {
	if e.cfg.Storage == nil || e.cfg.durability() == DurabilityNone {
		return nil
	}
	var err error
	if e.store, err = openStore(ctx, host, e.cfg, e.set); err != nil {
		return err
	}
	outcome, err := e.store.restore(ctx, host, e.ledger, time.Now())
	e.counters.restored.Store(int32(outcome))
	if err == nil {
		err = e.store.restoreInventory(ctx, host, e.fleet)
	}
	if err == nil {
		// The first frame of a journal needs a state before it.
		err = e.storeBooks(ctx)
		e.counters.checkpointed.Store(time.Now().UnixNano())
	}
	if err != nil {
		return fmt.Errorf("storage %q: %w", e.cfg.Storage, errors.Join(err, e.store.close(ctx)))
	}
	before := e.Snapshot()
	e.store.testify(ctx, before.Instance)
	e.counters.before.Store(before.Totals.Spans + before.Self.Redelivered)
	if !e.store.journal {
		e.published.Store(before)
	}
	return e.rebase(ctx)
}

// run is the one goroutine that cuts the books by the clock.
func (e *Engine) run(ctx context.Context) {
	flush := time.NewTicker(e.cfg.FlushInterval)
	defer flush.Stop()
	var checkpoint <-chan time.Time
	if e.store != nil {
		t := time.NewTicker(e.cfg.snapshotEvery())
		defer t.Stop()
		checkpoint = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-checkpoint:
			e.checkpoint(ctx)
		case <-flush.C:
			e.flush(ctx)
		}
	}
}

// flush stores the books and then publishes them: what was published is never
// ahead of what survives a crash, so that no counter runs backwards.
func (e *Engine) flush(ctx context.Context) {
	e.fleet.expire(time.Now())
	snap := e.offer()
	e.checkpoint(ctx)
	if ctx.Err() != nil {
		return // the final cut follows
	}
	for _, s := range e.senders {
		s.offer(snap)
	}
}

// Stop makes the final cut, stores it and gives it once to the sinks that the
// leaving half brought; a nil list is all of them. It is safe before Start and
// more than once.
func (e *Engine) Stop(ctx context.Context, leaving ...Sink) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.started || e.startup != nil {
		e.senders = nil
		return
	}
	if e.final == nil {
		e.cancel()
		e.final = e.offer()
		err := within(ctx, func() error {
			e.loop.Wait()
			e.checkpoint(ctx)
			return nil
		})
		if err != nil {
			e.stuck.Store(true)
			e.set.Telemetry.Logger.Error("the final books could not be stored", zap.Error(err))
			componentstatus.ReportStatus(e.host, componentstatus.NewRecoverableErrorEvent(fmt.Errorf("store the final books: %w", err)))
		}
	}
	var staying []*sender
	for _, s := range e.senders {
		if len(leaving) > 0 && s.sink != leaving[0] {
			staying = append(staying, s)
			continue
		}
		s.stop(ctx, e.final)
	}
	e.senders = staying
}

// Close gives the storage back, once.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.store == nil || e.closed {
		return nil
	}
	e.closed = true
	return within(ctx, func() (err error) {
		if !e.stuck.Load() {
			// What was sent at the end must not be sent again after a restart.
			err = e.store.storeInventory(ctx, e.fleet, true)
		}
		return errors.Join(err, e.store.close(ctx))
	})
}

// storagePatience is how long a shutdown waits at most for a storage.
const storagePatience = 10 * time.Second

// within waits for a storage, but not longer than for half of the time that a
// shutdown has left: the push needs some too.
func within(ctx context.Context, do func() error) error {
	wait := storagePatience
	if end, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(end)/2)
	}
	patience := time.NewTimer(wait)
	defer patience.Stop()
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-patience.C:
	case <-ctx.Done():
	}
	return fmt.Errorf("the storage did not answer within %v", wait)
}
