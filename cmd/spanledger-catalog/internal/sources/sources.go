// Package sources gets the pinned npm packages that the catalogue is compiled
// from, and turns them into the line files under catalog/source.
//
// It needs npm, node and a network, so only `spanledger-catalog build --fetch`
// uses it; compiling reads the committed line files and needs none of them.
package sources

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// Pin names one package at one version, and the line file made of it.
type Pin struct {
	Package   string `json:"package"`
	Version   string `json:"version"`
	Licence   string `json:"licence"`
	CheckedAt string `json:"checked_at"` // date of the prices, YYYY-MM-DD
	File      string `json:"file"`
}

// Pins reads the pins of a catalogue folder.
func Pins(catalogDir string) ([]Pin, error) {
	data, err := os.ReadFile(filepath.Join(catalogDir, "source", "pins.json"))
	if err != nil {
		return nil, err
	}
	var pins []Pin
	if err := json.Unmarshal(data, &pins); err != nil {
		return nil, fmt.Errorf("pins.json: %w", err)
	}
	return pins, nil
}

// ErrNoTools says that npm or node is not installed.
var ErrNoTools = errors.New("npm and node are needed to read the packages")

// Extract fetches the pinned packages into a folder of its own, unpacks them
// and writes their line files to outDir. Progress goes to log.
func Extract(ctx context.Context, catalogDir, outDir string, log io.Writer) error {
	for _, tool := range []string{"npm", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			return errors.Join(ErrNoTools, err)
		}
	}
	pins, err := Pins(catalogDir)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "spanledger-catalog")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	for _, pin := range pins {
		if err := fetch(ctx, pin, tmp, log); err != nil {
			return fmt.Errorf("%s@%s: %w", pin.Package, pin.Version, err)
		}
	}
	return run(ctx, log, "node", filepath.Join(catalogDir, "extract.mjs"), tmp, outDir)
}

// fetch packs one package, by its pinned name and by whatever registry npm is
// configured with, and unpacks it to dir/<package name>. Nothing of it is
// installed, so no script of it and no dependency runs.
func fetch(ctx context.Context, pin Pin, dir string, log io.Writer) error {
	packed, err := os.MkdirTemp(dir, "pack")
	if err != nil {
		return err
	}
	if err := run(ctx, log, "npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", packed, pin.Package+"@"+pin.Version); err != nil {
		return err
	}
	tarballs, err := filepath.Glob(filepath.Join(packed, "*.tgz"))
	if err != nil || len(tarballs) != 1 {
		return fmt.Errorf("npm pack left %d tarballs, expected 1", len(tarballs))
	}
	f, err := os.Open(tarballs[0])
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return unpack(f, filepath.Join(dir, filepath.FromSlash(pin.Package)))
}

// maxUnpacked bounds what a package may unpack to.
const maxUnpacked = 256 << 20

// unpack writes the regular files of an npm tarball below dir, whose first
// path element ("package") is dropped. Paths that leave dir are refused.
func unpack(r io.Reader, dir string) error {
	zr, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	tr := tar.NewReader(io.LimitReader(zr, maxUnpacked))
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		_, name, _ := strings.Cut(path.Clean(h.Name), "/")
		if !fs.ValidPath(name) {
			return fmt.Errorf("%q leaves the package", h.Name)
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return err
		}
	}
}

func run(ctx context.Context, log io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
