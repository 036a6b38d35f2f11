package catalog_test

import (
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/spanledger/spanledger/catalog"
	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

func load(tb testing.TB) *catalog.Catalog {
	tb.Helper()
	c, err := catalog.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestEveryRowSaysWhereItIsFrom(t *testing.T) {
	c := load(t)
	if c.Info.Rows < 2000 || c.Info.Models < 500 || len(c.Table.Rules) == 0 {
		t.Errorf("a catalogue of %d rows, %d models, %d rules", c.Info.Rows, c.Info.Models, len(c.Table.Rules))
	}
	if !strings.Contains(c.Info.Version, ".") || c.Info.CheckedAt.IsZero() || c.Info.CheckedAt != c.Table.Checked {
		t.Errorf("version %q, checked at %v", c.Info.Version, c.Info.CheckedAt)
	}
	for i := range c.Table.Rows {
		r := &c.Table.Rows[i]
		if r.PriceSource == "" || r.SourceVersion == "" || r.CheckedAt.IsZero() || r.Platform == "" || r.Pos.Line == 0 {
			t.Errorf("%s/%s: %q %q %v line %v", r.Platform, r.ID, r.PriceSource, r.SourceVersion, r.CheckedAt, r.Pos)
		}
	}
}

// Platforms and vendors are those that the fleet gives to the models it meets,
// else no row would ever be found.
func TestRowsUseTheWordsOfTheFleet(t *testing.T) {
	c, r := load(t), newCounter(t).fleet
	seen := map[string]bool{}
	for i := range c.Table.Rows {
		row := &c.Table.Rows[i]
		if seen[row.Platform] {
			continue
		}
		seen[row.Platform] = true
		if m := r.Resolve(llm.ModelRef{Provider: row.Platform, Request: row.ID}); m.Platform != row.Platform {
			t.Errorf("%s is %s to the fleet (asked with %s)", row.Platform, m.Platform, row.ID)
		}
	}
}

// An id that the catalogue spells out is priced by the row that spells it, on
// its platform: no row hides another.
func TestEverySpelledIDReachesItsRow(t *testing.T) {
	c, k := load(t), newCounter(t)
	elsewhere := 0
	for i := range c.Table.Rows {
		row := &c.Table.Rows[i]
		if k.fleet.Resolve(llm.ModelRef{Provider: row.Platform, Request: row.ID}).Platform != row.Platform {
			elsewhere++ // the id of an aggregator itself names who serves the model
			continue
		}
		if !row.Entries[0].Rates.Has(price.Tokens(llm.Input)) || strings.HasPrefix(row.ID, "regional.") {
			continue // not priced by the token, or a name of ours for several spellings
		}
		cost := k.cost(row.Platform, row.ID, price.Query{})
		if want := ":" + row.Platform + "/" + row.ID; !strings.HasSuffix(trimEntry(cost.PriceID), want) {
			t.Errorf("%s/%s is priced by %q", row.Platform, row.ID, cost.PriceID)
		}
	}
	if elsewhere > 5 {
		t.Errorf("%d rows are on another platform to the fleet", elsewhere)
	}
}

func trimEntry(id string) string {
	id, _, _ = strings.Cut(id, "#")
	return id
}

type fact struct {
	provider, model string
	usage           [3]int64 // input, cache read, output
	q               price.Query
	want            string // total, or the status
}

func on(s string) int64 {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at.UnixNano()
}

// Facts that were wrong in a source, or that only the overlay knows.
func TestFacts(t *testing.T) {
	const million = 1_000_000
	k := newCounter(t)
	one := [3]int64{million, million, million}
	for _, f := range []fact{
		// A version is no prefix of another: cache reads of 5.5 cost half.
		{"anthropic", "claude-sonnet-5", [3]int64{0, million, 0}, price.Query{}, "0.2"},
		{"anthropic", "claude-sonnet-5-5", [3]int64{0, million, 0}, price.Query{}, "0.1"},
		{"anthropic", "claude-sonnet-5-5-20261001", [3]int64{0, million, 0}, price.Query{}, "0.1"},
		{"anthropic", "claude-sonnet-5-20260701", [3]int64{0, million, 0}, price.Query{}, "0.2"},
		{"groq", "openai/gpt-oss-safeguard-20b", [3]int64{million, 0, million}, price.Query{}, "0.375"},
		{"groq", "openai/gpt-oss-120b", [3]int64{million, 0, million}, price.Query{}, "0.75"},
		{"openai", "gpt-4o-2024-05-13", [3]int64{million, 0, million}, price.Query{}, "20"},
		// DeepSeek: flat until 2026-08-17, then peak hours, weekends off from 08-23 in Beijing.
		{"deepseek", "deepseek-v4-flash", [3]int64{million, 0, 0}, price.Query{At: on("2026-08-16T02:00:00Z")}, "0.14"},
		{"deepseek", "deepseek-v4-flash", [3]int64{million, 0, 0}, price.Query{At: on("2026-08-17T02:00:00Z")}, "0.44"},
		{"deepseek", "deepseek-v4-flash", [3]int64{million, 0, 0}, price.Query{At: on("2026-08-17T04:00:00Z")}, "0.22"},
		{"deepseek", "deepseek-v4-flash", [3]int64{million, 0, 0}, price.Query{At: on("2026-10-02T06:00:00Z")}, "0.44"},
		{"deepseek", "deepseek-v4-flash", [3]int64{million, 0, 0}, price.Query{At: on("2026-10-03T06:00:00Z")}, "0.22"}, // a Saturday
		{"deepseek", "deepseek-v4-pro", [3]int64{0, 0, million}, price.Query{At: on("2026-11-20T09:59:59Z")}, "3.96"},
		// Ids that only the second package has.
		{"anthropic", "claude-fable-5-2", one, price.Query{}, "48.2"},
		{"anthropic", "claude-haiku-5-5", [3]int64{50_000, 50_000, 0}, price.Query{}, "0.0055"},
		{"anthropic", "claude-haiku-5-5", [3]int64{50_001, 50_000, 0}, price.Query{}, "0.0275005"},
		{"openai", "gpt-6.1-sol", [3]int64{100_000, 0, 10_000}, price.Query{}, "0.3"},
		{"google", "gemini-4-argon", [3]int64{million, 0, million}, price.Query{}, "12"},
		{"xai", "grok-4.7", [3]int64{100_000, 0, million}, price.Query{}, "6.2"},
		// Bedrock: the profile is part of the price.
		{"aws.bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0", [3]int64{100_000, 0, million}, price.Query{}, "15.3"},
		{"aws.bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", [3]int64{100_000, 0, million}, price.Query{}, "16.83"},
		{"aws.bedrock", "us.anthropic.claude-fable-5-2", one, price.Query{}, "53.02"},
		{"aws.bedrock", "anthropic.claude-fable-5-2", one, price.Query{}, "53.02"},
		{"aws.bedrock", "global.anthropic.claude-fable-5-2", one, price.Query{}, "48.2"},
		{"aws.bedrock", "eu.openai.gpt-6-luna", [3]int64{100_000, 0, 0}, price.Query{}, "0.011"},
		// Service tiers, on tokens.
		{"openai", "gpt-6-sol", [3]int64{100_000, 0, 10_000}, price.Query{Tier: "batch"}, "0.15"},
		{"openai", "gpt-6-sol", [3]int64{300_000, 0, 0}, price.Query{Tier: "flex"}, "0.6"},
		{"openai", "gpt-4o", [3]int64{million, 0, million}, price.Query{Tier: "priority"}, "21.25"},
		{"openai", "gpt-4o-mini-2024-07-18", [3]int64{million, 0, million}, price.Query{Tier: "priority"}, "1.25"},
		{"openai", "gpt-5.5", [3]int64{100_000, 0, million}, price.Query{Tier: "priority"}, "76.25"},
		{"anthropic", "claude-opus-5", one, price.Query{Tier: "fast"}, "61"},
		{"anthropic", "claude-opus-5-5", one, price.Query{Tier: "fast"}, "48.4"},
		{"anthropic", "claude-opus-4-7", one, price.Query{Tier: "fast"}, "183"},
		{"anthropic", "claude-opus-4-7-fast", one, price.Query{}, "183"},
		{"anthropic", "claude-opus-5", one, price.Query{Geo: "us"}, "33.55"},
		{"anthropic", "claude-opus-5", one, price.Query{Geo: "global"}, "30.5"},
		{"google", "gemini-3.7-flash", [3]int64{million, 0, million}, price.Query{Tier: "priority", At: on("2026-12-31T23:59:59Z")}, "8.1"},
		{"google", "gemini-3.7-flash", [3]int64{million, 0, million}, price.Query{Tier: "priority", At: on("2027-01-01T00:00:00Z")}, "16.2"},
		{"azure", "azure/eu/gpt-4o-2024-08-06", [3]int64{million, 0, million}, price.Query{}, "13.75"},
		// Moving aliases and promotions.
		{"mistral_ai", "mistral-large-latest", [3]int64{million, 0, million}, price.Query{At: on("2026-09-01T00:00:00Z")}, "8"},
		{"mistral_ai", "mistral-large-latest", [3]int64{million, 0, million}, price.Query{}, "2"},
		{"z_ai", "glm-5.3-flash", [3]int64{million, 0, million}, price.Query{At: on("2026-09-09T15:59:59Z")}, "0.325"},
		{"z_ai", "glm-5.3-flash", [3]int64{million, 0, million}, price.Query{At: on("2026-09-09T16:00:00Z")}, "0.65"},
		// Free is a price, unknown is not.
		{"openrouter", "openai/gpt-oss-120b:free", one, price.Query{}, "0"},
		{"google", "gemma-3-27b-it", one, price.Query{}, "0"},
		{"google-vertex", "gemma-3-27b-it", one, price.Query{}, "unpriced_model"},
		{"openai", "gpt-7", one, price.Query{}, "unpriced_model"},
		{"openrouter", "~anthropic/claude-opus-latest", one, price.Query{}, "unpriced_model"},
		{"nvidia", "meta/muse-glimmer-30b", one, price.Query{}, "unpriced_model"},
	} {
		u := llm.Usage{Known: true}
		u.Tokens[llm.Input], u.Tokens[llm.CacheRead], u.Tokens[llm.Output] = f.usage[0], f.usage[1], f.usage[2]
		if f.q.At == 0 {
			f.q.At = atNovember.UnixNano()
		}
		c := k.book.Cost(&u, k.fleet.Resolve(llm.ModelRef{Provider: f.provider, Request: f.model}), f.q)
		got := c.Total.String()
		if c.Status != stamp.StatusPriced {
			got = c.Status.String()
		}
		if got != f.want {
			t.Errorf("%s %s %v %+v: %s, want %s (%s)", f.provider, f.model, f.usage, f.q, got, f.want, show(&c))
		}
	}
}

func TestModelInfo(t *testing.T) {
	c := load(t)
	for _, want := range []catalog.ModelInfo{
		{Vendor: "anthropic", ID: "claude-sonnet-5-5", ContextWindow: 1_000_000, MaxOutput: 128_000, Lifecycle: stamp.LifecycleActive, CacheSupported: catalog.Supported, Source: "pi-ai"},
		{Vendor: "openai", ID: "gpt-5.5", ContextWindow: 1_000_000, MaxOutput: 128_000, Lifecycle: stamp.LifecycleActive, CacheSupported: catalog.Supported, Source: "pi-ai"},
		{Vendor: "cohere", ID: "command-light", ContextWindow: 4096, Lifecycle: stamp.LifecycleDeprecated, Deprecated: "2025-09-15", Source: "overlay"},
	} {
		got, ok := c.ModelInfo(want.Vendor, want.ID)
		if !ok || got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if _, ok := c.ModelInfo("openai", "claude-sonnet-5-5"); ok {
		t.Error("a model of another vendor was found")
	}
	if n := testing.AllocsPerRun(100, func() { c.ModelInfo("openai", "gpt-5.5") }); n > 0 {
		t.Errorf("a lookup allocates %v times", n)
	}
}

// The fleet asks by the ids that it makes canonical: the labs' current models
// must be known under them.
func TestTheFleetFindsModelInfo(t *testing.T) {
	c := load(t)
	r, err := fleet.New(fleet.Options{Source: fleet.SourceFunc(func(vendor, id string) (fleet.Info, bool) {
		m, ok := c.ModelInfo(vendor, id)
		return fleet.Info{ContextWindow: m.ContextWindow, Lifecycle: m.Lifecycle}, ok
	})})
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []llm.ModelRef{
		{Provider: "aws.bedrock", Request: "us.anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{Provider: "openrouter", Request: "anthropic/claude-opus-4.7"},
		{Provider: "azure", Request: "gpt-5.4-2026-03-05"},
		{Provider: "vertex_ai", Request: "gemini-2.5-pro"},
		{Provider: "groq", Request: "llama-3.3-70b-versatile"},
		{Provider: "moonshotai", Request: "kimi-k3"},
		{Provider: "zai", Request: "glm-5.3"},
	} {
		if info, ok := r.Info(r.Resolve(ref)); !ok || info.ContextWindow == 0 {
			t.Errorf("%s %s: %+v %v", ref.Provider, ref.Request, info, ok)
		}
	}
}

// A broken file says which line.
func TestReadSaysWhatIsWrong(t *testing.T) {
	good := os.DirFS("data")
	for _, c := range []struct{ file, text, want string }{
		{"catalog.json", `{}`, "names no source"},
		{"prices/openai.jsonl", `{"platform":"openai"}` + "\n" + `{"id":"x","rates":"input cheap","src":"pi-ai"}`, `prices/openai.jsonl:2: row "x": price "input cheap"`},
		{"prices/openai.jsonl", `{"platform":"openai"}` + "\n" + `{"id":"x","src":"hearsay"}`, `row "x": no source "hearsay"`},
		{"rules.jsonl", `{"platform":"openai","why":"x"}`, "a rule without a variant or an uplift"},
		{"models.jsonl", `{"vendor":"a","id":"m","lifecycle":"asleep"}`, `no lifecycle "asleep"`},
	} {
		_, err := catalog.Read(overlayFS{good, c.file, c.text})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.file, err, c.want)
		}
	}
}

// overlayFS is a folder with one file replaced.
type overlayFS struct {
	fs.FS
	name, text string
}

func (o overlayFS) ReadFile(name string) ([]byte, error) {
	if name == o.name {
		return []byte(o.text), nil
	}
	return fs.ReadFile(o.FS, name)
}

// Loading is paid at the start of every collector: it is measured, and what
// it keeps is bounded.
func TestLoadIsSmall(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c, err := catalog.Read(os.DirFS("data"))
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	kept := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("keeps %d KiB", kept>>10)
	if kept > 10<<20 {
		t.Errorf("a loaded catalogue keeps %d bytes, more than 10 MiB", kept)
	}
	runtime.KeepAlive(c)
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := catalog.Read(os.DirFS("data")); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart is what a collector pays at its start: the catalogue and a
// book of it.
func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c, err := catalog.Read(os.DirFS("data"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := price.NewBook(price.Config{Layers: []price.Table{c.Table}}); err != nil {
			b.Fatal(err)
		}
	}
}
