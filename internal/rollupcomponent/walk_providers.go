package rollupcomponent

import (
	"cmp"
	"slices"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
)

// providerOutcomes are what an attempt says on its provider.
var providerOutcomes = [...]string{"good", "bad", "rate_limited", "excluded"}

// provider is who served an attempt, as far as the dimensions tell.
type provider struct {
	vendor, platform, model string
	overflow                bool
}

func (p provider) compare(o provider) int {
	return cmp.Or(cmp.Compare(p.vendor, o.vendor), cmp.Compare(p.platform, o.platform), cmp.Compare(p.model, o.model), compareBool(p.overflow, o.overflow))
}

// providers adds the rows of all routes by who served them.
func (w *walker) providers() {
	w.begin(mProvider)
	at := [3]int{slices.Index(w.snap.Dimensions, attrVendor), slices.Index(w.snap.Dimensions, attrPlatform), w.model}
	if max(at[0], at[1], at[2]) < 0 {
		return
	}
	sums := map[provider]*[len(providerOutcomes)]int64{}
	for i := range w.snap.Rows {
		r := &w.snap.Rows[i]
		value := func(d int) string {
			if d < 0 || d >= len(r.Dims) {
				return ""
			}
			return r.Dims[d]
		}
		p := provider{value(at[0]), value(at[1]), value(at[2]), r.Overflow}
		if sums[p] == nil {
			sums[p] = &[len(providerOutcomes)]int64{}
		}
		addHealth(sums[p], r)
	}
	order := make([]provider, 0, len(sums))
	for p := range sums {
		order = append(order, p)
	}
	slices.SortFunc(order, provider.compare)
	for _, p := range order {
		overflow := ""
		if p.overflow {
			overflow = "true"
		}
		for i, n := range sums[p] {
			if n != 0 {
				w.count(n, p.vendor, p.platform, p.model, providerOutcomes[i], overflow)
			}
		}
	}
}

var attemptPolicy = slo.DefaultPolicy()

func addHealth(sum *[len(providerOutcomes)]int64, r *rollup.Row) {
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
}
