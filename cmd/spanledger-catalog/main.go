// Command spanledger-catalog builds, checks, explains and compares price
// catalogues.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
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
		{"build", "[-dir catalog] [-fetch]", "compile the embedded catalogue from its sources", build},
		{"check", "FILE", "say whether a catalogue file would be accepted", check},
		{"diff", "[-at TIME] OLD NEW", "models that came, went or changed their price", diff},
		{"explain", "-provider P -model M -usage U ...", "price one call and show the working", explain},
		{"idle", "-contracts F -calls F -from T -to T", "what was idle of throughput bought by the hour", idle},
		{"import", "FILE", "write a catalogue of any format in our own (YAML)", importFile},
		{"reprice", "-contracts F -calls F [-catalog F]", "what terms that were entered late would have changed", reprice},
	}
}

// errUsage is an error that the flag package has already told the user about.
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
			case errors.Is(err, flag.ErrHelp):
				return 0
			case errors.Is(err, errUsage):
				return 2
			}
			_, _ = fmt.Fprintln(errOut, err)
			return 1
		}
	}
	if len(args) > 0 && (args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help") {
		usage(out)
		return 0
	}
	if len(args) > 0 {
		_, _ = fmt.Fprintf(errOut, "there is no command %q\n", args[0])
	}
	usage(errOut)
	return 2
}

func usage(to io.Writer) {
	_, _ = fmt.Fprintln(to, "usage: spanledger-catalog <command> [flags]")
	for _, c := range commands() {
		_, _ = fmt.Fprintf(to, "  %-10s %-40s %s\n", c.name, c.args, c.what)
	}
	_, _ = fmt.Fprintln(to, "A catalogue is a file of any format, or the word embedded. -h behind a command lists its flags.\n"+
		"Exit: 0 done, 1 something was wrong with a file or an argument, 2 wrong usage.")
}

// flags makes the flag set of a command, which reports to the user itself.
func (e *env) flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet("spanledger-catalog "+name, flag.ContinueOnError)
	f.SetOutput(e.err)
	return f
}

// parse reads flags and leaves exactly n arguments.
func parse(f *flag.FlagSet, args []string, n int) error {
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return errUsage
	}
	if f.NArg() != n {
		_, _ = fmt.Fprintf(f.Output(), "%s: want %d arguments, got %d\n", f.Name(), n, f.NArg())
		f.Usage()
		return errUsage
	}
	return nil
}
