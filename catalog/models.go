package catalog

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/spanledger/spanledger/catalog/internal/line"
	"github.com/spanledger/spanledger/internal/stamp"
)

// ModelInfo is what is known about a model wherever it is served. A zero field
// is unknown.
type ModelInfo struct {
	Vendor, ID               string
	ContextWindow, MaxOutput int64 // tokens
	// Lifecycle is the stage that a source declared.
	Lifecycle stamp.Lifecycle
	// Deprecated and Retirement are the first days (ISO 8601, UTC) on which the
	// model is deprecated and no longer served.
	Deprecated, Retirement string
	Replacement            string // canonical id
	CacheSupported         Support
	Source                 string // of the lifecycle where it has one, else of the limits
}

// Support is a three-valued answer: unknown is not no.
type Support uint8

// The answers.
const (
	SupportUnknown Support = iota
	Supported
	Unsupported
)

type modelKey struct{ vendor, id string }

// ModelInfo looks a model up by vendor and canonical id, both in lower case,
// dated or not. It does not allocate.
func (c *Catalog) ModelInfo(vendor, id string) (ModelInfo, bool) {
	m := c.models[modelKey{vendor, id}]
	if m == nil {
		return ModelInfo{}, false
	}
	return *m, true
}

func (c *Catalog) readModels(root fs.FS) error {
	c.models = map[modelKey]*ModelInfo{}
	return eachLine(root, modelsFile, func(_ int, data []byte) error {
		var m line.Model
		if err := json.Unmarshal(data, &m); err != nil {
			return err
		}
		info := &ModelInfo{
			Vendor: m.Vendor, ID: m.ID, ContextWindow: m.Context, MaxOutput: m.Output,
			Deprecated: m.Deprec, Retirement: m.Retires, Replacement: m.Replaced, Source: m.Source,
		}
		if m.Life != "" {
			var ok bool
			if info.Lifecycle, ok = stamp.ParseLifecycle(m.Life); !ok {
				return fmt.Errorf("model %q: no lifecycle %q", m.ID, m.Life)
			}
		}
		switch m.Cache {
		case "yes":
			info.CacheSupported = Supported
		case "no":
			info.CacheSupported = Unsupported
		case "":
		default:
			return fmt.Errorf("model %q: cache %q is neither yes nor no", m.ID, m.Cache)
		}
		for _, id := range append([]string{m.ID}, m.Aliases...) {
			k := modelKey{m.Vendor, id}
			if c.models[k] != nil {
				return fmt.Errorf("model %s/%s is there twice", m.Vendor, id)
			}
			c.models[k] = info
		}
		return nil
	})
}
