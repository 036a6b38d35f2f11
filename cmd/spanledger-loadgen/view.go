package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"sort"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spanledger/spanledger/internal/sim"
)

// rollups is what the table needs of /api/v1/rollups.
type rollups struct {
	Totals struct {
		Spans, Attempts, Duplicates, Unpriced int64
		Pending                               int64
		Cost                                  []struct{ Currency, Total, Wasted, Naive string }
	} `json:"totals"`
	Routes []struct {
		Route          string
		Calls          map[string]int64
		CallsTotal     int64            `json:"calls_total"`
		AttemptsTotal  int64            `json:"attempts_total"`
		AttemptsFailed map[string]int64 `json:"attempts_failed"`
		Cost, Wasted   map[string]string
	} `json:"routes"`
	SLOs []struct {
		Name, Route, Scope string
		SLI                string
		Alerts             []struct {
			Tier   string
			Active bool
		}
	} `json:"slos"`
}

// view prints the books as a table, in place on a terminal.
type view struct {
	out      io.Writer
	url      string
	terminal bool
	every    time.Duration
	client   *http.Client
}

func newView(out *os.File, url string) *view {
	v := &view{out: out, url: url, terminal: isTerminal(out), every: 5 * time.Second, client: &http.Client{Timeout: 5 * time.Second}}
	if v.terminal {
		v.every = time.Second
	}
	return v
}

func (v *view) fetch() (*rollups, error) {
	res, err := v.client.Get(v.url + "/api/v1/rollups")
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", v.url, res.Status)
	}
	var r rollups
	return &r, json.NewDecoder(res.Body).Decode(&r)
}

// show prints the books, beside the truth where there is one.
func (v *view) show(truth *sim.Truth) error {
	r, err := v.fetch()
	if err != nil {
		return err
	}
	var b strings.Builder
	if v.terminal {
		b.WriteString("\x1b[H\x1b[2J")
	}
	fmt.Fprintf(&b, "spanledger  %s  page %s  (Ctrl-C stops)\n\n", time.Now().Format("15:04:05"), v.url)
	table(&b, r, truth)
	_, err = io.WriteString(v.out, b.String())
	return err
}

// last prints the closing table without clearing it away.
func (v *view) last(truth *sim.Truth) error {
	v.terminal = false
	return v.show(truth)
}

func table(b *strings.Builder, r *rollups, truth *sim.Truth) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	head := "route\tcalls\tgood\tattempts\tfailed\tcommonest cause\tspend USD\twasted USD\t"
	if truth != nil {
		head += "true USD\tbooks\t"
	}
	fmt.Fprintln(w, head)
	for _, route := range r.Routes {
		cause, failed := commonest(route.AttemptsFailed)
		line := fmt.Sprintf("%s\t%d\t%s\t%d\t%d\t%s\t%s\t%s\t", route.Route, route.CallsTotal, goodShare(route.Calls),
			route.AttemptsTotal, failed, cause, short(route.Cost["USD"]), short(route.Wasted["USD"]))
		if truth != nil {
			line += against(route.Cost["USD"], truth.Route(route.Route))
		}
		fmt.Fprintln(w, line)
	}
	w.Flush()
	fmt.Fprintf(b, "\n%d spans of LLM calls, %d attempts, %d repeated descriptions not billed again, %d calls not settled yet, %d unpriced\n",
		r.Totals.Spans, r.Totals.Attempts, r.Totals.Duplicates, r.Totals.Pending, r.Totals.Unpriced)
	for _, c := range r.Totals.Cost {
		fmt.Fprintf(b, "spend %s %s by the books; every span with tokens priced would say %s\n", c.Total, c.Currency, c.Naive)
	}
	if truth != nil {
		t := truth.Total()
		fmt.Fprintf(b, "truth %s USD, wasted %s, naive %s\n", t.Cost(), t.Wasted(), t.Naive())
	}
	for _, s := range r.SLOs {
		for _, a := range s.Alerts {
			if a.Active {
				fmt.Fprintf(b, "alert: %s (%s of %ss) on %s, tier %s\n", s.Name, s.SLI, s.Scope, s.Route, a.Tier)
			}
		}
	}
	b.WriteString("\n")
}

func against(books string, truth *sim.RouteTruth) string {
	if truth == nil {
		return "\tno truth\t"
	}
	if orZero(books) == truth.Cost() {
		return truth.Cost() + "\texact\t"
	}
	return truth.Cost() + "\tDIFFERS\t"
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// short rounds an exact decimal for the eye; comparisons use the whole.
func short(s string) string {
	r, ok := new(big.Rat).SetString(orZero(s))
	if !ok {
		return s
	}
	return r.FloatString(6)
}

func goodShare(calls map[string]int64) string {
	var good, all int64
	for outcome, n := range calls {
		if outcome == "cancelled" || outcome == "rejected" {
			continue
		}
		all += n
		if outcome == "success" || strings.HasPrefix(outcome, "recovered") {
			good += n
		}
	}
	if all == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f %%", 100*float64(good)/float64(all))
}

func commonest(failed map[string]int64) (class string, total int64) {
	classes := make([]string, 0, len(failed))
	for c, n := range failed {
		classes = append(classes, c)
		total += n
	}
	sort.Slice(classes, func(i, j int) bool {
		if failed[classes[i]] != failed[classes[j]] {
			return failed[classes[i]] > failed[classes[j]]
		}
		return classes[i] < classes[j]
	})
	if len(classes) == 0 {
		return "-", 0
	}
	return classes[0], total
}
