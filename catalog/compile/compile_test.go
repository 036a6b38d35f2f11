package compile

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The committed data is what the committed sources give, byte for byte.
func TestDataIsCompiledFromItsSources(t *testing.T) {
	out, err := Compile(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Compile(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range out {
		if string(data) != string(again[name]) {
			t.Errorf("%s: two builds differ", name)
		}
	}
	data := filepath.Join("..", "data")
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(data, path)
		if err != nil {
			return err
		}
		if _, ok := out[filepath.ToSlash(name)]; !ok {
			t.Errorf("%s: is not made any more (spanledger-catalog build)", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range out {
		got, err := os.ReadFile(filepath.Join(data, filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: is not what the sources give (spanledger-catalog build)\n%.2000s", name, diff)
		}
	}
}
