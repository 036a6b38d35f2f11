package cli

import (
	"bytes"
	"errors"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// tool has one command that needs a flag and an argument, and fails on "bad".
func tool() *cobra.Command {
	root := &cobra.Command{Use: "tool", Short: "A tool"}
	sub := &cobra.Command{
		Use:  "look FILE",
		Args: cobra.ExactArgs(1),
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if n, _ := cmd.Flags().GetInt("n"); n < 0 {
				return errors.New("--n is less than nothing")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "bad" {
				return errors.New("bad:1: a fault\nbad:2: another")
			}
			cmd.Print("seen")
			return nil
		},
	}
	sub.Flags().Int("n", 0, "how often")
	_ = sub.MarkFlagRequired("n")
	root.AddCommand(sub)
	return root
}

func TestCodesAndStreams(t *testing.T) {
	const hint, look = "Run 'tool --help' for usage.\n", "Run 'tool look --help' for usage.\n"
	for _, c := range []struct {
		name   string
		args   []string
		code   int
		out    string // "" nothing
		errOut string
	}{
		{"done", []string{"look", "--n=1", "file"}, ExitDone, "seen", ""},
		{"a fault is said without usage, from the first column", []string{"look", "--n=1", "bad"}, ExitFault, "", "bad:1: a fault\nbad:2: another\n"},
		{"no command", []string{}, ExitUsage, "", "a command is needed\n" + hint},
		{"unknown command", []string{"lok"}, ExitUsage, "", "unknown command \"lok\" for \"tool\"\n\nDid you mean this?\n\tlook\n\n" + hint},
		{"unknown flag", []string{"look", "--m", "file"}, ExitUsage, "", "unknown flag: --m\n" + look},
		{"a flag of one dash", []string{"look", "-name", "file"}, ExitUsage, "", "unknown shorthand flag: 'n' in -name: a flag of more than one letter begins with two dashes\n" + look},
		{"a value that is none", []string{"look", "--n=x", "file"}, ExitUsage, "", "invalid argument \"x\" for \"--n\" flag: strconv.ParseInt: parsing \"x\": invalid syntax\n" + look},
		{"no argument", []string{"look", "--n=1"}, ExitUsage, "", "accepts 1 arg(s), received 0\n" + look},
		{"a flag that is needed", []string{"look", "file"}, ExitUsage, "", "required flag(s) \"n\" not set\n" + look},
		{"a check before the run", []string{"look", "--n=-1", "file"}, ExitUsage, "", "--n is less than nothing\n" + look},
		{"version", []string{"--version"}, ExitDone, "tool version " + version() + "\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			root := tool()
			root.SetArgs(c.args)
			root.SetOut(&out)
			root.SetErr(&errOut)
			require.Equal(t, c.code, Run(t.Context(), root))
			require.Equal(t, c.out, out.String())
			require.Equal(t, c.errOut, errOut.String())
		})
	}
}

func TestHelpIsOutput(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"help"}, {"look", "-h"}, {"help", "look"}} {
		var out, errOut bytes.Buffer
		root := tool()
		root.SetArgs(args)
		root.SetOut(&out)
		root.SetErr(&errOut)
		require.Equal(t, ExitDone, Run(t.Context(), root), "%q", args)
		require.Contains(t, out.String(), "Usage:", "%q", args)
		require.NotContains(t, out.String(), "completion", "%q", args)
		require.Empty(t, errOut.String(), "%q", args)
	}
}
