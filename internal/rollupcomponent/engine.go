package rollupcomponent

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/rollup"
)

// Settings are what the collector gives a component, of whichever kind.
type Settings struct {
	Kind      component.Kind
	ID        component.ID
	Build     component.BuildInfo
	Telemetry component.TelemetrySettings
}

// Engine is the ledger of one component id with everything around it that
// needs a clock or a goroutine: intake, settling, snapshots and pushes. A
// connector's two halves share one.
type Engine struct {
	cfg    *Config
	set    Settings
	ledger *rollup.Ledger
	in     *ingester
	store  *store
	fleet  *inventory

	mu      sync.Mutex // of what follows
	senders []*sender
	started bool
	host    component.Host
	startup error
	final   *rollup.Snapshot // the last cut, once stopped
	cancel  context.CancelFunc
	loop    sync.WaitGroup

	counters counters
	dirty    atomic.Bool // something was booked since the books were stored
	unstored atomic.Bool // the last attempt to store them failed
	refusing atomic.Bool // the last batch could not be journalled
	closed   bool        // of Close
	stuck    atomic.Bool // the storage did not answer at the end
	durable  bool        // a difference that was taken is stored
	offered  offered
	listed   time.Time // when the inventory's figures were stored; of the loop

	// published is the newest snapshot that is in the store too, under
	// durability interval; nil where the live books may be shown.
	published atomic.Pointer[rollup.Snapshot]

	statsMu sync.Mutex
	stats   Stats
	statsAt time.Time
}

// counters are what the engine counts beside the ledger.
type counters struct {
	badSpans, pushFailures, checkpointFailures atomic.Int64
	checkpointed                               atomic.Int64 // Unix ns of the last snapshot stored; 0 none
	checkpointSize                             atomic.Int64 // bytes of it
	taken                                      atomic.Int64 // records that were booked or known
	before                                     atomic.Int64 // as taken, of earlier processes
	restored                                   atomic.Int32 // a RestoreOutcome
}

// pushTimeout bounds one push, retries included, so that the next snapshot
// takes over from one that cannot be delivered.
const pushTimeout = 30 * time.Second

// NewEngine opens empty books; Start restores what a storage holds.
func NewEngine(cfg *Config, set Settings) (*Engine, error) {
	books, err := cfg.Ledger()
	if err != nil {
		return nil, err
	}
	_, notes, _ := cfg.writtenSLOs() // a fault was Ledger's to tell
	for _, note := range notes {
		set.Telemetry.Logger.Info("slo_files: " + note)
	}
	e := &Engine{cfg: cfg, set: set}
	if e.ledger, err = rollup.New(books, uuid.NewString(), time.Now()); err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	if e.fleet, err = newInventory(cfg); err != nil {
		return nil, err
	}
	e.in, err = newIngester(cfg, set.Telemetry, e.book, func(n int64) { e.counters.badSpans.Add(n) })
	return e, err
}

// AddSink adds a receiver of snapshots before Start.
func (e *Engine) AddSink(s Sink) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch s := s.(type) {
	case *MetricsSink:
		s.encoding.publish.fleet = e.Fleet
	case *EventsSink:
		s.fleet = e.fleet
	}
	e.senders = append(e.senders, &sender{
		sink: s, timeout: pushTimeout, logger: e.set.Telemetry.Logger,
		failed: func() { e.counters.pushFailures.Add(1) },
		report: func(event *componentstatus.Event) { componentstatus.ReportStatus(e.host, event) },
	})
}

// Consume books the LLM spans of a batch. An error means that under
// durability sync the journal could not be written: the sender repeats.
func (e *Engine) Consume(ctx context.Context, td ptrace.Traces) error {
	return e.in.consume(ctx, td)
}

// book journals records, where that was asked for, and books them.
func (e *Engine) book(ctx context.Context, recs []rollup.Record) error {
	now := time.Now()
	defer e.dirty.Store(true) // once booked: a checkpoint in between stores it again
	if e.store != nil && e.store.journal {
		if err := e.store.book(ctx, e.ledger, recs, now); err != nil {
			// A sender that gave up says nothing about the disk.
			if ctx.Err() == nil && !e.refusing.Swap(true) {
				componentstatus.ReportStatus(e.host, componentstatus.NewRecoverableErrorEvent(err))
			}
			return err
		}
		e.recovered(&e.refusing)
	} else {
		e.ledger.Add(recs, now)
	}
	e.counters.taken.Add(int64(len(recs)))
	e.fleet.observe(recs, now)
	return nil
}
