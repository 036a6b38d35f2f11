package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"

	"github.com/spanledger/spanledger/connector/genairollupconnector"
	"github.com/spanledger/spanledger/exporter/genairollupexporter"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/rollupcomponent"
	"github.com/spanledger/spanledger/internal/slospec"
)

// definitions compiles the objectives of one component of a configuration and
// those that were written elsewhere, as the collector itself would.
// Default objectives are those of the routes; without any, notes tell that they
// are left out.
func definitions(config, id string, written []slospec.Written, routes []string) (defs []rollup.SLODef, notes []string, err error) {
	cfg := rollupcomponent.NewDefaultConfig()
	if config == "" {
		addDimensions(&cfg, written)
	} else {
		found, err := load(config)
		if err != nil {
			return nil, nil, err
		}
		if cfg, err = choose(config, found, id); err != nil {
			return nil, nil, err
		}
	}
	if err := addWritten(&cfg, written); err != nil {
		return nil, nil, err
	}
	ledger, err := cfg.Ledger()
	if err != nil {
		return nil, nil, err
	}
	if len(routes) > 0 && !ledger.DefaultSLOs.Enabled {
		return nil, nil, errors.New("--routes: default_slos are not enabled, so routes have none")
	}
	if config != "" && len(routes) == 0 && ledger.DefaultSLOs.Enabled {
		notes = append(notes, "default_slos come with the routes, which only traffic tells: name those that should have rules with --routes")
	}
	defs = ledger.SLOs
	for _, route := range routes {
		defs = append(defs, ledger.DefaultsOf(route)...)
	}
	if len(defs) == 0 {
		return nil, notes, errors.New("no slos are declared, and no --routes that would have default ones")
	}
	return defs, notes, nil
}

// addWritten appends objectives through the same door that a configuration
// goes through.
func addWritten(cfg *rollupcomponent.Config, written []slospec.Written) error {
	for i := range written {
		w := &written[i]
		raw, err := w.Map()
		if err != nil {
			return err
		}
		var one rollupcomponent.SLO
		if err := confmap.NewFromStringMap(raw).Unmarshal(&one); err != nil {
			return fmt.Errorf("slo %q: %w", w.Name, err)
		}
		cfg.SLOs = append(cfg.SLOs, one)
	}
	return nil
}

// addDimensions lets objectives without a configuration pick by any attribute.
func addDimensions(cfg *rollupcomponent.Config, written []slospec.Written) {
	for _, w := range written {
		for _, key := range slices.Sorted(maps.Keys(w.Where)) {
			known := key == rollup.RouteKey || slices.ContainsFunc(cfg.Dimensions, func(d rollupcomponent.Dimension) bool { return d.Name == key })
			if !known {
				cfg.Dimensions = append(cfg.Dimensions, rollupcomponent.Dimension{Name: key})
			}
		}
	}
}

// load reads every gen_ai_rollup of a collector configuration, by the path of
// its id. Environment variables are filled in.
func load(path string) (map[string]rollupcomponent.Config, error) {
	ctx := context.Background()
	resolver, err := confmap.NewResolver(confmap.ResolverSettings{
		URIs:              []string{"file:" + path},
		ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory(), envprovider.NewFactory()},
		DefaultScheme:     "env",
	})
	if err != nil {
		return nil, err
	}
	conf, err := resolver.Resolve(ctx)
	if err = errors.Join(err, resolver.Shutdown(ctx)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	found := map[string]rollupcomponent.Config{}
	exporters, err := sections(conf, "exporters", genairollupexporter.NewFactory())
	for id, c := range exporters {
		found[id] = c.(*genairollupexporter.Config).Rollup
	}
	connectors, err2 := sections(conf, "connectors", genairollupconnector.NewFactory())
	for id, c := range connectors {
		found[id] = c.(*genairollupconnector.Config).Rollup
	}
	if err := errors.Join(err, err2); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return found, nil
}

// sections reads and validates the components of one factory's type.
func sections(conf *confmap.Conf, kind string, f component.Factory) (map[string]component.Config, error) {
	all, err := conf.Sub(kind)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	out := map[string]component.Config{}
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(all.ToStringMap())) {
		var id component.ID
		if id.UnmarshalText([]byte(key)) != nil || id.Type() != f.Type() {
			continue
		}
		path := kind + "::" + key
		cfg := f.CreateDefaultConfig()
		sub, err := all.Sub(key)
		if err == nil {
			err = sub.Unmarshal(cfg)
		}
		if err == nil {
			err = confmap.Validate(cfg)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
			continue
		}
		out[path] = cfg
	}
	return out, errors.Join(errs...)
}

// choose picks the component that is asked for, or the only one.
func choose(path string, found map[string]rollupcomponent.Config, id string) (rollupcomponent.Config, error) {
	ids := slices.Sorted(maps.Keys(found))
	switch {
	case id == "" && len(ids) == 1:
		return found[ids[0]], nil
	case len(ids) == 0:
		return rollupcomponent.Config{}, fmt.Errorf("%s: there is no gen_ai_rollup among exporters and connectors", path)
	case id == "":
		return rollupcomponent.Config{}, fmt.Errorf("%s: say which --component: %s", path, strings.Join(ids, ", "))
	}
	if c, ok := found[id]; ok {
		return c, nil
	}
	return rollupcomponent.Config{}, fmt.Errorf("%s: there is no %s, only %s", path, id, strings.Join(ids, ", "))
}
