package fleet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

func TestPolicy(t *testing.T) {
	r := resolver(t, Options{Approved: []Approval{
		{Models: []string{"anthropic/*", "openai/gpt-5*", "mistralai/mistral-large", "openai/gpt-4o-2024-08-06"}},
		{Models: []string{"anthropic/claude-haiku-*"}, Route: "checkout*"},
		{Models: []string{"*"}, Environment: "sandbox"},
		{Models: []string{"claude-opus-*"}, Route: "checkout-vip", Environment: "sandbox"},
	}})
	for _, c := range []struct {
		provider, id, route, env string
		want                     bool
		about                    string
	}{
		{"anthropic", "claude-opus-4-7", "", "", true, "by vendor"},
		{"aws.bedrock", "us.anthropic.claude-opus-4-7-v1", "search", "prod", true, "whatever the platform"},
		{"openai", "gpt-5.4-mini-2026-03-17", "", "", true, "by glob, snapshots included"},
		{"openai", "gpt-4.1", "", "", false, "not listed"},
		{"openai", "gpt-4o-2024-08-06", "", "", true, "one snapshot"},
		{"openai", "gpt-4o-2024-05-13", "", "", false, "another snapshot"},
		{"mistral_ai", "mistral-large-2411", "", "", true, "a vendor by any of its names"},
		{"azure", "my-deployment", "", "", false, "an opaque name is approved by nobody"},
		{"openai", "ft:gpt-5-2025-08-07:acme::1", "", "", true, "a fine-tune goes with its base"},
		{"anthropic", "claude-opus-4-7", "checkout-eu", "prod", false, "a route may be stricter"},
		{"anthropic", "claude-haiku-4-5", "checkout-eu", "prod", true, "and has its own list"},
		{"openai", "gpt-4.1", "search", "sandbox", true, "an environment may be freer"},
		{"anthropic", "claude-haiku-4-5", "checkout-vip", "sandbox", false, "the narrowest scope decides"},
		{"anthropic", "claude-opus-4-7", "checkout-vip", "sandbox", true, "the narrowest scope decides"},
	} {
		m := r.Resolve(llm.ModelRef{Provider: c.provider, Request: c.id})
		assert.Equal(t, c.want, r.Allows(m, c.route, c.env), "%s on %q in %q: %s", c.id, c.route, c.env, c.about)
	}
	none := resolver(t, Options{})
	assert.True(t, none.Allows(none.Resolve(llm.ModelRef{Provider: "azure", Request: "x"}), "", ""), "no policy approves everything")
	m := r.Resolve(llm.ModelRef{Provider: "openai", Request: "gpt-4.1"})
	assert.Zero(t, testing.AllocsPerRun(100, func() { r.Allows(m, "checkout-eu", "prod") }))
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true},
		{"", "", true},
		{"", "a", false},
		{"a*c", "abbc", true},
		{"a*c", "abcb", false},
		{"*b*", "abc", true},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"gpt-5*", "gpt-5", true},
		{"a*b*c", "a1b2b3c", true},
		{"**", "x", true},
		{"a*", "ba", false},
	} {
		assert.Equal(t, c.want, glob(c.pattern, c.s), "%q on %q", c.pattern, c.s)
	}
}

func TestLifecycleFollowsTheCalendar(t *testing.T) {
	at := func(s string) int64 {
		v, err := time.Parse(time.RFC3339, s)
		require.NoError(t, err)
		return v.UnixNano()
	}
	old := Info{Lifecycle: stamp.LifecycleActive, DeprecationDate: "2026-03-01", RetirementDate: "2026-09-01"}
	for _, c := range []struct {
		info Info
		now  string
		want stamp.Lifecycle
	}{
		{old, "2026-02-28T23:59:59Z", stamp.LifecycleActive},
		{old, "2026-03-01T00:00:00Z", stamp.LifecycleDeprecated},
		{old, "2026-08-31T23:59:59Z", stamp.LifecycleDeprecated},
		{old, "2026-09-01T00:00:00Z", stamp.LifecycleRetired},
		{old, "2026-09-01T01:00:00+02:00", stamp.LifecycleDeprecated}, // still August in UTC
		{Info{}, "2026-09-01T00:00:00Z", stamp.LifecycleUnknown},
		{Info{Lifecycle: stamp.LifecycleRetired}, "2020-01-01T00:00:00Z", stamp.LifecycleRetired},
		{Info{Lifecycle: stamp.LifecyclePreview, RetirementDate: "soon"}, "2030-01-01T00:00:00Z", stamp.LifecyclePreview},
		{Info{Lifecycle: stamp.LifecycleActive, RetirementDate: "2026/09/01"}, "2030-01-01T00:00:00Z", stamp.LifecycleActive},
	} {
		assert.Equal(t, c.want, LifecycleAt(c.info, at(c.now)), "%+v at %s", c.info, c.now)
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = LifecycleAt(old, at0) }))
}

const at0 = int64(1_790_000_000_000_000_000)

// The catalogue is asked for the snapshot first, and for the model where it
// does not know the snapshot; what it says is stamped with the rest.
func TestStampAsksTheCatalogue(t *testing.T) {
	known := map[string]Info{
		"openai/gpt-4o":            {Lifecycle: stamp.LifecycleActive, ContextWindow: 128_000, Cache: Supported},
		"openai/gpt-4o-2024-05-13": {Lifecycle: stamp.LifecycleActive, RetirementDate: "2026-01-01", Replacement: "gpt-4.1"},
	}
	r := resolver(t, Options{
		Approved: []Approval{{Models: []string{"openai/*"}}},
		Source:   SourceFunc(func(vendor, id string) (Info, bool) { i, ok := known[vendor+"/"+id]; return i, ok }),
	})
	get := func(id string) stamp.Model {
		return r.Stamp(r.Resolve(llm.ModelRef{Provider: "openai", Request: id, Response: id}), "", "", at0)
	}
	assert.Equal(t, stamp.Model{
		ID: "gpt-4o", Vendor: "openai", Platform: "openai", Version: "4o@2024-05-13", Family: "gpt", Match: llm.MatchExact,
		Lifecycle: stamp.LifecycleRetired, RetirementDate: "2026-01-01", Replacement: "gpt-4.1",
	}, get("gpt-4o-2024-05-13"))
	assert.Equal(t, stamp.LifecycleActive, get("gpt-4o-2024-08-06").Lifecycle, "a snapshot that the catalogue does not list goes with its model")
	assert.Equal(t, stamp.LifecyclePreview, get("gpt-4o-audio-preview").Lifecycle, "an unknown model that calls itself a preview")
	assert.Equal(t, stamp.LifecycleUnknown, get("gpt-4.1").Lifecycle)
	claude := r.Resolve(llm.ModelRef{Request: "claude-opus-5"})
	assert.Equal(t, Unapproved, r.Stamp(claude, "", "", at0).Policy)
}
