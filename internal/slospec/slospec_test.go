package slospec

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
)

func def(name string, objective string, w slo.Window) rollup.SLODef {
	o, err := slo.ParseObjective(objective)
	if err != nil {
		panic(err)
	}
	spec, _ := slo.Spec{Name: name, Objective: o, Window: w, MinEvents: 20}.WithDefaults()
	return rollup.SLODef{Spec: spec, Where: rollup.Where{"route": "checkout"}}
}

func days(n int) slo.Window { return slo.Window{Rolling: time.Duration(n) * 24 * time.Hour} }

func TestGenerateRefuses(t *testing.T) {
	bad := def("bad", "0.99", days(30))
	bad.Objective = slo.Objective{Num: 1, Den: 1}
	sliced := def("sliced", "0.99", days(30))
	sliced.Method, sliced.Slice, sliced.SliceTarget = slo.Timeslices, time.Minute*5, slo.Objective{Num: 9, Den: 10}
	for _, c := range []struct {
		format string
		defs   []rollup.SLODef
		says   string
	}{
		{Prometheus, nil, "there are no objectives"},
		{Prometheus, []rollup.SLODef{bad}, "must be less than 1"},
		{Prometheus, []rollup.SLODef{def("a", "0.99", days(30)), def("a", "0.9", days(7))}, `"a" is there twice`},
		{Sloth, []rollup.SLODef{def("a b", "0.99", days(30))}, "Sloth accepts"},
		{Pyrra, []rollup.SLODef{def("a b", "0.99", days(30)), def("A-B", "0.99", days(30))}, `would both be named "a-b"`},
		{Pyrra, []rollup.SLODef{def("?", "0.99", days(30))}, "Kubernetes cannot"},
		{Sloth, []rollup.SLODef{def("m", "0.99", slo.Window{Calendar: slo.Month})}, "no objective can be said"},
		{Sloth, []rollup.SLODef{sliced}, "no objective can be said"},
		{Pyrra, []rollup.SLODef{sliced}, "no objective can be said"},
		{Objectives, []rollup.SLODef{sliced}, "no objective can be said"},
		{"csv", []rollup.SLODef{def("a", "0.99", days(30))}, `format "csv" is not one of`},
	} {
		_, _, err := Generate(c.format, c.defs)
		require.ErrorContains(t, err, c.says, c.format)
	}
}

// Every pair's limit is the exact product of factor and budget, and every pair
// of the spec is there, whatever the period and the objective.
func TestLimitsFollowThePeriod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		period := rapid.SampledFrom([]int{1, 2, 7, 14, 28, 30, 35}).Draw(t, "days")
		parts := rapid.IntRange(1, 99_999).Draw(t, "objective")
		d := def("x", fmt.Sprintf("0.%05d", parts), days(period))
		require.NoError(t, d.Validate())
		out, notes, err := Generate(Prometheus, []rollup.SLODef{d})
		require.NoError(t, err)
		require.Empty(t, notes)
		again, _, _ := Generate(Prometheus, []rollup.SLODef{d})
		require.Equal(t, out, again)

		var file ruleFile
		require.NoError(t, yaml.Unmarshal(out, &file))
		var alerts []rule
		for _, r := range file.Groups[0].Rules {
			if r.Alert == alertName {
				alerts = append(alerts, r)
			}
		}
		require.Len(t, alerts, len(d.Tiers))
		for i, tier := range d.Tiers {
			var limit float64
			_, after, _ := strings.Cut(alerts[i].Expr, " > ")
			_, err := fmt.Sscan(after, &limit)
			require.NoError(t, err)
			require.InEpsilon(t, tier.BurnFactor(d.Window.Rolling)*d.Objective.Budget().Float64(), limit, 1e-14)
			require.Equal(t, span(tier.Long), alerts[i].Labels["long"])
			require.Equal(t, 2, strings.Count(alerts[i].Expr, "> "+number(factorLimit(&d, tier))))
		}
	})
}

func TestSpanIsWhatPromQLReads(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 5 * time.Minute: "5m", 90 * time.Minute: "1h30m", 30 * 24 * time.Hour: "30d", 36*time.Hour + time.Second: "1d12h1s",
	} {
		require.Equal(t, want, span(d))
	}
}

// A name is data: neither PromQL nor a template reads it.
func TestHostileNames(t *testing.T) {
	d := def(`a"b\c{{ $value }}`, "0.99", days(30))
	out, _, err := Generate(Prometheus, []rollup.SLODef{d})
	require.NoError(t, err)
	require.Contains(t, string(out), `slo="a\"b\\c{{ $value }}"`)
	var file ruleFile
	require.NoError(t, yaml.Unmarshal(out, &file))
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			for _, a := range r.Annotations {
				require.NotContains(t, a, "{{")
			}
		}
	}
}
