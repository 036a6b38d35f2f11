package rollupcomponent

import (
	"time"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/stamp"
)

// The types of /api/v1/inventory and /api/v1/changes. Means are null where
// there was nothing to take one of.
type (
	apiInventory struct {
		Currency      string            `json:"currency"`
		Models        []apiFleetModel   `json:"models"`
		Platforms     []apiFleetEntry   `json:"platforms"`
		Prompts       []apiFleetEntry   `json:"prompts"`
		Prices        []apiFleetEntry   `json:"prices"`
		Substitutions []apiSubstitution `json:"substitutions"`
		// Overflow is calls of what the inventory had no room for.
		Overflow int64 `json:"overflow"`
	}

	apiFleetEntry struct {
		Route   string     `json:"route"`
		Name    string     `json:"name"`
		Maker   string     `json:"maker,omitempty"`
		Version string     `json:"version,omitempty"`
		First   string     `json:"first_seen"`
		Last    string     `json:"last_seen"`
		Figures apiFigures `json:"figures"`
	}

	apiFleetModel struct {
		apiFleetEntry
		Fallback         bool     `json:"fallback_only,omitempty"`
		Lifecycle        string   `json:"lifecycle"`
		RetirementDate   string   `json:"retirement_date,omitempty"`
		DaysToRetirement *int     `json:"days_to_retirement"`
		Replacement      string   `json:"replacement,omitempty"`
		Ageing           bool     `json:"ageing"` // deprecated, retired, or with a date for it
		ContextMax       *float64 `json:"context_max"`
		CachedShare      *float64 `json:"cached_share"` // of input tokens
	}

	// apiSubstitution is a model that answered in another one's place. The
	// difference is that of the same calls at the prices of both models, where
	// both are priced: so many were compared.
	apiSubstitution struct {
		Route      string   `json:"route"`
		Requested  string   `json:"requested"`
		Served     string   `json:"served"`
		By         string   `json:"by"` // provider, gateway or fallback
		First      string   `json:"first_seen"`
		Last       string   `json:"last_seen"`
		Calls      int64    `json:"calls"`
		Cost       string   `json:"cost"`
		Compared   int64    `json:"compared"`
		InAll      string   `json:"cost_difference"`
		Difference *float64 `json:"cost_per_call_difference"`
	}

	apiFigures struct {
		Calls         int64    `json:"calls"`
		Priced        int64    `json:"priced"`
		Cost          string   `json:"cost"`
		CostPerCall   *float64 `json:"cost_per_call"`
		TokensPerCall *float64 `json:"tokens_per_call"`
		ErrorRate     *float64 `json:"error_rate"`
		Latency       *float64 `json:"latency_seconds"`
		InputPrice    *float64 `json:"input_price_per_million"`
		OutputPrice   *float64 `json:"output_price_per_million"`
	}

	apiChanges struct {
		Currency string      `json:"currency"`
		Changes  []apiChange `json:"changes"` // newest first
	}

	apiChange struct {
		Number uint64     `json:"number"`
		Kind   string     `json:"kind"`
		Route  string     `json:"route"`
		At     string     `json:"at"`
		Seen   string     `json:"seen"`
		From   apiItem    `json:"from"`
		To     apiItem    `json:"to"`
		Before apiFigures `json:"before"`
		After  apiFigures `json:"after"`
	}

	apiItem struct {
		Name    string `json:"name"`
		Maker   string `json:"maker,omitempty"`
		Version string `json:"version,omitempty"`
	}
)

func inventoryOf(f Fleet, now time.Time, route string) *apiInventory {
	out := &apiInventory{
		Currency: f.Currency, Models: []apiFleetModel{}, Platforms: []apiFleetEntry{}, Prompts: []apiFleetEntry{}, Prices: []apiFleetEntry{},
		Substitutions: []apiSubstitution{}, Overflow: f.Overflow,
	}
	for i := range f.Entries {
		e := &f.Entries[i]
		if route != "" && e.Route != route {
			continue
		}
		switch e.Item.Aspect {
		case fleet.AspectModel:
			out.Models = append(out.Models, fleetModelOf(e, now))
		case fleet.AspectPlatform:
			out.Platforms = append(out.Platforms, fleetEntryOf(e))
		case fleet.AspectPrompt:
			out.Prompts = append(out.Prompts, fleetEntryOf(e))
		case fleet.AspectPrice:
			out.Prices = append(out.Prices, fleetEntryOf(e))
		case fleet.AspectSubstitution:
			out.Substitutions = append(out.Substitutions, substitutionOf(e))
		}
	}
	return out
}

