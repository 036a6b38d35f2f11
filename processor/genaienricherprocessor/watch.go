package genaienricherprocessor

import (
	"os"
	"sync"
	"time"

	"go.uber.org/zap"
)

// defaultRefresh is how often a catalogue file is looked at.
const defaultRefresh = 30 * time.Second

// watcher reloads the price book when a catalogue file changes. A file that
// cannot be read or parsed is refused whole: the book in force stays, and the
// reason is logged once per change of the file.
type watcher struct {
	done chan struct{}
	wg   sync.WaitGroup
}

// stampOf identifies a version of a file without reading it.
type fileVersion struct {
	size int64
	at   time.Time
}

func versionOf(path string) fileVersion {
	info, err := os.Stat(path)
	if err != nil {
		return fileVersion{size: -1}
	}
	return fileVersion{info.Size(), info.ModTime()}
}

// watch starts looking at the files; nil if there are none.
func watch(catalogs []CatalogConfig, log *zap.Logger, reload func() error) *watcher {
	if len(catalogs) == 0 {
		return nil
	}
	every := time.Duration(0)
	seen := make([]fileVersion, len(catalogs))
	for i, c := range catalogs {
		refresh := c.Refresh
		if refresh == 0 {
			refresh = defaultRefresh
		}
		if every == 0 || refresh < every {
			every = refresh
		}
		seen[i] = versionOf(c.File)
	}
	w := &watcher{done: make(chan struct{})}
	w.wg.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-w.done:
				return
			case <-ticker.C:
			}
			changed := false
			for i, c := range catalogs {
				if v := versionOf(c.File); v != seen[i] {
					seen[i], changed = v, true
				}
			}
			if !changed {
				continue
			}
			if err := reload(); err != nil {
				log.Error("Catalogue refused; the prices in force stay", zap.Error(err))
			} else {
				log.Info("Catalogues reloaded")
			}
		}
	})
	return w
}

func (w *watcher) stop() {
	if w == nil {
		return
	}
	select {
	case <-w.done:
	default:
		close(w.done)
	}
	w.wg.Wait()
}
