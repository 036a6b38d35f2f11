package main

import (
	"context"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/spanmetricsconnector"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/spanledger/spanledger/exporter/genairollupexporter"
	"github.com/spanledger/spanledger/processor/genaienricherprocessor"
)

// enriching is the stage that a second core is measured for.
const enriching = "gen_ai_enricher, stamp: standard"

// newStages starts every component; decoding is the first, the floor.
func newStages(ctx context.Context) (stages []stage, stop func(), err error) {
	var stops []func()
	stop = func() {
		for _, f := range stops {
			f()
		}
	}
	started := func(c component.Component) error {
		stops = append(stops, func() { _ = c.Shutdown(ctx) })
		return c.Start(ctx, componenttest.NewNopHost())
	}
	consume := func(t consumer.Traces) func(any) error {
		return func(w any) error { return t.ConsumeTraces(ctx, w.(ptrace.Traces)) }
	}
	stages = append(stages, stage{name: "decode protobuf", prepare: fresh, run: func(w any) error {
		return ptraceotlp.NewExportRequest().UnmarshalProto(w.([]byte))
	}})

	standard, err := newProcessor(ctx, genaienricherprocessor.NewFactory(), nil)
	if err != nil {
		return nil, stop, err
	}
	full, err := newProcessor(ctx, genaienricherprocessor.NewFactory(), map[string]any{"stamp": "full"})
	if err != nil {
		return nil, stop, err
	}
	transform, err := newProcessor(ctx, transformprocessor.NewFactory(), tenPrices())
	if err != nil {
		return nil, stop, err
	}
	spanMetrics, err := newSpanMetrics(ctx)
	if err != nil {
		return nil, stop, err
	}
	f := genairollupexporter.NewFactory()
	rollup, err := f.CreateTraces(ctx, exportertest.NewNopSettings(f.Type()), f.CreateDefaultConfig())
	if err != nil {
		return nil, stop, err
	}
	for _, c := range []component.Component{standard, full, transform, spanMetrics, rollup} {
		if err := started(c); err != nil {
			return nil, stop, err
		}
	}
	stamped := func(w any) any {
		td := decoded(w)
		if err := standard.ConsumeTraces(ctx, td.(ptrace.Traces)); err != nil {
			panic(err) // nothing here refuses
		}
		return td
	}
	return append(
		stages,
		stage{name: enriching, prepare: fresh, ready: decoded, run: consume(standard)},
		stage{name: "gen_ai_enricher, stamp: full", prepare: fresh, ready: decoded, run: consume(full)},
		waitStage(ctx),
		stage{name: "gen_ai_rollup, reading and booking", prepare: fresh, ready: stamped, run: consume(rollup)},
		ledgerStage(stamped),
		stage{name: "peer: transform, prices of ten models", prepare: fresh, ready: decoded, run: consume(transform)},
		stage{name: "peer: span_metrics", prepare: fresh, ready: decoded, run: consume(spanMetrics)},
	), stop, nil
}

// decoded is a batch from the wire.
func decoded(w any) any {
	req := ptraceotlp.NewExportRequest()
	if err := req.UnmarshalProto(w.([]byte)); err != nil {
		panic(err) // bytes that were made here
	}
	return req.Traces()
}

func newProcessor(ctx context.Context, f processor.Factory, conf map[string]any) (processor.Traces, error) {
	cfg := f.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(conf).Unmarshal(cfg); err != nil {
		return nil, err
	}
	return f.CreateTraces(ctx, processortest.NewNopSettings(f.Type()), cfg, consumertest.NewNop())
}

func newSpanMetrics(ctx context.Context) (interface {
	component.Component
	consumer.Traces
}, error,
) {
	f := spanmetricsconnector.NewFactory()
	cfg := f.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(map[string]any{"dimensions": []any{map[string]any{"name": "gen_ai.request.model"}}}).Unmarshal(cfg); err != nil {
		return nil, err
	}
	return f.CreateTracesToMetrics(ctx, connectortest.NewNopSettings(f.Type()), cfg, consumertest.NewNop())
}

// tenPrices is how a user prices ten models with the transform processor.
func tenPrices() map[string]any {
	var statements []any
	for i, m := range []string{"gpt-4o", "gpt-4o-mini", "gpt-5.4-mini", "gpt-5.4", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5", "gemini-2.5-flash", "gemini-2.5-pro", "text-embedding-3-small"} {
		statements = append(statements, fmt.Sprintf(
			`set(span.attributes["cost"], span.attributes["gen_ai.usage.input_tokens"] * %d.0 / 1000000.0 + span.attributes["gen_ai.usage.output_tokens"] * %d.0 / 1000000.0) where span.attributes["gen_ai.request.model"] == %q and span.attributes["gen_ai.usage.output_tokens"] != nil`,
			i+1, 3*(i+1), m))
	}
	return map[string]any{"error_mode": "ignore", "trace_statements": []any{map[string]any{"context": "span", "statements": statements}}}
}
