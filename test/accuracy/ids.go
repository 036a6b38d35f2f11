package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/scenario"
)

// identityKeys are the stamps of a model's identity, by the columns of the
// file of identities that are known.
var identityKeys = map[string]string{
	"vendor": "model.vendor", "family": "model.family", "version": "model.version",
	"platform": "model.platform", "region": "model.region", "id": "model.id",
}

// checkIDs resolves ids as emitters and catalogues write them.
func checkIDs(data []byte, tick func(done, of int)) ([]verdict, error) {
	known, err := knownIdentities()
	if err != nil {
		return nil, err
	}
	g, err := enter(map[string]any{"stamp": "full"})
	if err != nil {
		return nil, err
	}
	rows := lines(data)
	out := make([]verdict, 0, len(rows))
	n := 0
	ask := func(provider, id string) (stamped, error) {
		td := ptrace.NewTraces()
		priced(td, n, provider, id, vectors[0])
		n++
		if err := g.send(td); err != nil {
			return nil, err
		}
		return stamps(g.taken()[0]), nil
	}
	for i, r := range rows {
		tick(i, len(rows))
		provider, id, _ := strings.Cut(string(r), "\t")
		v := guarded(func() verdict { return identify(ask, provider, id, known[[2]string{provider, id}]) })
		name, _ := json.Marshal([]string{provider, id})
		v.id = string(name)
		out = append(out, v)
	}
	return out, g.leave()
}

// identify checks one id: it has an identity, the known one where one is
// known, and the identity's own name means the same.
func identify(ask func(provider, id string) (stamped, error), provider, id string, known map[string]string) verdict {
	got, err := ask(provider, id)
	if err != nil {
		return missed("an identity", err.Error())
	}
	vendor, model := got.text("model.vendor"), got.text("model.id")
	if vendor == "" || model == "" {
		return missed("a vendor and an id", fmt.Sprintf("vendor %q, id %q, platform %q", vendor, model, got.text("model.platform")))
	}
	for column, want := range known {
		if key, ok := identityKeys[column]; ok && got.text(key) != want {
			return missed(fmt.Sprintf("%s %q", column, want), fmt.Sprintf("%q", got.text(key)))
		}
	}
	again, err := ask(provider, model)
	if err != nil {
		return missed("an identity", err.Error())
	}
	if m := again.text("model.id"); m != model {
		return missed(fmt.Sprintf("%q again of its own id", model), fmt.Sprintf("%q", m))
	}
	return verdict{mark: right}
}

// knownIdentities reads the identities that the fleet's tests pin.
func knownIdentities() (map[[2]string]map[string]string, error) {
	data, err := os.ReadFile(filepath.Join(scenario.Root(), "internal", "fleet", "testdata", "golden.tsv"))
	if err != nil {
		return nil, err
	}
	rows := bytes.Split(bytes.TrimRight(data, "\n"), []byte("\n"))
	columns := strings.Split(string(rows[0]), "\t")
	out := map[[2]string]map[string]string{}
	for _, r := range rows[1:] {
		cells := strings.Split(string(r), "\t")
		if len(cells) != len(columns) || len(columns) < 2 {
			return nil, fmt.Errorf("golden.tsv: %d cells under %d columns: %q", len(cells), len(columns), r)
		}
		row := map[string]string{}
		for i := 2; i < len(cells); i++ {
			row[columns[i]] = cells[i]
		}
		out[[2]string{cells[0], cells[1]}] = row
	}
	return out, nil
}
