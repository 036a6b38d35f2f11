package pricefile

import (
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// genaiPrices reads the data.json of pydantic/genai-prices, v2 and v3: a list
// of providers with models, whose match clauses are tried in file order.
//
// The start of a tier, dates, times of day and price variants mean what they
// mean upstream, with four exceptions: a literal never ends inside a version
// (see [price.Clause]), nor does it take a longer name that is another model's
// (see [price.Table], Wary), an empty price list is no price instead of a free
// one, and a look-ahead at the start of an expression becomes an exclusion,
// because Go's expressions have none.
var genaiPrices = format{name: "genai-prices", detect: isGenAIPrices, parse: parseGenAIPrices}

func isGenAIPrices(d *document) bool {
	if d.root == nil || d.root.kind != kindArray || len(d.root.items) == 0 {
		return false
	}
	first := d.root.items[0]
	return first.isObject() && first.get("id").str() != "" && first.get("models") != nil && first.get("models").kind == kindArray
}

func parseGenAIPrices(d *document) price.Table {
	t := price.Table{Wary: true}
	for _, n := range d.root.items {
		if !n.isObject() {
			d.fail(n.offset, "a provider must be an object, not a %s", n.kind)
			continue
		}
		for _, row := range d.genaiProvider(n) {
			for _, platform := range genaiPlatforms(n.get("id").str(), row.ID) {
				row.Platform = platform
				t.Rows = append(t.Rows, row)
			}
		}
	}
	return t
}

// genaiPlatforms says which platforms of ours serve a model of a provider.
// Google's one list is that of two platforms: Gemini is on both, Claude and the
// managed open models on Vertex AI. Azure's two platforms share one list. Who borrows
// whose prices (fallback_model_providers) is the book's knowledge, not the
// file's.
func genaiPlatforms(provider, model string) []string {
	switch provider {
	case "google":
		switch {
		case strings.HasPrefix(model, "claude"), strings.HasSuffix(model, "-maas"):
			return []string{"gcp.vertex_ai"}
		case strings.HasPrefix(model, "gemini"):
			return []string{"gcp.gemini", "gcp.vertex_ai"}
		}
	case "azure":
		return []string{"azure.ai.inference", "azure.ai.openai"}
	case "voyageai":
		return []string{"voyage_ai"}
	case "zai":
		return []string{"z_ai"}
	case "zhipuai":
		return []string{"zhipu_ai"}
	}
	return []string{price.Platform(strings.ReplaceAll(provider, "huggingface_fireworks-ai", "huggingface_fireworks_ai"))}
}

func (d *document) genaiProvider(n *node) []price.Row {
	id, models := n.get("id").str(), n.get("models")
	if id == "" {
		d.fail(n.offset, "a provider needs an id")
	}
	if models == nil || models.kind != kindArray {
		d.fail(n.offset, "provider %q: models must be a list", id)
		return nil
	}
	rows := make([]price.Row, 0, len(models.items))
	for _, m := range models.items {
		if row, ok := d.genaiModel(id, m); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

func (d *document) genaiModel(provider string, n *node) (price.Row, bool) {
	id := n.get("id").str()
	if id == "" {
		d.fail(n.offset, "a model of %q needs an id", provider)
		return price.Row{}, false
	}
	row := price.Row{ID: id, Vendor: genaiVendor(provider), Pos: d.pos(n.offset)}
	if m := n.get("match"); m != nil {
		d.genaiMatch(m, &row)
	}
	prices := n.get("prices")
	switch {
	case prices == nil:
		d.fail(n.offset, "model %q has no prices", id)
	case prices.kind == kindArray:
		row.Entries = d.genaiEntries(id, prices)
	default:
		row.Entries = []price.Entry{{Rates: d.genaiRates(id, prices)}}
	}
	if v := n.get("price_variants"); v != nil && v.kind != kindNull {
		row.Variants = d.genaiVariants(id, v, row.Entries)
	}
	row.ContextWindow = metadata(n.get("context_window"))
	if dep := n.get("deprecated"); dep != nil && dep.text == "true" {
		row.Lifecycle = stamp.LifecycleDeprecated
	}
	return row, true
}

// genaiVendor is the maker where a provider serves nothing but its own models.
func genaiVendor(provider string) string {
	switch provider {
	case "anthropic", "openai", "deepseek", "cohere", "perplexity", "minimax":
		return provider
	}
	return ""
}

// genaiEntries reads a list of conditional prices: the last whose constraint
// holds wins, as with [price.Entry]; where none holds, the first is taken.
func (d *document) genaiEntries(id string, list *node) []price.Entry {
	out := make([]price.Entry, 0, len(list.items))
	for _, n := range list.items {
		if !n.isObject() || n.get("prices") == nil {
			d.fail(n.offset, "model %q: a conditional price needs prices", id)
			continue
		}
		out = append(out, price.Entry{When: d.genaiConstraint(id, n.get("constraint")), Rates: d.genaiRates(id, n.get("prices"))})
	}
	if len(out) > 0 && out[0].When != (price.Period{}) {
		out = slices.Insert(out, 0, price.Entry{Rates: out[0].Rates})
	}
	return out
}

func (d *document) genaiConstraint(id string, n *node) (when price.Period) {
	if n == nil || n.kind == kindNull {
		return when
	}
	if !n.isObject() {
		d.fail(n.offset, "model %q: a constraint must be an object, not a %s", id, n.kind)
		return when
	}
	if start := n.get("start_date"); start != nil {
		at, err := time.Parse(time.DateOnly, start.text)
		if err != nil {
			if at, err = time.Parse(time.RFC3339, start.text); err != nil {
				d.fail(start.offset, "model %q: start_date %q is no date", id, start.text)
			}
		}
		when.From = at.UTC()
	}
	from, to := n.get("start_time"), n.get("end_time")
	switch {
	case from != nil && to != nil:
		when.Schedule = &price.Schedule{Windows: []price.Window{{From: d.genaiTime(id, from), To: d.genaiTime(id, to)}}}
	case from != nil || to != nil:
		d.fail(n.offset, "model %q: a time of day needs start_time and end_time", id)
	case n.get("start_date") == nil:
		d.fail(n.offset, "model %q: constraint of a kind that is not known", id)
	}
	return when
}

// genaiTime reads a time of day with or without an offset as seconds of a UTC day.
func (d *document) genaiTime(id string, n *node) int {
	for _, layout := range []string{"15:04:05Z07:00", "15:04Z07:00", "15:04:05", "15:04"} {
		if t, err := time.Parse(layout, n.text); err == nil {
			h, m, s := t.UTC().Clock()
			return h*3600 + m*60 + s
		}
	}
	d.fail(n.offset, "model %q: %q is no time of day", id, n.text)
	return 0
}
