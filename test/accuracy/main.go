// Command accuracy holds the product against third-party cases with known
// answers, and against the truth of the fleet simulator. It prints one line
// for every file of cases and writes what differs to build/accuracy.
//
//	go run ./accuracy [--oracles DIR] [--calls 200000]
//
// Files are told apart by their form, never by their names, so other files of
// the same forms can be put in DIR. Spans go through the processor as a
// collector runs it, and answers are read from what it stamped. The exit
// status says only whether it could run.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/test/internal/progress"
)

func main() {
	flags := flag.NewFlagSet("accuracy", flag.ExitOnError)
	oracles := flags.String("oracles", "", "folder with files of cases (default: ../shared/oracles beside the checkout, else testdata/oracles)")
	calls := flags.Int("calls", 200_000, "calls to simulate with content, without, and with weak evidence; 0 none (200,000 of each take about 30 s of processor time)")
	_ = flags.Parse(os.Args[1:]) // exits on an error
	if err := run(os.Stdout, *oracles, filepath.Join(scenario.Root(), "build", "accuracy"), *calls); err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}

// run checks every file of dir, then the simulator.
func run(w io.Writer, dir, out string, calls int) error {
	if dir == "" {
		dir = filepath.Dir(scenario.OraclePath("pricing.jsonl"))
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if err := runFile(w, filepath.Join(dir, e.Name()), out); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", e.Name(), err))
		}
	}
	if calls > 0 {
		errs = append(errs, runSimulator(w, out, calls))
	}
	return errors.Join(errs...)
}

// runFile checks every case of one file.
func runFile(w io.Writer, path, out string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	name := filepath.Base(path)
	f := recognise(data)
	if f == nil {
		fmt.Fprintf(w, "accuracy %s: of no form that is known here, left out\n", name)
		return nil
	}
	t := tally{name: name, form: f.name}
	t.verdicts, err = f.check(data, func(i, n int) { line.Say("%s: %d of %d", name, i, n) })
	line.Clear()
	if err != nil {
		return err
	}
	fmt.Fprintln(w, t.line())
	return t.write(out)
}

// line says how far the run is.
var line = progress.New()
