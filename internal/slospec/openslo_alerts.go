package slospec

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/slo"
)

// policyRef names an alert policy or is one; older files give the bare name.
type policyRef struct {
	Ref  string      `yaml:"alertPolicyRef"`
	Spec *policySpec `yaml:"spec"`
}

func (p *policyRef) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&p.Ref)
	}
	type plain policyRef
	return n.Decode((*plain)(p))
}

type policySpec struct {
	WhenNoData    bool           `yaml:"alertWhenNoData"`
	WhenResolved  bool           `yaml:"alertWhenResolved"`
	WhenBreaching *bool          `yaml:"alertWhenBreaching"`
	Conditions    []conditionRef `yaml:"conditions"`
}

type conditionRef struct {
	Ref  string         `yaml:"conditionRef"`
	Spec *conditionSpec `yaml:"spec"`
}

type conditionSpec struct {
	Severity  string `yaml:"severity"`
	Condition struct {
		Kind       string `yaml:"kind"`
		Op         string `yaml:"op"`
		Threshold  string `yaml:"threshold"`
		Lookback   string `yaml:"lookbackWindow"`
		AlertAfter string `yaml:"alertAfter"`
	} `yaml:"condition"`
}

// alerts reads the burn-rate conditions of the policies; without any the
// default tiers apply.
func (l *library) alerts(o *object, refs []policyRef) (out []WrittenAlert, err error) {
	var errs []error
	for i := range refs {
		policy := refs[i].Spec
		if policy == nil {
			policy = &policySpec{}
			if err := l.find("AlertPolicy", refs[i].Ref, policy); err != nil {
				errs = append(errs, fmt.Errorf("alertPolicies[%d]: %w", i, err))
				continue
			}
		}
		if policy.WhenBreaching != nil && !*policy.WhenBreaching {
			continue
		}
		if policy.WhenNoData {
			l.note(o, "asks for alertWhenNoData, which is not kept: the rule SpanledgerSLOAbsent is for that")
		}
		for j := range policy.Conditions {
			a, err := l.condition(&policy.Conditions[j])
			if err != nil {
				errs = append(errs, fmt.Errorf("alertPolicies[%d].conditions[%d]: %w", i, j, err))
				continue
			}
			out = append(out, a)
		}
	}
	return out, errors.Join(errs...)
}

// condition reads one burn-rate condition. Ours have a short window instead of
// a delay: alertAfter where it can serve as one, else a twelfth of the lookback
// window.
func (l *library) condition(ref *conditionRef) (a WrittenAlert, err error) {
	spec := ref.Spec
	if spec == nil {
		spec = &conditionSpec{}
		if err := l.find("AlertCondition", ref.Ref, spec); err != nil {
			return a, err
		}
	}
	c := &spec.Condition
	if !strings.EqualFold(c.Kind, "burnrate") {
		return a, fmt.Errorf("kind %q is not burnrate", c.Kind)
	}
	if c.Op != "gt" && c.Op != "gte" {
		return a, fmt.Errorf("op %q is neither gt nor gte", c.Op)
	}
	if _, err := strconv.ParseFloat(c.Threshold, 64); err != nil {
		return a, fmt.Errorf("threshold %q is not a number", c.Threshold)
	}
	long, err := fixed("lookbackWindow", c.Lookback)
	if err != nil {
		return a, err
	}
	short := long / 12
	if c.AlertAfter != "" && c.AlertAfter != "0m" {
		after, err := fixed("alertAfter", c.AlertAfter)
		if err != nil {
			return a, err
		}
		if after >= time.Minute && after < long {
			short = after
		}
	}
	name := strings.ToLower(spec.Severity)
	if name == "" {
		return a, errors.New("severity is missing")
	}
	return WrittenAlert{Name: name, Long: span(long), Short: span(max(short.Truncate(time.Minute), time.Minute)), Factor: c.Threshold}, nil
}

func fixed(what, s string) (time.Duration, error) {
	if m := shorthand.FindStringSubmatch(s); m == nil || noFixedLength(m[2]) {
		return 0, fmt.Errorf("%s %q is not a number with one of m, h, d and w", what, s)
	}
	return slo.ParseSpan(s)
}
