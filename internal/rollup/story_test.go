package rollup

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// A story is a file of two halves: what happens to a ledger, and what its
// snapshots say. Times are seconds and durations since the start.
//
//	config settle=60s limit=10      first line, optional
//	add 2s                          records that arrive together, one a line
//	  span=a route=r model=m end=1s took=1s cost=0.5 ...
//	cut 61s                         prints the books
//	restart 70s                     a new ledger takes over the stored state
//
// See parseRecord for the words of a record.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.story")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".story"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			in, want, _ := strings.Cut(string(data), "-- out --\n")
			got := playStory(t, in)
			if scenario.Updating() {
				require.NoError(t, os.WriteFile(file, []byte(in+"-- out --\n"+got), 0o644))
				return
			}
			require.Equal(t, want, got)
		})
	}
}

func playStory(t *testing.T, in string) string {
	t.Helper()
	cfg := storyConfig()
	var l *Ledger
	var out strings.Builder
	var batch []Record
	var at time.Time
	deliver := func() {
		if len(batch) > 0 {
			fmt.Fprintf(&out, "add %v: %s\n", at.Sub(t0), showResult(l.Add(batch, at)))
			batch = nil
		}
	}
	for line := range strings.Lines(in) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if words[0] == "config" {
			configure(t, &cfg, words[1:])
			continue
		}
		if l == nil {
			var err error
			l, err = New(cfg, "story", t0)
			require.NoError(t, err)
		}
		if strings.HasPrefix(line, " ") {
			batch = append(batch, parseRecord(t, words))
			continue
		}
		deliver()
		require.Len(t, words, 2, line)
		at = t0.Add(span(t, words[1]))
		switch words[0] {
		case "add":
		case "cut":
			fmt.Fprintf(&out, "cut %v\n%s", at.Sub(t0), show(l.Cut(at)))
		case "restart":
			state := l.MarshalState()
			var err error
			l, err = New(cfg, "another", at)
			require.NoError(t, err)
			require.NoError(t, l.RestoreState(state, at))
		default:
			t.Fatalf("%q is no step", line)
		}
	}
	return out.String()
}

// storyConfig has one dimension and no default SLOs, to keep stories short.
func storyConfig() Config {
	return Config{Dimensions: []string{"model"}, Settle: time.Minute, ReportingCurrency: "USD"}
}

func configure(t *testing.T, cfg *Config, words []string) {
	t.Helper()
	for _, w := range words {
		k, v, _ := strings.Cut(w, "=")
		switch k {
		case "settle":
			cfg.Settle = span(t, v)
		case "limit":
			cfg.CardinalityLimit = number(t, v)
		case "values":
			cfg.DimensionLimit = number(t, v)
		case "pending":
			cfg.MaxPending = number(t, v)
		case "horizon":
			cfg.Dedupe.Horizon = span(t, v)
		case "availability", "duration": // route:objective[:threshold]
			parts := strings.Split(v, ":")
			o, err := slo.ParseObjective(parts[1])
			require.NoError(t, err)
			d := SLODef{Spec: slo.Spec{Name: parts[0] + "-" + k, Objective: o, Window: slo.Window{Rolling: 30 * 24 * time.Hour}}, Where: Where{RouteKey: parts[0]}}
			if k == "duration" {
				d.Kind, d.Limits.Duration = slo.Duration, span(t, parts[2])
			}
			cfg.SLOs = append(cfg.SLOs, d)
		case "budget": // route:limit:soft:window
			parts := strings.Split(v, ":")
			b := BudgetDef{Name: parts[0] + "-budget", Where: Where{RouteKey: parts[0]}, Limit: amount(t, parts[1]), Soft: amount(t, parts[2])}
			if c, ok := slo.ParseCalendar(parts[3]); ok {
				b.Window.Calendar = c
			} else {
				b.Window.Rolling = span(t, parts[3])
			}
			cfg.Budgets = append(cfg.Budgets, b)
		default:
			t.Fatalf("%q is no setting", w)
		}
	}
}

