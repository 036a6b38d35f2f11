package genaienricherprocessor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/spanledger/spanledger/catalog"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/pricefile"
)

// Results of a reload, in the metric of reloads.
const (
	reloadLoaded      = "loaded"      // new content is in force
	reloadRefused     = "refused"     // the content is bad; counted once a version
	reloadUnreachable = "unreachable" // it could not be read; counted at every try
)

// pricebook is the price book in force. It is rebuilt whole when one of the
// user's catalogues changes, and swapped in by one pointer: a span is priced
// by the old book or by the new one. What cannot be read or built leaves the
// last good one in force.
type pricebook struct {
	book    atomic.Pointer[price.Book]
	checked atomic.Int64 // Unix seconds: when the embedded prices were last checked
	log     *zap.Logger
	count   func(ctx context.Context, result string)
	changed func() // what is called after another book came into force; nil nothing

	mu       sync.Mutex // of a rebuild: feeds' tables and the swap
	base     price.Config
	bought   []commitment // by the hour
	embedded price.Table
	feeds    []*feed
	store    *lastGood

	stopping context.CancelFunc
	wg       sync.WaitGroup
}

// feed is one user catalogue.
type feed struct {
	path    string // in the configuration, for errors
	source  source
	every   time.Duration
	table   *price.Table // the last good one; nil none yet
	failure string       // what was logged last, so that it is logged once

	mu sync.Mutex // of a look at the source
}

// source is where a catalogue comes from; it is read by one at a time.
type source interface {
	name() string
	// read returns content that was not read before, or errUnchanged.
	read(ctx context.Context) ([]byte, error)
}

var errUnchanged = errors.New("unchanged")

// newPricebook reads the configuration and the files. A file that is missing
// or bad is refused here, so that the collector does not start on it; URLs
// wait for start.
func newPricebook(cfg *Config, log *zap.Logger) (*pricebook, error) {
	b := &pricebook{log: log, count: func(context.Context, string) {}}
	var err error
	if b.base, err = cfg.layers(); err != nil {
		return nil, err
	}
	b.bought = commitmentsOf(b.base.Contracts)
	embedded, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	b.embedded = embedded.Table
	b.checked.Store(embedded.Info.CheckedAt.Unix())
	var errs []error
	for i := range cfg.Catalogs {
		c := &cfg.Catalogs[i]
		f := &feed{path: fmt.Sprintf("catalogs[%d]", i), every: c.Refresh}
		b.feeds = append(b.feeds, f)
		if u := c.URL.Get(); u != nil {
			f.source, f.every = newURLSource(u), u.Refresh
			continue
		}
		if f.every == 0 {
			f.every = defaultFileRefresh
		}
		f.source = &fileSource{path: c.File}
		if err := f.load(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.path, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return b, b.rebuild()
}

// load reads and parses the feed for the first time.
func (f *feed) load() error {
	data, err := f.source.read(context.Background())
	if err != nil {
		return err
	}
	table, err := pricefile.Parse(data, f.source.name())
	f.table = &table
	return err
}

// current is the book in force.
func (b *pricebook) current() *price.Book { return b.book.Load() }

// rebuild makes a book of all layers and swaps it in; on an error the one in
// force stays.
func (b *pricebook) rebuild() error {
	cfg := b.base
	cfg.Layers = append([]price.Table(nil), b.base.Layers...)
	for _, f := range b.feeds {
		if f.table != nil {
			cfg.Layers = append(cfg.Layers, *f.table)
		}
	}
	cfg.Layers = append(cfg.Layers, b.embedded)
	book, err := b.book.Load().Renew(cfg)
	if err != nil {
		return err
	}
	b.book.Store(book)
	if b.changed != nil {
		b.changed()
	}
	return nil
}

// install puts new content of a feed into force, or says why not.
func (b *pricebook) install(f *feed, data []byte) error {
	table, err := pricefile.Parse(data, f.source.name())
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	before := f.table
	f.table = &table
	if err := b.rebuild(); err != nil {
		f.table = before
		return err
	}
	return nil
}

// refresh looks at a feed once; ok is false where it could not be read.
func (b *pricebook) refresh(ctx context.Context, f *feed) (ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	data, err := f.source.read(ctx)
	switch {
	case errors.Is(err, errUnchanged):
		return true
	case ctx.Err() != nil:
		return true // shutting down
	case err != nil:
		b.failed(ctx, f, reloadUnreachable, err)
		return false
	}
	if err := b.install(f, data); err != nil {
		b.failed(ctx, f, reloadRefused, err)
		return true
	}
	f.failure = ""
	b.count(ctx, reloadLoaded)
	b.log.Info("Catalogue loaded", zap.String("catalog", f.path), zap.String("source", f.table.Source),
		zap.String("version", f.table.Version), zap.Int("rows", len(f.table.Rows)))
	if u, isURL := f.source.(*urlSource); isURL {
		if err := b.store.keep(ctx, u, data); err != nil {
			b.log.Warn("The last good catalogue could not be stored", zap.String("catalog", f.path), zap.Error(err))
		}
	}
	return true
}

// failed counts a failure, and logs it if it was not the last thing logged.
func (b *pricebook) failed(ctx context.Context, f *feed, result string, err error) {
	b.count(ctx, result)
	if text := result + err.Error(); text != f.failure {
		f.failure = text
		message := "Catalogue refused; what was in force stays"
		if result == reloadUnreachable {
			message = "Catalogue could not be read; what was in force stays"
		}
		if f.table == nil {
			message += ": this catalogue never loaded, the other price lists apply"
		}
		b.log.Error(message, zap.String("catalog", f.path), zap.Error(err))
	}
}
