// Package compile makes the data files of the catalogue from the line files of
// the two packages and the hand-kept overlay.
//
// The same input gives the same bytes: nothing depends on the time, the
// machine or the order of a map.
package compile

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spanledger/spanledger/catalog/internal/line"
	"github.com/spanledger/spanledger/internal/price"
)

// Keys of the sources, as rows name them.
const (
	base   = "genai-prices"
	extra  = "pi-ai"
	byHand = "overlay"
)

// row is a row on its way into the catalogue.
type row struct {
	price.Row
	source string
	note   string
	extras line.Row // variants and uplifts as the overlay wrote them
}

// state is what the steps of compiling work on.
type state struct {
	rows     []*row
	overlay  overlay
	base     []genaiLine
	extra    []piLine
	sources  []line.Source
	identify *identifier
}

// Output is the files of a catalogue by slash-separated name.
type Output map[string][]byte

// Compile reads the source folder of a catalogue (source/*.jsonl and
// overlay.yaml) and returns its data files.
func Compile(catalogDir fs.FS) (Output, error) {
	s := &state{}
	if err := s.read(catalogDir); err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		s.takeBase, s.correct, s.addRows, s.takeGlobal, s.regional, s.takeExtra, s.addRates, s.addSpellings, s.finish,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return s.write()
}

// Write puts the files below dir and removes files that are no longer made.
func (o Output) Write(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, o[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// find returns the rows of a platform with an id, aliases not counted.
func (s *state) find(platform, id string) []*row {
	var out []*row
	for _, r := range s.rows {
		if r.Platform == platform && strings.EqualFold(r.ID, id) {
			out = append(out, r)
		}
	}
	return out
}

// spelled reports whether a row of the platform spells the id out.
func (s *state) spelled(platform, id string) bool {
	return slices.ContainsFunc(s.rows, func(r *row) bool {
		return r.Platform == platform && (strings.EqualFold(r.ID, id) ||
			slices.ContainsFunc(r.Aliases, func(a string) bool { return strings.EqualFold(a, id) }))
	})
}

// table is what has been taken so far, as a table to price with.
func (s *state) table() price.Table {
	t := price.Table{Source: byHand, Wary: true, Rows: make([]price.Row, 0, len(s.rows))}
	for _, r := range s.rows {
		t.Rows = append(t.Rows, r.Row)
	}
	return t
}

// finish sorts the rows, so that a file reads and diffs by id. The match
// clauses of one platform exclude each other but for a few pairs where the
// longer name belongs to the more specific row; those go first.
func (s *state) finish() error {
	var errs []error
	for _, r := range s.rows {
		r.Vendor = s.identify.vendor(r.Platform, r.ID, r.Vendor)
		slices.Sort(r.Aliases)
		r.Aliases = slices.Compact(r.Aliases)
		if len(r.Entries) == 0 {
			r.Entries = []price.Entry{{}} // known and without a price
		}
	}
	slices.SortStableFunc(s.rows, func(a, b *row) int {
		return cmp.Or(strings.Compare(a.Platform, b.Platform), strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)))
	})
	for i := 1; i < len(s.rows); i++ {
		if a, b := s.rows[i-1], s.rows[i]; a.Platform == b.Platform && strings.EqualFold(a.ID, b.ID) {
			errs = append(errs, fmt.Errorf("%s/%s is there twice, from %s and %s", a.Platform, a.ID, a.source, b.source))
		}
	}
	return errors.Join(errs...)
}

func (s *state) write() (Output, error) {
	out := Output{}
	for _, r := range s.rows {
		name := path.Join("prices", r.Platform+".jsonl")
		if out[name] == nil {
			if err := out.add(name, line.Head{Platform: r.Platform}); err != nil {
				return nil, err
			}
		}
		l := line.FormatRow(&r.Row, r.source, r.note)
		l.Variants, l.Uplifts = r.extras.Variants, r.extras.Uplifts
		if err := out.add(name, l); err != nil {
			return nil, err
		}
	}
	for _, r := range s.overlay.Rules {
		if err := out.add("rules.jsonl", r); err != nil {
			return nil, err
		}
	}
	models, err := s.models()
	if err != nil {
		return nil, err
	}
	for _, m := range models {
		if err := out.add("models.jsonl", m); err != nil {
			return nil, err
		}
	}
	return out, out.addInfo(s.sources)
}

func (o Output) add(name string, v any) error {
	data, err := line.Marshal(v)
	o[name] = append(o[name], data...)
	return err
}

// addInfo names the version: the newest source's date and a digest of all.
func (o Output) addInfo(sources []line.Source) error {
	sum, newest := sha256.New(), ""
	for _, name := range slices.Sorted(maps.Keys(o)) {
		_, _ = fmt.Fprintf(sum, "%s\n", name) // a hash never fails
		_, _ = sum.Write(o[name])
	}
	for _, s := range sources {
		newest = max(newest, s.CheckedAt)
	}
	info := struct {
		Version string        `json:"version"`
		Sources []line.Source `json:"sources"`
	}{newest + "." + hex.EncodeToString(sum.Sum(nil)[:4]), sources}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	err := enc.Encode(info)
	o["catalog.json"] = b.Bytes()
	return err
}
