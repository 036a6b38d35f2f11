package pricefile

import (
	"strconv"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

// genaiUnit is the suffix of a price key: what the price is for.
type genaiUnit struct {
	suffix string
	per    int64 // of our own counts: tokens, things, milliseconds
}

var genaiUnits = []genaiUnit{
	{"_mtok", 1e6}, {"_kcount", 1e3}, {"_hours", 3_600_000}, {"_kpages", 1e3}, {"_gpixels", 1e9}, {"_mchars", 1e6},
}

// genaiKeys are the price keys that stand for something we count. The text
// keys are the children of those without a modality.
var genaiKeys = map[string]price.Item{
	"input_mtok":                 price.Tokens(llm.Input),
	"output_mtok":                price.Tokens(llm.Output),
	"cache_read_mtok":            price.Tokens(llm.CacheRead),
	"cache_write_mtok":           price.Tokens(llm.CacheWrite),
	"cache_write_5m_mtok":        price.Tokens(llm.CacheWrite),
	"cache_write_1h_mtok":        price.Tokens(llm.CacheWrite1h),
	"cache_text_read_mtok":       price.Tokens(llm.CacheRead),
	"cache_text_write_mtok":      price.Tokens(llm.CacheWrite),
	"cache_text_write_5m_mtok":   price.Tokens(llm.CacheWrite),
	"cache_text_write_1h_mtok":   price.Tokens(llm.CacheWrite1h),
	"input_audio_mtok":           price.Tokens(llm.InputAudio),
	"cache_audio_read_mtok":      price.Tokens(llm.CacheReadAudio),
	"input_image_mtok":           price.Tokens(llm.InputImage),
	"cache_image_read_mtok":      price.Tokens(llm.CacheReadImage),
	"input_video_mtok":           price.Tokens(llm.InputVideo),
	"output_audio_mtok":          price.Tokens(llm.OutputAudio),
	"output_image_mtok":          price.Tokens(llm.OutputImage),
	"output_video_mtok":          price.Tokens(llm.OutputVideo),
	"output_reasoning_mtok":      price.Tokens(llm.Reasoning),
	"output_text_reasoning_mtok": price.Tokens(llm.Reasoning),
	"output_citation_mtok":       price.Tokens(llm.Citation),
	"output_text_citation_mtok":  price.Tokens(llm.Citation),
	"web_searches_kcount":        price.Units(llm.WebSearches),
	"storage_searches_kcount":    price.Units(llm.FileSearches),
	"code_executions_kcount":     price.Units(llm.CodeExecutions),
	"rerank_searches_kcount":     price.Units(llm.RerankSearches),
	"requests_kcount":            price.PerRequest,
	"input_document_kpages":      price.Units(llm.Pages),
	"input_audio_hours":          price.Units(llm.InputAudioMillis),
	"output_audio_hours":         price.Units(llm.OutputAudioMillis),
	"input_gpixels":              price.Units(llm.InputPixels),
	"input_mchars":               price.Units(llm.InputCharacters),
}

// genaiSpread are keys for more than one of our items: each takes the price
// where it has none of its own.
var genaiSpread = map[string][]price.Item{
	"audio_hours":      {price.Units(llm.InputAudioMillis), price.Units(llm.OutputAudioMillis)},
	"input_text_mtok":  {price.Tokens(llm.Input)},
	"output_text_mtok": {price.Tokens(llm.Output)},
}

// genaiTextChildren are the items that a text price does not reach: they keep
// the price of the key without a modality.
var genaiTextChildren = map[string][]price.Item{
	"input_text_mtok":  {price.Tokens(llm.InputAudio), price.Tokens(llm.InputImage), price.Tokens(llm.InputVideo)},
	"output_text_mtok": {price.Tokens(llm.OutputAudio), price.Tokens(llm.OutputImage), price.Tokens(llm.OutputVideo)},
}

// genaiRates reads one price object. Keys of things that we do not count are
// passed over; a key that we know under another unit is refused, because the
// wrong suffix is off by a factor of a thousand.
func (d *document) genaiRates(id string, n *node) price.Rates {
	if n.kind == kindNull {
		return nil
	}
	if !n.isObject() {
		d.fail(n.offset, "model %q: prices must be an object, not a %s", id, n.kind)
		return nil
	}
	var rates price.Rates
	for _, m := range n.members {
		item, ok := genaiKeys[m.key]
		if !ok {
			d.genaiKnownElsewhere(id, m)
			continue
		}
		d.genaiPrice(id, m, func(above int64, r money.Rate) { rates.SetAbove(item, above, r) })
	}
	for _, m := range n.members {
		items, ok := genaiSpread[m.key]
		if !ok {
			continue
		}
		for _, child := range genaiTextChildren[m.key] {
			if !rates.Has(child) {
				copyPrices(&rates, child, items[0])
			}
		}
		for _, item := range items {
			if m.key == "audio_hours" && rates.Has(item) {
				continue
			}
			rates = withoutItem(rates, item)
			d.genaiPrice(id, m, func(above int64, r money.Rate) { rates.SetAbove(item, above, r) })
		}
	}
	return rates
}

func copyPrices(rates *price.Rates, to, from price.Item) {
	for _, p := range *rates {
		if p.Item == from {
			rates.SetAbove(to, p.Above, p.Rate)
		}
	}
}

func withoutItem(rates price.Rates, item price.Item) price.Rates {
	out := rates[:0:0]
	for _, p := range rates {
		if p.Item != item {
			out = append(out, p)
		}
	}
	return out
}

// genaiKnownElsewhere fails on a key whose stem is priced in another unit.
func (d *document) genaiKnownElsewhere(id string, m member) {
	if _, ok := genaiSpread[m.key]; ok {
		return
	}
	stem, ok := genaiStem(m.key)
	if !ok {
		return
	}
	for _, u := range genaiUnits {
		if _, ok := genaiKeys[stem+u.suffix]; ok {
			d.fail(m.offset, "model %q: %s is not a price key, did you mean %s?", id, m.key, stem+u.suffix)
			return
		}
	}
}

func genaiStem(key string) (string, bool) {
	for _, u := range genaiUnits {
		if stem, ok := strings.CutSuffix(key, u.suffix); ok {
			return stem, true
		}
	}
	return "", false
}

func genaiPer(key string) int64 {
	for _, u := range genaiUnits {
		if strings.HasSuffix(key, u.suffix) {
			return u.per
		}
	}
	return 1
}

// genaiPrice reads a number, or {base, tiers: [{start, price}]}: the price of a
// tier holds for requests with more input than start, strictly.
func (d *document) genaiPrice(id string, m member, set func(above int64, r money.Rate)) {
	v, per := m.value, genaiPer(m.key)
	if v.kind == kindNull {
		return
	}
	if !v.isObject() {
		if r, ok := d.genaiRate(id, m.key, v, per); ok {
			set(0, r)
		}
		return
	}
	base := v.get("base")
	if base == nil {
		d.fail(v.offset, "model %q: %s has tiers but no base", id, m.key)
		return
	}
	if r, ok := d.genaiRate(id, m.key, base, per); ok {
		set(0, r)
	}
	tiers := v.get("tiers")
	if tiers == nil {
		return
	}
	for _, tier := range tiers.items {
		text, _ := tier.get("start").decimal()
		start, err := strconv.ParseInt(text, 10, 64)
		if err != nil || start < 0 {
			d.fail(tier.offset, "model %q: %s: start %q of a tier is no token count", id, m.key, text)
			continue
		}
		if r, ok := d.genaiRate(id, m.key, tier.get("price"), per); ok {
			set(start, r)
		}
	}
}

func (d *document) genaiRate(id, key string, n *node, per int64) (money.Rate, bool) {
	text, ok := n.decimal()
	if !ok {
		at := 0
		if n != nil {
			at = n.offset
		}
		d.fail(at, "model %q: %s needs a price", id, key)
		return money.Rate{}, false
	}
	r, err := money.NewRate(text, per)
	if err != nil {
		d.fail(n.offset, "model %q: %s: %v", id, key, err)
		return money.Rate{}, false
	}
	return r, true
}
