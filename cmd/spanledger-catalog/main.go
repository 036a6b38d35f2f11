// Command spanledger-catalog builds, checks, explains and compares price
// catalogues.
package main

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/spanledger/spanledger/internal/cli"
)

func main() { cli.Main(command()) }

func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "spanledger-catalog",
		Short: "Build, check, explain and compare price catalogues",
		Long: `Build, check, explain and compare price catalogues.

A catalogue is a file of any format that the collector reads (LiteLLM, models.dev,
genai-prices, our own YAML), or the word "embedded" for the one in the collector.

Exit: 0 done, 1 something is wrong with a file or what it holds, 2 wrong usage.`,
	}
	root.AddCommand(buildCommand(), checkCommand(), diffCommand(), explainCommand(), idleCommand(), importCommand(), repriceCommand())
	return root
}

// timeFlag is a flag of a date or time; the usage names what it stands for.
func timeFlag(f *pflag.FlagSet, into *time.Time, name, usage string) {
	f.Func(name, usage+" (a `time` like 2026-10-01 or 2026-10-01T08:00:00Z)", func(s string) (err error) {
		*into, err = timeOf(s)
		return err
	})
}

// orNow is the time that a flag gave, or the present.
func orNow(t time.Time) time.Time {
	if t.IsZero() {
		return time.Now()
	}
	return t
}

// catalogues completes the arguments of a command that reads some.
func catalogues(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{cobra.CompletionWithDesc(embedded, "the catalogue in the collector")}, cobra.ShellCompDirectiveDefault
}
