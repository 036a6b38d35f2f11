package genaienricherprocessor

import (
	"context"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// unattributed is the route, or the owner, of calls that nothing attributes.
const unattributed = "unattributed"

// ask evaluates the user's expressions on one span: the error class, the
// route and the owners.
func (p *enricher) ask(ctx context.Context, e *entry) error {
	x := p.exprs
	if !x.asks && (len(x.errors) == 0 || !e.call.Failed()) {
		return nil
	}
	tc := ottlspan.NewTransformContext(e.res.Spans, e.scope.Spans, e.span)
	defer tc.Close()
	if e.call.Failed() {
		class, ok, err := x.errorClass(ctx, tc)
		if err != nil {
			return err
		}
		if ok {
			e.call.Failure.Class = class
		}
	}
	route, err := x.first(ctx, tc, x.routes)
	if err != nil {
		return err
	}
	if route != "" {
		e.stamp.Route, e.stamp.RouteSource = route, "config"
	}
	for i := range x.owners {
		v, err := x.first(ctx, tc, x.owners[i].rungs)
		if err != nil {
			return err
		}
		if v != "" {
			e.claims[i] = claim{v, rungConfig}
		}
	}
	return nil
}

// attribute climbs the built-in ladders of the route and the owners as far as
// the batch goes: the span itself, then what it happened in, nearest first.
//
// The route is the gateway's; else the outermost request model where it
// differs, which is an alias that a gateway resolves; else the agent, workflow
// or prompt of the call or of what it happened in; else the service. Never an
// HTTP route: on a gateway that is the same for every call.
func (p *enricher) attribute(b *batch, e *entry) {
	rules := p.exprs.owners
	e.meet(rules, &e.call.Identity, rungSpan)
	e.top = e.call.Parent
	if e.top.IsZero() || b.alone(e) {
		return
	}
	outermost := ""
	for range maxDepth {
		n, ok := b.kin.parent[llm.SpanKey{Trace: e.call.Trace, Span: e.top}]
		if !ok {
			break
		}
		if n.entry >= 0 {
			above := &b.entries[n.entry].call
			if above.Role == llm.RoleInference {
				outermost = above.Ref.Request
			}
			e.meet(rules, &above.Identity, rungAncestor)
		} else if n.who > 0 {
			e.meet(rules, &b.kin.named[n.who-1], rungAncestor)
		}
		e.top = n.parent
	}
	if outermost != "" && outermost != e.call.Ref.Request {
		e.alias = outermost
	}
}

// meet takes from an identity what is not known yet.
func (e *entry) meet(rules []ownerRule, id *llm.Identity, by rung) {
	e.claimFrom(rules, id, by)
	if e.name == "" {
		e.name, e.nameSource = named(id)
	}
	if e.prompt == "" {
		e.prompt = id.Prompt
	}
}

// recallLocked goes on up the trace by what earlier batches, or with wait later
// ones, said of it.
func (p *enricher) recallLocked(e *entry) {
	if p.lineage.empty() || e.top.IsZero() || e.name != "" && !e.unclaimed(p.exprs.owners) {
		return
	}
	at := llm.SpanKey{Trace: e.call.Trace, Span: e.top}
	for range maxDepth {
		if id, ok := p.lineage.get(at); ok {
			e.meet(p.exprs.owners, id, rungAncestor)
		}
		parent, ok := p.memory.Parent(at)
		if !ok || parent.IsZero() {
			return
		}
		at.Span = parent
	}
}

// rememberLocked keeps who the spans of a batch name that calls may hang below
// of which this batch, or this process, knows nothing yet. Plain calls are left
// out: what hangs below them describes the same call.
func (p *enricher) rememberLocked(b *batch) {
	for i := range b.skeletons {
		s := &b.skeletons[i]
		k := llm.SpanKey{Trace: s.Trace, Span: s.Span}
		if n := b.kin.parent[k]; n.who > 0 {
			p.keepLineageLocked(k, &b.kin.named[n.who-1])
		}
	}
	for i := range b.entries {
		if c := &b.entries[i].call; c.Role == llm.RoleRollup || c.Layer == llm.LayerFramework {
			p.keepLineageLocked(c.Key(), &c.Identity)
		}
	}
}

func (p *enricher) keepLineageLocked(k llm.SpanKey, id *llm.Identity) {
	if own, ok := p.exprs.ownIdentity(id); ok {
		p.lineage.keep(k, own)
	}
}

// decide ends both ladders: who emitted the span, and at last nobody.
func (p *enricher) decide(e *entry) {
	st := &e.stamp
	switch {
	case st.Route != "":
	case e.call.Identity.GatewayRoute != "":
		st.Route, st.RouteSource = e.call.Identity.GatewayRoute, "gateway"
	case e.alias != "":
		st.Route, st.RouteSource = e.alias, "request_model"
	case e.name != "":
		st.Route, st.RouteSource = e.name, e.nameSource
	case e.res.Service != "":
		st.Route, st.RouteSource = e.res.Service, "service"
	default:
		st.Route, st.RouteSource = unattributed, unattributed
	}
	if e.unclaimed(p.exprs.owners) {
		e.claimFrom(p.exprs.owners, e.res.Identity(), rungResource)
	}
}

func named(id *llm.Identity) (name, source string) {
	switch {
	case id.Agent != "":
		return id.Agent, "agent"
	case id.Workflow != "":
		return id.Workflow, "workflow"
	case id.Prompt != "":
		return id.Prompt, "prompt"
	}
	return "", ""
}

// inherit lets the billed description of a call stand for the attempt where
// only an outer description of the same call was recognised as one: a
// framework's span is a sibling of the tries before it, the SDK's span below
// it is not.
func inherit(rulings []ruling, byKey map[llm.SpanKey]*entry) {
	for _, r := range rulings {
		outer := &r.e.stamp
		if r.v.Bill.Of.IsZero() || outer.Attempt.Kind == stamp.KindNone {
			continue
		}
		billed := byKey[llm.SpanKey{Trace: r.e.call.Trace, Span: r.v.Bill.Of}]
		if billed == nil || billed.stamp.Attempt.Kind != stamp.KindNone {
			continue
		}
		billed.stamp.Attempt, billed.stamp.Call = outer.Attempt, outer.Call
		billed.stamp.Route, billed.stamp.RouteSource = outer.Route, outer.RouteSource
		billed.takeClaims(r.e.claims)
		billed.first = r.e.first
	}
}
