package pricefile

import (
	"math"
	"strconv"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
)

// liteKey is what a cost key without its suffixes prices.
type liteKey struct {
	items []price.Item
	per   int64
	// vague keys stand back where a key that says more precisely what it
	// prices is there too.
	vague bool
}

func perToken(b llm.Bucket) liteKey { return liteKey{items: []price.Item{price.Tokens(b)}, per: 1} }

func perUnit(per int64, u ...llm.Unit) liteKey {
	k := liteKey{per: per}
	for _, unit := range u {
		k.items = append(k.items, price.Units(unit))
	}
	return k
}

func vague(k liteKey) liteKey { k.vague = true; return k }

const second = 1000 // in milliseconds, as units count

// liteKeys are the cost keys. Not among them, on purpose: prices in units that
// are no money (dbu), of things that no span tells (annotations, video longer
// than some seconds, audio written to a cache), and storage by the day.
var liteKeys = map[string]liteKey{
	"input_cost_per_token":                      perToken(llm.Input),
	"output_cost_per_token":                     perToken(llm.Output),
	"output_cost_per_reasoning_token":           perToken(llm.Reasoning),
	"cache_read_input_token_cost":               perToken(llm.CacheRead),
	"input_cost_per_token_cache_hit":            vague(perToken(llm.CacheRead)),
	"cache_creation_input_token_cost":           perToken(llm.CacheWrite),
	"cache_creation_input_token_cost_above_1hr": perToken(llm.CacheWrite1h),
	"cache_read_input_audio_token_cost":         perToken(llm.CacheReadAudio),
	"cache_read_input_image_token_cost":         perToken(llm.CacheReadImage),
	"input_cost_per_audio_token":                perToken(llm.InputAudio),
	"output_cost_per_audio_token":               perToken(llm.OutputAudio),
	"input_cost_per_image_token":                perToken(llm.InputImage),
	"output_cost_per_image_token":               perToken(llm.OutputImage),
	"input_cost_per_video_token":                perToken(llm.InputVideo),
	"output_cost_per_video_token":               perToken(llm.OutputVideo),
	"citation_cost_per_token":                   perToken(llm.Citation),
	"input_cost_per_image":                      perUnit(1, llm.InputImages),
	"output_cost_per_image":                     perUnit(1, llm.OutputImages),
	"input_cost_per_pixel":                      perUnit(1, llm.InputPixels),
	"output_cost_per_pixel":                     perUnit(1, llm.OutputPixels),
	"input_cost_per_character":                  perUnit(1, llm.InputCharacters),
	"output_cost_per_character":                 perUnit(1, llm.OutputCharacters),
	"input_cost_per_second":                     vague(perUnit(second, llm.InputAudioMillis, llm.InputVideoMillis)),
	"output_cost_per_second":                    vague(perUnit(second, llm.OutputAudioMillis, llm.OutputVideoMillis)),
	"input_cost_per_audio_per_second":           perUnit(second, llm.InputAudioMillis),
	"output_cost_per_audio_per_second":          perUnit(second, llm.OutputAudioMillis),
	"input_cost_per_video_per_second":           perUnit(second, llm.InputVideoMillis),
	"output_cost_per_video_per_second":          perUnit(second, llm.OutputVideoMillis),
	"input_cost_per_query":                      perUnit(1, llm.RerankSearches),
	"input_cost_per_request":                    {items: []price.Item{price.PerRequest}, per: 1},
	"output_cost_per_request":                   {items: []price.Item{price.PerRequest}, per: 1},
	"ocr_cost_per_page":                         perUnit(1, llm.Pages),
	"code_interpreter_cost_per_session":         perUnit(1, llm.CodeExecutions),
	"file_search_cost_per_1k_calls":             perUnit(1000, llm.FileSearches),
}

// suffix is what a cost key says besides what it prices.
type suffix struct {
	tier, quality string
	above         int64 // tokens of total input
}

var tierSuffixes = map[string]string{
	"_batches": "batch", "_flex": "flex", "_priority": "priority", "_fast": "fast", "_ultrafast": "ultrafast",
}

