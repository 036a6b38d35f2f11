package layout

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/scenario"
)

const module = "github.com/spanledger/spanledger/"

// mayImport lists, for each core package, the packages of ours that it may
// depend on. A package that is absent here is an adapter.
var mayImport = map[string][]string{
	"internal/llm":       {},
	"internal/money":     {},
	"internal/stamp":     {"internal/llm", "internal/money"},
	"internal/memo":      {},
	"internal/failure":   {"internal/llm"},
	"internal/fleet":     {"internal/llm", "internal/stamp", "internal/money", "internal/memo"},
	"internal/price":     {"internal/llm", "internal/money", "internal/stamp", "internal/memo"},
	"internal/pricefile": {"internal/llm", "internal/money", "internal/stamp", "internal/price"},
	"internal/attempt":   {"internal/llm", "internal/money", "internal/stamp", "internal/failure"},
	"internal/slo":       {"internal/llm", "internal/money", "internal/stamp"},
	"internal/rollup":    {"internal/llm", "internal/money", "internal/stamp", "internal/slo"},
	"internal/slospec":   {"internal/slo", "internal/rollup"},
	"catalog":            {"catalog/internal/line", "internal/llm", "internal/money", "internal/stamp", "internal/price", "internal/pricefile"},
}

// mayKnowCollector lists the packages that may import the collector.
var mayKnowCollector = []string{
	"internal/confvalue", "internal/llmspan", "internal/rollupcomponent", "internal/scenario", "internal/sim",
	"processor/", "exporter/", "connector/", "cmd/",
}

type listed struct {
	ImportPath string
	Name       string
	Doc        string
	Imports    []string
	Deps       []string
	GoFiles    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Doc,Imports,Deps,GoFiles", "./...")
	cmd.Dir = scenario.Root()
	out, err := cmd.Output()
	require.NoError(t, err)
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	require.NotEmpty(t, all)
	return all
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		short := strings.TrimPrefix(p.ImportPath, module)
		allowed, core := mayImport[short]
		for _, dep := range p.Imports {
			ours, isOurs := strings.CutPrefix(dep, module)
			if core && isOurs && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s: not in its list", short, ours)
			}
			if strings.HasPrefix(dep, "go.opentelemetry.io/collector") && !slices.ContainsFunc(mayKnowCollector, func(pre string) bool { return strings.HasPrefix(short, pre) }) {
				t.Errorf("%s imports %s: only adapters know the collector", short, dep)
			}
		}
		if core {
			for _, dep := range p.Deps {
				require.False(t, strings.HasPrefix(dep, "go.opentelemetry.io/collector"), "%s depends on %s", short, dep)
			}
		}
	}
}

// The clock is an argument of every core package (law 7).
func TestCorePackagesNeverAskTheClock(t *testing.T) {
	for pkg := range mayImport {
		files, err := filepath.Glob(filepath.Join(scenario.Root(), pkg, "*.go"))
		require.NoError(t, err)
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			src, err := os.ReadFile(f)
			require.NoError(t, err)
			for _, call := range []string{"time.Now(", "time.Since(", "time.Until(", "time.After(", "time.NewTicker("} {
				require.NotContains(t, string(src), call, "%s", f)
			}
		}
	}
}

func TestEveryPackageSaysItsIdea(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 || strings.Contains(p.ImportPath, "/internal/metadata") || strings.HasSuffix(p.ImportPath, "metadatatest") {
			continue
		}
		start := "Package " + p.Name + " "
		if p.Name == "main" {
			start = "Command "
		}
		require.True(t, strings.HasPrefix(p.Doc, start), "%s: its doc begins %q, want %q", p.ImportPath, firstLine(p.Doc), start)
	}
}

func TestEveryPackageIsDocumentedOnce(t *testing.T) {
	for _, p := range packages(t) {
		dir := filepath.Join(scenario.Root(), strings.TrimPrefix(p.ImportPath, module))
		documented := 0
		for _, f := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, f), nil, parser.PackageClauseOnly|parser.ParseComments)
			require.NoError(t, err)
			if file.Doc != nil {
				documented++
			}
		}
		require.LessOrEqual(t, documented, 1, "%s", p.ImportPath)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
