package scenario

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.yaml.in/yaml/v3"
)

// Span is a span as stories write it. Ids are short labels: their ASCII bytes
// padded with zeros are the ids, which keeps their order.
type Span struct {
	Trace         string         `yaml:"trace" json:"trace"` // "" is t1
	ID            string         `yaml:"id" json:"id"`
	Parent        string         `yaml:"parent" json:"parent"` // "" is a root; an id of no span never arrived
	Name          string         `yaml:"name" json:"name"`
	Kind          string         `yaml:"kind" json:"kind"`         // INTERNAL, CLIENT, SERVER ...; "" is INTERNAL
	StartMS       float64        `yaml:"start_ms" json:"start_ms"` // since the start of the story
	EndMS         float64        `yaml:"end_ms" json:"end_ms"`
	ArrivalMS     *float64       `yaml:"arrival_ms" json:"arrival_ms"`
	Status        string         `yaml:"status" json:"status"` // OK, ERROR, UNSET; "" is UNSET
	StatusMessage string         `yaml:"status_message" json:"status_message"`
	Attributes    map[string]any `yaml:"attributes" json:"attributes"`
	Resource      map[string]any `yaml:"resource" json:"resource"`
	Scope         string         `yaml:"scope" json:"scope"`
	ScopeVersion  string         `yaml:"scope_version" json:"scope_version"`
	Events        []Event        `yaml:"events" json:"events"`
}

// Event is a span event.
type Event struct {
	Name       string         `yaml:"name" json:"name"`
	TimeMS     float64        `yaml:"time_ms" json:"time_ms"`
	Attributes map[string]any `yaml:"attributes" json:"attributes"`
}

// Epoch is when stories start.
var Epoch = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// ParseSpans reads a YAML (or JSON) list of spans.
func ParseSpans(data []byte) ([]Span, error) {
	var spans []Span
	if err := yaml.Unmarshal(data, &spans); err != nil {
		return nil, err
	}
	for i := range spans {
		if spans[i].ID == "" || len(spans[i].ID) > 8 {
			return nil, fmt.Errorf("span %d: the id %q needs 1 to 8 characters", i, spans[i].ID)
		}
	}
	return spans, nil
}

// Traces makes one request of the spans, each under a resource and a scope of
// its own, with times counted from epoch.
func Traces(spans []Span, epoch time.Time) ptrace.Traces {
	td := ptrace.NewTraces()
	for i := range spans {
		s := &spans[i]
		rs := td.ResourceSpans().AppendEmpty()
		fill(rs.Resource().Attributes(), s.Resource)
		ss := rs.ScopeSpans().AppendEmpty()
		ss.Scope().SetName(s.Scope)
		ss.Scope().SetVersion(s.ScopeVersion)
		s.put(ss.Spans().AppendEmpty(), epoch)
	}
	return td
}

func (s *Span) put(sp ptrace.Span, epoch time.Time) {
	trace := s.Trace
	if trace == "" {
		trace = "t1"
	}
	sp.SetTraceID(TraceID(trace))
	sp.SetSpanID(SpanID(s.ID))
	if s.Parent != "" {
		sp.SetParentSpanID(SpanID(s.Parent))
	}
	sp.SetName(s.Name)
	sp.SetKind(map[string]ptrace.SpanKind{
		"": ptrace.SpanKindInternal, "INTERNAL": ptrace.SpanKindInternal, "CLIENT": ptrace.SpanKindClient,
		"SERVER": ptrace.SpanKindServer, "PRODUCER": ptrace.SpanKindProducer, "CONSUMER": ptrace.SpanKindConsumer,
	}[s.Kind])
	at := func(ms float64) pcommon.Timestamp {
		return pcommon.NewTimestampFromTime(epoch.Add(time.Duration(ms * float64(time.Millisecond))))
	}
	sp.SetStartTimestamp(at(s.StartMS))
	sp.SetEndTimestamp(at(s.EndMS))
	sp.Status().SetCode(map[string]ptrace.StatusCode{"OK": ptrace.StatusCodeOk, "ERROR": ptrace.StatusCodeError}[s.Status])
	sp.Status().SetMessage(s.StatusMessage)
	fill(sp.Attributes(), s.Attributes)
	for _, e := range s.Events {
		ev := sp.Events().AppendEmpty()
		ev.SetName(e.Name)
		ev.SetTimestamp(at(e.TimeMS))
		fill(ev.Attributes(), e.Attributes)
	}
}

// TraceID and SpanID are the ids that a label stands for.
func TraceID(label string) (id pcommon.TraceID) { copy(id[:], label); return id }

// SpanID is the id of a span label.
func SpanID(label string) (id pcommon.SpanID) { copy(id[:], label); return id }

// Label is the inverse of SpanID.
func Label(id pcommon.SpanID) string {
	n := 0
	for n < len(id) && id[n] != 0 {
		n++
	}
	return string(id[:n])
}

func fill(m pcommon.Map, raw map[string]any) {
	if len(raw) == 0 {
		return
	}
	if err := m.FromRaw(normal(raw).(map[string]any)); err != nil {
		panic(fmt.Sprintf("scenario: %v", err))
	}
}

// normal gives YAML's values the types that attributes have.
func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = normal(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = normal(e)
		}
		return out
	case int:
		return int64(v)
	case float64:
		if v == float64(int64(v)) {
			return int64(v) // JSON knows no integers
		}
	}
	return v
}
