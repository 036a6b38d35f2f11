// Command spanledger-slo says the objectives of a collector configuration, or
// of OpenSLO files, as Prometheus rules and as specs of Sloth and Pyrra.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/slospec"
)

// command is one subcommand.
type command struct {
	name, args, what string
	run              func(e *env, args []string) error
}

// env is what a command talks to.
type env struct {
	out, err io.Writer
}

func commands() []command {
	return []command{
		{"generate", "[-format F] [-config FILE [-component ID] [-routes A,B]] [OPENSLO ...]", "write rules or specs (" + strings.Join(slospec.Formats(), ", ") + ")", generate},
		{"import", "OPENSLO ...", "write OpenSLO v1 objectives as the list slos of a configuration", importSLOs},
	}
}

// errUsage is an error that the user has already been told about.
var errUsage = errors.New("usage")

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main without the process: 0 done, 1 a fault was found, 2 wrong usage.
func run(args []string, out, errOut io.Writer) int {
	e := &env{out, errOut}
	if len(args) > 0 {
		for _, c := range commands() {
			if c.name != args[0] {
				continue
			}
			err := c.run(e, args[1:])
			switch {
			case err == nil:
				return 0
			case errors.Is(err, errUsage), errors.Is(err, flag.ErrHelp):
				return 2
			}
			_, _ = fmt.Fprintln(errOut, err)
			return 1
		}
	}
	_, _ = fmt.Fprintln(errOut, "usage: spanledger-slo <command> [flags]")
	for _, c := range commands() {
		_, _ = fmt.Fprintf(errOut, "  %-9s %-72s %s\n", c.name, c.args, c.what)
	}
	return 2
}

func (e *env) flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet("spanledger-slo "+name, flag.ContinueOnError)
	f.SetOutput(e.err)
	return f
}

func (e *env) notes(list []string) {
	for _, n := range list {
		_, _ = fmt.Fprintln(e.err, "note:", n)
	}
}

func generate(e *env, args []string) error {
	f := e.flags("generate")
	format := f.String("format", slospec.Prometheus, "one of "+strings.Join(slospec.Formats(), ", "))
	config := f.String("config", "", "collector configuration with a gen_ai_rollup exporter or connector")
	component := f.String("component", "", "which one, such as exporters::gen_ai_rollup; needed where there are several")
	routes := f.String("routes", "", "comma-separated routes whose default_slos are generated too")
	if f.Parse(args) != nil {
		return errUsage
	}
	if *config == "" && *routes != "" {
		_, _ = fmt.Fprintln(e.err, "-routes needs the -config whose default_slos they have")
		return errUsage
	}
	if *config == "" && f.NArg() == 0 {
		_, _ = fmt.Fprintln(e.err, "give a -config, or OpenSLO files")
		f.Usage()
		return errUsage
	}
	written, err := e.openSLO(f.Args())
	if err != nil {
		return err
	}
	defs, more, err := definitions(*config, *component, written, split(*routes))
	e.notes(more)
	if err != nil {
		return err
	}
	out, notes, err := slospec.Generate(*format, defs)
	e.notes(notes)
	if err != nil {
		return err
	}
	_, err = e.out.Write(out)
	return err
}

// split cuts a list at its commas; nothing gives none.
func split(list string) (words []string) {
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// openSLO reads OpenSLO files; none give none.
func (e *env) openSLO(paths []string) ([]slospec.Written, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	files := make([]slospec.File, len(paths))
	for i, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		files[i] = slospec.File{Name: p, Data: data}
	}
	written, notes, err := slospec.ReadOpenSLO(files)
	e.notes(notes)
	return written, err
}

func importSLOs(e *env, args []string) error {
	f := e.flags("import")
	if f.Parse(args) != nil {
		return errUsage
	}
	if f.NArg() == 0 {
		_, _ = fmt.Fprintln(e.err, "give OpenSLO files")
		return errUsage
	}
	written, err := e.openSLO(f.Args())
	if err != nil {
		return err
	}
	// What is printed must be what a collector would accept.
	if _, _, err := definitions("", "", written, nil); err != nil {
		return err
	}
	enc := yaml.NewEncoder(e.out)
	enc.SetIndent(2)
	return errors.Join(enc.Encode(map[string]any{"slos": written}), enc.Close())
}