func fleetEntryOf(e *fleet.Entry) apiFleetEntry {
	return apiFleetEntry{
		Route: e.Route, Name: e.Item.Name, Maker: e.Item.Maker, Version: e.Item.Version,
		First: timestamp(time.Unix(0, e.First)), Last: timestamp(time.Unix(0, e.Last)), Figures: figuresOf(&e.Figures),
	}
}

func fleetModelOf(e *fleet.Entry, now time.Time) apiFleetModel {
	life := lifecycleOf(e, now)
	out := apiFleetModel{
		apiFleetEntry: fleetEntryOf(e), Fallback: e.Aside, Lifecycle: life.String(),
		RetirementDate: e.Note.RetirementDate, Replacement: e.Note.Replacement,
		Ageing: life == stamp.LifecycleDeprecated || life == stamp.LifecycleRetired || e.Note.RetirementDate != "",
	}
	if at, ok := retirementOf(e); ok {
		// A model is served until the day begins.
		days := int(at.Sub(now.UTC().Truncate(24*time.Hour)) / (24 * time.Hour))
		out.DaysToRetirement = &days
	}
	if e.Note.ContextMax > 0 {
		out.ContextMax = &e.Note.ContextMax
	}
	if e.Figures.Input > 0 {
		share := float64(e.Figures.Cached) / float64(e.Figures.Input)
		out.CachedShare = &share
	}
	return out
}

// lifecycleOf is what was last stamped, moved on by the dates that came since.
func lifecycleOf(e *fleet.Entry, now time.Time) stamp.Lifecycle {
	return fleet.LifecycleAt(fleet.Info{Lifecycle: e.Note.Lifecycle, RetirementDate: e.Note.RetirementDate}, now.UnixNano())
}

func retirementOf(e *fleet.Entry) (time.Time, bool) {
	at, err := time.Parse(time.DateOnly, e.Note.RetirementDate)
	return at, err == nil
}

func substitutionOf(e *fleet.Entry) apiSubstitution {
	return apiSubstitution{
		Route: e.Route, Requested: e.Item.Maker, Served: e.Item.Name, By: e.Item.Version,
		First: timestamp(time.Unix(0, e.First)), Last: timestamp(time.Unix(0, e.Last)),
		Calls: e.Figures.Calls, Cost: e.Figures.Cost.String(),
		Compared: e.Figures.Compared, InAll: e.Figures.Difference.String(), Difference: known(e.Figures.DifferencePerCall()),
	}
}

func figuresOf(f *fleet.Figures) apiFigures {
	return apiFigures{
		Calls: f.Calls, Priced: f.Priced, Cost: f.Cost.String(),
		CostPerCall: known(f.CostPerCall()), TokensPerCall: known(f.TokensPerCall()), ErrorRate: known(f.ErrorRate()),
		Latency: known(f.Latency()), InputPrice: known(f.InputPrice()), OutputPrice: known(f.OutputPrice()),
	}
}

func known(v float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &v
}

func changesOf(f Fleet, route string) *apiChanges {
	out := &apiChanges{Currency: f.Currency, Changes: []apiChange{}}
	for i := len(f.Changes) - 1; i >= 0; i-- {
		c := &f.Changes[i]
		if route != "" && c.Route != route {
			continue
		}
		out.Changes = append(out.Changes, apiChange{
			Number: c.Number, Kind: c.Kind(), Route: c.Route, At: timestamp(time.Unix(0, c.At)), Seen: timestamp(time.Unix(0, c.Seen)),
			From: apiItem{c.From.Name, c.From.Maker, c.From.Version}, To: apiItem{c.To.Name, c.To.Maker, c.To.Version},
			Before: figuresOf(&c.Before), After: figuresOf(&c.After),
		})
	}
	return out
}
