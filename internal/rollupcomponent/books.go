package rollupcomponent

import (
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/rollup"
)

// Snapshot implements Books.
func (e *Engine) Snapshot() *rollup.Snapshot {
	snap := e.ledger.Cut(time.Now())
	renameDoubles(snap)
	return snap
}

// Published are the books as a scraper may see them: nothing that a crash
// could take back.
func (e *Engine) Published() Books { return published{e} }

type published struct{ *Engine }

// Snapshot is the live cut where the books are journalled or not kept at all,
// else the newest that was stored.
func (p published) Snapshot() *rollup.Snapshot {
	if snap := p.published.Load(); snap != nil {
		return snap
	}
	return p.Engine.Snapshot()
}

// Receipts implements Books.
func (e *Engine) Receipts(limit int, route string) []rollup.Receipt {
	if route == "" {
		return e.ledger.Receipts(limit)
	}
	var out []rollup.Receipt
	for _, r := range e.ledger.Receipts(e.cfg.Receipts) {
		if r.Route == route && len(out) < limit {
			out = append(out, r)
		}
	}
	return out
}

// Receipt implements Books.
func (e *Engine) Receipt(key llm.SpanKey) (rollup.Receipt, bool) {
	return e.ledger.Receipt(key.Trace, key.Span)
}

// Fleet implements Books.
func (e *Engine) Fleet() Fleet { return e.fleet.state() }

// About says under which assumptions the figures stand.
func (e *Engine) About() About {
	sampling := e.cfg.Sampling.Upstream
	if !sampling.declared() {
		sampling = SamplingNone
	}
	return About{Sampling: string(sampling), Scope: e.cfg.Scope, Version: e.set.Build.Version}
}

// renameDoubles tells a default SLO from a declared one that took its name, so
// that a name stays one series.
func renameDoubles(snap *rollup.Snapshot) {
	declared := map[string]bool{}
	for i := range snap.SLOs {
		if snap.SLOs[i].Declared {
			declared[snap.SLOs[i].Name] = true
		}
	}
	for i := range snap.SLOs {
		if s := &snap.SLOs[i]; !s.Declared && declared[s.Name] {
			s.Name += "@default"
		}
	}
}
