package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/scenario"
)

// billCase is a case of pricing: a usage, a price list and what they come to.
type billCase struct {
	ID, Provider, Model, Kind string
	Usage                     map[string]json.RawMessage
	Prices                    map[string]json.RawMessage
	Timestamp                 *time.Time
	Expected                  json.RawMessage `json:"expected_cost_usd"`
	// Status is what the call must be stamped with; "" is priced or reported.
	// Of a partial one the expected cost is the lower bound.
	Status string `json:"expected_status"`
}

// conventional are the counts that the conventions have attributes for.
var conventional = map[string]string{
	"input_tokens": "gen_ai.usage.input_tokens", "output_tokens": "gen_ai.usage.output_tokens",
	"cache_read_tokens": "gen_ai.usage.cache_read.input_tokens", "cache_write_tokens": "gen_ai.usage.cache_write.input_tokens",
	"output_reasoning_tokens": "gen_ai.usage.reasoning.output_tokens",
	"input_audio_tokens":      "gen_ai.usage.audio.input_tokens", "output_audio_tokens": "gen_ai.usage.audio.output_tokens",
	"input_image_tokens": "gen_ai.usage.image.input_tokens", "output_image_tokens": "gen_ai.usage.image.output_tokens",
	"cache_read_audio_tokens": "gen_ai.usage.audio.cache_read.input_tokens", "cache_read_image_tokens": "gen_ai.usage.image.cache_read.input_tokens",
	"input_video_tokens": "gen_ai.usage.video.input_tokens", "output_video_tokens": "gen_ai.usage.video.output_tokens",
}

// mappedFields are read through the processor's mapping, from attributes of
// our own with the prefix.
var mappedFields = []string{
	"cache_write_1h_tokens", "service_tier", "inference_geo", "quality",
	"web_searches", "file_searches", "code_executions", "tool_calls", "input_images", "output_images", "input_pixels", "output_pixels",
	"input_audio_seconds", "output_audio_seconds", "input_video_seconds", "output_video_seconds",
	"input_characters", "output_characters", "pages", "rerank_searches",
}

const ownPrefix = "oracle."

// ticks is the attribute in which a provider reports its own charge, in
// units of 1e-10 dollars.
const ticks = "gen_ai.usage.cost_in_usd_ticks"

func checkPricing(data []byte, tick func(done, of int)) ([]verdict, error) {
	dir, err := os.MkdirTemp("", "accuracy")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	return each(data, tick, func(c *billCase) verdict {
		v := c.check(filepath.Join(dir, "prices.json"))
		v.id = c.ID
		return v
	}), nil
}

// check sends the case through a processor whose price list is the case's.
func (c *billCase) check(file string) verdict {
	expected := strings.Trim(string(c.Expected), `"`)
	want, err := money.ParseRounded(expected)
	if err != nil {
		return missed("a decimal", err.Error())
	}
	if err := c.writePrices(file); err != nil {
		return missed(expected, err.Error())
	}
	td := ptrace.NewTraces()
	start := scenario.Epoch
	if c.Timestamp != nil {
		start = *c.Timestamp
	}
	sp := newSpan(td, 0, pcommon.NewTimestampFromTime(start))
	if c.Provider != "" {
		sp.Attributes().PutStr("gen_ai.provider.name", c.Provider)
	}
	sp.Attributes().PutStr("gen_ai.request.model", c.Model)
	if err := c.putUsage(sp.Attributes()); err != nil {
		return missed(expected, err.Error())
	}
	mapping := map[string]any{}
	for _, f := range mappedFields {
		mapping[f] = fmt.Sprintf("span.attributes[%q]", ownPrefix+f)
	}
	out, err := through(map[string]any{"catalogs": []any{map[string]any{"file": file}}, "mapping": mapping}, td)
	if err != nil {
		return missed(expected, err.Error())
	}
	s := stamps(out[0])
	v := missed(expected, s.told())
	status, got, ok, err := s.bill()
	if err == nil && c.stands(status) && (c.near(got, want) && ok || status == "unpriced_model") {
		v.mark = right
	}
	return v
}

// stands reports whether the call has the standing that the case expects.
func (c *billCase) stands(status string) bool {
	if c.Status != "" {
		return status == c.Status
	}
	return status == "priced" || status == "reported"
}

// near allows what an invoice loses by rounding line by line.
func (c *billCase) near(got, want money.Amount) bool {
	if c.Kind != "invoice" {
		return got == want
	}
	diff := got.Sub(want)
	if diff.Sign() < 0 {
		diff = diff.Neg()
	}
	return diff.Cmp(money.FromPico(10_000_000)) <= 0 // 0.00001
}

// writePrices writes the price list as LiteLLM does.
func (c *billCase) writePrices(file string) error {
	entry := maps.Clone(c.Prices)
	if c.Provider != "" {
		provider, err := json.Marshal(c.Provider)
		if err != nil {
			return err
		}
		entry["litellm_provider"] = provider
	}
	data, err := json.Marshal(map[string]any{c.Model: entry})
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}

// putUsage writes the usage as an emitter would. Counts that the case leaves
// out are zero, and those of input and output are always stated.
func (c *billCase) putUsage(a pcommon.Map) error {
	a.PutInt(conventional["input_tokens"], 0)
	a.PutInt(conventional["output_tokens"], 0)
	for _, key := range slices.Sorted(maps.Keys(c.Usage)) {
		if err := c.put(a, key, c.Usage[key]); err != nil {
			return err
		}
	}
	// Writes may be stated by their duration alone.
	var split int64
	for _, key := range []string{"cache_write_5m_tokens", "cache_write_1h_tokens"} {
		n, _ := number(c.Usage[key])
		split += n
	}
	if n, _ := number(c.Usage["cache_write_tokens"]); split > n {
		a.PutInt(conventional["cache_write_tokens"], split)
	}
	return nil
}

func (c *billCase) put(a pcommon.Map, key string, value json.RawMessage) error {
	var text string
	n, whole := number(value)
	switch attr := conventional[key]; {
	case attr != "" && whole:
		a.PutInt(attr, n)
	case key == "cache_write_5m_tokens" && whole: // what the others leave of the writes
	case key == "provider_reported_cost_usd":
		r, ok := new(big.Rat).SetString(strings.Trim(string(value), `"`))
		if !ok {
			return fmt.Errorf("%s: %s is no number", key, value)
		}
		if r.Mul(r, big.NewRat(10_000_000_000, 1)); !r.IsInt() || !r.Num().IsInt64() {
			return fmt.Errorf("%s: %s is no number of ticks", key, value)
		}
		a.PutInt(ticks, r.Num().Int64())
	case slices.Contains(mappedFields, key) && whole:
		a.PutInt(ownPrefix+key, n)
	case slices.Contains(mappedFields, key) && json.Unmarshal(value, &text) == nil:
		a.PutStr(ownPrefix+key, text)
	case slices.Contains(mappedFields, key):
		a.PutStr(ownPrefix+key, string(value)) // a fraction
	default:
		return fmt.Errorf("usage: %s %s is unknown here", key, value)
	}
	return nil
}

// number reads a JSON integer.
func number(value json.RawMessage) (int64, bool) {
	r, ok := new(big.Rat).SetString(string(value))
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}
