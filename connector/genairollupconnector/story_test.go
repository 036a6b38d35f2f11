package genairollupconnector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/spanledger/spanledger/connector/genairollupconnector/internal/metadatatest"
	"github.com/spanledger/spanledger/internal/scenario"
)

// TestStories plays the files in testdata through both halves of a connector,
// on a clock that starts at 0s. The sections of a file are steps in order:
//
//	config          the component's YAML
//	show            prefixes of the metrics that out sections print
//	in <time>       spans that arrive then
//	wait <time>     nothing until then
//	out <time>      what the last push before then said; "out end" is the one at shutdown
//	events          what the logs half sent, all in all
//	telemetry       the connector's own counters and gauges that are not zero
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			story, err := txtar.ParseFile(file)
			require.NoError(t, err)
			synctest.Test(t, func(t *testing.T) { play(t, story) })
			scenario.Golden(t, file, txtar.Format(story))
		})
	}
}

type player struct {
	t       *testing.T
	start   time.Time
	show    []string
	metrics consumertest.MetricsSink
	logs    consumertest.LogsSink
	own     *componenttest.Telemetry
	halves  []connector.Traces
}

func play(t *testing.T, story *txtar.Archive) {
	t.Helper()
	p := &player{t: t, start: time.Now(), own: componenttest.NewTelemetry()}
	defer func() { require.NoError(t, p.own.Shutdown(t.Context())) }()
	for i := range story.Files {
		f := &story.Files[i]
		step, when, _ := strings.Cut(f.Name, " ")
		switch step {
		case "config":
			p.open(f.Data)
		case "show":
			p.show = strings.Fields(string(f.Data))
		case "in":
			p.until(when)
			p.consume(f.Data)
		case "out":
			p.until(when)
			f.Data = p.out()
		case "wait":
			p.until(when)
		case "telemetry":
			f.Data = p.telemetry()
		case "events":
			f.Data = p.events()
		default:
			t.Fatalf("unknown step %q", f.Name)
		}
	}
	p.shutdown()
}

func (p *player) open(yaml []byte) {
	retrieved, err := confmap.NewRetrievedFromYAML(yaml)
	require.NoError(p.t, err)
	conf, err := retrieved.AsConf()
	require.NoError(p.t, err)
	f := NewFactory()
	cfg := f.CreateDefaultConfig()
	require.NoError(p.t, conf.Unmarshal(cfg))
	require.NoError(p.t, confmap.Validate(cfg))

	set := metadatatest.NewSettings(p.own)
	set.ID = component.MustNewIDWithName("gen_ai_rollup", "metrics")
	m, err := f.CreateTracesToMetrics(p.t.Context(), set, cfg, &p.metrics)
	require.NoError(p.t, err)
	l, err := f.CreateTracesToLogs(p.t.Context(), set, cfg, &p.logs)
	require.NoError(p.t, err)
	p.halves = []connector.Traces{m, l}
	for _, h := range p.halves {
		require.NoError(p.t, h.Start(p.t.Context(), componenttest.NewNopHost()))
	}
}

func (p *player) shutdown() {
	for _, h := range p.halves {
		require.NoError(p.t, h.Shutdown(p.t.Context()))
	}
	p.halves = nil
}

// until lets the clock run; "end" is the shutdown.
func (p *player) until(when string) {
	if when == "end" {
		p.shutdown()
		return
	}
	at, err := time.ParseDuration(when)
	require.NoError(p.t, err)
	time.Sleep(time.Until(p.start.Add(at)))
	synctest.Wait()
}

func (p *player) consume(spans []byte) {
	td := p.spans(spans)
	td.MarkReadOnly()
	for _, h := range p.halves {
		require.NoError(p.t, h.ConsumeTraces(p.t.Context(), td))
	}
}

// spans reads one span a line: ids as numbers, times relative to the start.
func (p *player) spans(lines []byte) ptrace.Traces {
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for line := range bytes.Lines(lines) {
		var in struct {
			Trace, Span byte
			At, Took    string
			Error       bool
			Attrs       map[string]any
		}
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		d.DisallowUnknownFields()
		require.NoError(p.t, d.Decode(&in), "%s", line)
		at, err := time.ParseDuration(in.At)
		require.NoError(p.t, err)
		took, err := time.ParseDuration(in.Took)
		require.NoError(p.t, err)
		span := spans.AppendEmpty()
		span.SetName("chat")
		span.SetTraceID(pcommon.TraceID{15: in.Trace})
		span.SetSpanID(pcommon.SpanID{7: in.Span})
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(p.start.Add(at)))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(p.start.Add(at + took)))
		if in.Error {
			span.Status().SetCode(ptrace.StatusCodeError)
		}
		for k, v := range in.Attrs {
			switch v := v.(type) {
			case json.Number:
				if n, err := v.Int64(); err == nil {
					span.Attributes().PutInt(k, n)
				} else {
					f, err := v.Float64()
					require.NoError(p.t, err)
					span.Attributes().PutDouble(k, f)
				}
			case string:
				span.Attributes().PutStr(k, v)
			case bool:
				span.Attributes().PutBool(k, v)
			default:
				p.t.Fatalf("%s: %T", k, v)
			}
		}
	}
	return td
}

