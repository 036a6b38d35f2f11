package llmspan

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
)

// TestDialects reads testdata/dialects/*.txtar. A story is a pair of files:
// "<name>.in" is a span, "<name>.out" what the books make of it. The first
// lines of a span are its name, kind, status and envelope; then one attribute
// a line, its value as JSON (a number with a point is a double). Times are
// milliseconds since the start of the span. Only what is said is listed in
// the outcome; "none" stands for a span that is no call.
func TestDialects(t *testing.T) {
	files, err := filepath.Glob("testdata/dialects/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	told := map[string]bool{}
	for _, f := range files {
		a, err := txtar.ParseFile(f)
		if err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(filepath.Base(f), ".txtar")
		told[base] = true
		for i := 0; i+1 < len(a.Files); i += 2 {
			in, out := a.Files[i], a.Files[i+1]
			name := strings.TrimSuffix(in.Name, ".in")
			if out.Name != name+".out" || name == in.Name {
				t.Fatalf("%s: %s is followed by %s", f, in.Name, out.Name)
			}
			t.Run(base+"/"+name, func(t *testing.T) {
				td := parseStory(t, string(in.Data))
				want := strings.Split(strings.TrimSpace(string(out.Data)), "\n")
				sort.Strings(want)
				if diff := cmp.Diff(want, tell(t, td)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
	}
	for _, d := range dialects {
		if !told[d.name] {
			t.Errorf("no story of dialect %s", d.name)
		}
	}
}

const storyStart = 1_700_000_000_000_000_000

func parseStory(tb testing.TB, text string) ptrace.Traces {
	tb.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	ss := rs.ScopeSpans().AppendEmpty()
	span := ss.Spans().AppendEmpty()
	span.SetTraceID([16]byte{1})
	span.SetSpanID([8]byte{2})
	span.SetStartTimestamp(storyStart)
	span.SetEndTimestamp(storyStart + 1e9)
	attrs := span.Attributes()
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if k, v, ok := strings.Cut(line, " = "); ok {
			putJSON(tb, attrs, k, v)
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "span":
			span.SetName(rest)
		case "scope":
			n, v, _ := strings.Cut(rest, " ")
			ss.Scope().SetName(n)
			ss.Scope().SetVersion(v)
		case "service":
			rs.Resource().Attributes().PutStr("service.name", rest)
		case "kind":
			span.SetKind(map[string]ptrace.SpanKind{"internal": ptrace.SpanKindInternal, "client": ptrace.SpanKindClient, "server": ptrace.SpanKindServer}[rest])
		case "error":
			span.Status().SetCode(ptrace.StatusCodeError)
			span.Status().SetMessage(rest)
		case "ok":
			span.Status().SetCode(ptrace.StatusCodeOk)
		case "event":
			n, at, _ := strings.Cut(rest, " @")
			ev := span.Events().AppendEmpty()
			ev.SetName(n)
			if ms, err := strconv.Atoi(at); err == nil {
				ev.SetTimestamp(pcommon.Timestamp(storyStart + int64(ms)*1e6))
			}
			attrs = ev.Attributes()
		default:
			tb.Fatalf("story: what is %q?", line)
		}
	}
	return td
}

func putJSON(tb testing.TB, m pcommon.Map, k, text string) {
	tb.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		tb.Fatalf("%s = %s: %v", k, text, err)
	}
	setJSON(m.PutEmpty(k), v)
}

func setJSON(to pcommon.Value, v any) {
	switch v := v.(type) {
	case string:
		to.SetStr(v)
	case bool:
		to.SetBool(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			to.SetInt(n)
			return
		}
		f, _ := v.Float64()
		to.SetDouble(f)
	case []any:
		s := to.SetEmptySlice()
		for _, e := range v {
			setJSON(s.AppendEmpty(), e)
		}
	case map[string]any:
		m := to.SetEmptyMap()
		for k, e := range v {
			setJSON(m.PutEmpty(k), e)
		}
	}
}

// only is the one span of a story with what surrounds it.
func only(td ptrace.Traces) (ResourceView, ScopeView, ptrace.Span) {
	rs := td.ResourceSpans().At(0)
	ss := rs.ScopeSpans().At(0)
	return ReadResource(rs), ReadScope(ss), ss.Spans().At(0)
}

// tell reads the span of a story, read-only, and says what came of it.
func tell(tb testing.TB, td ptrace.Traces) []string {
	tb.Helper()
	td.MarkReadOnly()
	res, scope, span := only(td)
	r, err := NewReader(Options{})
	if err != nil {
		tb.Fatal(err)
	}
	var c llm.Call
	if !r.Read(&res, &scope, span, &c) {
		if r.ReadTransport(&res, &scope, span, &c) {
			return describeCall(&c)
		}
		return []string{"none"}
	}
	if !IsCandidate(&scope, span) {
		tb.Error("a call, but no candidate")
	}
	return describeCall(&c)
}

func describeCall(c *llm.Call) (out []string) {
	say := func(k string, v any) {
		s := fmt.Sprint(v)
		if s != "" && s != "0" && s != "false" && s != "unknown" && s != "0s" {
			out = append(out, k+" "+s)
		}
	}
	say("role", c.Role)
	say("dialect", c.Dialect)
	say("layer", c.Layer)
	say("operation", c.Operation)
	say("provider", c.Ref.Provider)
	say("server", c.Ref.Server)
	say("request", c.Ref.Request)
	say("response", c.Ref.Response)
	say("deployment", c.Ref.Deployment)
	say("response_id", c.ResponseID)
	say("conversation", c.ConversationID)
	say("streaming", c.Streaming)
	say("first_chunk", time.Duration(c.FirstChunk))
	if !c.Usage.Known {
		say("usage", "none")
	}
	if c.Usage.Partial {
		say("usage", "partial")
	}
	for b := range llm.NumBuckets {
		say(b.String(), c.Usage.Tokens[b])
	}
	for u := range llm.NumUnits {
		say(u.String(), c.Usage.Units[u])
	}
	if c.Basis != llm.BasisInclusive {
		say("basis", c.Basis)
	}
	say("tier", c.Tier)
	say("geo", c.Geo)
	if c.Reported.Amount != "" {
		say("cost", fmt.Sprintf("%s %s billed=%v", c.Reported.Amount, c.Reported.Currency, c.Reported.Billed))
	}
	if c.Failed() {
		out = append(out, "failed "+c.Failure.Class.String())
		say("error", c.Failure.Type)
		say("http", c.Failure.HTTPStatus)
	}
	say("call_id", c.Attempt.CallID)
	say("hidden", c.Attempt.Hidden)
	say("attempt", c.Attempt.Number)
	say("fallback", c.Attempt.FallbackIndex)
	say("auxiliary", c.Attempt.Auxiliary)
	say("agent", c.Identity.Agent)
	say("workflow", c.Identity.Workflow)
	say("prompt", c.Identity.Prompt)
	say("prompt_version", c.Identity.PromptVersion)
	say("team", c.Identity.Team)
	say("user", c.Identity.User)
	say("tenant", c.Identity.Tenant)
	say("route", c.Identity.GatewayRoute)
	say("conflicts", c.Conflicts)
	sort.Strings(out)
	return out
}
