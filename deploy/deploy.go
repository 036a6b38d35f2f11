// Package deploy holds what is shipped for Prometheus and Grafana, so that
// tests hold the very files against a Prometheus and a change of them is never
// answered from a cache.
package deploy

import _ "embed" // the files below

// Rules is the Prometheus rule file.
//
//go:embed prometheus/spanledger.rules.yaml
var Rules []byte

// Dashboard is the Grafana dashboard.
//
//go:embed grafana/spanledger.json
var Dashboard []byte
