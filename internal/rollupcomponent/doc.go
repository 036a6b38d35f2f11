// Package rollupcomponent is what the rollup exporter and the rollup connector
// share: their configuration, the one engine behind a component id, the way
// from a ledger's snapshot to metrics, to a scrape, to JSON and to the built-in
// page. The books themselves are kept by package rollup, which knows none of
// this.
package rollupcomponent
