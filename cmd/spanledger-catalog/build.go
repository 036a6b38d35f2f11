package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/spanledger/spanledger/catalog"
	"github.com/spanledger/spanledger/catalog/compile"
	"github.com/spanledger/spanledger/cmd/spanledger-catalog/internal/sources"
	"github.com/spanledger/spanledger/internal/price"
)

func buildCommand() *cobra.Command {
	var dir string
	var fetch bool
	c := &cobra.Command{
		Use:   "build",
		Short: "Compile the embedded catalogue from its sources",
		Long: `Compile the embedded catalogue (DIR/data) from the line files in DIR/source and
the hand-kept DIR/overlay.yaml. The same sources give the same bytes. With --fetch
the line files are made anew first, from the npm packages that DIR/source/pins.json
names; this needs npm, node and a network.`,
		Example: `  spanledger-catalog build --dir catalog --fetch`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if fetch {
				if err := sources.Extract(cmd.Context(), dir, filepath.Join(dir, "source"), cmd.ErrOrStderr()); err != nil {
					return err
				}
			}
			return build(cmd.OutOrStdout(), dir)
		},
	}
	c.Flags().StringVar(&dir, "dir", "catalog", "`folder` of the catalogue")
	c.Flags().BoolVar(&fetch, "fetch", false, "read the pinned npm packages anew")
	_ = c.MarkFlagDirname("dir")
	return c
}

// build compiles the data files and reads them back.
func build(out io.Writer, dir string) error {
	compiled, err := compile.Compile(os.DirFS(dir))
	if err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	if err := compiled.Write(data); err != nil {
		return err
	}
	c, err := catalog.Read(os.DirFS(data))
	if err != nil {
		return err
	}
	if _, err := price.NewBook(price.Config{Layers: []price.Table{c.Table}}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: %d rows, %d rules, %d models\n", c.Info.Version, c.Info.Rows, len(c.Table.Rules), c.Info.Models)
	return err
}
