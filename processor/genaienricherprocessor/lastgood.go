package genaienricherprocessor

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// lastGood keeps the last good content of every URL catalogue in a storage
// extension, under a digest of the endpoint. The nil store keeps nothing.
type lastGood struct {
	client storage.Client
	now    func() time.Time
}

func openLastGood(ctx context.Context, host component.Host, id *component.ID, owner component.ID, now func() time.Time) (*lastGood, error) {
	if id == nil {
		return nil, nil
	}
	ext, ok := host.GetExtensions()[*id]
	if !ok {
		return nil, fmt.Errorf("storage: there is no extension %q", id)
	}
	s, ok := ext.(storage.Extension)
	if !ok {
		return nil, fmt.Errorf("storage: extension %q is no storage", id)
	}
	client, err := s.GetClient(ctx, component.KindProcessor, owner, "catalogs")
	if err != nil {
		return nil, fmt.Errorf("storage %q: %w", id, err)
	}
	return &lastGood{client: client, now: now}, nil
}

// kept is what stands before the content, on a line of its own.
type kept struct {
	validators
	Fetched time.Time `json:"fetched"`
}

func storageKey(u *urlSource) string {
	sum := sha256.Sum256([]byte(u.cfg.ClientConfig.Endpoint))
	return "catalog." + hex.EncodeToString(sum[:8])
}

// keep stores content that was accepted.
func (g *lastGood) keep(ctx context.Context, u *urlSource, data []byte) error {
	if g == nil {
		return nil
	}
	head, err := json.Marshal(kept{u.validators, g.now().UTC()})
	if err != nil {
		return err
	}
	b := bytes.NewBuffer(append(head, '\n'))
	z := gzip.NewWriter(b)
	if _, err := z.Write(data); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return g.client.Set(ctx, storageKey(u), b.Bytes())
}

// last returns the stored content and when it was fetched, and lets the source
// know it; nil where nothing is stored.
func (g *lastGood) last(ctx context.Context, u *urlSource) ([]byte, time.Time, error) {
	if g == nil {
		return nil, time.Time{}, nil
	}
	value, err := g.client.Get(ctx, storageKey(u))
	if err != nil || value == nil {
		return nil, time.Time{}, err
	}
	line, packed, ok := bytes.Cut(value, []byte{'\n'})
	if !ok {
		return nil, time.Time{}, errors.New("what is stored has no head")
	}
	var head kept
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, time.Time{}, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, time.Time{}, err
	}
	data, err := readBounded(z, "what is stored")
	if err != nil {
		return nil, time.Time{}, err
	}
	u.validators, u.digest = head.validators, sha256.Sum256(data)
	return data, head.Fetched, nil
}

func (g *lastGood) close(ctx context.Context) error {
	if g == nil {
		return nil
	}
	return g.client.Close(ctx)
}
