package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spanledger/spanledger/catalog"
	"github.com/spanledger/spanledger/catalog/compile"
	"github.com/spanledger/spanledger/cmd/spanledger-catalog/internal/sources"
	"github.com/spanledger/spanledger/internal/price"
)

// build compiles the data files; with -fetch it first makes the line files
// anew from the pinned packages.
func build(e *env, args []string) error {
	f := e.flags("build")
	dir := f.String("dir", "catalog", "folder of the catalogue")
	fetch := f.Bool("fetch", false, "read the pinned npm packages anew (needs npm, node and a network)")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if *fetch {
		if err := sources.Extract(context.Background(), *dir, filepath.Join(*dir, "source"), e.err); err != nil {
			return err
		}
	}
	out, err := compile.Compile(os.DirFS(*dir))
	if err != nil {
		return err
	}
	data := filepath.Join(*dir, "data")
	if err := out.Write(data); err != nil {
		return err
	}
	c, err := catalog.Read(os.DirFS(data))
	if err != nil {
		return err
	}
	if _, err := price.NewBook(price.Config{Layers: []price.Table{c.Table}}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "%s: %d rows, %d rules, %d models\n", c.Info.Version, c.Info.Rows, len(c.Table.Rules), c.Info.Models)
	return err
}
