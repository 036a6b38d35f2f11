package compile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spanledger/spanledger/catalog/internal/line"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// homes are the platforms on which makers serve their own models: what is said
// there about a model is said by its maker.
var homes = map[string]string{
	"amazon": "aws.bedrock", "anthropic": "anthropic", "cohere": "cohere", "deepseek": "deepseek", "google": "gcp.gemini",
	"meta": "meta", "minimax": "minimax", "mistral": "mistral_ai", "moonshot": "moonshot_ai", "openai": "openai",
	"perplexity": "perplexity", "voyage": "voyage_ai", "xai": "x_ai", "xiaomi": "xiaomi", "zhipu": "z_ai",
}

// fact is what one row or line says about a model.
type fact struct {
	context, output int64
	life            stamp.Lifecycle
	cache           bool
	home            bool
	source          string
}

type modelID struct{ vendor, id string }

// models gathers what is known of each model: from its maker's platform where
// that says something, else the largest limits that any platform gives it.
func (s *state) models() ([]line.Model, error) {
	facts := map[modelID][]fact{}
	add := func(platform, id string, f fact) {
		m := s.identify.model(platform, strings.TrimPrefix(id, "regional."))
		if m.Vendor == "" || m.ID == "" || m.Opaque || m.FineTuned || m.Variant != "" || isMoving(m.ID) {
			return
		}
		f.home = homes[m.Vendor] == platform
		facts[modelID{m.Vendor, m.ID}] = append(facts[modelID{m.Vendor, m.ID}], f)
		if m.Snapshot != m.ID && f.home && f.life == stamp.LifecycleDeprecated {
			facts[modelID{m.Vendor, m.Snapshot}] = append(facts[modelID{m.Vendor, m.Snapshot}], f)
		}
	}
	for _, r := range s.rows {
		add(r.Platform, r.ID, fact{
			context: r.ContextWindow, output: r.MaxOutput, life: r.Lifecycle, cache: hasCache(r), source: r.source,
		})
	}
	for i := range s.extra {
		l := &s.extra[i]
		for _, platform := range piPlatforms[l.Provider] {
			add(platform, l.ID, fact{context: l.ContextWindow, output: l.MaxOutput, life: listed(l.ID), cache: l.PromptCache, source: extra})
		}
	}
	out := make(map[modelID]line.Model, len(facts))
	for id, list := range facts { // any order: each key is its own
		if m, ok := merge(id, list); ok {
			out[id] = m
		}
	}
	if err := s.ownModels(out); err != nil {
		return nil, err
	}
	models := make([]line.Model, 0, len(out))
	for _, m := range out { // sorted next
		models = append(models, m)
	}
	slices.SortFunc(models, func(a, b line.Model) int {
		return cmp.Or(strings.Compare(a.Vendor, b.Vendor), strings.Compare(a.ID, b.ID))
	})
	return models, nil
}

func hasCache(r *row) bool {
	return slices.ContainsFunc(r.Entries, func(e price.Entry) bool { return e.Rates.Has(price.Tokens(llm.CacheRead)) })
}

// listed is the stage of a model that its maker's current list names.
func listed(id string) stamp.Lifecycle {
	if strings.Contains(id, "preview") || strings.Contains(id, "-exp") {
		return stamp.LifecyclePreview
	}
	return stamp.LifecycleActive
}

func merge(id modelID, list []fact) (line.Model, bool) {
	m := line.Model{Vendor: id.vendor, ID: id.id}
	atHome := slices.ContainsFunc(list, func(f fact) bool { return f.home })
	life, cache := stamp.LifecycleUnknown, false
	// One snapshot that is given up is not the model, while another is served.
	alive := slices.ContainsFunc(list, func(f fact) bool { return f.home && f.source == base && f.life != stamp.LifecycleDeprecated })
	for _, f := range list {
		if atHome && !f.home {
			continue
		}
		// At home the base comes first in the list and is taken first.
		if m.Context == 0 || !atHome {
			m.Context = max(m.Context, f.context)
		}
		if m.Output == 0 || !atHome {
			m.Output = max(m.Output, f.output)
		}
		cache = cache || f.cache
		// Deprecation is declared; being listed only says that it is served.
		gone := f.life == stamp.LifecycleDeprecated
		if f.home && (gone && !alive || !gone && life == stamp.LifecycleUnknown) && life != f.life {
			life, m.Source = f.life, f.source
		}
		if m.Source == "" && f.context > 0 {
			m.Source = f.source
		}
	}
	if life != stamp.LifecycleUnknown {
		m.Life = life.String()
	}
	if cache {
		m.Cache = "yes"
	}
	return m, m.Source != ""
}

// ownModels lays what is kept by hand over what was gathered.
func (s *state) ownModels(out map[modelID]line.Model) error {
	var errs []error
	for _, o := range s.overlay.Models {
		if o.Why == "" {
			errs = append(errs, fmt.Errorf("model %s/%s: does not say why", o.Vendor, o.ID))
		}
		id := modelID{o.Vendor, o.ID}
		m := out[id]
		m.Vendor, m.ID, m.Source, m.Why = o.Vendor, o.ID, byHand, o.Why
		m.Aliases = append(m.Aliases, o.Aliases...)
		m.Context, m.Output = cmp.Or(o.Context, m.Context), cmp.Or(o.Output, m.Output)
		m.Life, m.Deprec, m.Retires = cmp.Or(o.Life, m.Life), cmp.Or(o.Deprec, m.Deprec), cmp.Or(o.Retires, m.Retires)
		m.Replaced, m.Cache = cmp.Or(o.Replaced, m.Replaced), cmp.Or(o.Cache, m.Cache)
		out[id] = m
	}
	return errors.Join(errs...)
}
