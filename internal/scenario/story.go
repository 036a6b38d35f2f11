package scenario

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Story is one case in one file, in txtar form: what it is about in plain
// words, then the sections that the test knows, such as config, in, out and
// telemetry.
type Story struct {
	Name, Path string
	archive    *txtar.Archive
}

// Stories reads the stories of a folder, sorted by name.
func Stories(tb testing.TB, dir string) []*Story {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no stories in %s (%v)", dir, err)
	}
	sort.Strings(files)
	var out []*Story
	for _, f := range files {
		a, err := txtar.ParseFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, &Story{Name: strings.TrimSuffix(filepath.Base(f), ".txtar"), Path: f, archive: a})
	}
	return out
}

// Section returns a section of the story, nil if it has none of that name.
func (s *Story) Section(name string) []byte {
	for _, f := range s.archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// Sections returns the names of the sections that begin with prefix, in order.
func (s *Story) Sections(prefix string) []string {
	var names []string
	for _, f := range s.archive.Files {
		if strings.HasPrefix(f.Name, prefix) {
			names = append(names, f.Name)
		}
	}
	return names
}

// Expect compares got with a section, or rewrites the section under -update.
func (s *Story) Expect(tb testing.TB, section, got string) {
	tb.Helper()
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	if !Updating() {
		if want := string(s.Section(section)); want != got {
			tb.Errorf("%s: section %q\nwant:\n%s\ngot:\n%s\nif the new result is right: make golden", s.Path, section, want, got)
		}
		return
	}
	for i := range s.archive.Files {
		if s.archive.Files[i].Name == section {
			s.archive.Files[i].Data = []byte(got)
			s.write(tb)
			return
		}
	}
	s.archive.Files = append(s.archive.Files, txtar.File{Name: section, Data: []byte(got)})
	s.write(tb)
}

func (s *Story) write(tb testing.TB) {
	tb.Helper()
	if err := os.WriteFile(s.Path, txtar.Format(s.archive), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// PrintStamps prints, span by span in order of arrival, the attributes whose
// keys begin with prefix, sorted.
func PrintStamps(td ptrace.Traces, prefix string) string {
	var b bytes.Buffer
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, sp := range ss.Spans().All() {
				fmt.Fprintf(&b, "%s %s\n", Label(sp.SpanID()), sp.Name())
				for _, line := range attributes(sp.Attributes(), prefix) {
					fmt.Fprintf(&b, "  %s\n", line)
				}
			}
		}
	}
	return b.String()
}

func attributes(m pcommon.Map, prefix string) []string {
	var lines []string
	for k, v := range m.All() {
		if strings.HasPrefix(k, prefix) {
			lines = append(lines, fmt.Sprintf("%s: %s", strings.TrimPrefix(k, prefix), v.AsString()))
		}
	}
	sort.Strings(lines)
	return lines
}
