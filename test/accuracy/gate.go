package main

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/processor/genaienricherprocessor"
)

// gate is the processor as a collector runs it: made by its public factory
// from a configuration, with what comes out of it kept.
type gate struct {
	p    processor.Traces
	sink *consumertest.TracesSink
	ctx  context.Context
}

// enter starts a processor with the configuration.
func enter(conf map[string]any) (*gate, error) {
	f := genaienricherprocessor.NewFactory()
	cfg := f.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(conf).Unmarshal(cfg); err != nil {
		return nil, err
	}
	if err := confmap.Validate(cfg); err != nil {
		return nil, err
	}
	g := &gate{sink: new(consumertest.TracesSink), ctx: context.Background()}
	var err error
	if g.p, err = f.CreateTraces(g.ctx, processortest.NewNopSettings(f.Type()), cfg, g.sink); err != nil {
		return nil, err
	}
	return g, g.p.Start(g.ctx, componenttest.NewNopHost())
}

// send puts one batch in.
func (g *gate) send(td ptrace.Traces) error { return g.p.ConsumeTraces(g.ctx, td) }

// taken returns the spans that came out since the last call.
func (g *gate) taken() []ptrace.Span {
	var out []ptrace.Span
	for _, td := range g.sink.AllTraces() {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, sp := range ss.Spans().All() {
					out = append(out, sp)
				}
			}
		}
	}
	g.sink.Reset()
	return out
}

// leave stops the processor, which lets go of what it held.
func (g *gate) leave() error { return g.p.Shutdown(g.ctx) }

// through sends batches through a processor of their own and returns all that
// comes out.
func through(conf map[string]any, batches ...ptrace.Traces) ([]ptrace.Span, error) {
	g, err := enter(conf)
	if err != nil {
		return nil, err
	}
	for _, td := range batches {
		if err := g.send(td); err != nil {
			return nil, err
		}
	}
	if err := g.leave(); err != nil {
		return nil, err
	}
	return g.taken(), nil
}

// stamped is one span's stamps as plain values.
type stamped map[string]any

func stamps(sp ptrace.Span) stamped {
	out := stamped{}
	for k, v := range sp.Attributes().All() {
		if strings.HasPrefix(k, "spanledger.") {
			out[k] = v.AsRaw()
		}
	}
	return out
}

func (s stamped) text(key string) string {
	t, _ := s["spanledger."+key].(string)
	return t
}

// bill is what a call cost by its stamps: the total, or the lower bound where
// that is all there is.
func (s stamped) bill() (status string, amount money.Amount, ok bool, err error) {
	status = s.text("cost.status")
	for key, exact := range map[string]string{"cost.total": "cost.exact", "cost.at_least": "cost.at_least_exact"} {
		f, has := s["spanledger."+key].(float64)
		if !has {
			continue
		}
		if t := s.text(exact); t != "" {
			amount, err = money.Parse(t)
			return status, amount, err == nil, err
		}
		if amount, ok = money.FromFloat64(f); !ok {
			err = fmt.Errorf("%s is %v", key, f)
		}
		return status, amount, ok, err
	}
	return status, amount, false, nil
}

// told is the bill in words, for reports.
func (s stamped) told() string {
	status, amount, ok, err := s.bill()
	switch {
	case err != nil:
		return err.Error()
	case !ok:
		return "status " + status
	}
	return fmt.Sprintf("%s %v by %s %v", status, amount, s.text("cost.price_id"), s["spanledger.cost.modifiers"])
}

// newSpan adds one LLM span, the n-th, with a trace of its own.
func newSpan(td ptrace.Traces, n int, start pcommon.Timestamp) ptrace.Span {
	sp := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	sp.SetTraceID(pcommon.TraceID{15: 1, 13: byte(n), 12: byte(n >> 8), 11: byte(n >> 16)})
	sp.SetSpanID(pcommon.SpanID{7: 1, 5: byte(n), 4: byte(n >> 8), 3: byte(n >> 16)})
	sp.SetName("chat")
	sp.SetKind(ptrace.SpanKindClient)
	sp.SetStartTimestamp(start)
	sp.SetEndTimestamp(start + 1_000_000_000)
	sp.Attributes().PutStr("gen_ai.operation.name", "chat")
	return sp
}
