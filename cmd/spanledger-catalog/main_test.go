package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/spanledger/spanledger/cmd/spanledger-catalog/internal/sources"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/pricefile"
	"github.com/spanledger/spanledger/internal/scenario"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"spanledger-catalog": main})
}

// The stories of the commands; each file is one.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       scenario.Updating(),
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": scenario.Exits},
		Setup: func(e *testscript.Env) error {
			e.Setenv("CATALOG", filepath.Join(scenario.Root(), "catalog"))
			return nil
		},
	})
}

// The line files are what the pinned packages hold. It needs npm, node and a
// network, and says why where it is not run.
func TestLineFilesAreThoseOfThePackages(t *testing.T) {
	if testing.Short() {
		t.Skip("short: the packages are not fetched")
	}
	dir, got := filepath.Join(scenario.Root(), "catalog"), t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := sources.Extract(ctx, dir, got, t.Output()); err != nil {
		scenario.Skip(t, "the committed line files were not compared with the packages: "+err.Error())
	}
	pins, err := sources.Pins(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, pin := range pins {
		want, err := os.ReadFile(filepath.Join(got, pin.File))
		if err != nil {
			t.Fatal(err)
		}
		have, err := os.ReadFile(filepath.Join(dir, "source", pin.File))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(have)); diff != "" {
			t.Errorf("%s is not what %s@%s holds (spanledger-catalog build --fetch)\n%.2000s", pin.File, pin.Package, pin.Version, diff)
		}
	}
}

// What import writes prices every call as what it read did, hour by hour.
func TestImportedPricesAreThePrices(t *testing.T) {
	var out, log bytes.Buffer
	theirs, err := readTable(embedded)
	if err != nil {
		t.Fatal(err)
	}
	if err := importTable(&out, &log, &theirs); err != nil {
		t.Fatalf("%v: %s", err, log.String())
	}
	ours, err := pricefile.Parse(out.Bytes(), "ours.yaml")
	if err != nil {
		t.Fatal(err)
	}
	theirs.Rules, ours.Rules = nil, nil // rules are held to a source; rows are compared
	was, is := bookOf(t, theirs), bookOf(t, ours)
	u := llm.Usage{Known: true}
	for b := range u.Tokens {
		u.Tokens[b] = int64(1000 + 37*b*b)
	}
	compared := 0
	for i := range theirs.Rows {
		r := &theirs.Rows[i]
		m := &llm.Model{Platform: r.Platform, Vendor: r.Vendor, ID: r.ID, Snapshot: r.ID, Name: r.ID}
		if strings.Contains(log.String(), "left out: "+r.Platform+"/"+r.ID+":") || len(r.Entries[0].Rates) == 0 {
			continue
		}
		for _, at := range []string{"2025-01-01T00:00:00Z", "2026-08-18T02:00:00Z", "2026-08-22T07:00:00Z", "2026-10-03T07:00:00Z", "2026-10-05T07:00:00Z", "2027-06-01T20:00:00Z"} {
			when, err := timeOf(at)
			if err != nil {
				t.Fatal(err)
			}
			a, b := was.Cost(&u, m, price.Query{At: when.UnixNano()}), is.Cost(&u, m, price.Query{At: when.UnixNano()})
			if a.Total != b.Total || a.AtLeast != b.AtLeast || a.Status != b.Status {
				t.Errorf("%s/%s at %s: %v %v by ours, %v %v before", r.Platform, r.ID, at, b.Status, b.Total, a.Status, a.Total)
			}
			compared++
		}
	}
	if compared < 10_000 {
		t.Errorf("only %d prices were compared", compared)
	}
}

func bookOf(t *testing.T, table price.Table) *price.Book {
	t.Helper()
	b, err := price.NewBook(price.Config{Layers: []price.Table{table}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
