package main

import (
	"fmt"
	"os"

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

// layers puts a user's catalogue, if there is one, over the embedded one.
func layers(file string) ([]price.Table, error) {
	own, err := readTable(embedded)
	if err != nil || file == "" || file == embedded {
		return []price.Table{own}, err
	}
	user, err := readTable(file)
	return []price.Table{user, own}, err
}

// check says whether a file would be accepted, and everything that is wrong
// with it if not.
func check(e *env, args []string) error {
	f := e.flags("check")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	t, err := readTable(f.Arg(0))
	if err != nil {
		return err
	}
	if _, err := price.NewBook(price.Config{Layers: []price.Table{t}}); err != nil {
		return err
	}
	priced := 0
	for i := range t.Rows {
		for k := range t.Rows[i].Entries {
			if len(t.Rows[i].Entries[k].Rates) > 0 {
				priced++
				break
			}
		}
	}
	_, err = fmt.Fprintf(e.out, "%s: %s %s, %d rows, %d with a price\n", f.Arg(0), t.Source, t.Version, len(t.Rows), priced)
	return err
}
