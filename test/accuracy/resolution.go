package main

import (
	"encoding/json"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/scenario"
)

// refCase is two ways to write a model that have one price.
type refCase struct {
	Provider         *string `json:"provider_ref"`
	Model            string  `json:"model_ref"`
	ExpectedProvider string  `json:"expected_provider"`
	ExpectedModel    string  `json:"expected_model"`
	XFail            bool    `json:"xfail"`
}

// vectors are usages (input, cache read, cache write, output) that between
// them meet every token price, below and above the context tiers.
var vectors = [][4]int64{{10_000, 4_000, 2_000, 1_000}, {400_000, 100_000, 50_000, 5_000}}

// checkResolution prices both ways to write a model, by the embedded
// catalogue, and compares.
func checkResolution(data []byte, tick func(done, of int)) ([]verdict, error) {
	g, err := enter(nil)
	if err != nil {
		return nil, err
	}
	n := 0
	out := each(data, tick, func(c *refCase) verdict {
		provider := ""
		if c.Provider != nil {
			provider = *c.Provider
		}
		v := verdict{mark: right}
		if c.XFail {
			v.mark, v.why = notApplicable, "the source itself does not resolve it"
		}
		for _, usage := range vectors {
			td := ptrace.NewTraces()
			priced(td, n, provider, c.Model, usage)
			priced(td, n+1, c.ExpectedProvider, c.ExpectedModel, usage)
			n += 2
			if err := g.send(td); err != nil {
				return missed("two bills", err.Error())
			}
			spans := g.taken()
			got, want := stamps(spans[0]), stamps(spans[1])
			if v.mark == right && !sameBill(got, want) {
				v = missed(fmt.Sprintf("as (%s, %s): %s", c.ExpectedProvider, c.ExpectedModel, want.told()), got.told())
			}
		}
		ref, _ := json.Marshal([]string{provider, c.Model})
		v.id = string(ref)
		return v
	})
	return out, g.leave()
}

// priced adds a span with a usage.
func priced(td ptrace.Traces, n int, provider, model string, usage [4]int64) {
	a := newSpan(td, n, pcommon.NewTimestampFromTime(scenario.Epoch)).Attributes()
	if provider != "" {
		a.PutStr("gen_ai.provider.name", provider)
	}
	a.PutStr("gen_ai.request.model", model)
	for i, key := range []string{"input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens"} {
		a.PutInt(conventional[key], usage[i])
	}
}

// sameBill: both carry the same figure, of the same standing. Two calls
// without a price have nothing in common.
func sameBill(a, b stamped) bool {
	statusA, amountA, okA, errA := a.bill()
	statusB, amountB, okB, errB := b.bill()
	return okA && okB && errA == nil && errB == nil && statusA == statusB && amountA == amountB
}
