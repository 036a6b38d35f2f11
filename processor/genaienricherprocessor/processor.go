package genaienricherprocessor

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/attempt"
	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// enricher stamps the LLM spans of every batch. Everything but the memory of
// recent traces is immutable or swapped whole, so batches run side by side.
type enricher struct {
	cfg     *Config
	log     *zap.Logger
	now     func() time.Time
	reader  *llmspan.Reader
	fleet   *fleet.Resolver
	exprs   *expressions
	profile llmspan.Profile
	prices  atomic.Pointer[price.Book]
	checked atomic.Int64 // Unix seconds: how old the oldest embedded price list is
	files   *watcher
	tel     *telemetry

	mu     sync.Mutex // memory and routes
	memory *attempt.Memory
	routes routeMemory

	batches sync.Pool
}

// maxAhead is how far in the future a start time may lie before the time of
// receipt stands in for it.
const maxAhead = int64(5 * time.Minute)

func newEnricher(set processor.Settings, cfg *Config) (*enricher, error) {
	exprs, err := cfg.compile(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	options, err := cfg.fleetOptions()
	if err != nil {
		return nil, err
	}
	options.Source, err = models()
	if err != nil {
		return nil, err
	}
	resolver, err := fleet.New(options)
	if err != nil {
		return nil, err
	}
	reader, err := cfg.reader(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	p := &enricher{
		cfg: cfg, log: set.Logger, now: time.Now, reader: reader, fleet: resolver, exprs: exprs,
		memory: attempt.NewMemory(attempt.Config{
			WeakEvidence: cfg.Attempts.WeakEvidence, CrossTrace: cfg.Attempts.CrossTrace,
			Billing: billingPolicies[cfg.Attempts.Billing], MaxTraces: cfg.Attempts.MaxTraces,
		}),
		routes:  newRouteMemory(cfg.Attempts.MaxTraces),
		batches: sync.Pool{New: func() any { return newBatch() }},
	}
	if cfg.Stamp == stampFull {
		p.profile = llmspan.Full
	}
	if p.tel, err = newTelemetry(set.TelemetrySettings, p); err != nil {
		return nil, err
	}
	return p, p.loadPrices()
}

// loadPrices builds the price book and swaps it in whole; on an error the
// book in force stays.
func (p *enricher) loadPrices() error {
	book, err := p.cfg.book()
	if err != nil {
		return err
	}
	p.prices.Store(book)
	var oldest time.Time
	for _, t := range book.Tables() {
		if t.File == "" && !t.Checked.IsZero() && (oldest.IsZero() || t.Checked.Before(oldest)) {
			oldest = t.Checked
		}
	}
	if !oldest.IsZero() {
		p.checked.Store(oldest.Unix())
	}
	return nil
}

func (p *enricher) start(_ context.Context, _ component.Host) error {
	now := p.now()
	for _, t := range p.prices.Load().Tables() {
		fields := []zap.Field{zap.String("source", t.Source), zap.String("version", t.Version), zap.Int("rows", t.Rows)}
		if !t.Checked.IsZero() {
			fields = append(fields, zap.String("checked", t.Checked.Format(time.DateOnly)), zap.Int("age_days", int(now.Sub(t.Checked).Hours()/24)))
		}
		p.log.Info("Price list in force", fields...)
	}
	p.files = watch(p.cfg.Catalogs, p.log, p.loadPrices)
	return nil
}

func (p *enricher) shutdown(context.Context) error {
	p.files.stop()
	p.tel.shutdown()
	return nil
}

// consume stamps the LLM spans of a batch and returns it. No span is dropped,
// moved or changed outside spanledger.* and the profiles that were asked for.
func (p *enricher) consume(ctx context.Context, td ptrace.Traces) (ptrace.Traces, error) {
	now := p.now()
	b := p.batches.Get().(*batch)
	defer p.release(b)

	b.collect(td, p.reader, p.cfg.TrustUpstream)
	if err := p.place(ctx, b, now); err != nil {
		return td, err
	}
	p.relate(b, now)
	p.bill(b, now)
	for i := range b.entries {
		e := &b.entries[i]
		llmspan.Write(e.span, &e.stamp, p.profile)
	}
	p.tel.count(ctx, b)
	return td, nil
}

func (p *enricher) release(b *batch) {
	b.reset()
	p.batches.Put(b)
}

// place says of every call when it was, what failed, who served it, and whom
// it belongs to.
func (p *enricher) place(ctx context.Context, b *batch, now time.Time) error {
	for i := range b.entries {
		e := &b.entries[i]
		e.at = e.call.Start
		if received := now.UnixNano(); e.at <= 0 || e.at > received+maxAhead {
			e.at = received
			e.stamp.TimeReceived, e.stamp.ReceivedAt = true, received
		}
		if err := p.ask(ctx, e); err != nil {
			return err
		}
		e.model = p.fleet.Resolve(e.call.Ref)
		e.stamp.Error = e.call.Failure.Class
	}
	b.link()
	for i := range b.entries {
		e := &b.entries[i]
		if e.stamp.Route == "" {
			e.stamp.Route, e.stamp.RouteSource = routeOf(b, e)
		}
		e.stamp.Model = p.fleet.Stamp(e.model, e.stamp.Route, e.res.Environment, e.at)
		if info, ok := p.fleet.Info(e.model); ok && info.ContextWindow > 0 && e.call.Usage.Known {
			e.stamp.Model.ContextRatio = float64(e.call.Usage.TotalInput()) / float64(info.ContextWindow)
		}
	}
	return nil
}

// relate finds the attempts and the bills. The memory is the only thing that
// batches share; it is held no longer than this.
func (p *enricher) relate(b *batch, now time.Time) {
	if len(b.entries) == 0 && len(b.others) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b.skeletonsOf(p.memory.Holds)
	if len(b.entries) == 0 && len(b.skeletons) == 0 {
		return
	}
	for i := range b.entries {
		e := &b.entries[i]
		if p.cfg.Attempts.ContentMatching && (b.traces[e.call.Trace] || p.memory.NeedsContent(e.call.Trace)) {
			e.call.Attempt.Content, _ = p.reader.Content(e.span)
		}
		b.observe.Calls = append(b.observe.Calls, &e.call)
		b.observe.Models = append(b.observe.Models, e.model)
	}
	for i := range b.skeletons {
		b.observe.Skeletons = append(b.observe.Skeletons, &b.skeletons[i])
	}
	b.verdicts = p.memory.Observe(&b.observe, now, b.verdicts)
	for i := range b.verdicts {
		e, v := &b.entries[i], &b.verdicts[i]
		e.stamp.Attempt, e.stamp.Call = v.Attempt, v.Call
		e.stamp.Attempt.Probable = e.stamp.Attempt.Probable || v.Unobserved
		p.sameRoute(b, e)
	}
	b.inherit()
}

// sameRoute gives an attempt the route of its group's first.
func (p *enricher) sameRoute(b *batch, e *entry) {
	if e.stamp.Attempt.Kind == stamp.KindNone {
		if e.call.Failed() {
			p.routes.keep(e.call.Key(), e.stamp.Route)
		}
		return
	}
	first := llm.SpanKey{Trace: e.call.Trace, Span: e.stamp.Attempt.Group}
	if first == e.call.Key() {
		p.routes.keep(first, e.stamp.Route)
		return
	}
	if n, ok := b.parent[first]; ok && n.entry >= 0 {
		e.stamp.Route, e.stamp.RouteSource = b.entries[n.entry].stamp.Route, "attempt"
	} else if route, ok := p.routes.get(first); ok {
		e.stamp.Route, e.stamp.RouteSource = route, "attempt"
	}
}

// bill prices every call by its verdict, then sums up the logical calls.
func (p *enricher) bill(b *batch, now time.Time) {
	book := p.prices.Load()
	for i := range b.entries {
		e, v := &b.entries[i], &b.verdicts[i]
		e.stamp.Cost = priceOf(book, e, v, now)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range b.entries {
		e := &b.entries[i]
		if e.call.Failed() || e.stamp.Attempt.Kind != stamp.KindNone {
			c := &e.stamp.Cost
			p.memory.Book(e.call.Key(), c.Total, c.Status.HasCost() || c.Status == stamp.StatusNotBillable)
		}
	}
	for i := range b.entries {
		e := &b.entries[i]
		if e.stamp.Call.Set {
			e.stamp.Call.Cost, e.stamp.Call.HasCost = p.memory.CallCost(e.call.Key())
		}
	}
}

// priceOf is the receipt of one call.
func priceOf(book *price.Book, e *entry, v *attempt.Verdict, now time.Time) stamp.Cost {
	c := book.Cost(&e.call.Usage, e.model, price.Query{
		At: e.at, Now: now.UnixNano(), Tier: e.call.Tier, Geo: e.call.Geo, Route: e.stamp.Route,
	})
	c.Basis = e.call.Basis
	switch v.Bill.Status {
	case attempt.Duplicate:
		c = unbilled(&c, stamp.StatusDuplicate)
		c.DuplicateOf = v.Bill.Of
	case attempt.NotBillable, attempt.NoBill:
		c = unbilled(&c, stamp.StatusNotBillable)
	}
	c.Use = useOf(e, c.Status)
	return c
}

// useOf says what the money bought. A failure whose emitter said nothing of
// its usage may have cost something: that is unknown, not zero.
func useOf(e *entry, status stamp.Status) stamp.Use {
	switch {
	case !e.call.Failed() || status == stamp.StatusDuplicate:
		return stamp.UseDelivered
	case status == stamp.StatusNoUsage:
		return stamp.UseUnknown
	}
	return stamp.UseWasted
}

// unbilled keeps of a receipt what a naive sum would have added: the figure by
// list, as evidence beside a status that carries no total.
func unbilled(c *stamp.Cost, status stamp.Status) stamp.Cost {
	out := stamp.Cost{Status: status, Basis: c.Basis}
	if c.Status.HasCost() {
		out.Currency, out.List, out.HasList = c.Currency, c.Total, !c.Total.IsZero()
		if c.HasList {
			out.List, out.HasList = c.List, !c.List.IsZero()
		}
	}
	return out
}
