package main

import (
	"cmp"
	"fmt"

	"github.com/spanledger/spanledger/internal/slo/slooracle"
)

// checkSLO holds formulas of reliability against the functions that the ledger
// uses.
func checkSLO(data []byte, tick func(done, of int)) ([]verdict, error) {
	rows := lines(data)
	out := make([]verdict, 0, len(rows))
	for i, line := range rows {
		tick(i, len(rows))
		id, ok, applicable, detail := slooracle.Check(line)
		v := verdict{id: cmp.Or(id, fmt.Sprintf("row %d", i+1)), want: "as in the row", got: detail}
		switch {
		case !applicable:
			v.mark, v.why = notApplicable, detail
		case ok:
			v.mark = right
		}
		out = append(out, v)
	}
	return out, nil
}
