package rollupcomponent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// ErrorRule says what some events are to every SLO. The first rule that holds
// decides. One with a condition is about single spans, answered ones too, and
// comes before the errors of an SLO; one without is about classes of failure
// and comes after them, before the table.
type ErrorRule struct {
	// Condition is an OTTL condition on the span. Default none.
	Condition string `mapstructure:"condition"`
	// Class of failure. Default every failure; with a condition, every event.
	Class string `mapstructure:"class"`
	// Route of the call. Default every route.
	Route string `mapstructure:"route"`
	// Verdict: good, bad or excluded.
	Verdict string `mapstructure:"verdict"`
}

// errorRule is an ErrorRule read; when is nil where it has no condition.
type errorRule struct {
	when    *ottl.Condition[*ottlspan.TransformContext]
	class   llm.ErrorClass // ErrNone is any
	route   string         // "" is any
	verdict slo.Verdict
	text    string
	failed  *sync.Once
}

func (r *errorRule) picks(route string, class llm.ErrorClass) bool {
	return (r.route == "" || r.route == route) && (r.class == llm.ErrNone || r.class == class)
}

// errorRules is an error policy read, in its order.
type errorRules struct {
	rules  []errorRule
	single bool // one has a condition
	logger *zap.Logger
}

func (c *Config) errorRules(set component.TelemetrySettings) (*errorRules, error) {
	out := &errorRules{logger: set.Logger}
	if len(c.ErrorPolicy) == 0 {
		return out, nil
	}
	parser, err := ottlspan.NewParser(ottlfuncs.StandardConverters[*ottlspan.TransformContext](), set, ottlspan.EnablePathContextNames())
	if err != nil {
		return nil, err
	}
	var errs []error
	for i := range c.ErrorPolicy {
		rule, err := c.ErrorPolicy[i].compile(&parser)
		if err != nil {
			errs = append(errs, fmt.Errorf("error_policy[%d]: %w", i, err))
		}
		out.rules = append(out.rules, rule)
		out.single = out.single || rule.when != nil
	}
	return out, errors.Join(errs...)
}

func (r *ErrorRule) compile(parser *ottl.Parser[*ottlspan.TransformContext]) (errorRule, error) {
	out := errorRule{route: r.Route, text: r.Condition, failed: &sync.Once{}}
	var errs []error
	var err error
	if r.Condition != "" {
		if out.when, err = parser.ParseCondition(r.Condition); err != nil {
			errs = append(errs, fmt.Errorf("condition: %q is no OTTL condition: %w", r.Condition, err))
		}
	}
	var ok bool
	if out.class, ok = llm.ParseErrorClass(r.Class); !ok && r.Class != "" {
		errs = append(errs, fmt.Errorf("class: %q is no class of errors", r.Class))
	}
	if out.verdict, ok = slo.ParseVerdict(r.Verdict); !ok {
		errs = append(errs, fmt.Errorf("verdict: %q is not good, bad or excluded", r.Verdict))
	}
	if r.Condition == "" && r.Class == "" && r.Route == "" {
		errs = append(errs, errors.New("it picks nothing: give a condition, a class or a route"))
	}
	return out, errors.Join(errs...)
}

// policy is the table of a scope on a route, with the rules that have no
// condition laid over it.
func (rs *errorRules) policy(route string) slo.Policy {
	p := slo.DefaultPolicy()
	for class := llm.ErrNone + 1; class < llm.NumErrorClasses; class++ {
		for i := range rs.rules {
			r := &rs.rules[i]
			if r.when != nil || !r.picks(route, class) {
				continue
			}
			for scope := range slo.NumScopes {
				p.Set(scope, class, r.verdict)
			}
			break
		}
	}
	return p
}

// routes are those that rules without a condition name.
func (rs *errorRules) routes() (list []string) {
	for i := range rs.rules {
		if r := &rs.rules[i]; r.when == nil && r.route != "" && !slices.Contains(list, r.route) {
			list = append(list, r.route)
		}
	}
	return list
}

// verdicts are those that rules with a condition may give.
func (rs *errorRules) verdicts() (list []slo.Verdict) {
	for i := range rs.rules {
		if r := &rs.rules[i]; r.when != nil && !slices.Contains(list, r.verdict) {
			list = append(list, r.verdict)
		}
	}
	return list
}

// apply gives an objective its policies: that of its own route where it has
// one, else one for each route that the rules name. own is laid over them,
// where there is any.
func (rs *errorRules) apply(spec *slo.Spec, route string, any bool, own func(*slo.Policy)) {
	spec.Ruled = rs.verdicts()
	over := func(route string) *slo.Policy {
		p := rs.policy(route)
		own(&p)
		return &p
	}
	if len(rs.rules) == 0 && !any {
		return // the table as it is
	}
	spec.Policy = over(route)
	if route != "" {
		return
	}
	for _, r := range rs.routes() {
		if spec.Routes == nil {
			spec.Routes = map[string]*slo.Policy{}
		}
		spec.Routes[r] = over(r)
	}
}

// judge finds the first rule with a condition that holds for a span; Skip
// where none does. A condition that fails does not hold, and says so once.
func (rs *errorRules) judge(ctx context.Context, resource *llmspan.ResourceView, scope *llmspan.ScopeView, span ptrace.Span, call *llm.Call, st *stamp.Stamp) slo.Verdict {
	tc := ottlspan.NewTransformContext(resource.Spans, scope.Spans, span)
	defer tc.Close()
	class := cmp.Or(st.Error, call.Failure.Class)
	for i := range rs.rules {
		r := &rs.rules[i]
		if r.when == nil || !r.picks(st.Route, class) {
			continue
		}
		holds, err := r.when.Eval(ctx, tc)
		if err != nil {
			r.failed.Do(func() {
				rs.logger.Warn("a condition of the error policy failed; it does not hold then", zap.String("condition", r.text), zap.Error(err))
			})
			continue
		}
		if holds {
			return r.verdict
		}
	}
	return slo.Skip
}