// parseRecord reads a record: a priced, answered call to model m of route r
// unless words say otherwise.
func parseRecord(t *testing.T, words []string) Record {
	t.Helper()
	c := &llm.Call{Role: llm.RoleInference, Trace: llm.TraceID{1}}
	st := &stamp.Stamp{Route: "r", Model: stamp.Model{ID: "m"}}
	st.Cost.Status, st.Cost.Currency = stamp.StatusPriced, "USD"
	rec := Record{Call: c, Stamp: st, Weight: 1}
	end, took := t0, time.Second
	for _, w := range words {
		k, v, _ := strings.Cut(w, "=")
		ok := true
		switch k {
		case "trace":
			c.Trace = llm.TraceID{}
			copy(c.Trace[:], v)
		case "span":
			copy(c.Span[:], v)
		case "group":
			copy(st.Attempt.Group[:], v)
		case "n":
			st.Attempt.Number = number(t, v)
		case "kind":
			st.Attempt.Kind, ok = stamp.ParseKind(v)
		case "parent":
			copy(c.Parent[:], v)
		case "evidence":
			st.Attempt.Evidence, ok = stamp.ParseEvidence(v)
		case "takes":
			copy(st.Attempt.TakesOver[:], v)
		case "futile":
			st.Attempt.Futile = true
		case "attempts":
			st.Call.Attempts = number(t, v)
		case "wasted":
			st.Call.WastedLatency = int64(span(t, v))
		case "backoff":
			st.Call.Backoff = int64(span(t, v))
		case "final":
			st.Attempt.Final = map[string]stamp.Tri{"yes": stamp.Yes, "no": stamp.No}[v]
		case "probable":
			st.Attempt.Probable = true
		case "class":
			st.Error, ok = llm.ParseErrorClass(v)
		case "ruled":
			rec.Ruled, ok = slo.ParseVerdict(v)
		case "route":
			st.Route = v
		case "model":
			st.Model.ID = v
		case "end":
			end = t0.Add(span(t, v))
		case "took":
			took = span(t, v)
		case "status":
			st.Cost.Status, ok = stamp.ParseStatus(v)
		case "cost":
			st.Cost.Total = amount(t, v)
			st.Cost.Components[stamp.CompOutput] = st.Cost.Total
		case "list":
			st.Cost.List, st.Cost.HasList = amount(t, v), true
		case "atleast":
			st.Cost.Status, st.Cost.AtLeast = stamp.StatusPartial, amount(t, v)
		case "currency":
			st.Cost.Currency = v
		case "use":
			st.Cost.Use, ok = stamp.ParseUse(v)
		case "in":
			c.Usage.Tokens[llm.Input] = int64(number(t, v))
		case "out":
			c.Usage.Tokens[llm.Output] = int64(number(t, v))
		case "response":
			c.ResponseID = v
		case "role":
			c.Role = map[string]llm.Role{"rollup": llm.RoleRollup, "transport": llm.RoleTransport}[v]
		case "outcome":
			st.Call.Set = true
			st.Call.Outcome, ok = stamp.ParseOutcome(v)
		case "weight":
			var err error
			rec.Weight, err = strconv.ParseFloat(v, 64)
			require.NoError(t, err)
		default:
			ok = false
		}
		require.True(t, ok, "%q is no word of a record", w)
	}
	c.End = end.UnixNano()
	c.Start = c.End - int64(took)
	rec.Dims = []string{st.Model.ID}
	return rec
}

func span(t *testing.T, s string) time.Duration {
	t.Helper()
	sign := time.Duration(1)
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = rest, -1
	}
	d, err := slo.ParseSpan(s)
	require.NoError(t, err)
	return sign * d
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}

func amount(t *testing.T, s string) money.Amount {
	t.Helper()
	a, err := money.Parse(s)
	require.NoError(t, err)
	return a
}

func showResult(r AddResult) string {
	return strings.TrimSpace(showFields([]string{"accepted", "redelivered", "duplicate", "late", "future", "overflow", "unconverted", "late_attempts"},
		r.Accepted, r.Redelivered, r.DuplicateBills, r.Late, r.Future, r.Overflow, r.Unconverted, r.LateAttempts))
}

func showFields(names []string, values ...int) string {
	var b strings.Builder
	for i, v := range values {
		if v != 0 {
			fmt.Fprintf(&b, " %s=%d", names[i], v)
		}
	}
	return b.String()
}

