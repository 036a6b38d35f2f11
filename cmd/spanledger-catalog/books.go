package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/price"
)

// priceList says by what calls are priced: the flags that commands share.
type priceList struct{ catalog, contracts string }

func (l *priceList) flags(c *cobra.Command, needsContracts bool) {
	c.Flags().StringVar(&l.catalog, "catalog", "", "a catalogue `file` that comes before the embedded one")
	const contracts, usage = "contracts", "YAML `file` with the contracts of the processor's configuration"
	if needsContracts {
		c.Flags().StringVar(&l.contracts, contracts, "", usage+" (required)")
		_ = c.MarkFlagRequired(contracts)
	} else {
		c.Flags().StringVar(&l.contracts, contracts, "", usage)
	}
	_ = c.MarkFlagFilename("contracts", "yaml", "yml")
}

// pricer prices calls as the processor would.
type pricer struct {
	book      *price.Book
	fleet     *fleet.Resolver
	contracts []price.Contract
}

// read reads the embedded catalogue and, where they are given, the user's own
// and the contracts. Every file's faults are said at once.
func (l *priceList) read() (*pricer, error) {
	tables, err := layers(l.catalog)
	var contracts []price.Contract
	if l.contracts != "" {
		var bad error
		if contracts, bad = readContracts(l.contracts); bad == nil {
			_, bad = price.NewBook(price.Config{Contracts: contracts})
			if bad != nil {
				bad = fmt.Errorf("%s: %w", l.contracts, bad)
			}
		}
		err = errors.Join(err, bad)
	}
	if err != nil {
		return nil, err
	}
	book, err := price.NewBook(price.Config{Layers: tables, Contracts: contracts})
	if err != nil {
		return nil, err
	}
	resolver, err := fleet.New(fleet.Options{})
	return &pricer{book, resolver, contracts}, err
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
