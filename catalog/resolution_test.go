package catalog_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spanledger/spanledger/catalog"
	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/stamp"
)

// resolution is a row of model_resolution.jsonl: two ways to name one price.
type resolution struct {
	SourceRepo       string  `json:"source_repo"`
	ProviderRef      *string `json:"provider_ref"`
	ModelRef         string  `json:"model_ref"`
	ExpectedProvider *string `json:"expected_provider"`
	ExpectedModel    string  `json:"expected_model"`
	Notes            string  `json:"notes"`
}

// counter prices model names the way the product does.
type counter struct {
	catalog *catalog.Catalog
	fleet   *fleet.Resolver
	book    *price.Book
}

func newCounter(tb testing.TB) *counter {
	tb.Helper()
	c, err := catalog.Load()
	if err != nil {
		tb.Fatal(err)
	}
	book, err := price.NewBook(price.Config{Layers: []price.Table{c.Table}})
	if err != nil {
		tb.Fatal(err)
	}
	r, err := fleet.New(fleet.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return &counter{c, r, book}
}

var atNovember = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// cost prices some of every kind of token, so that equal costs mean equal prices.
func (c *counter) cost(provider, model string, q price.Query) stamp.Cost {
	u := llm.Usage{Known: true}
	for b := range u.Tokens {
		u.Tokens[b] = int64(1000 + 37*b*b)
	}
	if q.At == 0 {
		q.At = atNovember.UnixNano()
	}
	return c.book.Cost(&u, c.fleet.Resolve(llm.ModelRef{Provider: provider, Request: model}), q)
}

func TestOracleModelResolution(t *testing.T) {
	c := newCounter(t)
	f, err := os.Open(scenario.OraclePath("model_resolution.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	right, total := 0, 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var r resolution
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		total++
		got := c.cost(text(r.ProviderRef), r.ModelRef, price.Query{})
		want := c.cost(text(r.ExpectedProvider), strings.TrimPrefix(r.ExpectedModel, "regional."), price.Query{})
		// A variant that costs something more (":online" adds searches) leaves a
		// lower bound: its known part is the price of the row.
		if got.Total.Add(got.AtLeast) != want.Total.Add(want.AtLeast) || got.Status == stamp.StatusUnpricedModel {
			t.Errorf("%s %s: %s\n  want %s %s: %s", text(r.ProviderRef), r.ModelRef, show(&got), text(r.ExpectedProvider), r.ExpectedModel, show(&want))
			continue
		}
		right++
	}
	t.Logf("accuracy model_resolution.jsonl %d/%d", right, total)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func show(c *stamp.Cost) string {
	return fmt.Sprintf("%v %v at least %v by %q %q", c.Status, c.Total, c.AtLeast, c.PriceID, c.Modifiers)
}

// A price row is never one of another version: whatever id comes, the row that
// prices it names the same generation, where both name one.
func TestNoPriceOfAnotherVersion(t *testing.T) {
	c := newCounter(t)
	f, err := os.Open(scenario.OraclePath("model_ids.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	priced := 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		provider, id, _ := strings.Cut(sc.Text(), "\t")
		m := c.fleet.Resolve(llm.ModelRef{Provider: provider, Request: id})
		row := c.book.Find(m).Row
		if row == nil {
			continue
		}
		priced++
		of := c.fleet.Resolve(llm.ModelRef{Provider: row.Platform, Request: strings.TrimPrefix(row.ID, "regional.")})
		a, _, _ := strings.Cut(m.Version, "@")
		b, _, _ := strings.Cut(of.Version, "@")
		if m.Vendor != of.Vendor || a != b && a != "" && b != "" {
			t.Errorf("%s %s (%s %s) is priced as %s/%s (%s %s)", provider, id, m.Vendor, m.Version, row.Platform, row.ID, of.Vendor, of.Version)
		}
	}
	if priced < 150 {
		t.Errorf("only %d ids are priced at all", priced)
	}
}
