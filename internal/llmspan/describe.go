package llmspan

import (
	"strconv"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
)

// layerOf says from where the call was seen. The server side of a call is a
// gateway's, whoever wrote the span.
func layerOf(d dialectID, res *ResourceView, scope *ScopeView, kind llm.SpanKind, name string) llm.Layer {
	switch {
	case scope.provider, res.provider:
		return llm.LayerProvider
	case res.known && dialects[res.product].layer == llm.LayerGateway, kind == llm.KindServer:
		return llm.LayerGateway
	case scope.framework && d != dlLiteLLM, name == "call_llm":
		return llm.LayerFramework
	}
	return dialects[d].layer
}

// refer fills who was asked and who answered, and for whom.
func (s *scan) refer(c *llm.Call, d dialectID) {
	t := &s.texts
	r := &c.Ref
	r.Provider, r.Server = s.provider(d), t[sServer]
	r.Request, r.Response, r.Deployment = t[sRequestModel], t[sResponseModel], t[sDeployment]
	c.ResponseID, c.ConversationID = t[sResponseID], t[sConversation]
	id := &c.Identity
	id.Agent, id.Workflow = t[sAgent], t[sWorkflow]
	id.Prompt, id.PromptVersion = t[sPrompt], t[sPromptVersion]
	id.Team, id.User, id.Tenant, id.CostCenter = t[sTeam], t[sUser], t[sTenant], t[sCostCenter]
	id.Conversation, id.GatewayRoute = t[sConversation], t[sRoute]
}

// describe fills how the call was made and served.
func (s *scan) describe(c *llm.Call) {
	t := &s.texts
	c.Streaming = isTrue(t[sStreaming]) || strings.HasSuffix(t[sVercelOp], ".doStream")
	c.Tier, c.Geo, c.Quality = tierOf(t[sTier]), t[sGeo], t[sQuality]
	if c.Geo == "not_available" {
		c.Geo = ""
	}
}

// tierOf spells the standard tier as silence.
func tierOf(t string) string {
	switch t {
	case "default", "auto", "standard", "STANDARD", "on_demand", "ON_DEMAND", "DEFAULT", "unspecified":
		return ""
	}
	return t
}

// aggregate lets usage that a wrapper declares as a sum stand for its usage.
func (s *scan) aggregate() {
	if !s.has(nInput) && s.has(nAggInput) {
		s.setCount(nInput, s.counts[nAggInput])
	}
	if !s.has(nOutput) && s.has(nAggOutput) {
		s.setCount(nOutput, s.counts[nAggOutput])
	}
}

// attempts fills what the span says about attempts at its own call.
func (s *scan) attempts(c *llm.Call, ev *events, statusMessage string) {
	a := &c.Attempt
	a.CallID = s.texts[sCallID]
	a.Hidden = s.hiddenAttempts(ev, statusMessage)
	a.FallbackIndex = int(min(s.counts[nFallbackIndex], 1<<20))
	a.MaxTokens, a.Temperature, a.OutputType = s.counts[nMaxTokens], s.texts[sTemperature], s.texts[sOutputType]
	a.Auxiliary = s.texts[sPurpose] != ""
	if s.has(nAttemptNumber) { // emitters count retries: the first has none
		c.Attempt.Number = int(min(s.counts[nAttemptNumber], 1<<20)) + 1
	} else if rest, ok := strings.CutPrefix(c.Name, "retry.attempt."); ok {
		if n, _, ok := leadingInt(rest); ok {
			c.Attempt.Number = n + 1
		}
	}
}

// firstChunk settles the time to the first chunk, in nanoseconds.
func (s *scan) firstChunk(c *llm.Call, ev *events) {
	at := ev.firstChunkAt
	if t := s.texts[sFirstChunkAt]; t != "" && at == 0 {
		if p, err := time.Parse(time.RFC3339Nano, unquote(t)); err == nil {
			at = p.UnixNano()
		} else {
			s.conflicts++
		}
	}
	switch {
	case s.has(nFirstChunk):
		c.FirstChunk = s.counts[nFirstChunk]
	case at > c.Start && c.Start > 0:
		c.FirstChunk = at - c.Start
	}
	if isFalse(s.texts[sStreaming]) { // some give the whole duration as the first chunk
		c.FirstChunk = 0
	} else if c.FirstChunk > 0 {
		c.Streaming = true
	}
}

// reported fills the emitter's own cost. Only a figure of the provider that
// bills counts as the bill; a gateway's answer from its own cache is a bill
// of nothing.
func (s *scan) reported(c *llm.Call, d dialectID) {
	billing := d == dlOpenRouter
	switch {
	case isTrue(s.texts[sCacheHit]):
		c.Reported = llm.Reported{Amount: "0", Currency: "USD", Billed: true, Cached: true}
	case s.billed != "":
		c.Reported = llm.Reported{Amount: decimalText(s.billed), Currency: "USD", Billed: true}
	case s.counts[nTicks] > 0:
		c.Reported = llm.Reported{Amount: dollarsOfTicks(s.counts[nTicks]), Currency: "USD", Billed: true}
	case s.moneyRank[mOpenRouterCost] != 0:
		c.Reported = llm.Reported{Amount: s.moneyOf(mOpenRouterCost), Currency: "USD", Billed: billing}
	case s.moneyRank[mCost] != 0:
		c.Reported = llm.Reported{Amount: s.moneyOf(mCost), Currency: s.texts[sCurrency]}
		c.Reported.Billed = s.texts[sCostSource] == "provider" && reportsBills(c.Ref.Provider)
		if c.Reported.Currency == "" {
			c.Reported.Currency = "USD"
		}
	case s.texts[sBlobCost] != "":
		c.Reported = llm.Reported{Amount: decimalText(costText(s.texts[sBlobCost])), Currency: "USD"}
	}
	if c.Reported.Amount == "" {
		c.Reported = llm.Reported{}
	}
}

// moneyOf is a cost as a decimal; text that is none is a conflict.
func (s *scan) moneyOf(m slot) string {
	t := moneyText(s.money[m])
	if t == "" {
		s.conflicts++
	}
	return t
}

// reportsBills: the providers whose answers carry what they charged.
func reportsBills(provider string) bool {
	switch provider {
	case "openrouter", "x_ai", "xai", "perplexity":
		return true
	}
	return false
}

// dollarsOfTicks spells ticks of 1e-10 dollars as a decimal.
func dollarsOfTicks(n int64) string {
	const perDollar = 10_000_000_000
	b := make([]byte, 0, 24)
	b = strconv.AppendInt(b, n/perDollar, 10)
	if frac := n % perDollar; frac > 0 {
		b = append(b, '.')
		for div := int64(perDollar / 10); frac > 0; div /= 10 {
			b = append(b, byte('0'+frac/div))
			frac %= div
		}
	}
	return string(b)
}
