package main

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/spanledger/spanledger/internal/scenario"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"spanledger-slo": main})
}

// The stories of the commands; each file is one.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       scenario.Updating(),
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": scenario.Exits},
		Setup: func(e *testscript.Env) error {
			e.Setenv("EXAMPLES", filepath.Join(scenario.Root(), "examples"))
			return nil
		},
	})
}
