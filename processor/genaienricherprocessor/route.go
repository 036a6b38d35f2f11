package genaienricherprocessor

import (
	"context"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// unattributed is the route of calls that nothing attributes.
const unattributed = "unattributed"

// ask evaluates the user's expressions on one span: the error class, the
// route and the owners.
func (p *enricher) ask(ctx context.Context, e *entry) error {
	x := p.exprs
	if len(x.routes) == 0 && len(x.owners) == 0 && (len(x.errors) == 0 || !e.call.Failed()) {
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
		o := &x.owners[i]
		v, err := x.first(ctx, tc, o.rungs)
		if err != nil {
			return err
		}
		if v == "" {
			v = unattributed
		}
		e.stamp.Owners = append(e.stamp.Owners, stamp.Owner{Key: o.key, Value: v})
	}
	return nil
}

// routeOf is the built-in ladder, below the user's own expressions: the
// gateway's route; the outermost request model where it differs, which is an
// alias that a gateway resolves; the agent, workflow or prompt of the call or
// of what it happened in; the service. Never an HTTP route: on a gateway that
// is the same for every call.
func routeOf(b *batch, e *entry) (route, source string) {
	if r := e.call.Identity.GatewayRoute; r != "" {
		return r, "gateway"
	}
	outermost := ""
	who, whoSource := named(&e.call.Identity)
	b.ancestors(e, func(above *entry) {
		if above.call.Role == llm.RoleInference {
			outermost = above.call.Ref.Request
		}
		if who == "" {
			who, whoSource = named(&above.call.Identity)
		}
	})
	if outermost != "" && outermost != e.call.Ref.Request {
		return outermost, "request_model"
	}
	if who != "" {
		return who, whoSource
	}
	if e.res.Service != "" {
		return e.res.Service, "service"
	}
	return unattributed, unattributed
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
	}
}

// routeMemory remembers the routes of first attempts for those that follow in
// later batches, in two generations: when the young one is full it becomes
// the old one, and what was old is forgotten. A forgotten route costs nothing
// but the consistency of a group that outlived it.
type routeMemory struct {
	limit      int
	young, old map[llm.SpanKey]string
}

func newRouteMemory(limit int) routeMemory {
	return routeMemory{limit: limit, young: map[llm.SpanKey]string{}}
}

func (m *routeMemory) keep(k llm.SpanKey, route string) {
	if len(m.young) >= m.limit {
		m.young, m.old = map[llm.SpanKey]string{}, m.young
	}
	m.young[k] = strings.Clone(route)
}

func (m *routeMemory) get(k llm.SpanKey) (string, bool) {
	if r, ok := m.young[k]; ok {
		return r, true
	}
	r, ok := m.old[k]
	return r, ok
}
