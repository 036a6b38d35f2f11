package genaienricherprocessor

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/attempt"
	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
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
	compat  llmspan.Compat
	prices  *pricebook
	id      component.ID
	set     component.TelemetrySettings
	tel     *telemetry

	mu      sync.Mutex // memory, origins and lineage
	memory  *attempt.Memory
	origins recent[origin]        // of first attempts, for those that follow in later batches
	lineage recent[*llm.Identity] // of spans above calls
	// currency is that of the first cost: sums over attempts are in it alone.
	currency string
	held     *holder // nil without wait

	batches sync.Pool
}

// maxAhead is how far in the future a start time may lie before the time of
// receipt stands in for it.
const maxAhead = int64(5 * time.Minute)

func newEnricher(set processor.Settings, cfg *Config, next consumer.Traces) (*enricher, error) {
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
	prices, err := newPricebook(cfg, set.Logger)
	if err != nil {
		return nil, err
	}
	options.Said = prices.said
	resolver, err := fleet.New(options)
	if err != nil {
		return nil, err
	}
	prices.changed = resolver.Forget
	reader, err := cfg.reader(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	compat, err := llmspan.ParseCompat(cfg.CostAttributes)
	if err != nil {
		return nil, err
	}
	p := &enricher{
		cfg: cfg, log: set.Logger, now: time.Now, id: set.ID, set: set.TelemetrySettings, reader: reader, fleet: resolver, prices: prices, exprs: exprs, compat: compat,
		memory: attempt.NewMemory(attempt.Config{
			WeakEvidence: cfg.Attempts.WeakEvidence, CrossTrace: cfg.Attempts.CrossTrace,
			Billing: billingPolicies[cfg.Attempts.Billing], MaxTraces: cfg.Attempts.MaxTraces,
			Wait: cfg.Attempts.Wait, MaxHeld: cfg.Attempts.MaxHeld,
		}),
		origins: newRecent[origin](cfg.Attempts.MaxTraces),
		lineage: newRecent[*llm.Identity](cfg.Attempts.MaxTraces),
		batches: sync.Pool{New: func() any { return newBatch() }},
	}
	if cfg.Attempts.Wait > 0 {
		p.held = newHolder(next, &cfg.Attempts)
	}
	if cfg.Stamp == stampFull {
		p.profile = llmspan.Full
	}
	if p.tel, err = newTelemetry(set.TelemetrySettings, p); err != nil {
		return nil, err
	}
	p.prices.count = p.tel.countReload
	return p, nil
}

func (p *enricher) start(ctx context.Context, host component.Host) error {
	store, err := openLastGood(ctx, host, p.cfg.Storage, p.id, p.now)
	if err != nil {
		return err
	}
	if err := p.prices.start(ctx, host, p.set, store); err != nil {
		return err
	}
	now := p.now()
	for _, t := range p.prices.current().Tables() {
		fields := []zap.Field{zap.String("source", t.Source), zap.String("version", t.Version), zap.Int("rows", t.Rows)}
		if !t.Checked.IsZero() {
			fields = append(fields, zap.String("checked", t.Checked.Format(time.DateOnly)), zap.Int("age_days", int(now.Sub(t.Checked).Hours()/24)))
		}
		p.log.Info("Price list in force", fields...)
	}
	if p.held != nil {
		p.startReleasing()
	}
	return nil
}

func (p *enricher) shutdown(ctx context.Context) error {
	err := p.prices.stop(ctx)
	err = errors.Join(err, p.stopReleasing(ctx))
	p.tel.shutdown()
	return err
}

// consume stamps the LLM spans of a batch and returns it. No span is dropped,
// or changed outside spanledger.* and the profiles that were asked for. With
// wait, undecided calls are kept back; those decided by now go out by themselves.
func (p *enricher) consume(ctx context.Context, td ptrace.Traces) (ptrace.Traces, error) {
	if p.held != nil && p.held.out.full() {
		return td, errRefused
	}
	now := p.now()
	b := p.batches.Get().(*batch)
	defer p.release(b)

	b.collect(td, p.reader, p.cfg.TrustUpstream)
	if err := p.place(ctx, b, now); err != nil {
		return td, err
	}
	rulings := p.relate(td, b, now)
	p.settle(ctx, rulings, now)
	if p.held != nil {
		p.letGo(ctx, rulings)
	}
	p.tel.countStripped(ctx, b.stripped)
	if td.ResourceSpans().Len() == 0 && p.held != nil {
		return td, processorhelper.ErrSkipProcessingData
	}
	return td, nil
}

func (p *enricher) release(b *batch) {
	b.reset()
	p.batches.Put(b)
}

// ruling is a span and the verdict on it; td is set where the span comes out
// of custody and is not part of the batch.
type ruling struct {
	e  *entry
	v  *attempt.Verdict
	td ptrace.Traces
}

// place says of every call when it was, what failed, who served it, and whom
// it belongs to.
func (p *enricher) place(ctx context.Context, b *batch, now time.Time) error {
	b.claim(len(p.exprs.owners))
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
	b.kin.link(b.entries)
	return nil
}

// relate finds the attempts and the bills, and says on which spans it can be
// ruled now. The memory is the only thing that batches share; the lock is held
// no longer than this.
func (p *enricher) relate(td ptrace.Traces, b *batch, now time.Time) []ruling {
	if len(b.entries) == 0 && len(b.others) == 0 {
		return nil
	}
	p.mu.Lock()
	b.skeletonsOf(p.memory.Holds)
	p.mu.Unlock()
	if len(b.entries) == 0 && len(b.skeletons) == 0 {
		return nil
	}
	b.hang()
	for i := range b.entries {
		p.attribute(b, &b.entries[i])
	}
	p.present(b)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		p.contentLocked(b)
	}
	p.rememberLocked(b)
	b.verdicts = p.memory.Observe(&b.observe, now, b.verdicts)
	for i := range b.entries {
		if !b.verdicts[i].Held && b.entries[i].stands(&b.verdicts[i]) {
			b.rulings = append(b.rulings, ruling{e: &b.entries[i], v: &b.verdicts[i]})
		}
	}
	if p.held != nil {
		p.held.takeLocked(td, b)
		b.rulings = append(b.rulings, p.dueLocked(now)...)
	}
	p.concludeLocked(b.rulings)
	return b.rulings
}

