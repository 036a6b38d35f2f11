package llmspan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spanledger/spanledger/internal/llm"
)

// The convention renamed nearly everything once, from 1.26 to the repository
// of its own: one call reads the same in the words of every version, and two
// versions on one span, as those who migrate write it, are not added together.
func TestEveryVersionOfTheConventionReadsTheSame(t *testing.T) {
	renames := []struct{ old, now string }{
		{"gen_ai.system = \"az.ai.openai\"", "gen_ai.provider.name = \"azure.ai.openai\""},                                         // 1.37
		{"gen_ai.usage.prompt_tokens = 2048", "gen_ai.usage.input_tokens = 2048"},                                                  // 1.27
		{"gen_ai.usage.completion_tokens = 300", "gen_ai.usage.output_tokens = 300"},                                               // 1.27
		{"gen_ai.usage.cache_creation.input_tokens = 100", "gen_ai.usage.cache_write.input_tokens = 100"},                          // after 1.41
		{"gen_ai.openai.response.service_tier = \"flex\"", "openai.response.service_tier = \"flex\""},                              // 1.37
		{"http.status_code = 200", "http.response.status_code = 200"},                                                              // HTTP, 1.21
		{"gen_ai.client.operation.time_to_first_chunk = 0.25", "gen_ai.response.time_to_first_chunk = 0.25"},                       // 1.41
		{"gen_ai.openai.request.response_format = \"json\"", "gen_ai.output.type = \"json\""},                                      // 1.31
		{"gen_ai.response.finish_reasons = \"[\\\"content_filter\\\"]\"", "gen_ai.response.finish_reasons = [\"content_filter\"]"}, // as text
	}
	const common = "span chat gpt-4o\nkind client\ngen_ai.operation.name = \"chat\"\ngen_ai.request.model = \"gpt-4o\"\n" +
		"gen_ai.response.id = \"r\"\ngen_ai.usage.cache_read.input_tokens = 1024\ngen_ai.usage.reasoning.output_tokens = 256\n"
	var now strings.Builder
	for _, r := range renames {
		now.WriteString(r.now + "\n")
	}
	want := readText(t, common+now.String())
	if want.Usage.TotalInput() != 2048 || want.Usage.TotalOutput() != 300 || want.Usage.Tokens[llm.CacheWrite] != 100 ||
		want.Tier != "flex" || want.FirstChunk != 250e6 || want.Failure.Class != llm.ErrContentFilter || want.Attempt.OutputType != "json" {
		t.Fatalf("today's words: %+v", want)
	}
	// Names of providers are spelled as emitted; the fleet knows both.
	spelled := cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Ref.Provider" }, cmp.Ignore())
	for mask := range 1 << len(renames) {
		var both, either strings.Builder
		for i, r := range renames {
			if mask>>i&1 == 0 {
				either.WriteString(r.now + "\n")
				both.WriteString(r.now + "\n")
				continue
			}
			either.WriteString(r.old + "\n")
			if key, _, _ := strings.Cut(r.old, " = "); !strings.HasPrefix(r.now, key+" = ") {
				both.WriteString(r.old + "\n")
			}
			both.WriteString(r.now + "\n")
		}
		for _, text := range []string{either.String(), both.String()} {
			if diff := cmp.Diff(want, readText(t, common+text), spelled); diff != "" {
				t.Fatalf("%s\n(-want +got)\n%s", text, diff)
			}
		}
	}
}

func readText(t *testing.T, text string) (c llm.Call) {
	t.Helper()
	r, err := NewReader(Options{})
	if err != nil {
		t.Fatal(err)
	}
	res, scope, span := only(parseStory(t, text))
	if !r.Read(&res, &scope, span, &c) {
		t.Fatalf("no call:\n%s", text)
	}
	return c
}
