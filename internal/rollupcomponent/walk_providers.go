package rollupcomponent

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
)

// providerOutcomes are what an attempt says on its provider.
var providerOutcomes = [...]string{"good", "bad", "rate_limited", "excluded"}

// providers are the attempts of all routes by who served them.
func (w *walker) providers() {
	w.begin(mProvider)
	for i := range w.snap.Providers {
		p, overflow := &w.snap.Providers[i], ""
		if p.Overflow {
			overflow = "true"
		}
		w.p.start = p.Start
		for outcome, n := range healthOf(p) {
			if n != 0 {
				w.count(n, p.Vendor, p.Platform, p.Model, providerOutcomes[outcome], overflow)
			}
		}
	}
}

var attemptPolicy = slo.DefaultPolicy()

// healthOf counts attempts by providerOutcomes.
func healthOf(r *rollup.ProviderRow) (sum [len(providerOutcomes)]int64) {
	good := total(r.Attempts[:])
	for c, n := range r.AttemptsFailed {
		class := llm.ErrorClass(c)
		if class == llm.ErrNone {
			continue
		}
		good -= n
		switch verdict := attemptPolicy.Verdict(slo.ScopeAttempt, class); {
		case class == llm.ErrRateLimited:
			sum[2] += n
		case verdict == slo.Excluded:
			sum[3] += n
		default:
			sum[1] += n
		}
	}
	sum[0] += max(good, 0)
	return sum
}
