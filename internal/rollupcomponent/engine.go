package rollupcomponent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/llm"
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
	e.in, err = newIngester(cfg, e.book, func(n int64) { e.counters.badSpans.Add(n) })
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
	err = e.store.restore(ctx, host, e.ledger, time.Now())
	if err == nil {
		err = e.store.restoreInventory(ctx, host, e.fleet)
	}
	if err == nil {
		// The first frame of a journal needs a state before it.
		err = e.store.checkpoint(ctx, e.ledger)
		e.counters.checkpointed.Store(time.Now().UnixNano())
	}
	if err != nil {
		return fmt.Errorf("storage %q: %w", e.cfg.Storage, errors.Join(err, e.store.close(ctx)))
	}
	before := e.Snapshot()
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
			err = errors.Join(err, e.store.checkpoint(ctx, e.ledger))
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
	e.fleet.observe(recs, now)
	return nil
}

// recovered says that a trouble is over, once, if there is no other.
func (e *Engine) recovered(trouble *atomic.Bool) {
	if trouble.Load() && trouble.Swap(false) && !e.unstored.Load() && !e.refusing.Load() {
		componentstatus.ReportStatus(e.host, componentstatus.NewEvent(componentstatus.StatusOK))
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

// Snapshot implements Books.
func (e *Engine) Snapshot() *rollup.Snapshot {
	snap := e.ledger.Cut(time.Now())
	renameDoubles(snap)
	return snap
}

// Published are the books as a scraper may see them: nothing that a crash
// could take back.
func (e *Engine) Published() Books { return published{e} }

type published struct{ *Engine }

// Snapshot is the live cut where the books are journalled or not kept at all,
// else the newest that was stored.
func (p published) Snapshot() *rollup.Snapshot {
	if snap := p.published.Load(); snap != nil {
		return snap
	}
	return p.Engine.Snapshot()
}

// Receipts implements Books.
func (e *Engine) Receipts(limit int, route string) []rollup.Receipt {
	if route == "" {
		return e.ledger.Receipts(limit)
	}
	var out []rollup.Receipt
	for _, r := range e.ledger.Receipts(e.cfg.Receipts) {
		if r.Route == route && len(out) < limit {
			out = append(out, r)
		}
	}
	return out
}

// Receipt implements Books.
func (e *Engine) Receipt(key llm.SpanKey) (rollup.Receipt, bool) {
	return e.ledger.Receipt(key.Trace, key.Span)
}

// Fleet implements Books.
func (e *Engine) Fleet() Fleet { return e.fleet.state() }

// About says under which assumptions the figures stand.
func (e *Engine) About() About {
	sampling := e.cfg.Sampling.Upstream
	if !sampling.declared() {
		sampling = SamplingNone
	}
	return About{Sampling: string(sampling), Scope: e.cfg.Scope, Version: e.set.Build.Version}
}

// renameDoubles tells a default SLO from a declared one that took its name, so
// that a name stays one series.
func renameDoubles(snap *rollup.Snapshot) {
	declared := map[string]bool{}
	for i := range snap.SLOs {
		if snap.SLOs[i].Declared {
			declared[snap.SLOs[i].Name] = true
		}
	}
	for i := range snap.SLOs {
		if s := &snap.SLOs[i]; !s.Declared && declared[s.Name] {
			s.Name += "@default"
		}
	}
}
