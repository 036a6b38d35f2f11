package pricefile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/stamp"
)

// oracleRow is one case of the pricing oracle; see the README beside it.
type oracleRow struct {
	ID, Provider, Model string
	Usage               map[string]any
	Prices              map[string]string
	Timestamp           *time.Time
	Expected            string `json:"expected_cost_usd"`
}

func (r *oracleRow) count(key string) int64 {
	f, _ := r.Usage[key].(float64)
	return int64(f)
}

func (r *oracleRow) text(key string) string {
	s, _ := r.Usage[key].(string)
	return s
}

// usage turns the oracle's nested counts into disjoint buckets.
func (r *oracleRow) usage() *llm.Usage {
	u := &llm.Usage{Known: true}
	write, hour := r.count("cache_write_tokens"), r.count("cache_write_1h_tokens")
	u.Tokens[llm.CacheWrite1h] = hour
	u.Tokens[llm.CacheWrite] = max(write-hour, r.count("cache_write_5m_tokens"))
	u.Tokens[llm.CacheRead] = r.count("cache_read_tokens")
	u.Tokens[llm.InputAudio] = r.count("input_audio_tokens")
	u.Tokens[llm.Input] = r.count("input_tokens") - write - u.Tokens[llm.CacheRead] - u.Tokens[llm.InputAudio]
	u.Tokens[llm.Reasoning] = r.count("output_reasoning_tokens")
	u.Tokens[llm.OutputAudio] = r.count("output_audio_tokens")
	u.Tokens[llm.OutputImage] = r.count("output_image_tokens")
	u.Tokens[llm.Output] = r.count("output_tokens") - u.Tokens[llm.Reasoning] - u.Tokens[llm.OutputAudio] - u.Tokens[llm.OutputImage]
	u.Units[llm.WebSearches] = r.count("web_searches")
	u.Units[llm.InputImages] = r.count("input_images")
	u.Units[llm.OutputImages] = r.count("output_images")
	u.Units[llm.OutputPixels] = r.count("output_pixels")
	u.Units[llm.InputAudioMillis] = 1000 * r.count("input_audio_seconds")
	u.Units[llm.OutputAudioMillis] = 1000 * r.count("output_audio_seconds")
	u.Units[llm.OutputVideoMillis] = 1000 * r.count("output_video_seconds")
	return u
}

// cost prices the row the way a user would: its prices as a LiteLLM file.
func (r *oracleRow) cost(t *testing.T) stamp.Cost {
	t.Helper()
	entry := map[string]string{}
	for k, v := range r.Prices {
		entry[k] = v
	}
	if r.Provider != "" {
		entry["litellm_provider"] = r.Provider
	}
	data, err := json.Marshal(map[string]any{r.Model: entry})
	if err != nil {
		t.Fatal(err)
	}
	table, err := Parse(data, r.ID+".json")
	if err != nil {
		t.Fatal(err)
	}
	book, err := price.NewBook(price.Config{Layers: []price.Table{table}})
	if err != nil {
		t.Fatal(err)
	}
	q := price.Query{Tier: r.text("service_tier"), Geo: r.text("inference_geo")}
	if r.Timestamp != nil {
		q.At = r.Timestamp.UnixNano()
	}
	row := &table.Rows[0]
	m := &llm.Model{Ref: llm.ModelRef{Provider: r.Provider, Request: r.Model}, Name: strings.ToLower(row.ID), Platform: row.Platform}
	c := book.Cost(r.usage(), m, q)
	if reported, ok := r.Usage["provider_reported_cost_usd"].(float64); ok {
		amount, _ := money.FromFloat64(reported)
		c = price.Reported(c, amount, "USD")
	}
	return c
}

// TestPricingOracle prices every published case to the last digit.
func TestPricingOracle(t *testing.T) {
	data, err := os.ReadFile(scenario.OraclePath("pricing.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); rows++ {
		var r oracleRow
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		t.Run(r.ID, func(t *testing.T) {
			c := r.cost(t)
			want, err := money.Parse(r.Expected)
			if err != nil {
				t.Fatal(err)
			}
			if !c.Status.HasCost() {
				t.Fatalf("status %v, want %v", c.Status, want)
			}
			diff := c.Total.Sub(want)
			if diff.Sign() < 0 {
				diff = diff.Neg()
			}
			tolerance := money.Amount{}
			if r.ID == "po-0392" {
				tolerance = money.FromPico(10_000_000) // an invoice, rounded line by line
			}
			if diff.Cmp(tolerance) > 0 {
				t.Errorf("%v, want %v (%s %v)", c.Total, want, c.PriceID, c.Modifiers)
			}
		})
	}
	if rows < 98 {
		t.Errorf("%d rows, the oracle has 98", rows)
	}
}
