package slooracle_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/slo/slooracle"
)

// TestPublishedCases holds every published case against our functions.
func TestPublishedCases(t *testing.T) {
	checkFile(t, scenario.OraclePath("slo.jsonl"))
}

// TestDerivedCases are the formulas at their edges, in the same form; the note
// of each row says how its figures were come by.
func TestDerivedCases(t *testing.T) {
	checkFile(t, "testdata/derived.jsonl")
}

func checkFile(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	right, foreign := 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		id, ok, applicable, detail := slooracle.Check(lines.Bytes())
		t.Run(id, func(t *testing.T) {
			switch {
			case !applicable:
				foreign++
				t.Skipf("not applicable: %s", detail)
			case !ok:
				t.Error(detail)
			default:
				right++
				t.Log(detail)
			}
		})
	}
	t.Logf("%d right, %d not applicable", right, foreign)
	if right == 0 {
		t.Error("no case was checked")
	}
}

// TestCheckFindsFaults: a check that cannot fail proves nothing.
func TestCheckFindsFaults(t *testing.T) {
	const factor = `{"id":"x","kind":"burn_rate_factor","inputs":{"slo_period_days":30,"budget_consumed_percent":2,"long_window_hours":1},`
	for _, c := range []struct{ name, row, want string }{
		{"a wrong figure", factor + `"expected":{"burn_rate_factor":14.5},"abs_tol":1e-9}`, "expected 14.5, got 14.4"},
		{"a field of the wrong type", factor + `"expected":{"burn_rate_factor":"14.4"},"abs_tol":1e-9}`, "got 14.4"},
		{"a field we do not compute", factor + `"expected":{"burn":14.4},"abs_tol":1e-9}`, "burn: expected 14.4"},
		{"nothing expected", factor + `"expected":{},"abs_tol":1e-9}`, ""},
		{"an unknown kind", `{"id":"x","kind":"weather","inputs":{},"expected":{"sun":true}}`, "unknown kind"},
		{"a missing input", `{"id":"x","kind":"burn_rate","inputs":{"target":0.9},"expected":{"burn_rate":1}}`, "total: no number"},
		{"an objective that is none", `{"id":"x","kind":"burn_rate","inputs":{"target":1,"good":1,"total":1},"expected":{"burn_rate":1}}`, "less than 1"},
		{"a date that differs", `{"id":"x","kind":"spend_projection","inputs":{"today":"2026-04-11","month_to_date":100,"limit":200},"expected":{"exceeded_date":"2026-04-20"}}`, "got 2026-04-21"},
		{"a span that differs", `{"id":"x","kind":"time_to_exhaustion","inputs":{"window_days":28,"burn_rate":14},"expected":{"exhaustion":"3d"}}`, "got 48h0m0s"},
		{"no row at all", `[]`, "cannot unmarshal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ok, applicable, detail := slooracle.Check([]byte(c.row))
			if ok || !applicable || !strings.Contains(detail, c.want) {
				t.Errorf("ok %v, applicable %v, detail %q, want %q", ok, applicable, detail, c.want)
			}
		})
	}
}
