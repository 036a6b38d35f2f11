package genaienricherprocessor

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// What an estimate of the output is taken from.
const (
	basisContent   = "content"    // the text that arrived
	basisMaxTokens = "max_tokens" // the most that the request allowed
)

// bytesPerToken is the rule of thumb of the providers for English text; other
// scripts have more bytes and more tokens.
const bytesPerToken = 4

// estimate guesses what a stream that broke off may have cost. Providers charge
// for what they generated until then, and say how much at the end only, which
// never came. The guess stands apart: the call stays without usage, and no sum
// holds it.
func estimate(book *price.Book, e *entry, q price.Query) (out stamp.Estimate) {
	if e.stamp.Cost.Status != stamp.StatusNoUsage || !e.call.Failed() || !e.call.Streaming || !e.call.Operation.Generates() {
		return out
	}
	request, answer := llmspan.ContentLength(e.span)
	most := e.call.Attempt.MaxTokens
	switch {
	case answer > 0:
		out.Basis, out.OutputTokens = basisContent, tokensOf(answer)
		if most > 0 {
			out.OutputTokens = min(out.OutputTokens, most)
		}
	case most > 0:
		out.Basis, out.OutputTokens = basisMaxTokens, most
	default:
		return out
	}
	out.InputTokens = tokensOf(request)
	u := llm.Usage{Known: true}
	u.Tokens[llm.Input], u.Tokens[llm.Output] = out.InputTokens, out.OutputTokens
	if c := book.Cost(&u, e.model, q); c.Status == stamp.StatusPriced {
		out.Cost, out.Currency = c.Total, c.Currency
	}
	return out
}

func tokensOf(bytes int) int64 { return (int64(bytes) + bytesPerToken - 1) / bytesPerToken }
