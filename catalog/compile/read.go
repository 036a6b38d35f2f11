package compile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/catalog/internal/line"
)

// genaiLine is a line of genai-prices.jsonl: a provider, or one of its models.
type genaiLine struct {
	Provider      string          `json:"provider"`
	ID            string          `json:"id"`
	Match         json.RawMessage `json:"match"`
	Prices        json.RawMessage `json:"prices"`
	ContextWindow int64           `json:"context_window"`
	Deprecated    bool            `json:"deprecated"`
	Free          bool            `json:"free"`
}

// piLine is a line of pi-ai.jsonl. Prices are USD per million tokens.
type piLine struct {
	Provider      string `json:"provider"`
	ID            string `json:"id"`
	Cost          piCost `json:"cost"`
	ContextWindow int64  `json:"context_window"`
	MaxOutput     int64  `json:"max_output"`
	PromptCache   bool   `json:"prompt_cache"`
}

type piCost struct {
	Input      json.Number `json:"input"`
	Output     json.Number `json:"output"`
	CacheRead  json.Number `json:"cacheRead"`
	CacheWrite json.Number `json:"cacheWrite"`
	Above      int64       `json:"inputTokensAbove"`
	Tiers      []piCost    `json:"tiers"`
}

// head is the first line of a source file.
type head struct {
	Source    string `json:"source"`
	Version   string `json:"version"`
	CheckedAt string `json:"checked_at"`
}

func (s *state) read(dir fs.FS) error {
	var errs []error
	baseHead, err := readLines(dir, "source/genai-prices.jsonl", &s.base)
	errs = append(errs, err)
	extraHead, err := readLines(dir, "source/pi-ai.jsonl", &s.extra)
	errs = append(errs, err)
	data, err := fs.ReadFile(dir, "overlay.yaml")
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&s.overlay); err != nil {
		errs = append(errs, fmt.Errorf("overlay.yaml: %w", err))
	}
	s.sources = []line.Source{
		{Key: base, Package: baseHead.Source, Version: baseHead.Version, CheckedAt: baseHead.CheckedAt},
		{Key: extra, Package: extraHead.Source, Version: extraHead.Version, CheckedAt: extraHead.CheckedAt},
		{Key: byHand, Package: "catalog/overlay.yaml", Version: s.overlay.Version, CheckedAt: s.overlay.Version},
	}
	s.identify, err = newIdentifier()
	return errors.Join(append(errs, err)...)
}

func readLines[T any](dir fs.FS, name string, into *[]T) (h head, err error) {
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return h, err
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		if n == 1 {
			err = json.Unmarshal(sc.Bytes(), &h)
		} else {
			var v T
			err = json.Unmarshal(sc.Bytes(), &v)
			*into = append(*into, v)
		}
		if err != nil {
			return h, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return h, sc.Err()
}