// out prints the points of the last push that are not zero.
func (p *player) out() []byte {
	var b bytes.Buffer
	all := p.metrics.AllMetrics()
	if len(all) == 0 {
		return nil
	}
	for _, m := range all[len(all)-1].ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if !slices.ContainsFunc(p.show, func(prefix string) bool { return strings.HasPrefix(m.Name(), prefix) }) {
			continue
		}
		switch m.Type() {
		case pmetric.MetricTypeSum:
			numbers(&b, m.Name(), m.Sum().DataPoints())
		case pmetric.MetricTypeGauge:
			numbers(&b, m.Name(), m.Gauge().DataPoints())
		case pmetric.MetricTypeHistogram:
			for _, h := range m.Histogram().DataPoints().All() {
				if h.Flags().NoRecordedValue() {
					fmt.Fprintf(&b, "%s%s has ended\n", m.Name(), attributes(h.Attributes()))
					continue
				}
				fmt.Fprintf(&b, "%s%s count %d sum %g%s\n", m.Name(), attributes(h.Attributes()), h.Count(), h.Sum(), suchAs(h.Exemplars()))
			}
		case pmetric.MetricTypeExponentialHistogram:
			for _, h := range m.ExponentialHistogram().DataPoints().All() {
				fmt.Fprintf(&b, "%s%s count %d sum %g at scale %d:", m.Name(), attributes(h.Attributes()), h.Count(), h.Sum(), h.Scale())
				for i, n := range h.Positive().BucketCounts().AsRaw() {
					if n > 0 {
						fmt.Fprintf(&b, " [%d] %d", int(h.Positive().Offset())+i, n)
					}
				}
				fmt.Fprintln(&b, suchAs(h.Exemplars()))
			}
		}
	}
	return b.Bytes()
}

// numbers prints a point a line. Every reason of an SLO stands at zero from
// the start: those that follow each other share a line.
func numbers(b *bytes.Buffer, name string, points pmetric.NumberDataPointSlice) {
	zeros, of := 0, ""
	flush := func() {
		if zeros > 0 {
			fmt.Fprintf(b, "%s%s 0 for %d reasons\n", name, of, zeros)
		}
		zeros = 0
	}
	for _, p := range points.All() {
		attrs := attributes(p.Attributes())
		if at := strings.Index(attrs, " reason="); at >= 0 && name == "spanledger.slo.events" && p.IntValue() == 0 && !p.Flags().NoRecordedValue() {
			if attrs = attrs[:at] + "}"; attrs != of {
				flush()
			}
			zeros, of = zeros+1, attrs
			continue
		}
		flush()
		switch {
		case p.Flags().NoRecordedValue():
			fmt.Fprintf(b, "%s%s has ended\n", name, attrs)
			continue
		case p.ValueType() == pmetric.NumberDataPointValueTypeInt:
			fmt.Fprintf(b, "%s%s %d%s\n", name, attrs, p.IntValue(), suchAs(p.Exemplars()))
			continue
		}
		fmt.Fprintf(b, "%s%s %g\n", name, attrs, p.DoubleValue())
	}
	flush()
}

// suchAs names the traces of the exemplars, by the numbers they came in with.
func suchAs(list pmetric.ExemplarSlice) string {
	var b strings.Builder
	for _, x := range list.All() {
		id := x.TraceID()
		fmt.Fprintf(&b, ", such as trace %d", id[15])
	}
	return b.String()
}

func attributes(m pcommon.Map) string {
	var parts []string
	for k, v := range m.All() {
		parts = append(parts, strings.TrimPrefix(k, "spanledger.model.")+"="+v.AsString())
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func (p *player) events() []byte {
	var b bytes.Buffer
	for _, ld := range p.logs.AllLogs() {
		for _, rec := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			fmt.Fprintf(&b, "%s %s %s: %s\n", rec.Timestamp().AsTime().Sub(p.start), rec.SeverityText(), rec.EventName(), rec.Body().Str())
		}
	}
	return b.Bytes()
}

func (p *player) telemetry() []byte {
	var lines []string
	var rm metricdata.ResourceMetrics
	require.NoError(p.t, p.own.Reader.Collect(p.t.Context(), &rm))
	for _, sm := range rm.ScopeMetrics {
		for _, m := range sm.Metrics {
			var points []metricdata.DataPoint[int64]
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				points = data.DataPoints
			case metricdata.Gauge[int64]:
				points = data.DataPoints
			}
			for _, at := range points {
				if at.Value != 0 {
					outcome, _ := at.Attributes.Value("outcome")
					lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %d %s", m.Name, at.Value, outcome.AsString()))+"\n")
				}
			}
		}
	}
	slices.Sort(lines)
	return []byte(strings.Join(lines, ""))
}
