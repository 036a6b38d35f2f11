package fleet

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
)

func resolver(tb testing.TB, o Options) *Resolver {
	tb.Helper()
	r, err := New(o)
	require.NoError(tb, err)
	return r
}

// What each part of a reference adds to the identity.
func TestTheEvidenceIsPutTogether(t *testing.T) {
	r := resolver(t, Options{Aliases: []Alias{
		{From: "My-Deployment", To: "azure/gpt-4o-2024-08-06"},
		{From: "a1babba1b11", To: "bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{From: "smart", To: "claude-opus-4-7"},
	}})
	for _, c := range []struct {
		about string
		ref   llm.ModelRef
		want  string // vendor/id@version platform region name variant
	}{
		{
			"the answer tells the snapshot",
			llm.ModelRef{Provider: "openai", Request: "gpt-4o", Response: "gpt-4o-2024-08-06"},
			"openai/gpt-4o 4o@2024-08-06 openai - gpt-4o-2024-08-06 -",
		},
		{
			"the request tells the geography, and the name the cloud lists",
			llm.ModelRef{Provider: "aws.bedrock", Request: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", Response: "claude-sonnet-4-5-20250929"},
			"anthropic/claude-sonnet-4-5 4.5@20250929 aws.bedrock us us.anthropic.claude-sonnet-4-5-20250929-v1:0 -",
		},
		{
			"a geo profile without a date keeps its listed name",
			llm.ModelRef{Provider: "aws.bedrock", Request: "eu.anthropic.claude-opus-4-6-v1", Response: "claude-opus-4-6-20260205"},
			"anthropic/claude-opus-4-6 4.6@20260205 aws.bedrock eu eu.anthropic.claude-opus-4-6-v1 -",
		},
		{
			"the host tells the region",
			llm.ModelRef{Provider: "aws.bedrock", Server: "bedrock-runtime.eu-west-1.amazonaws.com", Request: "amazon.nova-pro-v1:0"},
			"amazon/nova-pro 1 aws.bedrock eu-west-1 amazon.nova-pro-v1:0 -",
		},
		{
			"the host is believed before the SDK's name",
			llm.ModelRef{Provider: "openai", Server: "openrouter.ai", Request: "anthropic/claude-opus-4.7:online", Response: "anthropic/claude-4.7-opus"},
			"anthropic/claude-opus-4-7 4.7 openrouter - anthropic/claude-opus-4.7:online online",
		},
		{
			"the OpenAI SDK on Azure",
			llm.ModelRef{Provider: "openai", Server: "acme.openai.azure.com", Request: "prod-chat", Response: "gpt-4.1-2025-04-14"},
			"openai/gpt-4.1 4.1@2025-04-14 azure.ai.openai - gpt-4.1-2025-04-14 -",
		},
		{
			"a fallback to another model takes nothing from the request's variant",
			llm.ModelRef{Provider: "openrouter", Request: "deepseek/deepseek-r1:free", Response: "openai/gpt-4o-mini"},
			"openai/gpt-4o-mini 4o openrouter - openai/gpt-4o-mini -",
		},
		{
			"a gateway's deployment names the platform",
			llm.ModelRef{Provider: "litellm", Request: "gpt-4o", Deployment: "azure/eu/gpt-4o-2024-08-06"},
			"openai/gpt-4o 4o@2024-08-06 azure.ai.openai eu gpt-4o-2024-08-06 -",
		},
		{
			"the user's map resolves a deployment",
			llm.ModelRef{Provider: "azure", Request: "my-deployment"},
			"openai/gpt-4o 4o@2024-08-06 azure.ai.openai - gpt-4o-2024-08-06 -",
		},
		{
			"and one that the answer merely repeats",
			llm.ModelRef{Provider: "openai", Server: "acme.openai.azure.com", Request: "my-deployment", Response: "my-deployment"},
			"openai/gpt-4o 4o@2024-08-06 azure.ai.openai - gpt-4o-2024-08-06 -",
		},
		{
			"a profile is mapped by the id at its end",
			llm.ModelRef{Provider: "aws.bedrock", Request: "arn:aws:bedrock:us-west-2:123412341234:application-inference-profile/a1babba1b11"},
			"anthropic/claude-sonnet-4-5 4.5@20250929 aws.bedrock eu eu.anthropic.claude-sonnet-4-5-20250929-v1:0 -",
		},
		{
			"an unmapped profile is identified by what answered",
			llm.ModelRef{Provider: "aws.bedrock", Request: "arn:aws:bedrock:us-west-2:123412341234:application-inference-profile/other", Response: "claude-haiku-4-5-20251001"},
			"anthropic/claude-haiku-4-5 4.5@20251001 aws.bedrock us-west-2 claude-haiku-4-5-20251001 -",
		},
		{
			"a map without a platform leaves the provider's",
			llm.ModelRef{Provider: "gcp.vertex_ai", Request: "smart"},
			"anthropic/claude-opus-4-7 4.7 gcp.vertex_ai - claude-opus-4-7 -",
		},
		{
			"a framework is no platform: the form of the id tells",
			llm.ModelRef{Provider: "strands-agents", Request: "us.anthropic.claude-sonnet-4-20250514-v1:0"},
			"anthropic/claude-sonnet-4 4@20250514 aws.bedrock us us.anthropic.claude-sonnet-4-20250514-v1:0 -",
		},
		{
			"or the maker's own platform",
			llm.ModelRef{Provider: "Langchain", Request: "claude-3-7-sonnet-latest"},
			"anthropic/claude-3-7-sonnet 3.7 anthropic - claude-3-7-sonnet-latest -",
		},
		{
			"the agent kit of Google",
			llm.ModelRef{Provider: "gcp.vertex.agent", Request: "gemini-2.5-flash"},
			"google/gemini-2.5-flash 2.5 gcp.gemini - gemini-2.5-flash -",
		},
		{
			"a generic client's name is not the platform of another lab's model",
			llm.ModelRef{Provider: "openai", Request: "claude-sonnet-4-5"},
			"anthropic/claude-sonnet-4-5 4.5 anthropic - claude-sonnet-4-5 -",
		},
		{
			"nor is it known where everybody serves a model",
			llm.ModelRef{Request: "meta-llama/Llama-3.3-70B-Instruct"},
			"meta/llama-3.3-70b-instruct 3.3 - - meta-llama/llama-3.3-70b-instruct -",
		},
		{
			"an answer that cannot be identified yields to the request",
			llm.ModelRef{Provider: "openai", Request: "gpt-4o-mini", Response: "engine-7"},
			"openai/gpt-4o-mini 4o openai - gpt-4o-mini -",
		},
	} {
		m := r.Resolve(c.ref)
		or := func(s string) string {
			if s == "" {
				return "-"
			}
			return s
		}
		got := fmt.Sprintf("%s/%s %s %s %s %s %s", m.Vendor, m.ID, or(m.Version), or(m.Platform), or(m.Region), or(m.Name), or(m.Variant))
		assert.Equal(t, c.want, got, c.about)
		assert.False(t, m.Opaque, c.about)
	}
}

// A name of the user's own is kept as it is, and says so.
func TestOpaqueNamesStayOpaque(t *testing.T) {
	r := resolver(t, Options{})
	for _, c := range []struct{ provider, id, want string }{
		{"azure", "prod-chat-2024-08-06", "prod-chat-2024-08-06"},
		{"azure.ai.openai", "azure/chatgpt-v-2", "chatgpt-v-2"},
		{"aws.bedrock", "arn:aws:bedrock:us-west-2:123412341234:application-inference-profile/a1babba1b11", "application-inference-profile/a1babba1b11"},
		{"aws.bedrock", "arn:aws:bedrock:us-west-2:123412341234:provisioned-model/x9", "provisioned-model/x9"},
		{"fireworks", "accounts/acme/models/my-tuned-llama", "accounts/acme/models/my-tuned-llama"},
		{"gcp.vertex_ai", "projects/p/locations/us-central1/endpoints/123", "endpoints/123"},
		{"openrouter", "openrouter/auto", "openrouter/auto"},
	} {
		m := r.Resolve(llm.ModelRef{Provider: c.provider, Request: c.id})
		assert.True(t, m.Opaque, c.id)
		assert.Equal(t, c.want, m.ID, c.id)
		assert.NotContains(t, m.ID+m.Name, "123412341234", "an account number is no model")
		assert.Equal(t, llm.MatchUnknown, m.Match)
	}
}

func TestAliasesAreCheckedTogether(t *testing.T) {
	_, err := New(Options{
		CacheSize: -1,
		Aliases:   []Alias{{From: "a", To: "gpt-4o"}, {From: "A ", To: "gpt-4.1"}, {From: "", To: "x"}, {From: "b"}},
		Approved:  []Approval{{}, {Models: []string{"openai/"}}},
	})
	require.Error(t, err)
	for _, part := range []string{"cache size -1", `"gpt-4o" and "gpt-4.1"`, "alias 2", "alias 3", "approval 0", `pattern "openai/"`} {
		require.ErrorContains(t, err, part)
	}
	_, err = New(Options{Aliases: []Alias{{From: "a", To: "gpt-4o"}, {From: "A", To: "GPT-4o"}}})
	assert.NoError(t, err, "the same alias twice is no conflict")
}

func TestTheCacheIsBoundedAndSteady(t *testing.T) {
	r := resolver(t, Options{CacheSize: 256})
	hot := llm.ModelRef{Provider: "openai", Request: "gpt-4o"}
	first := r.Resolve(hot)
	for i := range 20_000 {
		r.Resolve(llm.ModelRef{Provider: "openai", Request: fmt.Sprintf("junk-%d", i)})
		if i%8 == 0 {
			require.Same(t, first, r.Resolve(hot), "a reference in use is not forgotten")
		}
		require.LessOrEqual(t, r.Stats().Size, 256)
	}
	assert.EqualValues(t, 20_001, r.Stats().Misses)
	assert.Positive(t, r.Stats().Dropped)
}

func TestAHitDoesNotAllocate(t *testing.T) {
	r := resolver(t, Options{})
	ref := llm.ModelRef{Provider: "aws.bedrock", Request: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", Response: "claude-sonnet-4-5-20250929"}
	r.Resolve(ref)
	assert.Zero(t, testing.AllocsPerRun(100, func() { r.Resolve(ref) }))
}

// Spans lend their strings: what is remembered must be a copy.
func TestTheCacheKeepsNoBorrowedMemory(t *testing.T) {
	r := resolver(t, Options{})
	buf := []byte("gpt-4o")
	borrowed := llm.ModelRef{Provider: "openai", Request: unsafeString(buf)}
	m := r.Resolve(borrowed)
	copy(buf, "XXXXXX")
	assert.Equal(t, "gpt-4o", m.ID)
	assert.Equal(t, "gpt-4o", m.Ref.Request)
	assert.Same(t, m, r.Resolve(llm.ModelRef{Provider: "openai", Request: "gpt-4o"}))
}

func TestManyMayResolveAtOnce(t *testing.T) {
	r := resolver(t, Options{CacheSize: 64})
	ids := seedIDs(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, pair := range ids {
				m := r.Resolve(llm.ModelRef{Provider: pair[0], Request: pair[1]})
				if m.ID == "" {
					t.Errorf("%q has no id", pair[1])
				}
			}
		})
	}
	wg.Wait()
}

func TestJunkIsCutVisibly(t *testing.T) {
	r := resolver(t, Options{})
	long := strings.Repeat("x", 1<<16)
	a, b := r.Resolve(llm.ModelRef{Request: long + "a"}), r.Resolve(llm.ModelRef{Request: long + "b"})
	assert.LessOrEqual(t, len(a.ID), maxID)
	assert.Contains(t, a.ID, "~")
	assert.NotEqual(t, a.ID, b.ID, "two junk ids stay two")
	assert.LessOrEqual(t, len(a.Ref.Request), maxField)

	m := r.Resolve(llm.ModelRef{Provider: "\x00\xff", Request: "a\nb\x00c"})
	assert.Equal(t, "a-b_c", m.ID)
	assert.Empty(t, r.Resolve(llm.ModelRef{Request: " \t"}).ID)
}

func BenchmarkResolveHit(b *testing.B) {
	r := resolver(b, Options{})
	ref := llm.ModelRef{Provider: "aws.bedrock", Server: "bedrock-runtime.us-east-1.amazonaws.com", Request: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", Response: "claude-sonnet-4-5-20250929"}
	b.ReportAllocs()
	for b.Loop() {
		r.Resolve(ref)
	}
}

func BenchmarkResolveMiss(b *testing.B) {
	r := resolver(b, Options{})
	ref := llm.ModelRef{Provider: "aws.bedrock", Request: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", Response: "claude-sonnet-4-5-20250929"}
	b.ReportAllocs()
	for b.Loop() {
		r.identify(ref)
	}
}
