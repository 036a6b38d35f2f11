package price

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/memo"
)

// Config is what a book is made of.
type Config struct {
	// Layers are tables by precedence: overrides first, then the user's
	// catalogues, the embedded one last. The most specific spelling of a model
	// is looked for in all of them before a less specific one.
	Layers []Table
	// Aliases come before those of the tables.
	Aliases   []Alias
	Contracts []Contract
	// CacheSize bounds the models whose rows are remembered; 0 is 8192. A model
	// that is not remembered costs a search, nothing else.
	CacheSize int
}

const defaultCacheSize = 8192

// Book prices calls. It is built once and does not change but for a bounded
// memory of the models it has met; it is safe for concurrent use. It keeps the
// tables that it is built from, which must not change either.
type Book struct {
	tables    []*index
	platforms map[string]bool // that some table has rows of
	aliases   map[string]string
	contracts []*terms
	cache     cache
	recent    memo.Table[resolved] // in front of cache
}

// TableInfo describes one layer of a book.
type TableInfo struct {
	Source, Version, File string
	Checked               time.Time
	Rows                  int
}

// NewBook builds a book, or says everything that is wrong with what it was to
// be built from.
func NewBook(cfg Config) (*Book, error) { return (*Book)(nil).Renew(cfg) }

// Renew builds a book as NewBook does, and makes use of what old has worked
// out about tables whose rows are the very same ones: after a change of one
// catalogue the others need not be read again. old stays as it is; nil is none.
func (old *Book) Renew(cfg Config) (*Book, error) {
	b := &Book{platforms: map[string]bool{}, aliases: map[string]string{}}
	var errs []error
	b.addAliases(cfg.Aliases)
	for i := range cfg.Layers {
		t := &cfg.Layers[i]
		x, err := old.indexOf(t)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		b.tables = append(b.tables, x)
		for p := range x.platforms {
			b.platforms[p] = true
		}
		b.addAliases(t.Aliases)
	}
	contracts, err := compileContracts(cfg.Contracts)
	errs = append(errs, err)
	b.contracts = contracts
	for i := range cfg.Layers {
		errs = append(errs, b.addRules(&cfg.Layers[i]))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	size := cfg.CacheSize
	if size <= 0 {
		size = defaultCacheSize
	}
	b.cache.init(size)
	return b, nil
}

// indexOf is the old book's index of the same rows, else a new one.
func (old *Book) indexOf(t *Table) (*index, error) {
	if old != nil && len(t.Rows) > 0 {
		for _, x := range old.tables {
			if len(x.table.Rows) == len(t.Rows) && &x.table.Rows[0] == &t.Rows[0] {
				again := *x
				again.table, again.rules = t, nil
				return &again, nil
			}
		}
	}
	return newIndex(t)
}

// addAliases keeps the first alias of each id: the highest layer's.
func (b *Book) addAliases(aliases []Alias) {
	for _, a := range aliases {
		from := strings.ToLower(strings.TrimSpace(a.From))
		if _, taken := b.aliases[from]; !taken && from != "" && a.To != "" {
			b.aliases[from] = strings.ToLower(strings.TrimSpace(a.To))
		}
	}
}

// addRules checks the rules of a table and gives them to every index.
func (b *Book) addRules(t *Table) error {
	var errs []error
	for i := range t.Rules {
		r := &t.Rules[i]
		c := rule{Rule: r}
		err := checkExtras(r.Variants, r.Uplifts)
		if r.Match != nil {
			var e error
			c.match, e = r.Match.compile(0)
			err = errors.Join(err, e)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: rule %d: %w", t.where(r.Pos), i+1, err))
			continue
		}
		for _, x := range b.tables {
			if r.reaches(t, x.table) {
				x.rules = append(x.rules, c)
			}
		}
	}
	return errors.Join(errs...)
}

// Tables describes the layers, highest precedence first.
func (b *Book) Tables() []TableInfo {
	out := make([]TableInfo, len(b.tables))
	for i, x := range b.tables {
		t := x.table
		out[i] = TableInfo{t.Source, t.Version, t.File, t.Checked, len(t.Rows)}
	}
	return out
}

// where names a place for an error: file and line, else the source.
func (t *Table) where(p Pos) string {
	name := t.File
	if name == "" {
		name = t.Source
	}
	if p.Line == 0 {
		return name
	}
	return fmt.Sprintf("%s:%d", name, p.Line)
}
