package llm

import (
	"strings"
	"testing"
)

// Every spelling belongs to one platform: a table with two would be decided by
// the order of a map.
func TestPlatformsAreSpelledOnce(t *testing.T) {
	seen := map[string]string{}
	for platform, list := range platformTable {
		for s := range strings.FieldsSeq(list) {
			if was, twice := seen[s]; twice {
				t.Errorf("%q is both %q and %q", s, was, platform)
			}
			seen[s] = platform
			if strings.ContainsAny(s, "- ") || s != strings.ToLower(s) {
				t.Errorf("%q would never be found", s)
			}
		}
		if got, ok := Platform(platform); !ok || got != platform {
			t.Errorf("%q does not name itself: %q", platform, got)
		}
	}
}

func TestPlatformsWhateverTheSpelling(t *testing.T) {
	for spelling, want := range map[string]string{
		"Amazon Bedrock": "aws.bedrock", "bedrock": "aws.bedrock", "AWS.Bedrock": "aws.bedrock", "amazon-bedrock": "aws.bedrock",
		"Azure OpenAI": "azure.ai.openai", "vertexai": "gcp.vertex_ai", " google-vertex ": "gcp.vertex_ai", "github-models": "github",
		"text-completion-inception": "inception", "perplexity-ai": "perplexity", "acme": "", "": "",
	} {
		if got, ok := Platform(spelling); got != want || ok != (want != "") {
			t.Errorf("%q is %q %v, want %q", spelling, got, ok, want)
		}
	}
}
