package pricefile

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

// liteLLM is the format of LiteLLM's model_prices_and_context_window.json, with
// the keys that Bifrost's data sheet adds: one object, model to entry, prices
// for single things in US dollars. Keys that are not known are ignored, and so
// are entries that describe no model.
var liteLLM = format{name: "litellm", detect: isLiteLLM, parse: parseLiteLLM}

// isLiteLLM looks for an entry with a cost key or a provider, among the first
// entries: the very first is often a sample.
func isLiteLLM(d *document) bool {
	if !d.root.isObject() {
		return false
	}
	for i, m := range d.root.members {
		if i == 64 {
			break
		}
		if isLiteLLMEntry(m.value) {
			return true
		}
	}
	return false
}

func isLiteLLMEntry(n *node) bool {
	if !n.isObject() {
		return false
	}
	for _, m := range n.members {
		if _, _, ok := costKey(m.key); ok || m.key == "litellm_provider" || m.key == "tiered_pricing" {
			return true
		}
	}
	return false
}

func parseLiteLLM(d *document) price.Table {
	var t price.Table
	for _, m := range d.root.members {
		if m.key == "sample_spec" || !isLiteLLMEntry(m.value) {
			continue
		}
		if row, ok := d.liteRow(m); ok {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// liteRow reads one entry. An entry without any price becomes a row without
// entries, which tells of the context window and leaves the price to others.
func (d *document) liteRow(m member) (price.Row, bool) {
	if strings.TrimSpace(m.key) == "" {
		d.fail(m.offset, "an entry has no model name")
		return price.Row{}, false
	}
	e := liteEntry{d: d, n: m.value, name: m.key}
	row := price.Row{Pos: d.pos(m.offset)}
	e.identify(&row)
	e.costs()
	e.tiered()
	e.search(row.Platform)
	e.painted()
	if len(e.standard) > 0 || len(e.services) > 0 { // prices may be those of qualities alone
		row.Entries = []price.Entry{{Rates: e.standard}}
		e.offPeakPrices(&row)
	}
	row.Variants = e.variants()
	row.Uplifts = e.uplifts()
	e.offPeakFactor(&row)
	e.facts(&row)
	return row, true
}

// liteEntry is one entry on its way to a row.
type liteEntry struct {
	d        *document
	n        *node
	name     string
	standard price.Rates
	services []service // in order of first mention
}

// service is a service tier or a quality of media with prices of its own.
type service struct {
	suffix // without the threshold
	rates  price.Rates
	above  bool // some price has a context threshold
}

// list is the price list that keys of a suffix go to.
func (e *liteEntry) list(s suffix) *price.Rates {
	above := s.above > 0
	if s.above = 0; s == (suffix{}) {
		return &e.standard
	}
	for i := range e.services {
		if o := &e.services[i]; o.suffix == s {
			o.above = o.above || above
			return &o.rates
		}
	}
	e.services = append(e.services, service{suffix: s, above: above})
	return &e.services[len(e.services)-1].rates
}

// identify splits the name into platform and id. The provider's own field
// decides; without it the first part of the name does, if it is a platform.
func (e *liteEntry) identify(row *price.Row) {
	id := strings.TrimSpace(e.name)
	provider := e.n.get("litellm_provider").str()
	first, rest, cut := strings.Cut(id, "/")
	switch {
	case provider != "":
		row.Platform = price.Platform(provider)
		if cut && (strings.EqualFold(first, provider) || price.Platform(first) == row.Platform) {
			id = rest
		}
	case cut:
		if platform, ok := price.KnownPlatform(first); ok {
			row.Platform, id = platform, rest
		}
	}
	row.ID = id
	if id != e.name {
		row.Aliases = []string{e.name}
	}
	lower := strings.ToLower(id)
	switch {
	case strings.Contains(lower, "claude"):
		row.Vendor = "anthropic"
	default:
		row.Vendor = price.VendorOf(row.Platform)
	}
	row.Currency = e.n.get("currency").str()
	row.Surcharge = strings.HasPrefix(row.Platform, "azure.") && (strings.Contains(lower, "model_router") || strings.Contains(lower, "model-router"))
}

// rate reads a price for so many things; null and "" are no price.
func (e *liteEntry) rate(key string, n *node, per int64) (money.Rate, bool) {
	if n == nil || n.kind == kindNull || (n.kind == kindString && strings.TrimSpace(n.text) == "") {
		return money.Rate{}, false
	}
	text, ok := n.decimal()
	if !ok {
		e.d.fail(n.offset, "%q: %s must be a number, not a %s", e.name, key, n.kind)
		return money.Rate{}, false
	}
	r, err := money.NewRate(text, per)
	if err != nil {
		e.d.fail(n.offset, "%q: %s: %w", e.name, key, err)
		return money.Rate{}, false
	}
	return r, true
}

// facts takes what is no price: windows and the date of retirement.
func (e *liteEntry) facts(row *price.Row) {
	row.ContextWindow = wholeNumber(e.n.get("max_input_tokens"))
	if row.ContextWindow == 0 {
		row.ContextWindow = wholeNumber(e.n.get("max_tokens"))
	}
	row.MaxOutput = wholeNumber(e.n.get("max_output_tokens"))
	if date := e.n.get("deprecation_date").str(); date != "" {
		if _, err := time.Parse(time.DateOnly, date); err == nil {
			row.RetirementDate = date
		}
	}
}

// wholeNumber reads a count that was written as any kind of number; 0 for
// everything that is none.
func wholeNumber(n *node) int64 {
	text, ok := n.decimal()
	if !ok {
		return 0
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < 0 || f > 1e15 || f != math.Trunc(f) {
		return 0
	}
	return int64(f)
}

// search reads the price of web searches, given as one number or by context
// size, of which medium is every provider's default. Google bills a request
// that searched once, unless the entry says "per_query".
func (e *liteEntry) search(platform string) {
	n := e.n.get("search_context_cost_per_query")
	if n.isObject() {
		for _, size := range [3]string{"search_context_size_medium", "search_context_size_high", "search_context_size_low"} {
			if of := n.get(size); of != nil && of.kind != kindNull {
				n = of
				break
			}
		}
		if n.isObject() {
			return
		}
	}
	r, ok := e.rate("search_context_cost_per_query", n, 1)
	if !ok {
		return
	}
	item := price.Units(llm.WebSearches)
	if strings.HasPrefix(platform, "gcp.") && e.n.get("web_search_billing_unit").str() != "per_query" {
		item = price.PerSearchRequest
	}
	e.standard.Set(item, r)
}
