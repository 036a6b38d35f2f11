package genaienricherprocessor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/spanledger/spanledger/internal/llm"
)

type (
	valueExpression = ottl.ValueExpression[*ottlspan.TransformContext]
	condition       = ottl.Condition[*ottlspan.TransformContext]
)

// expressions are the user's OTTL, compiled: the rungs of the route ladder,
// the owners, and the error rules, each in the user's order.
type expressions struct {
	mode   ottl.ErrorMode
	routes []*valueExpression
	owners []ownerRule // sorted by key
	errors []errorRule
	asks   bool // there are expressions for the route or an owner
}

type errorRule struct {
	when  *condition
	class llm.ErrorClass
}

func newParser(set component.TelemetrySettings) (ottl.Parser[*ottlspan.TransformContext], error) {
	return ottlspan.NewParser(ottlfuncs.StandardConverters[*ottlspan.TransformContext](), set, ottlspan.EnablePathContextNames())
}

// compile turns the OTTL of the configuration into expressions. Every fault is
// reported, each under its path in the YAML.
func (cfg *Config) compile(set component.TelemetrySettings) (*expressions, error) {
	parser, err := newParser(set)
	if err != nil {
		return nil, err
	}
	out := &expressions{mode: cfg.ErrorMode}
	var errs []error
	value := func(path, text string) *valueExpression {
		e, err := parser.ParseValueExpression(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %q is no OTTL value expression: %w", path, text, err))
		}
		return e
	}
	for i, text := range cfg.Routes {
		out.routes = append(out.routes, value(fmt.Sprintf("routes[%d]", i), text))
	}
	if out.owners, err = cfg.ownerRules(value); err != nil {
		errs = append(errs, err)
	}
	out.asks = len(out.routes) > 0
	for i := range out.owners {
		out.asks = out.asks || len(out.owners[i].rungs) > 0
	}
	for i, rule := range cfg.Errors {
		when, err := parser.ParseCondition(rule.Condition)
		if err != nil {
			errs = append(errs, fmt.Errorf("errors[%d]::condition: %q is no OTTL condition: %w", i, rule.Condition, err))
		}
		class, ok := llm.ParseErrorClass(rule.Class)
		if !ok || class == llm.ErrNone {
			errs = append(errs, fmt.Errorf("errors[%d]::class: %q is no error class; use one of %s", i, rule.Class, errorClassNames()))
		}
		out.errors = append(out.errors, errorRule{when, class})
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return out, nil
}

// first returns the text of the first rung that gives one, and whether a rung
// failed in a way that error_mode does not ignore.
func (e *expressions) first(ctx context.Context, tc *ottlspan.TransformContext, rungs []*valueExpression) (string, error) {
	for _, rung := range rungs {
		v, err := rung.Eval(ctx, tc)
		if err != nil {
			if e.mode == ottl.PropagateError {
				return "", err
			}
			continue
		}
		if s := text(v); s != "" {
			return s, nil
		}
	}
	return "", nil
}

// errorClass returns the class of the first rule that holds.
func (e *expressions) errorClass(ctx context.Context, tc *ottlspan.TransformContext) (llm.ErrorClass, bool, error) {
	for _, rule := range e.errors {
		ok, err := rule.when.Eval(ctx, tc)
		if err != nil {
			if e.mode == ottl.PropagateError {
				return llm.ErrNone, false, err
			}
			continue
		}
		if ok {
			return rule.class, true, nil
		}
	}
	return llm.ErrNone, false, nil
}

// text prints what an expression gave; only scalars name a route or an owner.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return ""
	case pcommon.Value:
		return v.AsString()
	case int64, float64, bool:
		return fmt.Sprint(v)
	}
	return ""
}

func errorClassNames() string {
	var names []string
	for c := llm.ErrNone + 1; c < llm.NumErrorClasses; c++ {
		names = append(names, c.String())
	}
	return strings.Join(names, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
