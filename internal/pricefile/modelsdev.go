package pricefile

import (
	"strconv"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// modelsDev reads the api.json of models.dev: an object of providers, each
// with an object of models whose cost is USD per million tokens. Ids are
// exact. A model without a cost is a row without prices: known, not free.
var modelsDev = format{name: "models.dev", detect: isModelsDev, parse: parseModelsDev}

func isModelsDev(d *document) bool {
	if !d.root.isObject() || len(d.root.members) == 0 {
		return false
	}
	for _, m := range d.root.members {
		if !m.value.isObject() || !m.value.get("models").isObject() {
			return false
		}
	}
	return true
}

func parseModelsDev(d *document) price.Table {
	var t price.Table
	for _, p := range d.root.members {
		platform := price.Platform(p.key)
		for _, m := range p.value.get("models").members {
			if row, ok := d.modelsDevRow(platform, m); ok {
				t.Rows = append(t.Rows, row)
			}
		}
	}
	return t
}

func (d *document) modelsDevRow(platform string, m member) (price.Row, bool) {
	if !m.value.isObject() {
		d.fail(m.offset, "model %q must be an object, not a %s", m.key, m.value.kind)
		return price.Row{}, false
	}
	if m.key == "" {
		d.fail(m.offset, "a model of %q needs an id", platform)
		return price.Row{}, false
	}
	row := price.Row{Platform: platform, ID: m.key, Vendor: genaiVendor(platform), Pos: d.pos(m.offset)}
	if id := m.value.get("id").str(); id != "" && id != m.key {
		row.Aliases = []string{id}
	}
	if cost := m.value.get("cost"); cost != nil && cost.kind != kindNull {
		row.Entries = []price.Entry{{Rates: d.modelsDevRates(m.key, cost)}}
	}
	if modes := m.value.get("experimental").get("modes"); modes.isObject() {
		for _, mode := range modes.members {
			if v, ok := d.modelsDevMode(m.key, mode); ok {
				row.Variants = append(row.Variants, v)
			}
		}
	}
	row.ContextWindow = metadata(m.value.get("limit").get("context"))
	row.MaxOutput = metadata(m.value.get("limit").get("output"))
	switch m.value.get("status").str() {
	case "alpha", "beta":
		row.Lifecycle = stamp.LifecyclePreview
	case "deprecated":
		row.Lifecycle = stamp.LifecycleDeprecated
	}
	return row, true
}

// metadata reads a count that no price depends on: what is no number is unknown.
func metadata(n *node) int64 {
	text, _ := n.decimal()
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < 0 {
		return 0
	}
	return v
}

var modelsDevKeys = map[string]price.Item{
	"input": price.Tokens(llm.Input), "output": price.Tokens(llm.Output), "reasoning": price.Tokens(llm.Reasoning),
	"cache_read": price.Tokens(llm.CacheRead), "cache_write": price.Tokens(llm.CacheWrite),
	"input_audio": price.Tokens(llm.InputAudio), "output_audio": price.Tokens(llm.OutputAudio),
}

const mtok = 1_000_000

// modelsDevRates reads a cost with its context tiers. The older field for
// prices above 200,000 tokens repeats a single tier even where the threshold
// is higher, so it counts only where there are no tiers.
func (d *document) modelsDevRates(id string, cost *node) price.Rates {
	var rates price.Rates
	if !d.modelsDevCost(id, cost, 0, &rates) {
		return nil
	}
	tiers, legacy := cost.get("tiers"), cost.get("context_over_200k")
	switch {
	case tiers != nil && tiers.kind == kindArray && len(tiers.items) > 0:
		seen := map[int64]bool{}
		for _, tier := range tiers.items {
			size := tier.get("tier")
			if kind := size.get("type").str(); kind != "" && kind != "context" {
				d.fail(tier.offset, "model %q: a tier by %q is not known", id, kind)
				continue
			}
			above := metadata(size.get("size"))
			if above == 0 || seen[above] {
				d.fail(tier.offset, "model %q: a tier needs a size of its own", id)
				continue
			}
			seen[above] = true
			d.modelsDevCost(id, tier, above, &rates)
		}
	case legacy != nil && legacy.kind != kindNull:
		d.modelsDevCost(id, legacy, 200_000, &rates)
	}
	return rates
}

func (d *document) modelsDevCost(id string, cost *node, above int64, rates *price.Rates) bool {
	if !cost.isObject() {
		d.fail(cost.offset, "model %q: a cost must be an object, not a %s", id, cost.kind)
		return false
	}
	for _, m := range cost.members {
		item, ok := modelsDevKeys[m.key]
		if !ok || m.value.kind == kindNull {
			continue
		}
		text, ok := m.value.decimal()
		if !ok {
			d.fail(m.offset, "model %q: %s must be a number, not a %s", id, m.key, m.value.kind)
			continue
		}
		rate, err := money.NewRate(text, mtok)
		if err != nil {
			d.fail(m.offset, "model %q: %s: %v", id, m.key, err)
			continue
		}
		rates.SetAbove(item, above, rate)
	}
	return true
}

// modelsDevMode reads a mode with prices of its own. The request field that
// selects it tells what the response calls the tier that served.
func (d *document) modelsDevMode(id string, mode member) (price.Variant, bool) {
	cost := mode.value.get("cost")
	if cost == nil || cost.kind == kindNull {
		return price.Variant{}, false
	}
	names := []string{strings.ToLower(mode.key)}
	if body := mode.value.get("provider").get("body"); body.isObject() {
		for _, m := range body.members {
			if v := m.value.str(); (m.key == "service_tier" || m.key == "speed") && v != "" && v != mode.key {
				names = append(names, v)
			}
		}
	}
	v := price.Variant{Name: names[0], If: []price.Condition{price.Tier(names...)}, Rates: d.modelsDevRates(id, cost)}
	return v, len(v.Rates) > 0
}
