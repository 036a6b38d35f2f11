package llmspan

import (
	"encoding/json"
	"os"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/scenario"
)

type oracleSpan struct {
	ID            string
	Name, Kind    string
	Status        string
	StatusMessage string         `json:"status_message"`
	Attributes    map[string]any `json:"attributes"`
	Events        []struct {
		Name       string
		Attributes map[string]any
	}
}

type oracleCase struct {
	Name     string
	Spans    []oracleSpan
	Expected struct {
		Groups []struct {
			SpanIDs        []string `json:"span_ids"`
			Level          string
			Evidence       string
			FailureClasses []string `json:"failure_classes"`
		}
		Opaque []struct {
			Span  string
			Count int
		}
	}
}

// TestWorkedTraces reads the spans of the worked traces: the attempts of a
// group by strong evidence share a fingerprint, failures are of the class
// that is said, and hidden attempts are counted.
func TestWorkedTraces(t *testing.T) {
	data, err := os.ReadFile(scenario.OraclePath("retries.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []oracleCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		t.Run(cases[i].Name, func(t *testing.T) { checkWorked(t, &cases[i]) })
	}
}

func checkWorked(t *testing.T, c *oracleCase) {
	t.Helper()
	calls := map[string]llm.Call{}
	prints := map[string][16]byte{}
	for i := range c.Spans {
		call, fp, ok := readOracle(t, &c.Spans[i])
		if ok {
			calls[c.Spans[i].ID], prints[c.Spans[i].ID] = call, fp
		}
	}
	for _, g := range c.Expected.Groups {
		if g.Level != "call" {
			continue
		}
		var classes []string
		for _, id := range g.SpanIDs {
			call, ok := calls[id]
			if !ok {
				t.Fatalf("%s is an attempt but was read as no call", id)
			}
			if call.Failed() {
				classes = append(classes, call.Failure.Class.String())
			}
			if g.Evidence == "strong" && (prints[id] != prints[g.SpanIDs[0]] || prints[id] == [16]byte{}) {
				t.Errorf("%s does not share the fingerprint of %s", id, g.SpanIDs[0])
			}
		}
		if g.FailureClasses != nil && !equal(classes, g.FailureClasses) {
			t.Errorf("classes %v, want %v", classes, g.FailureClasses)
		}
	}
	for _, o := range c.Expected.Opaque {
		if n := calls[o.Span].Attempt.Hidden; n != o.Count {
			t.Errorf("%s hides %d attempts, want %d", o.Span, n, o.Count)
		}
	}
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func readOracle(t *testing.T, o *oracleSpan) (c llm.Call, fp [16]byte, ok bool) {
	t.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	ss := rs.ScopeSpans().AppendEmpty()
	span := ss.Spans().AppendEmpty()
	span.SetName(o.Name)
	span.SetKind(map[string]ptrace.SpanKind{"INTERNAL": ptrace.SpanKindInternal, "CLIENT": ptrace.SpanKindClient, "SERVER": ptrace.SpanKindServer}[o.Kind])
	span.Status().SetCode(map[string]ptrace.StatusCode{"OK": ptrace.StatusCodeOk, "ERROR": ptrace.StatusCodeError}[o.Status])
	span.Status().SetMessage(o.StatusMessage)
	if err := span.Attributes().FromRaw(o.Attributes); err != nil {
		t.Fatal(err)
	}
	for _, e := range o.Events {
		ev := span.Events().AppendEmpty()
		ev.SetName(e.Name)
		if err := ev.Attributes().FromRaw(e.Attributes); err != nil {
			t.Fatal(err)
		}
	}
	res, scope := ReadResource(rs), ReadScope(ss)
	r, err := NewReader(Options{ContentKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Read(&res, &scope, span, &c) || c.Role != llm.RoleInference {
		return c, fp, false
	}
	fp, _ = r.Content(span)
	return c, fp, true
}
