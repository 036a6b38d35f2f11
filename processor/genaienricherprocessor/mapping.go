package genaienricherprocessor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llmspan"
)

// reader compiles the user's mapping into a span reader with a content key of
// its own, which lives in memory only.
func (cfg *Config) reader(set component.TelemetrySettings) (*llmspan.Reader, error) {
	parser, err := newParser(set)
	if err != nil {
		return nil, err
	}
	o := llmspan.Options{Mapping: map[llmspan.Field]llmspan.Hook{}}
	var errs []error
	for _, field := range sortedKeys(cfg.Mapping) {
		e, err := parser.ParseValueExpression(cfg.Mapping[field])
		if err != nil {
			errs = append(errs, fmt.Errorf("mapping::%s: %q is no OTTL value expression: %w", field, cfg.Mapping[field], err))
			continue
		}
		o.Mapping[llmspan.Field(field)] = hook(e)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, e := range cfg.Endpoints {
		o.Hosts = append(o.Hosts, llmspan.Host{Name: e.Host, Platform: platformOf(e.Platform)})
	}
	if cfg.Attempts.ContentMatching {
		if _, err := rand.Read(o.ContentKey[:]); err != nil {
			return nil, err
		}
	}
	r, err := llmspan.NewReader(o)
	if err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	return r, nil
}

// hook evaluates an expression on a span; one that fails leaves the field as
// the dialects read it.
func hook(e *valueExpression) llmspan.Hook {
	return func(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) (string, bool) {
		tc := ottlspan.NewTransformContext(rs, ss, span)
		defer tc.Close()
		v, err := e.Eval(context.Background(), tc)
		if err != nil {
			return "", false
		}
		s := text(v)
		return s, s != ""
	}
}
