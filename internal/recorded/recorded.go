// Package recorded is for tests only: it reads the recordings of real clients,
// what the provider stand-in logged of serving them, which is the truth, and
// the one table of where a client's spans cannot tell it.
package recorded

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/scenario"
)

// Recording is one client under one instrumentation in one scenario.
type Recording struct {
	Client, Scenario string
	Node             string
	// Batches are the OTLP/JSON requests that the client sent, in order.
	Batches [][]byte
	Served  []Served
	// Deviation is what the spans cannot tell; zero: they tell everything.
	Deviation Deviation
}

// Name is client/scenario.
func (r *Recording) Name() string { return r.Client + "/" + r.Scenario }

// Served is one request as the stand-in answered it, in the words of the
// provider's own answer: OpenAI's and Gemini's input holds the cached tokens
// and their output the reasoning; Anthropic's counts stand side by side.
type Served struct {
	Status int    `json:"status"`
	Served string `json:"served"`
	// Cut: the stream broke off after its first token, which is billed.
	Cut   bool   `json:"cut"`
	Usage *Usage `json:"usage"`
}

// Usage is what a provider would bill.
type Usage struct {
	Input, Cached, Read, Write5m, Write1h, Output, Reasoning int64
}

// Tokens is one call's usage in disjoint buckets.
func (u *Usage) Tokens() (t Tokens) {
	t[llm.Input] = u.Input - u.Cached
	t[llm.CacheRead] = u.Read + u.Cached
	t[llm.CacheWrite] = u.Write5m
	t[llm.CacheWrite1h] = u.Write1h
	t[llm.Output] = u.Output - u.Reasoning
	t[llm.Reasoning] = u.Reasoning
	return t
}

// Tokens are disjoint buckets.
type Tokens [llm.NumBuckets]int64

// Add adds.
func (t *Tokens) Add(o *Tokens) {
	for b := range t {
		t[b] += o[b]
	}
}

// Total is all tokens.
func (t *Tokens) Total() (n int64) {
	for _, v := range t {
		n += v
	}
	return n
}

// Books is what a recording says, or should say, of its calls.
type Books struct {
	// Answers are calls that a provider answered and charges for, whole or cut.
	Answers int
	// Refused are requests that a provider refused with 429.
	Refused int
	Tokens  Tokens
	Cost    money.Amount // USD
}

// Truth is the stand-in's own log, at list prices.
func (r *Recording) Truth() (b Books) {
	for i := range r.Served {
		s := &r.Served[i]
		if s.Usage == nil {
			b.Refused++
			continue
		}
		b.Answers++
		t := s.Usage.Tokens()
		b.Tokens.Add(&t)
		b.Cost = b.Cost.Add(list(s.Served, &t))
	}
	return b
}

// Expected is what the books must say: the truth, but for the deviation.
func (r *Recording) Expected() Books {
	b, d := r.Truth(), &r.Deviation
	if d.Answers != nil {
		b.Answers = *d.Answers
	}
	if d.Refused != nil {
		b.Refused = *d.Refused
	}
	if d.Tokens != nil {
		b.Tokens = Tokens{}
		for name, n := range d.Tokens {
			b.Tokens[bucket(name)] = n
		}
	}
	if d.Cost != "" {
		cost, err := money.Parse(d.Cost)
		if err != nil {
			panic(err)
		}
		b.Cost = cost
	}
	return b
}

func bucket(name string) llm.Bucket {
	for b := range llm.NumBuckets {
		if b.String() == name {
			return b
		}
	}
	panic("no bucket " + name)
}

// prices are the list prices in USD per million tokens, kept by hand so that
// the truth does not come from the price book under test: input, cache read,
// cache write for 5 minutes and for an hour, output with reasoning.
var prices = map[string][5]string{
	"gpt-4o-2024-08-06":          {"2.5", "1.25", "0", "0", "10"},
	"gpt-4o-mini-2024-07-18":     {"0.15", "0.075", "0", "0", "0.6"},
	"gpt-5-mini-2025-08-07":      {"0.25", "0.025", "0", "0", "2"},
	"claude-sonnet-4-5-20250929": {"3", "0.3", "3.75", "6", "15"},
	"claude-haiku-4-5-20251001":  {"1", "0.1", "1.25", "2", "5"},
	"gemini-2.5-flash":           {"0.3", "0.03", "0", "0", "2.5"},
	"gemini-2.5-flash-lite":      {"0.1", "0.01", "0", "0", "0.4"},
}

func list(model string, t *Tokens) (sum money.Amount) {
	p, ok := prices[model]
	if !ok {
		panic("no list price of " + model)
	}
	for b, rate := range map[llm.Bucket]string{llm.Input: p[0], llm.CacheRead: p[1], llm.CacheWrite: p[2], llm.CacheWrite1h: p[3], llm.Output: p[4], llm.Reasoning: p[4]} {
		perMillion, err := money.Parse(rate)
		if err != nil {
			panic(err)
		}
		pico, _ := perMillion.Pico()
		sum = sum.Add(money.FromPico(pico / 1_000_000 * t[b]))
	}
	return sum
}

// Folder holds the recordings: those that are committed, or those that
// SPANLEDGER_RECORDED names.
func Folder() string {
	return cmp.Or(os.Getenv("SPANLEDGER_RECORDED"), filepath.Join(scenario.Root(), "testdata", "recorded"))
}

// All reads every recording, sorted by client and in the order of scenarios.
func All() ([]Recording, error) {
	root := Folder()
	files, err := filepath.Glob(filepath.Join(root, "*", "*.jsonl"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no recordings (%w)", err)
	}
	known := Deviations()
	var all []Recording
	for _, f := range files {
		r := Recording{Client: filepath.Base(filepath.Dir(f)), Scenario: strings.TrimSuffix(filepath.Base(f), ".jsonl")}
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		for line := range bytes.SplitSeq(bytes.TrimSpace(data), []byte("\n")) {
			if len(line) > 0 {
				r.Batches = append(r.Batches, line)
			}
		}
		truth, err := os.ReadFile(strings.TrimSuffix(f, ".jsonl") + ".truth.json")
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(truth, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name(), err)
		}
		r.Deviation = known[r.Name()]
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b Recording) int {
		if a.Client != b.Client {
			return strings.Compare(a.Client, b.Client)
		}
		return slices.Index(Scenarios, a.Scenario) - slices.Index(Scenarios, b.Scenario)
	})
	return all, nil
}

// Scenarios in the order in which they are told.
var Scenarios = []string{"plain", "stream", "cached", "reasoning", "tools", "retry", "fallback", "exhausted", "cut"}
