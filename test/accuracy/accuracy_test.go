package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// attempts is a failure and its retry below a span that never arrives.
const attempts = `{"name": "NAME", "config": {"weak_evidence": WEAK}, "spans": [
 {"trace": "t", "id": "s", "parent": "p", "name": "SELECT", "kind": "CLIENT", "start_ms": 5, "end_ms": 9},
 {"trace": "t", "id": "a", "parent": "p", "name": "chat m", "kind": "CLIENT", "start_ms": 10, "end_ms": 100, "status": "ERROR", "attributes":
  {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o", "gen_ai.input.messages": "why?", "error.type": "rate_limit_exceeded"}},
 {"trace": "t", "id": "b", "parent": "p", "name": "chat m", "kind": "CLIENT", "start_ms": 300, "end_ms": 800, "status": "OK", "attributes":
  {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o", "gen_ai.input.messages": "why?", "gen_ai.usage.input_tokens": 9, "gen_ai.usage.output_tokens": 9}}],
 "expected": {"groups": GROUPS, "ungrouped": UNGROUPED}}`

func traceCaseOf(name, weak, groups, ungrouped string) string {
	return strings.NewReplacer("NAME", name, "WEAK", weak, "UNGROUPED", ungrouped, "GROUPS", groups).Replace(attempts)
}

const linked = `[{"span_ids": ["a", "b"], "level": "call", "kind": "retry", "attempt_kinds": ["first", "retry"], "final": "b", "outcome": "recovered",
 "evidence": "strong", "failure_classes": ["rate_limited"], "wasted_latency_ms": 290, "backoff_ms": 200, "futile": false}]`

