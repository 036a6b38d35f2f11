package llmspan

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/scenario"
)

// served is one line of what the stand-in provider did, in the words of the
// provider's own answer: OpenAI's input holds the cached tokens and its output
// the reasoning, Anthropic's counts stand side by side.
type served struct {
	Status    int     `json:"status"`
	Requested string  `json:"requested"`
	Served    *string `json:"served"`
	Usage     *struct {
		Input, Cached, Read, Write5m, Write1h, Output, Reasoning int64
	} `json:"usage"`
}

// unsaid is what an instrumentation leaves out of its spans, so that no
// reader can know it.
var unsaid = map[string]string{
	"openai-6.49.0+openinference/stream":    "no usage on streamed chat completions",
	"openai-6.49.0+otel/cached":             "no cached tokens",
	"openai-6.49.0+otel/reasoning":          "no reasoning tokens",
	"openai-6.49.0+openinference/exhausted": "no span of a failed call",
}

// TestRecordedClients reads spans of real clients and holds them against the
// log of the provider they talked to: every token in its bucket, every
// answer's model, every exhausted call a failure.
func TestRecordedClients(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(scenario.Root(), "testdata", "recorded", "*", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatal("no recordings", err)
	}
	for _, f := range files {
		name := filepath.Base(filepath.Dir(f)) + "/" + strings.TrimSuffix(filepath.Base(f), ".jsonl")
		t.Run(name, func(t *testing.T) {
			calls, failedTransport := readRecording(t, f)
			truth := readTruth(t, strings.TrimSuffix(f, ".jsonl")+".truth.json")
			check(t, unsaid[name], calls, failedTransport, truth)
		})
	}
}

func check(t *testing.T, unsaid string, calls []llm.Call, failedTransport int, truth []served) {
	t.Helper()
	var want, got llm.Usage
	answers, failures := 0, 0
	for _, s := range truth {
		if s.Usage == nil {
			failures++
			continue
		}
		answers++
		u := s.Usage
		want.Tokens[llm.Input] += u.Input - u.Cached
		want.Tokens[llm.CacheRead] += u.Read + u.Cached
		want.Tokens[llm.CacheWrite] += u.Write5m
		want.Tokens[llm.CacheWrite1h] += u.Write1h
		want.Tokens[llm.Output] += u.Output - u.Reasoning
		want.Tokens[llm.Reasoning] += u.Reasoning
	}
	good, bad := 0, 0
	for i := range calls {
		c := &calls[i]
		if c.Role != llm.RoleInference {
			continue
		}
		if c.Failed() {
			bad++
			if c.Failure.Class != llm.ErrRateLimited {
				t.Errorf("%s: %s", c.Name, c.Failure.Class)
			}
			continue
		}
		good++
		for b := range c.Usage.Tokens {
			got.Tokens[b] += c.Usage.Tokens[b]
		}
		if c.Conflicts != 0 {
			t.Errorf("%s: %d conflicts", c.Name, c.Conflicts)
		}
	}
	if good != answers {
		t.Errorf("%d answers read, %d served", good, answers)
	}
	if failures > 0 && failedTransport != failures {
		t.Errorf("%d failed requests read from transport, %d served", failedTransport, failures)
	}
	switch unsaid {
	case "":
		if got.Tokens != want.Tokens {
			t.Errorf("tokens read %v, served %v", got.Tokens, want.Tokens)
		}
		if answers == 0 && bad == 0 {
			t.Error("an exhausted call left no failure")
		}
	case "no cached tokens", "no reasoning tokens":
		if got.TotalInput() != want.TotalInput() || got.TotalOutput() != want.TotalOutput() {
			t.Errorf("totals read %d and %d, served %d and %d", got.TotalInput(), got.TotalOutput(), want.TotalInput(), want.TotalOutput())
		}
	case "no usage on streamed chat completions":
		if got.TotalInput() != 0 || got.TotalOutput() != 0 {
			t.Errorf("usage out of nothing: %v", got.Tokens)
		}
	}
}

func readRecording(t *testing.T, file string) (calls []llm.Call, failedTransport int) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(Options{Hosts: []Host{{"127.0.0.1", "stand-in"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(line)
		if err != nil {
			t.Fatal(err)
		}
		for _, rs := range td.ResourceSpans().All() {
			res := ReadResource(rs)
			for _, ss := range rs.ScopeSpans().All() {
				scope := ReadScope(ss)
				for _, span := range ss.Spans().All() {
					var c llm.Call
					switch {
					case r.Read(&res, &scope, span, &c):
						calls = append(calls, c)
					case r.ReadTransport(&res, &scope, span, &c) && c.Failed():
						failedTransport++
					}
				}
			}
		}
	}
	return calls, failedTransport
}

func readTruth(t *testing.T, file string) []served {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var truth struct{ Served []served }
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	return truth.Served
}
