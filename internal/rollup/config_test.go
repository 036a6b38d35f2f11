package rollup

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/slo"
)

func TestTheDefaultIsValid(t *testing.T) {
	cfg := DefaultConfig()
	require.NoError(t, cfg.Validate())
	cfg = Config{}.withDefaults()
	require.NoError(t, cfg.Validate())
}

// Every fault is told at once, and always in the same order.
func TestValidateTellsEveryFault(t *testing.T) {
	cfg := Config{
		Dimensions: []string{"model", "", "model", "route"}, CardinalityLimit: -1, Settle: -time.Second,
		Dedupe: Dedupe{Horizon: -1, MaxSpans: -2}, ReportingCurrency: "dollar",
		Bounds: Bounds{Duration: []float64{1, 1}},
		SLOs: []SLODef{
			{Spec: slo.Spec{Name: "a", Objective: slo.Objective{Num: 1, Den: 1}, Window: slo.Window{Rolling: time.Hour}}, Where: Where{"team": "x"}},
			{Spec: slo.Spec{Name: "a", Objective: slo.Objective{Num: 1, Den: 2}, Window: slo.Window{Rolling: time.Hour}}},
		},
		Budgets: []BudgetDef{
			{Where: Where{"tenant": "y"}, Limit: money.FromPico(-1), Soft: money.FromPico(5)},
			{Name: "b", Limit: money.FromPico(1), Window: slo.Window{Calendar: slo.Month, Zone: "Mars/Olympus"}},
		},
		DefaultSLOs: DefaultSLOs{Enabled: true, Availability: slo.Objective{Num: 2, Den: 1}, Window: slo.Window{Rolling: time.Hour}},
	}
	err := cfg.Validate()
	require.Error(t, err)
	for _, want := range []string{
		`dimensions[1]: empty name`, `dimensions[2]: "model" is listed twice`, `dimensions[3]: "route" is always a dimension`,
		`aggregation_cardinality_limit: -1`, `settle: -1s`, `dedupe.horizon`, `dedupe.max_spans: -2`, `reporting_currency: "dollar"`,
		`bounds of duration: 1`, `slos[0]`, `"team" is not a dimension`, `slos[1]: the name "a" is taken`,
		`budgets[0]: a name is needed`, `"tenant" is not a dimension`, `is not positive`, `budgets[1]`, `Mars/Olympus`, `default_slos`,
	} {
		require.Contains(t, err.Error(), want)
	}
	for range 20 {
		require.Equal(t, err.Error(), cfg.Validate().Error())
	}
	_, newErr := New(cfg, "x", t0)
	require.Error(t, newErr)
}

// Every threshold is a boundary, so the share within it can be read off.
func TestThresholdsAreBoundaries(t *testing.T) {
	cfg := storyConfig()
	cfg.SLOs = []SLODef{{Spec: slo.Spec{
		Name: "goodput", Kind: slo.Composite, Objective: slo.Objective{Num: 9, Den: 10}, Window: slo.Window{Rolling: time.Hour},
		Limits: slo.Limits{Duration: 8500 * time.Millisecond, TimeToFirstChunk: 1234 * time.Millisecond, TimePerOutputToken: 33 * time.Millisecond},
	}}}
	l := newLedger(t, cfg, "one")
	l.Add([]Record{parseRecord(t, strings.Fields("cost=1 took=8500ms"))}, t0)
	r := l.Cut(t0).Rows[0]
	require.Contains(t, r.Duration.Bounds, 8.5)
	require.Contains(t, r.FirstChunk.Bounds, 1.234)
	require.Contains(t, r.TimePerOutputToken.Bounds, 0.033)
	for i, b := range r.Duration.Bounds {
		if b == 8.5 {
			require.Equal(t, uint64(1), r.Duration.Counts[i], "a value equal to its boundary is within")
		}
	}
}

// Declared SLOs and budgets are there, with zeros, before the first call.
func TestDeclaredSLOsStartAtZero(t *testing.T) {
	cfg := worldConfig()
	s := newLedger(t, cfg, "one").Cut(t0)
	require.Len(t, s.SLOs, 2)
	require.True(t, s.SLOs[0].Status.NoData)
	require.Len(t, s.Budgets, 2)
	require.Empty(t, s.Rows)
}

// A route whose SLO is declared takes no default of the same kind; the others
// have both.
func TestDefaultSLOsGiveWay(t *testing.T) {
	cfg := storyConfig()
	cfg.DefaultSLOs = DefaultDefaultSLOs()
	configure(t, &cfg, []string{"availability=r:0.9"})
	l := newLedger(t, cfg, "one")
	l.Add([]Record{
		parseRecord(t, strings.Fields("span=a route=r cost=1")),
		parseRecord(t, strings.Fields("span=b route=other cost=1")),
	}, t0)
	var names []string
	for _, s := range l.Cut(t0).SLOs {
		names = append(names, s.Name)
		require.Equal(t, int64(1), s.Good)
	}
	require.Equal(t, []string{"other-availability", "other-duration", "r-availability", "r-duration"}, names)
}
