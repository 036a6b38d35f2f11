package sim

import "math/big"

// model is one entry of the simulator's own price table: US dollars per
// million tokens, as the labs list them, written by hand and never read from
// the catalogue, so that the truth is not circular.
type model struct {
	provider  string // gen_ai.provider.name
	request   string
	served    string
	in        string
	cacheRead string
	write     string // 5-minute cache write; "" the provider has none
	out       string
	tierAbove int64 // total input from which on the next two apply; 0 none
	tier      *model
}

var models = map[string]model{
	"gpt-5.4-mini":     {provider: "openai", request: "gpt-5.4-mini", served: "gpt-5.4-mini-2026-03-17", in: "0.75", cacheRead: "0.075", out: "4.5"},
	"gpt-4o":           {provider: "openai", request: "gpt-4o", served: "gpt-4o-2024-08-06", in: "2.5", cacheRead: "1.25", out: "10"},
	"claude-sonnet":    {provider: "anthropic", request: "claude-sonnet-4-5", served: "claude-sonnet-4-5-20250929", in: "3", cacheRead: "0.3", write: "3.75", out: "15"},
	"claude-haiku":     {provider: "anthropic", request: "claude-haiku-4-5", served: "claude-haiku-4-5-20251001", in: "1", cacheRead: "0.1", write: "1.25", out: "5"},
	"bedrock-sonnet":   {provider: "aws.bedrock", request: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", served: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", in: "3.3", cacheRead: "0.33", write: "4.125", out: "16.5"},
	"gemini-2.5-flash": {provider: "gcp.gemini", request: "gemini-2.5-flash", served: "gemini-2.5-flash", in: "0.3", cacheRead: "0.03", out: "2.5"},
	"gemini-2.5-pro": {
		provider: "gcp.gemini", request: "gemini-2.5-pro", served: "gemini-2.5-pro", in: "1.25", cacheRead: "0.125", out: "10",
		tierAbove: 200_000, tier: &model{in: "2.5", cacheRead: "0.25", out: "15"},
	},
	"embedding": {provider: "openai", request: "text-embedding-3-small", served: "text-embedding-3-small", in: "0.02"},
	"house":     {provider: "vllm", request: "house-model-7b", served: "house-model-7b"},
}

// usage is what one simulated call consumed; cached counts are part of input
// and reasoning is part of output, as the conventions have it.
type usage struct {
	input, cacheRead, cacheWrite, output, reasoning int64
}

func (u usage) total() int64 { return u.input + u.output }

// cost is the true bill in US dollars, exact; nil where the table has no
// price for the model.
func (m model) cost(u usage) *big.Rat {
	if m.in == "" {
		return nil
	}
	p := m
	if m.tier != nil && u.input > m.tierAbove {
		p = *m.tier
	}
	sum := new(big.Rat)
	add := func(tokens int64, perMillion string) {
		if tokens == 0 || perMillion == "" {
			return
		}
		r, ok := new(big.Rat).SetString(perMillion)
		if !ok {
			panic("sim: price table holds " + perMillion)
		}
		sum.Add(sum, r.Mul(r, big.NewRat(tokens, 1_000_000)))
	}
	add(u.input-u.cacheRead-u.cacheWrite, p.in)
	add(u.cacheRead, p.cacheRead)
	add(u.cacheWrite, p.write)
	add(u.output, p.out)
	return sum
}
