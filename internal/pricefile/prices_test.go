package pricefile

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// documented returns the example of the package documentation.
func documented(t *testing.T) []byte {
	t.Helper()
	src, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(src)) {
		if code, ok := strings.CutPrefix(line, "//\t"); ok {
			out.WriteString(code)
		}
	}
	return []byte(out.String())
}

// TestTheDocumentedExampleHolds prices by the example in the documentation.
func TestTheDocumentedExampleHolds(t *testing.T) {
	table, err := Parse(documented(t), "example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if table.Source != "acme" || table.Version != "2026-11" || table.Checked.Format(time.DateOnly) != "2026-11-01" {
		t.Errorf("%s %s %s", table.Source, table.Version, table.Checked)
	}
	book, err := price.NewBook(price.Config{Layers: []price.Table{table}})
	if err != nil {
		t.Fatal(err)
	}
	peak := time.Date(2026, 11, 2, 2, 0, 0, 0, time.UTC).UnixNano() // a Monday
	night := time.Date(2026, 11, 2, 5, 0, 0, 0, time.UTC).UnixNano()
	later := time.Date(2027, 2, 1, 2, 0, 0, 0, time.UTC).UnixNano()
	u := &llm.Usage{Known: true}
	u.Tokens[llm.Input], u.Tokens[llm.Output], u.Units[llm.WebSearches] = 100_000, 100_000, 1
	long := &llm.Usage{Known: true}
	long.Tokens[llm.Input] = 400_000
	gpt := llm.Model{Platform: "openai", Name: "gpt-4o"}
	for _, c := range []struct {
		name, want string
		u          *llm.Usage
		m          llm.Model
		q          price.Query
	}{
		{"base", "1.265", u, gpt, price.Query{At: peak}},
		{"off peak", "0.64", u, gpt, price.Query{At: night}},
		{"batch", "0.64", u, gpt, price.Query{At: peak, Tier: "batch"}},
		{"priority", "2.14", u, gpt, price.Query{At: peak, Tier: "priority"}},
		{"flex, by the rule", "0.64", u, gpt, price.Query{At: peak, Tier: "flex"}},
		{"in the US", "1.39", u, gpt, price.Query{At: peak, Geo: "us"}},
		{"a long context", "2.005", long, gpt, price.Query{At: peak}},
		{"fast, a long context", "6.005", long, gpt, price.Query{At: peak, Tier: "fast"}},
		{"the price of next year", "0.8", long, gpt, price.Query{At: later}},
		{"by another spelling", "1.265", u, llm.Model{Platform: "openai", Name: "gpt-4o-2024-08-06"}, price.Query{At: peak}},
		{"by alias", "1.265", u, llm.Model{Platform: "azure.ai.openai", Ref: llm.ModelRef{Deployment: "my-deployment"}, Opaque: true}, price.Query{At: peak}},
	} {
		got := book.Cost(c.u, &c.m, c.q)
		if got.Status != stamp.StatusPriced || got.Total.String() != c.want || got.Currency != "EUR" {
			t.Errorf("%s: %v %v %s %v, want %s EUR", c.name, got.Status, got.Total, got.Currency, got.Modifiers, c.want)
		}
	}
}

// TestOurOwnFormatIsStrict names the line of every fault, all at once.
func TestOurOwnFormatIsStrict(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"prices:\n  - model: m\n    imput: 3\n", `f.yaml:3: a price has no key "imput"; it may have aliases, cache_read,`},
		{"prices:\n  - {model: m, input: cheap}\n", `f.yaml:2: input: "cheap" is not a decimal`},
		{"prices:\n  - {model: m, input: -1}\n", `f.yaml:2: input: "-1" is negative`},
		{"prices:\n  - {input: 1}\n", "f.yaml:2: a price names no model"},
		{"prices:\n  - {model: m, input: 1, input: 2}\n", `f.yaml:2: a price has "input" twice`},
		{"prices:\n  - {model: m, input: }\n", "f.yaml:2: input needs a value"},
		{"prices:\n  - {model: m, input: 1}\n  - {model: M, input: 2}\n", `f.yaml:3: "M" has a price already, in line 2; say from when this one holds (valid_from)`},
		{"prices:\n  - {model: m, input: 1, valid_from: soon}\n", `f.yaml:2: valid_from: "soon" is no date like 2026-10-01`},
		{"prices:\n  - {model: m, context: [{input: 1}]}\n", "f.yaml:2: a context tier needs above: a number of tokens"},
		{"prices:\n  - {model: m, match: {starts_with: a, contains: b}, input: 1}\n", "f.yaml:2: a clause has exactly one key"},
		{"prices:\n  - {model: m, hours: [{days: [someday], from: \"25:00\"}]}\n", `f.yaml:2: from: "25:00" is no time like 16:30`},
		{"prices:\n  - &a {model: m, input: 1}\n  - *a\n", "f.yaml:3: YAML aliases are not read here"},
		{"prices: 7\n", "f.yaml:1: prices must be a list"},
		{"prizes: []\n", `f.yaml:1: the file has no key "prizes"`},
		{"prices:\n  - {model: m\n", "did not find expected ',' or '}'"},
		{"just words", ErrUnknownFormat.Error()},
		{"", ErrUnknownFormat.Error()},
		{"{}", ErrUnknownFormat.Error()},
		{"[1, 2]", ErrUnknownFormat.Error()},
		{"{\"a\": {\"litellm_provider\": ", "f.yaml:1: the document ends in the middle of a value"},
		{"\xff\xfe", "not UTF-8 text"},
	} {
		table, err := Parse([]byte(c.in), "f.yaml")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.in, err, c.want)
		}
		if len(table.Rows) != 0 {
			t.Errorf("%q: a refused file left %d rows", c.in, len(table.Rows))
		}
	}
	_, err := Parse([]byte("prices:\n  - {model: a, input: x}\n  - {model: b, input: y}\n"), "f.yaml")
	if err == nil || strings.Count(err.Error(), "f.yaml:") != 2 {
		t.Errorf("two faults: %v", err)
	}
	var fault *Error
	if !errors.As(err, &fault) || fault.Line != 2 || fault.File != "f.yaml" {
		t.Errorf("%#v", fault)
	}
}
