package prometheus

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/deploy"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/rollupcomponent"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/slospec"
	"github.com/spanledger/spanledger/internal/stamp"
)

// ledger is a real ledger behind the real scrape page, at a time of our own.
type ledger struct {
	*rollup.Ledger
	now time.Time
	ids uint64
}

func (l *ledger) Snapshot() *rollup.Snapshot                    { return l.Cut(l.now) }
func (*ledger) Fleet() rollupcomponent.Fleet                    { return rollupcomponent.Fleet{} }
func (*ledger) Receipts(int, string) []rollup.Receipt           { return nil }
func (*ledger) Receipt(llm.SpanKey) (r rollup.Receipt, ok bool) { return r, false }

func newLedger(t *testing.T, scope rollup.Scope) (*ledger, rollup.Config) {
	t.Helper()
	cfg := rollup.DefaultConfig()
	cfg.Scope = scope
	cfg.DefaultSLOs.Enabled = false
	spec, _ := slo.Spec{Name: "checkout-answers", Objective: slo.Objective{Num: 99, Den: 100}, Window: slo.Window{Rolling: 30 * 24 * time.Hour}, MinEvents: 20}.WithDefaults()
	cfg.SLOs = []rollup.SLODef{{Spec: spec, Where: rollup.Where{"route": "checkout"}}}
	limit, err := money.Parse("10")
	require.NoError(t, err)
	cfg.Budgets = []rollup.BudgetDef{{Name: "checkout-day", Limit: limit, Window: slo.Window{Calendar: slo.Day}}}
	l, err := rollup.New(cfg, "ledger-1", epoch)
	require.NoError(t, err)
	return &ledger{Ledger: l, now: epoch}, cfg
}

// book adds one attempt that ends now.
func (l *ledger) book(model string, status stamp.Status, use stamp.Use, class llm.ErrorClass) {
	l.ids++
	call := &llm.Call{Role: llm.RoleInference, Start: l.now.Add(-2 * time.Second).UnixNano(), End: l.now.UnixNano()}
	binary.BigEndian.PutUint64(call.Trace[8:], l.ids)
	binary.BigEndian.PutUint64(call.Span[:], l.ids)
	call.Failure.Class = class
	call.Usage.Tokens[llm.Input], call.Usage.Tokens[llm.CacheRead], call.Usage.Tokens[llm.Output] = 800, 200, 100
	st := &stamp.Stamp{Route: "checkout", Error: class}
	st.Model.Vendor, st.Model.Platform, st.Model.ID = "openai", "openai", model
	st.Cost.Status, st.Cost.Currency, st.Cost.Use = status, "USD", use
	if status.HasCost() {
		st.Cost.Total, _ = money.Parse("0.0125")
		st.Cost.Components[stamp.CompInput] = st.Cost.Total
	}
	l.Add([]rollup.Record{{Call: call, Stamp: st, Weight: 1, Dims: []string{"openai", "openai", model}}}, l.now)
}

// scrape is one visit of Prometheus to the page.
func (s *server) visit(l *ledger, publish rollupcomponent.Publish) {
	s.t.Helper()
	page := httptest.NewRecorder()
	rollupcomponent.NewScrape(l, publish).ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	require.Equal(s.t, 200, page.Code)
	app := s.storage.Appender(s.t.Context())
	parser := textparse.NewPromParser(page.Body.Bytes(), labels.NewSymbolTable(), false)
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(s.t, err)
		if entry != textparse.EntrySeries {
			continue
		}
		var l0 labels.Labels
		parser.Labels(&l0)
		_, _, value := parser.Series()
		b := labels.NewBuilder(l0).Set("job", "spanledger").Set("instance", "localhost:9464")
		_, err = app.Append(0, b.Labels(), l.now.UnixMilli(), value)
		require.NoError(s.t, err)
	}
	require.NoError(s.t, app.Commit())
}

