// Package cli runs the commands of ours alike, so that a script can rely on
// them: output goes to one stream, all that is said about it to the other, and
// the exit code tells a fault that was found from wrong usage.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The exit codes of every command.
const (
	ExitDone  = 0
	ExitFault = 1 // of a file, of the data in it, or of another machine
	ExitUsage = 2 // of the command line itself
)

// Main runs the process's command line until it is done or interrupted, and
// exits.
func Main(root *cobra.Command) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Run(ctx, root)
	stop()
	os.Exit(code)
}

// Run is Main without the process; root may have its own arguments and streams.
// What fails before the RunE of a command begins is wrong usage: an unknown
// command or flag, a value that is none, arguments, groups of flags, PreRunE.
func Run(ctx context.Context, root *cobra.Command) int {
	begun := false
	observe(root, func() { begun = true })
	// Cobra shows the help and calls it done where no command is given.
	root.RunE = func(*cobra.Command, []string) error { return errors.New("a command is needed") }
	root.Version = version()
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		var unknown *pflag.NotExistError
		if errors.As(err, &unknown) && len(unknown.GetSpecifiedShortnames()) > 1 {
			return fmt.Errorf("%w: a flag of more than one letter begins with two dashes", err)
		}
		return err
	})
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitDone
	}
	cmd.PrintErrln(err) // without a prefix: many begin with the file and line
	if begun {
		return ExitFault
	}
	cmd.PrintErrf("Run '%s --help' for usage.\n", cmd.CommandPath())
	return ExitUsage
}

// observe calls begin before each command that does something.
func observe(cmd *cobra.Command, begin func()) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			begin()
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		observe(sub, begin)
	}
}

// version is that of the module, as Go stamped it into the binary.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}
