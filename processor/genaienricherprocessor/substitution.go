package genaienricherprocessor

import (
	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// instead names the model that was asked for where another one answered, and
// who put that in its place. An attempt at another model than the first one's
// is a fallback's doing, unless it is tried again and something else answers.
func (p *enricher) instead(e *entry) (asked *llm.Model, by string) {
	moved := e.first != nil && e.first.ID != e.model.ID
	switch {
	case moved && (e.stamp.Attempt.Kind == stamp.KindFallback || e.model.Match != llm.MatchDifferent):
		asked, by = e.first, "fallback"
	case e.model.Match != llm.MatchDifferent:
		return nil, ""
	default:
		by = "provider"
		if e.call.Layer == llm.LayerGateway || e.call.Attempt.FallbackIndex > 0 {
			by = "gateway"
		}
		ref := &e.call.Ref
		asked = p.fleet.Resolve(llm.ModelRef{Provider: ref.Provider, Server: ref.Server, Request: ref.Request})
	}
	if asked.ID == "" || e.model.ID == "" {
		return nil, ""
	}
	return asked, by
}

// compare says what a substitution cost: the same counts at the prices of
// both models, as of the same call. Where the billing provider's own figure is
// the total, ours are compared all the same, since for the other model there
// is none.
func (p *enricher) compare(book *price.Book, e *entry, q price.Query) {
	asked, by := p.instead(e)
	if asked == nil {
		return
	}
	s := &e.stamp.Substitution
	if s.For, s.By = asked.ID, by; s.For == e.model.ID {
		s.For = asked.Snapshot
	}
	if !e.stamp.Cost.Status.HasCost() {
		return
	}
	ours, theirs := book.Cost(&e.call.Usage, e.model, q), book.Cost(&e.call.Usage, asked, q)
	if ours.Status == stamp.StatusPriced && theirs.Status == stamp.StatusPriced && ours.Currency == theirs.Currency && ours.Currency == e.stamp.Cost.Currency {
		s.Difference, s.HasDifference = ours.Total.Sub(theirs.Total), true
	}
}

// capacity says, under full, how full the model's context was, and whether a
// prompt cache served the call or could have.
func (p *enricher) capacity(e *entry) {
	if p.profile != llmspan.Full || !e.call.Usage.Known {
		return
	}
	info, _ := p.fleet.Info(e.model)
	m, u := &e.stamp.Model, &e.call.Usage
	if info.ContextWindow > 0 {
		m.ContextRatio = float64(u.TotalInput()) / float64(info.ContextWindow)
	}
	m.PromptCache = promptCache(&u.Tokens, info.Cache)
}

// promptCache: what the counts prove stands above what the catalogue says.
func promptCache(tokens *[llm.NumBuckets]int64, can fleet.Support) stamp.PromptCache {
	switch {
	case tokens[llm.CacheRead] > 0 || tokens[llm.CacheReadAudio] > 0 || tokens[llm.CacheReadImage] > 0:
		return stamp.CacheRead
	case tokens[llm.CacheWrite] > 0 || tokens[llm.CacheWrite1h] > 0:
		return stamp.CacheWritten
	case can == fleet.Supported:
		return stamp.CacheUnused
	case can == fleet.Unsupported:
		return stamp.CacheUnsupported
	}
	return stamp.CacheUnknown
}
