// Command spanledger-slo says the objectives of a collector configuration, or
// of OpenSLO files, as Prometheus rules and as specs of Sloth and Pyrra.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/cli"
	"github.com/spanledger/spanledger/internal/slospec"
)

func main() { cli.Main(command()) }

func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "spanledger-slo",
		Short: "Write objectives as Prometheus rules and in the words of other tools",
		Long: `Write the objectives of a collector configuration, or of OpenSLO files, as Prometheus
rules and as specs of Sloth and Pyrra, so that nobody writes an objective twice. What a
format cannot say is told on the error stream.

Exit: 0 done, 1 something is wrong with a file or what it holds, 2 wrong usage.`,
	}
	root.AddCommand(generateCommand(), importCommand())
	return root
}

// formats are what generate writes, and what each is for.
var formats = map[string]string{
	slospec.Prometheus: "complete rules of every declared objective; needs nothing else",
	slospec.Objectives: "the constants that the shipped rules need for shares",
	slospec.Sloth:      "specs prometheus/v1, one per service and period",
	slospec.Pyrra:      "one ServiceLevelObjective per objective",
}

func generateCommand() *cobra.Command {
	format := slospec.Prometheus
	var config, component string
	var routes []string
	c := &cobra.Command{
		Use:   "generate [OPENSLO...]",
		Short: "Write rules or specs",
		Long: `Write the objectives of a collector configuration, of OpenSLO v1 files, or of both, to
the standard output. The configuration is read as the collector reads it, environment
variables included, and its faults are those that the collector would name. Formats:

` + formatHelp() + `
Default objectives (default_slos) come with the routes, which only traffic tells: name
those that should have rules by --routes.`,
		Example: `  spanledger-slo generate --config collector.yaml > spanledger.rules.yaml
  spanledger-slo generate --format objectives --config collector.yaml --component exporters::gen_ai_rollup --routes chat,search
  spanledger-slo generate --format sloth openslo/*.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case config != "":
				return nil
			case len(routes) > 0:
				return errors.New("--routes needs the --config whose default_slos they have")
			case component != "":
				return errors.New("--component needs the --config that it is of")
			case len(args) == 0:
				return errors.New("give a --config, or OpenSLO files")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			written, err := openSLO(cmd.ErrOrStderr(), files)
			if err != nil {
				return err
			}
			defs, notes, err := definitions(config, component, written, words(routes))
			note(cmd.ErrOrStderr(), notes)
			if err != nil {
				return err
			}
			out, notes, err := slospec.Generate(format, defs)
			note(cmd.ErrOrStderr(), notes)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(out)
			return err
		},
	}
	f := c.Flags()
	f.Func("format", "`format` to write, "+strings.Join(slospec.Formats(), ", ")+" (default "+format+")", func(s string) error {
		if format = s; !slices.Contains(slospec.Formats(), s) {
			return errors.New("there is " + strings.Join(slospec.Formats(), ", "))
		}
		return nil
	})
	f.StringVar(&config, "config", "", "collector configuration, a YAML `file` with a gen_ai_rollup exporter or connector")
	f.StringVar(&component, "component", "", "`id` of the one that is meant, such as exporters::gen_ai_rollup; needed where there are several")
	f.StringSliceVar(&routes, "routes", nil, "`routes`, comma-separated, whose default_slos are written too")
	var completions []cobra.Completion
	for _, name := range slospec.Formats() {
		completions = append(completions, cobra.CompletionWithDesc(name, formats[name]))
	}
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(completions, cobra.ShellCompDirectiveNoFileComp))
	_ = c.MarkFlagFilename("config", "yaml", "yml")
	return c
}

func formatHelp() string {
	var b strings.Builder
	for _, name := range slospec.Formats() {
		fmt.Fprintf(&b, "  %-11s %s\n", name, formats[name])
	}
	return b.String()
}

// words are the names in a list, each once.
func words(list []string) (out []string) {
	for _, w := range list {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

func note(log io.Writer, list []string) {
	for _, n := range list {
		fmt.Fprintln(log, "note:", n)
	}
}

// openSLO reads OpenSLO files; none give none. What is left out goes to the log.
func openSLO(log io.Writer, paths []string) ([]slospec.Written, error) {
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
	note(log, notes)
	return written, err
}

func importCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import OPENSLO...",
		Short: "Write OpenSLO v1 objectives as the list slos of a configuration",
		Long: `Write OpenSLO v1 objectives as the list slos of the gen_ai_rollup exporter or connector
(YAML). Only what a collector would accept is written; objectives over metrics of others
are left out and named on the error stream.`,
		Example: `  spanledger-slo import openslo/*.yaml > slos.yaml`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			written, err := openSLO(cmd.ErrOrStderr(), files)
			if err != nil {
				return err
			}
			// What is printed must be what a collector would accept.
			if _, _, err := definitions("", "", written, nil); err != nil {
				return err
			}
			enc := yaml.NewEncoder(cmd.OutOrStdout())
			enc.SetIndent(2)
			return errors.Join(enc.Encode(map[string]any{"slos": written}), enc.Close())
		},
	}
}
