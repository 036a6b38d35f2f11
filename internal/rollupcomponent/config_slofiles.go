package rollupcomponent

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.opentelemetry.io/collector/confmap"

	"github.com/spanledger/spanledger/internal/slospec"
)

// writtenSLOs reads the objectives of the OpenSLO files, in the order of the
// patterns and of the names they match. notes tell what was left out: those of
// other metric sources and what we have no word for. A pattern without a file
// is an error, since an objective that is missed watches over nothing.
func (c *Config) writtenSLOs() (list []SLO, notes []string, err error) {
	if len(c.SLOFiles) == 0 {
		return nil, nil, nil
	}
	var errs []error
	var files []slospec.File
	seen := map[string]bool{}
	for _, pattern := range c.SLOFiles {
		names, err := filepath.Glob(pattern)
		if err == nil && len(names) == 0 {
			err = errors.New("there is no such file")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%q: %w", pattern, err))
		}
		slices.Sort(names)
		for _, name := range names {
			if seen[name] {
				continue
			}
			seen[name] = true
			data, err := os.ReadFile(name)
			errs = append(errs, err)
			files = append(files, slospec.File{Name: name, Data: data})
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	written, notes, err := slospec.ReadOpenSLO(files)
	if err != nil {
		return nil, notes, err
	}
	for i := range written {
		var one SLO
		raw, err := written[i].Map()
		if err == nil {
			err = confmap.NewFromStringMap(raw).Unmarshal(&one)
		}
		if err != nil {
			return nil, notes, fmt.Errorf("slo %q: %w", written[i].Name, err)
		}
		list = append(list, one)
	}
	return list, notes, nil
}
