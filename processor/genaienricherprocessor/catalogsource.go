package genaienricherprocessor

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"go.opentelemetry.io/collector/component"

	"github.com/spanledger/spanledger/internal/pricefile"
)

// fileSource is a catalogue file. It is read when its size, its time or the
// file behind the path (a link that was turned) is another than before.
type fileSource struct {
	path string
	seen os.FileInfo
}

func (s *fileSource) name() string { return s.path }

func (s *fileSource) read(context.Context) ([]byte, error) {
	info, err := os.Stat(s.path)
	if err != nil {
		s.seen = nil
		return nil, err
	}
	if s.seen != nil && os.SameFile(s.seen, info) && s.seen.Size() == info.Size() && s.seen.ModTime().Equal(info.ModTime()) {
		return nil, errUnchanged
	}
	file, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := readBounded(file, s.path)
	if err != nil {
		return nil, err
	}
	// The version looked at before reading: a change meanwhile is seen again.
	s.seen = info
	return data, nil
}

func readBounded(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, pricefile.MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > pricefile.MaxSize {
		return nil, fmt.Errorf("%s: more than the %d bytes that a catalogue may have", name, pricefile.MaxSize)
	}
	return data, nil
}

// urlSource is a catalogue that is fetched. It asks with the validators of
// what it read last, and knows content again that a server sends unasked.
type urlSource struct {
	cfg    *URLConfig
	client *http.Client
	shown  string // the endpoint without user, password and query
	validators
	digest [sha256.Size]byte // of what was read last
}

// validators are what a server gave to ask by whether anything changed.
type validators struct {
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
}

func newURLSource(cfg *URLConfig) *urlSource {
	s := &urlSource{cfg: cfg}
	if u, err := url.Parse(cfg.ClientConfig.Endpoint); err == nil {
		s.shown = u.Scheme + "://" + u.Host + u.Path
	}
	return s
}

func (s *urlSource) name() string { return s.shown }

func (s *urlSource) connect(ctx context.Context, host component.Host, set component.TelemetrySettings) (err error) {
	s.client, err = s.cfg.ClientConfig.ToClient(ctx, host.GetExtensions(), set)
	return err
}

// forget makes the next read take whatever there is.
func (s *urlSource) forget() { s.validators, s.digest = validators{}, [sha256.Size]byte{} }

func (s *urlSource) read(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.ClientConfig.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.cfg.ClientConfig.Endpoint, http.NoBody)
	if err != nil {
		return nil, s.bare(err)
	}
	if s.ETag != "" {
		req.Header.Set("If-None-Match", s.ETag)
	}
	if s.LastModified != "" {
		req.Header.Set("If-Modified-Since", s.LastModified)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, s.bare(err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusNotModified:
		return nil, errUnchanged
	case http.StatusOK:
	default:
		return nil, fmt.Errorf("%s: status %d", s.shown, resp.StatusCode)
	}
	data, err := readBounded(resp.Body, s.shown)
	if err != nil {
		return nil, s.bare(err)
	}
	digest := sha256.Sum256(data)
	s.validators = validators{resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")}
	if digest == s.digest {
		return nil, errUnchanged
	}
	s.digest = digest
	return data, nil
}

// bare leaves the request's URL out of an error: its query may hold a key.
func (s *urlSource) bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%s: %w", s.shown, err)
}
