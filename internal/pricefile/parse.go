package pricefile

import (
	"errors"
	"fmt"

	"github.com/spanledger/spanledger/internal/price"
)

// format is one catalogue format.
type format struct {
	name string
	// detect looks at the shape of the document, never at the file's name.
	detect func(d *document) bool
	// parse makes the table; it calls d.fail for what it cannot accept and
	// carries on, so that a user sees every fault of a file at once.
	parse func(d *document) price.Table
}

// formats are tried in order; the first that recognises the document reads it.
func formats() []format {
	return []format{prices, genaiPrices, modelsDev, liteLLM}
}

// MaxSize bounds a catalogue file, in bytes; the largest public one has 3 MB.
const MaxSize = 64 << 20

// maxFaults bounds how many faults of one file are reported.
const maxFaults = 20

// ErrUnknownFormat is returned for a document that no format recognises.
var ErrUnknownFormat = errors.New("no known catalogue format (LiteLLM, models.dev, genai-prices, spanledger prices)")

// Error is a reason to refuse a file. Line counts from 1; 0 is the whole file.
type Error struct {
	File string
	Line int
	Err  error
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Parse reads a catalogue of any supported format. A file with a fault is
// refused whole: the error joins one [*Error] for each fault found (20 at
// most), and the table is empty. The name is used in errors only.
func Parse(data []byte, name string) (price.Table, error) {
	d, err := newDocument(data, name)
	if err != nil {
		return price.Table{}, err
	}
	for _, f := range formats() {
		if !f.detect(d) {
			continue
		}
		t := f.parse(d)
		if err := errors.Join(d.faults...); err != nil {
			return price.Table{}, err
		}
		t.File = name
		if t.Source == "" {
			t.Source = f.name
		}
		if t.Version == "" {
			t.Version = d.digest()
		}
		return t, nil
	}
	return price.Table{}, &Error{File: name, Err: ErrUnknownFormat}
}
