package rollup

import "github.com/spanledger/spanledger/internal/money"

// plus adds the figures of another row so many times, 1 or -1, but for the
// histograms. What tells one row from another stays.
func (r *Row) plus(o *Row, sign int64) {
	addCounts(r.Tokens[:], o.Tokens[:], sign)
	addCounts(r.Calls[:], o.Calls[:], sign)
	addCounts(r.CallsFailed[:], o.CallsFailed[:], sign)
	addCounts(r.Attempts[:], o.Attempts[:], sign)
	addCounts(r.AttemptsFailed[:], o.AttemptsFailed[:], sign)
	addCounts(r.Statuses[:], o.Statuses[:], sign)
	r.AttemptsHidden += sign * o.AttemptsHidden
	r.AttemptsFutile += sign * o.AttemptsFutile
	r.AttemptsUnknown += sign * o.AttemptsUnknown
	r.TokensWasted += sign * o.TokensWasted
	r.WastedLatency += sign * o.WastedLatency
	r.Backoff += sign * o.Backoff
	r.Late += sign * o.Late
	for i := range r.Cost {
		addAmount(&r.Cost[i], o.Cost[i], sign)
	}
	addAmount(&r.CostAtLeast, o.CostAtLeast, sign)
	addAmount(&r.Naive, o.Naive, sign)
	r.Extrapolated.Calls += float64(sign) * o.Extrapolated.Calls
	addAmount(&r.Extrapolated.Cost, o.Extrapolated.Cost, sign)
}

func addCounts(sum, n []int64, sign int64) {
	for i := range sum {
		sum[i] += sign * n[i]
	}
}

func addAmount(sum *money.Amount, a money.Amount, sign int64) {
	if sign < 0 {
		*sum = sum.Sub(a)
		return
	}
	*sum = sum.Add(a)
}

// Less is what was added to a row since an earlier state of it. Both are left
// as they are.
func (r *Row) Less(was *Row) Row {
	d := *r
	d.plus(was, -1)
	d.Duration = r.Duration.Less(&was.Duration)
	d.FirstChunk = r.FirstChunk.Less(&was.FirstChunk)
	d.TimePerOutputToken = r.TimePerOutputToken.Less(&was.TimePerOutputToken)
	return d
}

// Less is what was added since an earlier state of the same latency.
func (r *LatencyRow) Less(was *LatencyRow) LatencyRow {
	d := *r
	d.Duration = r.Duration.Less(&was.Duration)
	d.FirstChunk = r.FirstChunk.Less(&was.FirstChunk)
	d.TimePerOutputToken = r.TimePerOutputToken.Less(&was.TimePerOutputToken)
	return d
}

// Less is what was added since an earlier state of the same provider.
func (r *ProviderRow) Less(was *ProviderRow) ProviderRow {
	d := *r
	addCounts(d.Attempts[:], was.Attempts[:], -1)
	addCounts(d.AttemptsFailed[:], was.AttemptsFailed[:], -1)
	return d
}

// Less is what was added since an earlier state of the same histogram.
func (h *Histogram) Less(was *Histogram) Histogram {
	d := *h
	d.Counts = append([]uint64(nil), h.Counts...)
	for i, n := range was.Counts {
		if i < len(d.Counts) {
			d.Counts[i] -= n
		}
	}
	d.Sum, d.Count = h.Sum-was.Sum, h.Count-was.Count
	if h.Exponential != nil && was.Exponential != nil {
		since := h.Exponential.Since(was.Exponential)
		d.Exponential = &since
	}
	return d
}
