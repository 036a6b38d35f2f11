package rollup

import "github.com/spanledger/spanledger/internal/money"

// The fields of a row and of the totals as lists, in the order in which they
// are stored. Whoever adds a field adds it here at the end and raises
// stateVersion.

func (s *series) counters() [][]int64 {
	return [][]int64{s.Calls[:], s.CallsFailed[:], s.Attempts[:], s.AttemptsFailed[:], s.Statuses[:], s.Tokens[:]}
}

func (s *series) singles() []*int64 {
	return []*int64{
		&s.Late, &s.extrapolated.micros, &s.AttemptsHidden, &s.AttemptsFutile, &s.AttemptsUnknown, &s.TokensWasted, &s.WastedLatency, &s.Backoff,
	}
}

func (s *series) amounts() []*money.Amount {
	return []*money.Amount{&s.CostAtLeast, &s.Naive, &s.extrapolated.cost}
}

func (t *Totals) counters() []*int64 {
	return []*int64{
		&t.Spans, &t.Calls, &t.Attempts, &t.Billed, &t.Duplicates, &t.Unpriced, &t.NoUsage, &t.NotBillable, &t.Unstamped, &t.Tokens,
	}
}

func (c *CurrencyTotal) amounts() []*money.Amount {
	return []*money.Amount{&c.Cost, &c.Wasted, &c.Naive, &c.Reported, &c.ListOfReported}
}

// counters are the cumulative ones; the others are read off the ledger.
func (s *Self) counters() []*int64 {
	return []*int64{
		&s.Late, &s.Future, &s.Redelivered, &s.DuplicateBills, &s.OverflowRecords, &s.LateAttempts, &s.Unclassified,
		&s.Unconverted, &s.SampledWithoutThreshold, &s.SettledEarly, &s.SplitCalls, &s.UndetectableRetries, &s.DefaultSLOsSkipped,
		&s.RestartSplits, &s.SeriesExpired,
	}
}
