// Package catalog is the price and model catalogue that spanledger carries:
// prices by platform, rules for service tiers and geographies, and what is
// known about models wherever they are served.
//
// [Load] reads it once, when it is first asked for, and never from anywhere
// but this package. Where every row comes from is said by the row; how the
// data is made is said in README.md, and its licences in NOTICE.
package catalog

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"
	"time"

	"github.com/spanledger/spanledger/catalog/internal/line"
	"github.com/spanledger/spanledger/internal/price"
)

//go:embed data
var files embed.FS

// SourceName is the source of the embedded table in price ids.
const SourceName = "spanledger"

// Catalog is the embedded catalogue. It is shared and must not be changed.
type Catalog struct {
	// Table is the layer of least precedence in a price.Book.
	Table price.Table
	Info  Info

	models map[modelKey]*ModelInfo
}

// Info says which catalogue this is and how old it is.
type Info struct {
	// Version names the content: the date of the newest source and a digest.
	Version string
	// CheckedAt is when the prices of the base were last compared with their
	// publishers; the age of the catalogue counts from it.
	CheckedAt time.Time
	Sources   []Source
	Rows      int
	Models    int
}

// Source is one of the things the catalogue was compiled from.
type Source struct {
	Name      string // as rows name it: "genai-prices"
	Package   string
	Version   string
	CheckedAt time.Time
}

// Load returns the embedded catalogue, parsed on first use. The error is the
// same every time; the catalogue's own test keeps it nil.
var Load = sync.OnceValues(func() (*Catalog, error) {
	root, err := fs.Sub(files, "data")
	if err != nil {
		return nil, err
	}
	return Read(root)
})

// The files of a catalogue's folder.
const (
	infoFile   = "catalog.json"
	rulesFile  = "rules.jsonl"
	modelsFile = "models.jsonl"
	priceDir   = "prices"
)

// Read reads a catalogue from its folder of data files; [Load] is Read of the
// embedded one.
func Read(root fs.FS) (*Catalog, error) {
	c := &Catalog{Table: price.Table{Source: SourceName, Wary: true}}
	sources, err := c.readInfo(root)
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(root, priceDir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if err := c.readPrices(root, path.Join(priceDir, e.Name()), sources); err != nil {
			return nil, err
		}
	}
	if err := c.readRules(root); err != nil {
		return nil, err
	}
	if err := c.readModels(root); err != nil {
		return nil, err
	}
	c.Info.Rows, c.Info.Models = len(c.Table.Rows), len(c.models)
	return c, nil
}

type infoDoc struct {
	Version string        `json:"version"`
	Sources []line.Source `json:"sources"`
}

func (c *Catalog) readInfo(root fs.FS) (map[string]*Source, error) {
	data, err := fs.ReadFile(root, infoFile)
	if err != nil {
		return nil, err
	}
	var doc infoDoc
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", infoFile, err)
	}
	c.Info.Version, c.Table.Version = doc.Version, doc.Version
	for _, s := range doc.Sources {
		at, err := time.Parse(time.DateOnly, s.CheckedAt)
		if err != nil {
			return nil, fmt.Errorf("%s: source %s: %w", infoFile, s.Key, err)
		}
		c.Info.Sources = append(c.Info.Sources, Source{s.Key, s.Package, s.Version, at})
	}
	byKey := make(map[string]*Source, len(c.Info.Sources))
	for i := range c.Info.Sources {
		byKey[c.Info.Sources[i].Name] = &c.Info.Sources[i]
	}
	if len(c.Info.Sources) == 0 {
		return nil, fmt.Errorf("%s: names no source", infoFile)
	}
	// The first source is the base, which most rows are of.
	c.Info.CheckedAt = c.Info.Sources[0].CheckedAt
	c.Table.Checked = c.Info.CheckedAt
	return byKey, nil
}

func (c *Catalog) readPrices(root fs.FS, name string, sources map[string]*Source) error {
	var platform string
	return eachLine(root, name, func(n int, data []byte) error {
		if n == 1 {
			var head line.Head
			err := json.Unmarshal(data, &head)
			platform = head.Platform
			return err
		}
		var r line.Row
		if err := json.Unmarshal(data, &r); err != nil {
			return err
		}
		row, err := r.Parse()
		if err != nil {
			return err
		}
		src := sources[r.Source]
		if src == nil {
			return fmt.Errorf("row %q: no source %q", r.ID, r.Source)
		}
		row.Platform, row.Pos = platform, price.Pos{Line: n}
		row.PriceSource, row.SourceVersion, row.CheckedAt = src.Name, src.Version, src.CheckedAt
		c.Table.Rows = append(c.Table.Rows, row)
		return nil
	})
}

func (c *Catalog) readRules(root fs.FS) error {
	return eachLine(root, rulesFile, func(n int, data []byte) error {
		var r line.Rule
		if err := json.Unmarshal(data, &r); err != nil {
			return err
		}
		rule, err := r.Parse()
		if err != nil {
			return err
		}
		rule.Sources = []string{SourceName} // other catalogues say themselves what a tier costs
		rule.Pos = price.Pos{Line: n}
		c.Table.Rules = append(c.Table.Rules, rule)
		return nil
	})
}

// eachLine calls f with every line of a file, counted from 1, and says where
// an error was.
func eachLine(root fs.FS, name string, f func(n int, data []byte) error) error {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<20)
	n := 0
	for sc.Scan() {
		n++
		if err := f(n, sc.Bytes()); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if n == 0 {
		return errors.Join(sc.Err(), fmt.Errorf("%s: is empty", name))
	}
	return sc.Err()
}
