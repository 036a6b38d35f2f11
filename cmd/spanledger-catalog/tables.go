package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/spanledger/spanledger/catalog"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/pricefile"
)

// embedded is the name of the catalogue that the product carries.
const embedded = "embedded"

// readTable reads a catalogue file of any format, or the embedded one.
func readTable(name string) (price.Table, error) {
	if name == embedded {
		c, err := catalog.Load()
		if err != nil {
			return price.Table{}, err
		}
		return c.Table, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return price.Table{}, err
	}
	return pricefile.Parse(data, name)
}

func checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check CATALOGUE",
		Short: "Say whether a catalogue would be accepted",
		Long: `Say whether the collector would accept a catalogue: its format, its version and
how many rows it prices. If not, every fault is said with its file and line.`,
		Example:           `  spanledger-catalog check prices.json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: catalogues,
		RunE:              func(cmd *cobra.Command, args []string) error { return check(cmd.OutOrStdout(), args[0]) },
	}
}

// check reads a catalogue as the collector would.
func check(out io.Writer, name string) error {
	t, err := readTable(name)
	if err != nil {
		return err
	}
	if _, err := price.NewBook(price.Config{Layers: []price.Table{t}}); err != nil {
		return err
	}
	priced := 0
	for i := range t.Rows {
		if slices.ContainsFunc(t.Rows[i].Entries, func(e price.Entry) bool { return len(e.Rates) > 0 }) {
			priced++
		}
	}
	_, err = fmt.Fprintf(out, "%s: %s %s, %d rows, %d with a price\n", name, t.Source, t.Version, len(t.Rows), priced)
	return err
}
