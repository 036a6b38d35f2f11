package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/spanledger/spanledger/cmd/spanledger-catalog/internal/sources"
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
		if errors.Is(err, sources.ErrNoTools) {
			t.Skipf("NOT RUN, the committed line files were not compared with the packages: %v", err)
		}
		t.Skipf("NOT RUN, the packages could not be had: %v", err)
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
			t.Errorf("%s is not what %s@%s holds (spanledger-catalog build -fetch)\n%.2000s", pin.File, pin.Package, pin.Version, diff)
		}
	}
}
