package llmspan

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
)

// mapAll maps every field to an attribute of its own name below "my.".
func mapAll(t *testing.T, fields ...Field) *Reader {
	t.Helper()
	m := map[Field]Hook{}
	for _, f := range fields {
		m[f] = func(_ ptrace.ResourceSpans, _ ptrace.ScopeSpans, s ptrace.Span) (string, bool) {
			v, ok := s.Attributes().Get("my." + string(f))
			if !ok {
				return "", false
			}
			return v.AsString(), true
		}
	}
	r, err := NewReader(Options{Mapping: m})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What no convention names can still be billed: units and modalities come
// from a mapping, lengths in seconds are kept in milliseconds.
func TestUnitsAreMapped(t *testing.T) {
	for _, c := range []struct {
		name, span string
		want       llm.Usage
		conflicts  int
	}{
		{
			"speech by the second", "gen_ai.operation.name = \"transcription\"\nmy.input_audio_seconds = 12.3456",
			llm.Usage{Known: true, Units: units(llm.InputAudioMillis, 12346)},
			0,
		},
		{
			"a double of a million", "gen_ai.operation.name = \"image_generation\"\nmy.output_pixels = 1048576.0",
			llm.Usage{Known: true, Units: units(llm.OutputPixels, 1048576)},
			0,
		},
		{
			"pages beside tokens", "gen_ai.operation.name = \"chat\"\ngen_ai.usage.input_tokens = 7\ngen_ai.usage.output_tokens = 0\nmy.pages = 3",
			llm.Usage{Known: true, Units: units(llm.Pages, 3), Tokens: [llm.NumBuckets]int64{llm.Input: 7}},
			0,
		},
		{
			"a chat that speaks of no tokens is a lower bound", "gen_ai.operation.name = \"chat\"\nmy.pages = 3",
			llm.Usage{Known: true, Partial: true, Units: units(llm.Pages, 3)},
			0,
		},
		{
			"a rerank whose searches the user counts", "gen_ai.operation.name = \"rerank\"\nmy.rerank_searches = 3",
			llm.Usage{Known: true, Units: units(llm.RerankSearches, 3)},
			0,
		},
		{
			"a mapped count of nothing is known", "gen_ai.operation.name = \"speech\"\nmy.pages = 0",
			llm.Usage{Known: true},
			0,
		},
		{
			"audio within the input", "gen_ai.operation.name = \"chat\"\ngen_ai.usage.input_tokens = 100\ngen_ai.usage.output_tokens = 20\nmy.input_audio_tokens = 60\nmy.output_image_tokens = 5",
			llm.Usage{Known: true, Tokens: [llm.NumBuckets]int64{llm.Input: 40, llm.InputAudio: 60, llm.Output: 15, llm.OutputImage: 5}},
			0,
		},
		{"no number", "gen_ai.operation.name = \"speech\"\nmy.pages = \"some\"\nmy.input_audio_seconds = -1", llm.Usage{}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := mapAll(t, FieldInputAudioSeconds, FieldOutputPixels, FieldPages, FieldRerankSearches, FieldInputAudio, FieldOutputImage)
			res, scope, span := only(parseStory(t, "span x\ngen_ai.request.model = \"m\"\n"+c.span))
			var got llm.Call
			if !r.Read(&res, &scope, span, &got) {
				t.Fatal("no call")
			}
			if got.Usage != c.want || got.Conflicts != c.conflicts {
				t.Errorf("%+v, %d conflicts, want %+v, %d", got.Usage, got.Conflicts, c.want, c.conflicts)
			}
		})
	}
}

func units(u llm.Unit, n int64) (out [llm.NumUnits]int64) { out[u] = n; return }

// Every unit that can be billed can be mapped.
func TestEveryUnitHasAField(t *testing.T) {
	have := map[llm.Unit]bool{llm.WebSearches: true} // a slot of the dialects too
	for _, f := range fieldSlots {
		if f.billed {
			have[f.unit] = true
		}
	}
	for u := range llm.NumUnits {
		if !have[u] {
			t.Errorf("%v cannot be mapped", u)
		}
	}
}