// Every form is known whatever its file is called; what is right is counted,
// and what is wrong is told with what was expected and what came out.
func TestEveryFormTellsRightFromWrong(t *testing.T) {
	for _, c := range []struct {
		name, data, line string
		misses           []string
	}{
		{
			"bills", `{"id": "right", "provider": "openai", "model": "m", "usage": {"input_tokens": 1000, "cache_read_tokens": 400, "web_searches": 2}, "prices": {"search_context_cost_per_query": "0.01", "input_cost_per_token": "1e-6", "output_cost_per_token": "0", "cache_read_input_token_cost": "5e-7"}, "timestamp": null, "expected_cost_usd": "0.0208", "kind": "inline_prices"}
{"id": "reported", "provider": "openai", "model": "m", "usage": {"input_tokens": 1, "provider_reported_cost_usd": 0.25}, "prices": {"input_cost_per_token": "1"}, "expected_cost_usd": "0.25"}
{"id": "seconds", "provider": "", "model": "speaker", "usage": {"output_audio_seconds": 1.5}, "prices": {"output_cost_per_second": "0.002"}, "expected_cost_usd": "0.003"}
{"id": "invoice", "provider": "openai", "model": "m", "usage": {"input_tokens": 1000}, "prices": {"input_cost_per_token": "1e-6"}, "expected_cost_usd": "0.00100999", "kind": "invoice"}
{"id": "wrong", "provider": "openai", "model": "m", "usage": {"input_tokens": 1000}, "prices": {"input_cost_per_token": "1e-6"}, "expected_cost_usd": "0.00100001", "kind": "inline_prices"}
{"id": "odd", "provider": "openai", "model": "m", "usage": {"haircuts": 1}, "prices": {"input_cost_per_token": "1e-6"}, "expected_cost_usd": "0"}`,
			"accuracy bills 4/6 (0 not applicable)", []string{"miss wrong\n  expected: 0.00100001\n  got:      priced 0.001 ", "miss odd\n", "haircuts 1 is unknown here"},
		},
		{
			"names.jsonl", `{"provider_ref": "openai", "model_ref": "openai/gpt-4o", "expected_provider": "openai", "expected_model": "gpt-4o"}
{"provider_ref": null, "model_ref": "gpt-4o", "expected_provider": "openai", "expected_model": "gpt-4o-mini"}
{"provider_ref": null, "model_ref": "no-such-1", "expected_provider": "", "expected_model": "no-such-1"}
{"provider_ref": null, "model_ref": "x", "expected_provider": "", "expected_model": "y", "xfail": true}`,
			"accuracy names.jsonl 1/3 (1 not applicable)", []string{`miss ["","gpt-4o"]`, `miss ["","no-such-1"]`, `not applicable ["","x"]`},
		},
		{
			"ids", "openai\tgpt-4o\n\tmy-deployment\n", "accuracy ids 1/2 (0 not applicable)", []string{`miss ["","my-deployment"]`},
		},
		{
			"formulas", `{"id": "right", "kind": "burn_rate", "inputs": {"good": 90, "total": 100, "target": 0.9}, "expected": {"burn_rate": 1}, "abs_tol": 1e-9}
{"id": "wrong", "kind": "burn_rate", "inputs": {"good": 90, "total": 100, "target": 0.9}, "expected": {"burn_rate": 2}, "abs_tol": 1e-9}
{"id": "theirs", "kind": "promql_edge", "inputs": {}, "expected": {"absent": true}, "abs_tol": 0}
no row`,
			"accuracy formulas 1/3 (1 not applicable)", []string{"miss wrong", "burn_rate: expected 2, got 1", "not applicable theirs", "miss row 4"},
		},
		{
			"traces", "[" + strings.Join([]string{
				traceCaseOf("right", "true", linked, `["s"]`),
				traceCaseOf("right without weak evidence", "false", linked, `["s"]`),
				traceCaseOf("no attempts", "true", `[]`, `["s", "a", "b"]`),
				traceCaseOf("other evidence", "false", strings.ReplaceAll(linked, `"strong"`, `"explicit"`), `["s"]`),
				traceCaseOf("other backoff", "true", strings.ReplaceAll(linked, `"backoff_ms": 200`, `"backoff_ms": 201`), `["s"]`),
				traceCaseOf("other waste", "true", strings.ReplaceAll(linked, "290", "291"), `["s"]`),
			}, ",") + "]",
			"accuracy traces 2/6 (0 not applicable)", []string{"miss no attempts", "miss other evidence", "miss other backoff", `"backoff_ms":200`, "miss other waste", "291 ms wasted\n  got:      290"},
		},
		{"notes.md", "# Notes\n\ntext\n", "accuracy notes.md: of no form that is known here, left out", nil},
		{"settings.json", `{"a": 1}`, "accuracy settings.json: of no form that is known here, left out", nil},
		{"empty", "", "accuracy empty: of no form that is known here, left out", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, out := t.TempDir(), t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, c.name), []byte(c.data), 0o600); err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := run(&b, dir, out, 0); err != nil {
				t.Fatal(err)
			}
			report, _ := os.ReadFile(filepath.Join(out, c.name+".txt"))
			if got := strings.TrimSpace(b.String()); got != c.line {
				t.Errorf("%s, want %s\n%s", got, c.line, report)
			}
			for _, m := range c.misses {
				if !strings.Contains(string(report), m) {
					t.Errorf("the report lacks %q:\n%s", m, report)
				}
			}
		})
	}
}

// The simulator's figures are of links between tries: all of those that
// content proves, and without content those alone of which the spans tell an
// id, since nothing may be guessed.
func TestSimulatorCountsLinks(t *testing.T) {
	with, err := trial{content: true}.run("outage", 400)
	if err != nil {
		t.Fatal(err)
	}
	if with.calls < 400 || with.sent == 0 || with.found != with.sent || with.correct != with.stamped || with.stamped != with.sent {
		t.Errorf("with content: %v", with)
	}
	without, err := trial{}.run("outage", 400)
	if err != nil {
		t.Fatal(err)
	}
	if without.stamped == 0 || without.correct != without.stamped || without.sent != with.sent || without.found*2 > without.sent || len(without.wrong) != without.sent-without.found {
		t.Errorf("without content: %v", without)
	}
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	if err := run(&bytes.Buffer{}, filepath.Join(t.TempDir(), "none"), t.TempDir(), 0); err == nil {
		t.Error("no error")
	}
}

// The rules of pricing one by one, worked out by hand, through a processor.
func TestPricingRules(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "pricing-rules.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := checkPricing(data, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range verdicts {
		if v.mark != right {
			t.Errorf("%s: want %s, got %s %s", v.id, v.want, v.got, v.why)
		}
	}
	if len(verdicts) < 90 {
		t.Errorf("%d cases", len(verdicts))
	}
}
