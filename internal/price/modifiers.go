package price

import (
	"slices"
	"strconv"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// modifiers names what made the price differ from the row's base price: the
// service tier, the context threshold, uplifts, how the row was found, and the
// contract, in this order.
func (s *sheet) modifiers(r *resolved, above int64) []string {
	var out []string
	if s.variant != nil {
		out = append(out, s.variant.name)
	}
	if s.key.unpricedTier > 0 {
		out = append(out, tiers[s.key.unpricedTier-1]+modStandard)
	}
	if above > 0 {
		out = append(out, "context>"+strconv.FormatInt(above, 10))
	}
	for k := range s.plan.uplifts {
		if s.key.uplifts&(1<<k) != 0 {
			out = append(out, s.plan.uplifts[k].Name)
		}
	}
	if s.key.timeless {
		out = append(out, modTimeUnknown)
	}
	out = append(out, r.flags...)
	if s.extra != nil {
		out = append(out, "surcharge:"+r.extra.row.ID)
	}
	if s.contract != nil {
		out = append(out, s.contract.modifier)
	}
	return slices.Clip(out) // shared by all calls: an append must not write into it
}

// componentOf says on which line of a receipt an item stands.
var componentOf = func() (c [NumItems]stamp.Component) {
	for i := range c {
		c[i] = stamp.CompOther
	}
	for comp, buckets := range map[stamp.Component][]llm.Bucket{
		stamp.CompInput:      {llm.Input},
		stamp.CompCacheRead:  {llm.CacheRead},
		stamp.CompCacheWrite: {llm.CacheWrite, llm.CacheWrite1h},
		stamp.CompOutput:     {llm.Output},
		stamp.CompReasoning:  {llm.Reasoning},
		stamp.CompAudio:      {llm.InputAudio, llm.CacheReadAudio, llm.OutputAudio},
		stamp.CompImage:      {llm.InputImage, llm.CacheReadImage, llm.OutputImage},
	} {
		for _, b := range buckets {
			c[Tokens(b)] = comp
		}
	}
	for comp, units := range map[stamp.Component][]llm.Unit{
		stamp.CompTool:   {llm.WebSearches, llm.FileSearches, llm.CodeExecutions, llm.ToolCalls},
		stamp.CompImage:  {llm.InputImages, llm.OutputImages, llm.InputPixels, llm.OutputPixels},
		stamp.CompAudio:  {llm.InputAudioMillis, llm.OutputAudioMillis},
		stamp.CompInput:  {llm.InputCharacters},
		stamp.CompOutput: {llm.OutputCharacters},
	} {
		for _, u := range units {
			c[Units(u)] = comp
		}
	}
	c[PerRequest], c[PerSearchRequest] = stamp.CompRequest, stamp.CompTool
	return c
}()
