package genaienricherprocessor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"
)

// outbox sends what comes out of custody. Whoever sent those spans was told
// long ago that they had arrived: so they never travel with another request,
// whose refusal nobody would answer for, and what the next consumer refuses
// stays here and is offered again.
type outbox struct {
	next  consumer.Traces
	limit int // spans; at it nothing more is taken in

	sending sync.Mutex // one at a time, in order
	mu      sync.Mutex
	spans   ptrace.Traces
	count   atomic.Int64

	done chan struct{}
	wg   sync.WaitGroup
}

func newOutbox(next consumer.Traces, limit int) outbox {
	return outbox{next: next, limit: limit, spans: ptrace.NewTraces(), done: make(chan struct{})}
}

// How often what is due is let go while no batch comes by, and how long a
// shutdown offers what is refused.
const (
	releaseEvery = 200 * time.Millisecond
	lastOffers   = 5 * time.Second
)

// errRefused makes senders wait, who can, instead of filling the memory.
var errRefused = errors.New("spans that were held are refused by the next component; no more are taken in until they are accepted")

func (o *outbox) full() bool { return int(o.count.Load()) >= o.limit }

func (o *outbox) closed() bool {
	select {
	case <-o.done:
		return true
	default:
		return false
	}
}

// post adds the spans of rulings that were in custody.
func (o *outbox) post(rulings []ruling) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range rulings {
		if td := rulings[i].td; td != (ptrace.Traces{}) {
			o.count.Add(int64(td.SpanCount()))
			td.ResourceSpans().MoveAndAppendTo(o.spans.ResourceSpans())
		}
	}
}

// send offers what is posted; the caller holds sending. What is refused goes
// back before what was posted meanwhile. A permanent refusal is the end of it,
// as for any other batch.
func (o *outbox) send(ctx context.Context, log *zap.Logger) {
	o.mu.Lock()
	td := o.spans
	o.spans = ptrace.NewTraces()
	o.mu.Unlock()
	n := td.SpanCount()
	if n == 0 {
		return
	}
	err := o.offer(ctx, td)
	switch {
	case err == nil:
	case consumererror.IsPermanent(err):
		log.Error("Held spans were refused for good", zap.Int("spans", n), zap.Error(err))
	default:
		log.Warn("Held spans were refused; they are offered again", zap.Int("spans", n), zap.Error(err))
		o.mu.Lock()
		td = mutable(td)
		o.spans.ResourceSpans().MoveAndAppendTo(td.ResourceSpans())
		o.spans = td
		o.mu.Unlock()
		return
	}
	o.count.Add(-int64(n))
}

// offer hands spans on in a way that leaves them as they are, should they be
// refused: read-only, or to a consumer that changes what it gets as a copy.
func (o *outbox) offer(ctx context.Context, td ptrace.Traces) error {
	if !o.next.Capabilities().MutatesData {
		td.MarkReadOnly()
		return o.next.ConsumeTraces(ctx, td)
	}
	offered := ptrace.NewTraces()
	td.CopyTo(offered)
	return o.next.ConsumeTraces(ctx, offered)
}

// mutable is td, or a copy of it where td may only be read.
func mutable(td ptrace.Traces) ptrace.Traces {
	if !td.IsReadOnly() {
		return td
	}
	own := ptrace.NewTraces()
	td.CopyTo(own)
	return own
}

// startReleasing lets go of what is due while no batch comes by.
func (p *enricher) startReleasing() {
	o := &p.held.out
	o.wg.Go(func() {
		ticker := time.NewTicker(releaseEvery)
		defer ticker.Stop()
		for {
			select {
			case <-o.done:
				return
			case <-ticker.C:
				p.sendDue(context.Background(), false)
			}
		}
	})
}

// sendDue sends what is due, or with all everything that is held.
func (p *enricher) sendDue(ctx context.Context, all bool) {
	o := &p.held.out
	o.sending.Lock()
	defer o.sending.Unlock()
	now := p.now()
	p.mu.Lock()
	var rulings []ruling
	if all {
		rulings = p.decideLocked(p.memory.Flush(now, nil))
	} else {
		rulings = p.dueLocked(now)
	}
	p.concludeLocked(rulings)
	p.mu.Unlock()
	p.settle(ctx, rulings, now)
	o.post(rulings)
	o.send(ctx, p.log)
}

// letGo sends what a batch made due, unless somebody is sending already: then
// it is sent next. What comes after the end is not held at all.
func (p *enricher) letGo(ctx context.Context, rulings []ruling) {
	o := &p.held.out
	o.post(rulings)
	switch {
	case o.closed():
		p.sendDue(ctx, true)
	case o.sending.TryLock():
		defer o.sending.Unlock()
		o.send(ctx, p.log)
	}
}

// stopReleasing lets go of everything, in order, and offers what is refused
// for a while.
func (p *enricher) stopReleasing(ctx context.Context) error {
	if p.held == nil || p.held.out.closed() {
		return nil
	}
	o := &p.held.out
	close(o.done)
	o.wg.Wait()
	p.sendDue(ctx, true)
	ctx, cancel := context.WithTimeout(ctx, lastOffers)
	defer cancel()
	for o.count.Load() > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d held spans are lost: the next component refused them to the end", o.count.Load())
		case <-time.After(releaseEvery):
			p.sendDue(ctx, true)
		}
	}
	return nil
}