// show prints a snapshot, leaving out what is zero.
func show(s *Snapshot) string {
	var b strings.Builder
	for i := range s.Rows {
		b.WriteString(showRow(&s.Rows[i]))
	}
	for _, r := range s.Components {
		fmt.Fprintf(&b, "  component %s/%s/%s %s %s %s\n", r.Vendor, r.Platform, r.Model, r.Component, r.Cost, r.Currency)
	}
	for _, r := range s.Unpriced {
		fmt.Fprintf(&b, "  unpriced %s/%s/%s %s calls=%d tokens=%d\n", r.Vendor, r.Platform, r.Model, r.Reason, r.Calls, r.Tokens)
	}
	for _, r := range s.SLOs {
		fmt.Fprintf(&b, "  slo %s good=%d bad=%d excluded=%d window=%d/%d top=%s", r.Name, r.Good, r.Bad, r.Excluded, r.Status.Counts.Bad, r.Status.Counts.Events(), r.TopClass)
		for _, a := range r.Status.Alerts {
			if a.Active {
				fmt.Fprintf(&b, " %s since %v", a.Tier, a.Since.Sub(t0))
			}
		}
		b.WriteByte('\n')
	}
	for _, r := range s.Budgets {
		fmt.Fprintf(&b, "  budget %s %s spent=%s/%s share=%.2f calls=%d", r.Name, r.State, r.Spent, r.Limit, r.PricedShare, r.CallsInWindow)
		if r.HasForecast {
			fmt.Fprintf(&b, " forecast=%s", r.Forecast)
		}
		if !r.Exhaustion.IsZero() {
			fmt.Fprintf(&b, " exhausted=%s", r.Exhaustion.Format(time.RFC3339))
		}
		b.WriteByte('\n')
	}
	t := s.Totals
	fmt.Fprintf(&b, "  totals spans=%d calls=%d attempts=%d billed=%d duplicates=%d unpriced=%d no_usage=%d not_billable=%d unstamped=%d tokens=%d pending=%d\n",
		t.Spans, t.Calls, t.Attempts, t.Billed, t.Duplicates, t.Unpriced, t.NoUsage, t.NotBillable, t.Unstamped, t.Tokens, s.Pending)
	for _, c := range t.Cost {
		fmt.Fprintf(&b, "  %s cost=%s wasted=%s naive=%s priced=%d partly=%d\n", c.Currency, c.Cost, c.Wasted, c.Naive, c.CallsPriced, c.CallsWithNoTotal)
	}
	if self := s.Self; true {
		names := []string{"late", "future", "redelivered", "duplicate_bills", "early_evicted", "overflow", "late_attempts", "unclassified", "unconverted", "settled_early", "split_calls"}
		if line := showFields(names, int(self.Late), int(self.Future), int(self.Redelivered), int(self.DuplicateBills), int(self.EarlyEvicted), int(self.OverflowRecords),
			int(self.LateAttempts), int(self.Unclassified), int(self.Unconverted), int(self.SettledEarly), int(self.SplitCalls)); line != "" {
			fmt.Fprintf(&b, "  self%s\n", line)
		}
	}
	return b.String()
}

func showRow(r *Row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  row %s %s", r.Route, strings.Join(r.Dims, "/"))
	if r.Overflow {
		b.WriteString(" overflow")
	}
	b.WriteString(":")
	for o, n := range r.Calls {
		put(&b, stamp.Outcome(o).String(), n)
	}
	for c, n := range r.CallsFailed {
		put(&b, "call."+llm.ErrorClass(c).String(), n)
	}
	b.WriteString(" |")
	for k, n := range r.Attempts {
		put(&b, stamp.Kind(k).String(), n)
	}
	for c, n := range r.AttemptsFailed {
		put(&b, "attempt."+llm.ErrorClass(c).String(), n)
	}
	b.WriteString(" |")
	for s, n := range r.Statuses {
		put(&b, stamp.Status(s).String(), n)
	}
	for k, n := range r.Tokens {
		put(&b, llm.Bucket(k).String(), n)
	}
	for u, a := range r.Cost {
		if !a.IsZero() {
			fmt.Fprintf(&b, " %s=%s", stamp.Use(u), a)
		}
	}
	if !r.CostAtLeast.IsZero() {
		fmt.Fprintf(&b, " at_least=%s", r.CostAtLeast)
	}
	if r.Naive != r.Cost[stamp.UseDelivered] {
		fmt.Fprintf(&b, " naive=%s", r.Naive)
	}
	put(&b, "late", r.Late)
	put(&b, "hidden", r.AttemptsHidden)
	put(&b, "futile", r.AttemptsFutile)
	put(&b, "unknown", r.AttemptsUnknown)
	put(&b, "tokens.wasted", r.TokensWasted)
	for _, d := range []struct {
		name  string
		nanos int64
	}{{"lost", r.WastedLatency}, {"backoff", r.Backoff}} {
		if d.nanos != 0 {
			fmt.Fprintf(&b, " %s=%v", d.name, time.Duration(d.nanos))
		}
	}
	if r.Duration.Count > 0 {
		fmt.Fprintf(&b, " duration=%gs/%d", r.Duration.Sum, r.Duration.Count)
	}
	if e := r.Extrapolated; e.Cost != r.Cost[stamp.UseDelivered].Add(r.Cost[stamp.UseWasted]).Add(r.Cost[stamp.UseUnknown]) {
		fmt.Fprintf(&b, " extrapolated=%g/%s", e.Calls, e.Cost)
	}
	b.WriteByte('\n')
	return b.String()
}

func put(b *strings.Builder, name string, n int64) {
	if n != 0 {
		fmt.Fprintf(b, " %s=%d", name, n)
	}
}
