package genaienricherprocessor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"
)

// start brings the URLs in, from the storage where it has them, and begins to
// look at every feed. A URL that does not answer does not stop the start.
func (b *pricebook) start(ctx context.Context, host component.Host, set component.TelemetrySettings, store *lastGood) error {
	b.store = store
	var errs []error
	waits := make([]time.Duration, len(b.feeds))
	for i, f := range b.feeds {
		waits[i] = f.every
		u, isURL := f.source.(*urlSource)
		if !isURL {
			continue
		}
		if err := u.connect(ctx, host, set); err != nil {
			errs = append(errs, fmt.Errorf("%s::url: %w", f.path, err))
			continue
		}
		switch {
		case b.restore(ctx, f, u):
			waits[i] = 0 // asked at once, but nobody waits for the answer
		case !b.refresh(ctx, f):
			waits[i] = min(f.every, retryAfter)
		}
	}
	if err := errors.Join(errs...); err != nil {
		b.store = nil
		return errors.Join(err, store.close(ctx))
	}
	running, cancel := context.WithCancel(context.Background())
	b.stopping = cancel
	for i, f := range b.feeds {
		b.wg.Go(func() { b.watch(running, f, waits[i]) })
	}
	return nil
}

// retryAfter is how soon a feed that could not be read is tried again.
const retryAfter = 30 * time.Second

func (b *pricebook) watch(ctx context.Context, f *feed, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		wait = f.every
		if !b.refresh(ctx, f) {
			wait = min(f.every, retryAfter)
		}
		timer.Reset(wait)
	}
}

// restore puts the stored last good content of a URL into force.
func (b *pricebook) restore(ctx context.Context, f *feed, u *urlSource) bool {
	data, fetched, err := b.store.last(ctx, u)
	if err == nil && data == nil {
		return false
	}
	if err == nil {
		err = b.install(f, data)
	}
	if err != nil {
		u.forget()
		b.log.Warn("The stored last good catalogue cannot be used", zap.String("catalog", f.path), zap.Error(err))
		return false
	}
	b.log.Info("Last good catalogue restored", zap.String("catalog", f.path), zap.Time("fetched", fetched), zap.Int("rows", len(f.table.Rows)))
	return true
}

// stop ends the watching; it may be called without start, and twice.
func (b *pricebook) stop(ctx context.Context) error {
	if b.stopping != nil {
		b.stopping()
	}
	b.wg.Wait()
	for _, f := range b.feeds {
		if u, isURL := f.source.(*urlSource); isURL && u.client != nil {
			u.client.CloseIdleConnections()
		}
	}
	store := b.store
	b.store = nil
	return store.close(ctx)
}