// day plays two good hours and an outage of twenty minutes, scraped every 15 s.
func day(t *testing.T, scope rollup.Scope) (s *server, l *ledger, cfg rollup.Config, quiet, end time.Time) {
	t.Helper()
	s = newServer(t)
	l, cfg = newLedger(t, scope)
	publish := rollupcomponent.Publish{Share: scope == rollup.ScopeShare}
	quiet = epoch.Add(2 * time.Hour)
	end = quiet.Add(20 * time.Minute)
	for n := 0; !l.now.After(end); n++ {
		s.visit(l, publish)
		for i := range 6 {
			switch {
			case l.now.After(quiet) && i < 4:
				l.book("gpt-5", stamp.StatusNotBillable, stamp.UseDelivered, llm.ErrServer)
			case i == 5 && n%3 == 0:
				l.book("house-model", stamp.StatusUnpricedModel, stamp.UseDelivered, llm.ErrNone)
			case i == 4 && n%2 == 0:
				l.book("gpt-5", stamp.StatusPriced, stamp.UseWasted, llm.ErrCancelled)
			default:
				l.book("gpt-5", stamp.StatusPriced, stamp.UseDelivered, llm.ErrNone)
			}
		}
		l.now = l.now.Add(every)
	}
	return s, l, cfg, quiet, end
}

func names(alerts []firing) words {
	out := words{}
	for _, a := range alerts {
		out[a.alert+" "+a.labels["severity"]] = true
	}
	return out
}

// What the real ledger publishes, through the real page, into the shipped
// rules: nothing pages on a quiet day, the outage does, and what the books say
// of money is said in time.
func TestShippedRulesOverARealLedger(t *testing.T) {
	rules := deploy.Rules
	for name, scope := range map[string]rollup.Scope{"whole": rollup.ScopeWhole, "share": rollup.ScopeShare} {
		t.Run(name, func(t *testing.T) {
			s, l, cfg, quiet, end := day(t, scope)
			if scope == rollup.ScopeShare {
				require.Contains(t, names(s.evaluate(readRules(t, rules), quiet)), "SpanledgerSLOWithoutObjective info", "nobody declared it")
			}
			declare := func(at time.Time) []firing {
				if scope == rollup.ScopeShare {
					out, _, err := slospec.Generate(slospec.Objectives, cfg.SLOs)
					require.NoError(t, err)
					s.evaluate(readRules(t, out), at)
				}
				return s.evaluate(readRules(t, rules), at)
			}
			before := names(declare(quiet.Add(time.Second)))
			after := names(declare(end))
			always := setOf("SpanledgerUnpricedShare ticket")
			budget := setOf()
			if scope == rollup.ScopeWhole {
				budget = setOf("SpanledgerBudgetExceeded ticket")
			}
			require.Equal(t, always.with(budget), before)
			burning := setOf("SpanledgerSLOBurnRate page", "SpanledgerSLOBurnRate ticket")
			if scope == rollup.ScopeWhole {
				burning = burning.with(setOf("SpanledgerSLOBudgetExhausted ticket"))
			}
			require.Equal(t, always.with(budget).with(burning), after)

			spent, err := s.query(`sum(spanledger_cost_total{currency="USD"})`, end)
			require.NoError(t, err)
			// The last visit was before the last records.
			l.now = end
			require.InDelta(t, l.Snapshot().Totals.Cost[0].Cost.Float64(), spent[0].F, 6*0.0125)
		})
	}
}

// The dashboard over the same day: what must show something does.
func TestDashboardOverARealLedger(t *testing.T) {
	s, _, _, _, end := day(t, rollup.ScopeWhole)
	raw := deploy.Dashboard
	var d struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(raw, &d))
	empty := words{}
	for _, p := range d.Panels {
		data := len(p.Targets) == 0
		for _, target := range p.Targets {
			v, err := s.query(filled.Replace(target.Expr), end)
			require.NoError(t, err, p.Title)
			data = data || len(v) > 0
		}
		if !data {
			empty[p.Title] = true
		}
	}
	require.Equal(t, setOf("Time to first chunk", "Time per output token after the first", "Firing alerts of the shipped rules"), empty,
		"nothing streamed, and no rule was loaded")
}