// present puts the batch as the memory takes it in. What was asked is hashed
// here, outside the lock, for traces with a failure of this batch's, and on
// demand for those with an earlier one.
func (p *enricher) present(b *batch) {
	o := &b.observe
	for i := range b.entries {
		e := &b.entries[i]
		o.Calls, o.Models = append(o.Calls, &e.call), append(o.Models, e.model)
	}
	for i := range b.skeletons {
		o.Skeletons = append(o.Skeletons, &b.skeletons[i])
	}
	if !p.cfg.Attempts.ContentMatching {
		return
	}
	failed := func(e *entry) bool { return b.kin.traces[e.trace].failed }
	for i := range b.entries {
		if e := &b.entries[i]; failed(e) {
			e.call.Attempt.Content, _ = p.reader.Content(e.span)
		}
	}
	o.Fingerprint = func(i int) {
		if e := &b.entries[i]; !failed(e) {
			e.call.Attempt.Content, _ = p.reader.Content(e.span)
		}
	}
}

// concludeLocked writes the verdicts on attempts into the stamps, and whose
// calls they are: an attempt is its group's first's, and the billed description
// of a call stands in the place of the one that was recognised as an attempt.
func (p *enricher) concludeLocked(rulings []ruling) {
	grouped, described := false, false
	for _, r := range rulings {
		st := &r.e.stamp
		st.Attempt, st.Call = r.v.Attempt, r.v.Call
		st.Attempt.Probable = st.Attempt.Probable || r.v.Unobserved
		p.recallLocked(r.e)
		p.decide(r.e)
		grouped = grouped || st.Attempt.Kind != stamp.KindNone
		described = described || len(r.e.claims) > 0 && !r.v.Bill.Of.IsZero()
	}
	var byKey map[llm.SpanKey]*entry
	if grouped || described {
		byKey = make(map[llm.SpanKey]*entry, len(rulings))
		for _, r := range rulings {
			byKey[r.e.call.Key()] = r.e
		}
	}
	for _, r := range rulings {
		if r.v.Bill.Of.IsZero() {
			continue
		}
		if billed := byKey[llm.SpanKey{Trace: r.e.call.Trace, Span: r.v.Bill.Of}]; billed != nil {
			shareClaims(billed, r.e)
		}
	}
	for _, r := range rulings {
		if r.e.mayBeFirst() {
			p.origins.keep(r.e.call.Key(), originOf(r.e))
		}
	}
	if !grouped {
		return
	}
	for _, r := range rulings {
		p.followFirst(r.e, byKey)
	}
	inherit(rulings, byKey)
}

