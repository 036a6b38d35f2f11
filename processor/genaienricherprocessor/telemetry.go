package genaienricherprocessor

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanledger/spanledger/internal/attempt"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/stamp"
	"github.com/spanledger/spanledger/processor/genaienricherprocessor/internal/metadata"
)

// telemetry is the processor's account of itself.
type telemetry struct {
	builder *metadata.TelemetryBuilder
	blind   *blindSpots
	status  [stamp.NumStatuses]metric.MeasurementOption
	reloads map[string]metric.MeasurementOption
	// released counts what came out of custody, by reason; under the enricher's
	// lock, read by a callback.
	released [attempt.ByFlush + 1]struct {
		n     int64
		attrs metric.MeasurementOption
	}
	owners [][numRungs]metric.MeasurementOption // by owner rule
}

func newTelemetry(set component.TelemetrySettings, p *enricher) (*telemetry, error) {
	builder, err := metadata.NewTelemetryBuilder(set)
	if err != nil {
		return nil, err
	}
	t := &telemetry{builder: builder, blind: newBlindSpots(), reloads: map[string]metric.MeasurementOption{}}
	for _, r := range [...]string{reloadLoaded, reloadRefused, reloadUnreachable} {
		t.reloads[r] = metric.WithAttributeSet(attribute.NewSet(attribute.String("result", r)))
	}
	for s := range t.status {
		t.status[s] = metric.WithAttributeSet(attribute.NewSet(attribute.String("status", stamp.Status(s).String())))
	}
	t.owners = make([][numRungs]metric.MeasurementOption, len(p.exprs.owners))
	for i, rule := range p.exprs.owners {
		for r := range numRungs {
			t.owners[i][r] = metric.WithAttributeSet(attribute.NewSet(attribute.String("owner", rule.key), attribute.String("source", rungNames[r])))
		}
	}
	for r := range t.released {
		t.released[r].attrs = metric.WithAttributeSet(attribute.NewSet(attribute.String("reason", reasons[r])))
	}
	return t, errors.Join(
		builder.RegisterProcessorGenAiEnricherTracesCallback(p.memoryGauge(func(s attempt.Stats) int64 { return int64(s.Traces) })),
		builder.RegisterProcessorGenAiEnricherHeldCallback(p.memoryGauge(func(s attempt.Stats) int64 {
			if p.held == nil {
				return 0
			}
			return int64(s.Held) + p.held.out.count.Load()
		})),
		builder.RegisterProcessorGenAiEnricherEvictedTracesCallback(p.memoryGauge(func(s attempt.Stats) int64 { return s.Evicted })),
		builder.RegisterProcessorGenAiEnricherForgottenCallback(p.observeForgotten),
		builder.RegisterProcessorGenAiEnricherReleasedCallback(func(_ context.Context, o metric.Int64Observer) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			for r := range t.released {
				if t.released[r].n > 0 {
					o.Observe(t.released[r].n, t.released[r].attrs)
				}
			}
			return nil
		}),
		builder.RegisterProcessorGenAiEnricherCommitmentHourlyCostCallback(p.observeCommitments),
		builder.RegisterProcessorGenAiEnricherCatalogTimestampCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(p.prices.checked.Load())
			return nil
		}),
	)
}

// reasons name why a held span was let go.
var reasons = [attempt.ByFlush + 1]string{
	attempt.ByParent: "parent", attempt.BySuccess: "success", attempt.ByWait: "wait", attempt.ByOverflow: "overflow", attempt.ByFlush: "shutdown",
}

// memoryGauge observes one figure of the memory.
func (p *enricher) memoryGauge(pick func(attempt.Stats) int64) metric.Int64Callback {
	return func(_ context.Context, o metric.Int64Observer) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		o.Observe(pick(p.memory.Stats()))
		return nil
	}
}

// observeForgotten tells what the memory gave up of single traces and of its
// indexes; whole traces have a counter of their own.
func (p *enricher) observeForgotten(_ context.Context, o metric.Int64Observer) error {
	p.mu.Lock()
	s := p.memory.Stats()
	p.mu.Unlock()
	for _, f := range [...]struct {
		what string
		n    int64
	}{{"call", s.DroppedCalls}, {"span", s.DroppedSkeletons}, {"response_id", s.EvictedResponses}, {"root_call", s.EvictedRoots}} {
		if f.n > 0 {
			o.Observe(f.n, metric.WithAttributes(attribute.String("what", f.what)))
		}
	}
	return nil
}

func (t *telemetry) shutdown() { t.builder.Shutdown() }

func (t *telemetry) countReload(ctx context.Context, result string) {
	t.builder.ProcessorGenAiEnricherCatalogReloads.Add(ctx, 1, t.reloads[result])
}

func (t *telemetry) countStripped(ctx context.Context, n int) {
	if n > 0 {
		t.builder.ProcessorGenAiEnricherStrippedAttributes.Add(ctx, int64(n))
	}
}

// count adds rulings up before it touches the counters.
func (t *telemetry) count(ctx context.Context, rulings []ruling) {
	var statuses [stamp.NumStatuses]int64
	var conflicts, bad, unapproved int64
	for _, r := range rulings {
		statuses[r.e.stamp.Cost.Status]++
		if r.e.call.Conflicts > 0 {
			bad++
			conflicts += int64(r.e.call.Conflicts)
		}
		if r.e.stamp.Model.Policy != "" {
			unapproved++
		}
	}
	for s, n := range statuses {
		if n > 0 {
			t.builder.ProcessorGenAiEnricherCalls.Add(ctx, n, t.status[s])
		}
	}
	add := func(c metric.Int64Counter, n int64) {
		if n > 0 {
			c.Add(ctx, n)
		}
	}
	add(t.builder.ProcessorGenAiEnricherConflicts, conflicts)
	add(t.builder.ProcessorGenAiEnricherBadSpans, bad)
	add(t.builder.ProcessorGenAiEnricherUnapproved, unapproved)
}

// countBlind counts calls whose retries would have left no trace, those of one
// scope together.
func (t *telemetry) countBlind(ctx context.Context, rulings []ruling) {
	var n int64
	var scope *llmspan.ScopeView
	flush := func() {
		if n > 0 {
			t.builder.ProcessorGenAiEnricherUndetectableRetries.Add(ctx, n, t.blind.of(scope))
		}
	}
	for _, r := range rulings {
		if !r.v.Undetectable {
			continue
		}
		if r.e.scope != scope {
			flush()
			scope, n = r.e.scope, 0
		}
		n++
	}
	flush()
}

// countOwners counts what named the owners that were asked for, on spans that
// stand for a bill.
func (t *telemetry) countOwners(ctx context.Context, rules []ownerRule, rulings []ruling) {
	for i := range rules {
		if !rules[i].asked {
			continue
		}
		var by [numRungs]int64
		for _, r := range rulings {
			if s := r.e.stamp.Cost.Status; s != stamp.StatusDuplicate && s != stamp.StatusNotBillable {
				by[r.e.claims[i].by]++
			}
		}
		for r, n := range by {
			if n > 0 {
				t.builder.ProcessorGenAiEnricherOwners.Add(ctx, n, t.owners[i][r])
			}
		}
	}
}