// costKey takes a key apart. The service tier and the threshold may follow each
// other in either order: "..._above_272k_tokens_priority" is LiteLLM's,
// "..._flex_above_272k_tokens" is Bifrost's.
func costKey(key string) (liteKey, suffix, bool) {
	var s suffix
	if !strings.Contains(key, "cost") {
		return liteKey{}, s, false
	}
	for base := key; ; {
		if k, ok := liteKeys[base]; ok {
			return k, s, true
		}
		if rest, word, ok := cutQuality(base); ok && s.quality == "" {
			base, s.quality = rest, word
			continue
		}
		switch rest, above, ok := cutThreshold(base); {
		case ok && s.above == 0:
			base, s.above = rest, above
		default:
			i := strings.LastIndexByte(base, '_')
			if i < 0 {
				return liteKey{}, s, false
			}
			tail := base[i:]
			switch tier := tierSuffixes[tail]; {
			case tier != "" && s.tier == "":
				s.tier = tier
			case isResolution(tail[1:]) && s.quality == "":
				s.quality = tail[1:]
			default:
				return liteKey{}, s, false
			}
			base = base[:i]
		}
	}
}

// cutThreshold cuts "_above_272k_tokens" off.
func cutThreshold(key string) (rest string, above int64, ok bool) {
	head, ok := strings.CutSuffix(key, "_tokens")
	if !ok {
		return "", 0, false
	}
	i := strings.LastIndex(head, "_above_")
	if i < 0 {
		return "", 0, false
	}
	number, thousand := strings.CutSuffix(head[i+len("_above_"):], "k")
	above, err := strconv.ParseInt(number, 10, 64)
	if err != nil || above <= 0 || above > 1_000_000_000 {
		return "", 0, false
	}
	if thousand {
		above *= 1000
	}
	return head[:i], above, true
}

// cutQuality cuts "_high_quality" off.
func cutQuality(key string) (rest, word string, ok bool) {
	head, ok := strings.CutSuffix(key, "_quality")
	i := strings.LastIndexByte(head, '_')
	if !ok || i < 0 {
		return "", "", false
	}
	switch word = head[i+1:]; word {
	case "low", "medium", "high", "standard", "hd", "auto":
		return head[:i], word, true
	}
	return "", "", false
}

// isResolution reports whether the word is "1080p" or the like.
func isResolution(s string) bool {
	number, ok := strings.CutSuffix(s, "p")
	if !ok {
		return s == "4k" || s == "hd"
	}
	_, err := strconv.ParseUint(number, 10, 16)
	return err == nil
}

// costs reads the fields of an entry that are prices: those that say precisely
// what they price first, so that vague ones only fill what is left.
func (e *liteEntry) costs() {
	for _, vague := range [2]bool{false, true} {
		for _, field := range e.n.members {
			k, s, ok := costKey(field.key)
			if !ok || k.vague != vague {
				continue
			}
			if r, ok := e.rate(field.key, field.value, k.per); ok {
				e.put(k, s, r)
			}
		}
	}
}

func (e *liteEntry) put(k liteKey, s suffix, r money.Rate) {
	rates := e.list(s)
	for _, item := range k.items {
		if had := rates.At(item, 0); item == price.PerRequest && had.IsSet() && had.Per == r.Per && had.Femto <= math.MaxInt64-r.Femto {
			r.Femto += had.Femto // a request has both sides
		}
		if !k.vague || !rates.Has(item) {
			rates.SetAbove(item, s.above, r)
		}
	}
}

// painted gives what a model paints the price that stands under its input:
// LiteLLM multiplies the pixels and the number of generated pictures by the
// input's price for models of this mode.
func (e *liteEntry) painted() {
	if e.n.get("mode").str() != "image_generation" {
		return
	}
	for in, out := range map[llm.Unit]llm.Unit{llm.InputPixels: llm.OutputPixels, llm.InputImages: llm.OutputImages} {
		if r := e.standard.Get(price.Units(out)); r.IsSet() && r.Femto > 0 || e.standard.Has(price.Tokens(llm.OutputImage)) {
			continue
		}
		e.standard.Set(price.Units(out), e.standard.Get(price.Units(in)))
	}
}
