package rollupcomponent

import (
	"fmt"
	"strings"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/stamp"
)

// overrideFor is what to paste into the enricher's configuration to price a
// model: everything but the figures, which only the user knows. The word in
// their place is refused by the enricher, so that a paste without figures is
// an error and not a price of zero. It is empty where a price would not help.
func overrideFor(u rollup.UnpricedRow) string {
	if u.Model == "" || (u.Reason != stamp.StatusUnpricedModel && u.Reason != stamp.StatusPartial) {
		return ""
	}
	var b strings.Builder
	b.WriteString("processors:\n  gen_ai_enricher:\n    overrides:\n")
	fmt.Fprintf(&b, "      - model: %q\n", u.Model)
	if u.Platform != "" {
		fmt.Fprintf(&b, "        platform: %q\n", u.Platform)
	}
	b.WriteString("        input: PRICE   # per million tokens, in USD\n        output: PRICE  # likewise\n")
	return b.String()
}
