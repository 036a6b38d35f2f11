package slospec

import (
	"fmt"
	"math/big"
	"time"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
)

// sliceBad is what one time slice contributes: 0 or 1 where slices are good or
// bad, else its share of bad events. It is recorded once a slice.
const sliceBad = "slo:spanledger_slo_declared_slice:bad"

// sliceGroup records the slices of an objective. A slice without events is
// good, so it counts as 0 as long as the counters are there.
func sliceGroup(d *rollup.SLODef) ruleGroup {
	expr := ratio(d.Name, span(d.Slice))
	if d.Method == slo.Timeslices {
		limit := big.NewRat(d.SliceTarget.Den-d.SliceTarget.Num, d.SliceTarget.Den)
		expr = fmt.Sprintf("(\n%s) > bool %s\n", indent(expr), number(limit))
	}
	expr += fmt.Sprintf("or on (slo)\n0 * sum by (slo) (%s)\n", selector(d.Name, counts))
	return ruleGroup{
		Name: "spanledger-slo-" + d.Name + "-slices", Interval: span(d.Slice),
		Rules: []rule{{Record: sliceBad, Expr: expr}},
	}
}

// errorRatio is the share of the budget's unit, events or slices, that was bad
// over a window.
func errorRatio(d *rollup.SLODef, window time.Duration) string {
	if d.Method == slo.Occurrences {
		return ratio(d.Name, span(window))
	}
	return fmt.Sprintf("avg_over_time(%s{slo=%q}[%s])\n", sliceBad, d.Name, span(window))
}
