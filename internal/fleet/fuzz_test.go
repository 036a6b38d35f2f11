package fleet

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spanledger/spanledger/internal/llm"
)

// Whatever a span says, an identity is bounded, valid text, the same each
// time, and a fixed point: an id that came out names itself when it goes in.
func FuzzIdentity(f *testing.F) {
	for _, pair := range append(seedIDs(f), seedRefs(f)...) {
		f.Add(pair[0], pair[1], "", "")
	}
	f.Add("azure", "x", "gpt-4o-2024-08-06", "acme.openai.azure.com")
	f.Add("", "%25%32%35", "a%2Fb", "https://user@host:1/x")
	f.Add("", strings.Repeat("google-deepmind-", 12)+"x", strings.Repeat("gpt-4-latest-", 15), "")
	f.Add("", strings.Repeat("-maas-latest-v1:0", 11), "claude"+strings.Repeat("-2024-08-06", 16), "")
	f.Add("", "arn:aws:bedrock:::", "ft:", "\xff")
	r, err := New(Options{CacheSize: 16, Aliases: []Alias{{From: "x", To: "azure/gpt-4o"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, provider, request, response, server string) {
		ref := llm.ModelRef{Provider: provider, Request: request, Response: response, Server: server}
		m := r.identify(bounded(ref))
		for _, s := range [...]string{m.ID, m.Name, m.Snapshot} {
			if len(s) > maxID+40 {
				t.Errorf("%d bytes: %q", len(s), s)
			}
		}
		for _, s := range [...]string{m.Platform, m.Vendor, m.Region} {
			if len(s) > maxWord {
				t.Errorf("%d bytes: %q", len(s), s)
			}
		}
		for _, s := range [...]string{m.ID, m.Name, m.Snapshot, m.Platform, m.Vendor, m.Version, m.Family, m.Region, m.Variant} {
			if !utf8.ValidString(s) {
				t.Errorf("not text: %q", s)
			}
		}
		if again := r.identify(bounded(ref)); *again != *m {
			t.Errorf("%+v, then %+v", m, again)
		}
		if (clean(request) != "" || clean(response) != "") && m.ID == "" {
			t.Errorf("%q, %q named a model but have no id", request, response)
		}
		if c := clean(request); clean(c) != c {
			t.Errorf("clean %q gives %q, then %q", request, c, clean(c))
		}
		one := read(request, "")
		if two := read(one.id, ""); !one.opaque && two.id != one.id {
			t.Errorf("%q is %q, which is %q", request, one.id, two.id)
		}
		Verdict(provider, request, response)
	})
}
