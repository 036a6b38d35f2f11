package rollupcomponent

import (
	"github.com/spanledger/spanledger/internal/rollup"
)

func overrideFor(rollup.UnpricedRow) string { return "" }
