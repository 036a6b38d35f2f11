// Package scenario is for tests only: it finds the oracle files, reads story
// files (in, out and own telemetry of one case side by side) and owns the
// -update flag that rewrites expected results.
package scenario

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite expected results of stories and golden files")

// Updating reports whether expected results are being rewritten.
func Updating() bool { return *update }

// Root is the root folder of the checkout.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// OraclePath names an oracle file: the one shared beside the checkout when it
// is there, the committed copy otherwise.
func OraclePath(name string) string {
	shared := filepath.Join(Root(), "..", "shared", "oracles", name)
	if _, err := os.Stat(shared); err == nil {
		return shared
	}
	return filepath.Join(Root(), "testdata", "oracles", name)
}

// Skip skips a test that needs what is not here, loudly; with CI=true that is
// a failure, since there nothing may be missing.
func Skip(tb testing.TB, why string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf("with CI=true nothing may be skipped: %s", why)
	}
	tb.Skip("SKIPPED: " + why)
}

// Golden compares got with the file at path, or rewrites the file under
// -update. The failure prints the difference and the way to accept it.
func Golden(tb testing.TB, path string, got []byte) {
	tb.Helper()
	if Updating() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			tb.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		tb.Fatalf("%v (make golden writes it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		tb.Errorf("%s differs (-want +got); if the new result is right: make golden\n%s", path, diff)
	}
}
