package llmspan

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Canonical is the stamp as [ReadStamp] returns it once [Write] wrote it
// under a profile: fields that have no meaning beside the others, or that the
// profile leaves out, are zero.
func Canonical(s *stamp.Stamp, p Profile) stamp.Stamp {
	out := *s
	out.Cost = canonicalCost(&s.Cost, otherAmounts(s))
	m := &out.Model
	if m.ID == "" {
		m.Match, m.Lifecycle = llm.MatchUnknown, stamp.LifecycleUnknown
	}
	if p == Standard {
		m.Version, m.Family, m.Region, m.ContextRatio = "", "", "", 0
		m.PromptCache = stamp.CacheUnknown
		out.RouteSource = ""
	}
	if out.Substitution.For == "" {
		out.Substitution = stamp.Substitution{}
	}
	if !out.Substitution.HasDifference {
		out.Substitution.Difference = money.Amount{}
	}
	if out.Estimate.Basis == "" {
		out.Estimate = stamp.Estimate{}
	}
	if out.Estimate.Currency == "" {
		out.Estimate.Cost = money.Amount{}
	}
	if !out.Call.Set {
		out.Call = stamp.CallSummary{}
	}
	if !out.Call.HasCost {
		out.Call.Cost = money.Amount{}
	}
	if !out.TimeReceived {
		out.ReceivedAt = 0
	}
	out.Owners = nil
	for _, o := range s.Owners {
		if o.Key != "" {
			out.Owners = append(out.Owners, o)
		}
	}
	return out
}

func canonicalCost(c *stamp.Cost, others bool) stamp.Cost {
	out := *c
	hasTotal, partial := c.Status.HasCost(), c.Status == stamp.StatusPartial
	if !hasTotal {
		out.Total = money.Amount{}
	}
	if !partial {
		out.AtLeast = money.Amount{}
	}
	if !hasTotal && !partial {
		out.Components = [stamp.NumComponents]money.Amount{}
	}
	if !c.HasList {
		out.List = money.Amount{}
	}
	if !c.HasReported {
		out.Reported = money.Amount{}
	}
	if !hasTotal && !partial && !c.HasList && !c.HasReported && !others {
		out.Currency = ""
	}
	if c.Status != stamp.StatusDuplicate {
		out.DuplicateOf = llm.SpanID{}
	}
	if len(c.Modifiers) == 0 {
		out.Modifiers = nil
	}
	return out
}
