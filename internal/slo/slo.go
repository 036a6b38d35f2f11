// Package slo is the arithmetic of service level objectives as pure functions
// over counts: indicator, error budget, burn rate and alert state, event
// weighted and exact. It knows neither spans nor metrics nor the clock.
package slo

import "time"

// Status is what an SLO looks like at one moment.
type Status struct {
	// NoData: the window holds no event; SLI means nothing then.
	NoData bool
	SLI    float64
	// Remaining is the share of the error budget that is left; negative once
	// overspent.
	Remaining float64
	// Estimated marks a calendar window whose total had to be extrapolated.
	Estimated bool
	// Blind: more than the allowed share of events was excluded.
	Blind bool
	// Burn rates by window, longest last.
	Burn []Burn
	// Alerts by tier, page first.
	Alerts []Alert
	// Exhaustion is the time until the budget is gone at the current burn; 0
	// where it is not shrinking.
	Exhaustion time.Duration
	// HasExhaustion tells a budget that is gone (Exhaustion 0) from one that
	// is not shrinking, or that a calendar resets before it is gone.
	HasExhaustion bool
	// Counts of the whole window.
	Counts Counts
	// Pairs is the state of every pair of windows, in the order of the spec's
	// tiers: what Evaluate needs back at the next moment.
	Pairs []Pair
}

// Burn is the burn rate over one window.
type Burn struct {
	Window time.Duration
	Rate   float64
	NoData bool
}

// Alert is the state of one tier.
type Alert struct {
	Tier   string // "page", "ticket"
	Active bool
	Long   time.Duration // window that decided
	Factor float64
	Burn   float64
	Since  time.Time // of the present activity; zero where inactive
	// Short is the short window of the pair that decided.
	Short time.Duration
}

// Pair is the alert state of one pair of windows.
type Pair struct {
	Tier        string
	Long, Short time.Duration
	Active      bool
	// Since is when it became active; RecoveredSince is since when its short
	// window has been back at or below the factor. Zero where it is not so.
	Since, RecoveredSince time.Time
	Factor                float64
	BurnLong, BurnShort   float64
}
