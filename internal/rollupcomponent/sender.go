package rollupcomponent

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/rollup"
)

// Sink is where snapshots go. Push is called by one goroutine at a time.
type Sink interface {
	Push(context.Context, *rollup.Snapshot) error
}

// MetricsSink sends snapshots as OTLP metrics.
type MetricsSink struct {
	// Send returns once the receiver has taken the metrics, or has not.
	Send func(context.Context, pmetric.Metrics) error
	// Delta sends the difference to the last snapshot that was taken.
	Delta    bool
	encoding encoding
	base     *rollup.Snapshot
	shown    shown           // what the receiver may hold and must be told the end of
	told     map[string]bool // the ended rows that it knows of
	// taken is told of each snapshot that became the base.
	taken func(context.Context, *rollup.Snapshot)
}

// NewMetricsSink makes a sink as the configuration says.
func NewMetricsSink(c *Config, build component.BuildInfo, send func(context.Context, pmetric.Metrics) error) *MetricsSink {
	return &MetricsSink{Send: send, Delta: c.Temporality == TemporalityDelta, encoding: encoding{publish: c.Publish(), version: build.Version}}
}

// Push sends one snapshot; only what was taken becomes the base of the next
// difference, so nothing is lost by a failed push.
func (s *MetricsSink) Push(ctx context.Context, snap *rollup.Snapshot) error {
	var md pmetric.Metrics
	var b *builder
	var told map[string]bool
	if s.Delta {
		md, b = s.encoding.delta(s.base, snap)
	} else {
		md, b = s.encoding.cumulative(snap)
		told = s.encoding.endRows(md, snap, s.told, b)
	}
	b.shown.end(md, s.shown, b)
	if err := s.Send(ctx, md); err != nil {
		// The receiver may have taken it all the same.
		if s.shown == nil {
			s.shown = shown{}
		}
		maps.Copy(s.shown, b.shown)
		return err
	}
	s.shown, s.told = b.shown, told
	if s.Delta {
		s.base = snap
		if s.taken != nil {
			s.taken(ctx, snap)
		}
	}
	return nil
}

// rebase takes what an earlier process has already published as known, so
// that a restart sends neither more nor less than what is new since.
func (s *MetricsSink) rebase(snap *rollup.Snapshot) { s.base = snap }

// sender hands the newest snapshot to a sink from a goroutine of its own: a
// slow receiver delays nobody else, and never gets an older snapshot after a
// newer one.
type sender struct {
	sink    Sink
	timeout time.Duration
	logger  *zap.Logger
	failed  func()
	report  func(*componentstatus.Event)

	broken bool                  // the last push failed
	box    chan *rollup.Snapshot // holds the newest one
	quit   chan struct{}
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func (s *sender) start() {
	ctx, cancel := context.WithCancel(context.Background())
	s.box, s.cancel, s.quit = make(chan *rollup.Snapshot, 1), cancel, make(chan struct{})
	s.done.Go(func() {
		for {
			select {
			case <-s.quit:
				return
			case snap := <-s.box:
				s.push(ctx, snap)
			}
		}
	})
}

// offer replaces the snapshot that waits; only one goroutine may offer.
func (s *sender) offer(snap *rollup.Snapshot) {
	select {
	case <-s.box:
	default:
	}
	s.box <- snap
}

// stop ends the goroutine and sends the last snapshot itself. A push that is
// under way is broken off; a difference is given some time first, since one
// whose answer is not heard is sent again.
func (s *sender) stop(ctx context.Context, last *rollup.Snapshot) {
	close(s.quit)
	if m, ok := s.sink.(*MetricsSink); ok && m.Delta {
		_ = within(ctx, func() error { s.done.Wait(); return nil })
	}
	s.cancel()
	s.done.Wait()
	s.push(ctx, last)
}

func (s *sender) push(ctx context.Context, snap *rollup.Snapshot) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	err := s.sink.Push(ctx, snap)
	switch {
	case err != nil:
		s.failed()
		s.logger.Warn("the rollup was not taken; the next push carries it again", zap.Error(err))
		if !s.broken {
			s.report(componentstatus.NewRecoverableErrorEvent(fmt.Errorf("push the rollup: %w", err)))
		}
	case s.broken:
		s.report(componentstatus.NewEvent(componentstatus.StatusOK))
	}
	s.broken = err != nil
}