// mayBeFirst reports whether attempts may follow, or are there, that take after
// this one.
func (e *entry) mayBeFirst() bool {
	if e.stamp.Attempt.Kind != stamp.KindNone {
		return e.call.Span == e.stamp.Attempt.Group
	}
	return e.call.Failed()
}

// followFirst gives an attempt the route and the owners of its group's first.
func (p *enricher) followFirst(e *entry, byKey map[llm.SpanKey]*entry) {
	first := llm.SpanKey{Trace: e.call.Trace, Span: e.stamp.Attempt.Group}
	if e.stamp.Attempt.Kind == stamp.KindNone || first == e.call.Key() {
		return
	}
	o, ok := p.origins.get(first)
	if f := byKey[first]; f != nil {
		o, ok = origin{route: f.stamp.Route, claims: f.claims, model: f.model}, true
	}
	if !ok {
		return
	}
	e.stamp.Route, e.stamp.RouteSource = o.route, "attempt"
	e.takeClaims(o.claims)
	e.first = o.model
}

// settle prices what was ruled on, sums up the logical calls, writes the
// stamps and counts them.
func (p *enricher) settle(ctx context.Context, rulings []ruling, now time.Time) {
	if len(rulings) == 0 {
		return
	}
	book := p.prices.current()
	related := false
	owners := make([]stamp.Owner, 0, len(rulings)*len(p.exprs.owners))
	for _, r := range rulings {
		owners = r.e.sign(p.exprs.owners, owners)
		q := r.e.query(now)
		r.e.stamp.Model = p.fleet.Stamp(r.e.model, r.e.stamp.Route, r.e.res.Environment, r.e.at)
		p.capacity(r.e)
		r.e.stamp.Cost = priceOf(book, r.e, r.v, q)
		p.compare(book, r.e, q)
		if p.cfg.EstimateAbortedStreams {
			r.e.stamp.Estimate = estimate(book, r.e, q)
		}
		related = related || r.e.related()
	}
	if related {
		p.sumUp(rulings)
	}
	for _, r := range rulings {
		llmspan.Write(r.e.span, &r.e.stamp, p.profile)
		llmspan.WriteCompat(r.e.span, &r.e.stamp, p.compat)
	}
	p.tel.count(ctx, rulings)
	p.tel.countBlind(ctx, rulings)
	p.tel.countOwners(ctx, p.exprs.owners, rulings)
	p.tel.countCommitted(ctx, p.prices.bought, rulings)
}

// stands reports whether the span stands for a call. An HTTP span does where
// no LLM span describes its call, and only there is it stamped.
func (e *entry) stands(v *attempt.Verdict) bool {
	return e.call.Role != llm.RoleTransport || v.Attempt.Evidence == stamp.EvidenceTransport
}
