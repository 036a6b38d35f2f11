package rollupcomponent

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/slo"
)

// Names of the events that the logs half sends.
const (
	EventAlert  = "spanledger.slo.alert"
	EventBudget = "spanledger.budget.state"
)

// EventsSink turns changes between two snapshots into log records: a tier of
// an SLO that begins or ends to alert, a budget that changes its state; and the
// changes of what a route uses. The first snapshot says what is not well
// already; what goes on says nothing.
type EventsSink struct {
	send    func(context.Context, plog.Logs) error
	version string
	alerts  map[alertKey]bool
	budgets map[string]string
	fleet   *inventory // set by the engine
}

type alertKey struct{ slo, route, tier string }

// NewEventsSink makes a sink; send returns once the receiver has taken them.
func NewEventsSink(build component.BuildInfo, send func(context.Context, plog.Logs) error) *EventsSink {
	return &EventsSink{send: send, version: build.Version}
}

// Push sends the changes since the last snapshot that was taken.
func (s *EventsSink) Push(ctx context.Context, snap *rollup.Snapshot) error {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "spanledger")
	rl.Resource().Attributes().PutStr("service.instance.id", snap.Instance)
	sl := rl.ScopeLogs().AppendEmpty()
	sl.Scope().SetName(ScopeName)
	sl.Scope().SetVersion(s.version)
	alerts := s.alertEvents(snap, sl.LogRecords())
	budgets := s.budgetEvents(snap, sl.LogRecords())
	change := s.changeEvents(snap, sl.LogRecords())
	if sl.LogRecords().Len() > 0 {
		if err := s.send(ctx, ld); err != nil {
			return err
		}
	}
	s.alerts, s.budgets = alerts, budgets
	if change > 0 {
		s.fleet.took(change)
	}
	return nil
}

func (s *EventsSink) alertEvents(snap *rollup.Snapshot, out plog.LogRecordSlice) map[alertKey]bool {
	now := make(map[alertKey]bool, len(snap.SLOs))
	if snap.Scope == rollup.ScopeShare {
		return now // a share of the traffic says nothing on an SLO
	}
	for i := range snap.SLOs {
		o := &snap.SLOs[i]
		for _, tier := range tiers(o) {
			key := alertKey{o.Name, o.Route, tier.Tier}
			now[key] = tier.Active
			if tier.Active == s.alerts[key] {
				continue
			}
			rec := eventRecord(out, snap, EventAlert)
			attrs := rec.Attributes()
			attrs.PutStr(attrSLO, o.Name)
			attrs.PutStr(attrTier, tier.Tier)
			attrs.PutBool("active", tier.Active)
			attrs.PutDouble("burn_rate", tier.Burn)
			attrs.PutDouble("factor", tier.Factor)
			attrs.PutStr(attrWindow, shortDuration(tier.Long))
			if !tier.Since.IsZero() {
				attrs.PutStr("since", timestamp(tier.Since))
			}
			attrs.PutDouble("error_budget.remaining", o.Status.Remaining)
			if o.Route != "" {
				attrs.PutStr(attrRoute, o.Route)
			}
			if class := o.TopClass.String(); class != "" {
				attrs.PutStr(attrErrorClass, class)
			}
			if o.TopModel != "" {
				attrs.PutStr(attrModel, o.TopModel)
			}
			if o.Status.Exhaustion > 0 {
				attrs.PutDouble("time_to_exhaustion", o.Status.Exhaustion.Seconds())
			}
			if !tier.Active {
				severity(rec, plog.SeverityNumberInfo)
				rec.Body().SetStr(fmt.Sprintf("SLO %s no longer burns fast enough to %s", o.Name, tier.Tier))
				continue
			}
			severity(rec, alertSeverity(tier.Tier))
			rec.Body().SetStr(alertText(o, &tier))
		}
	}
	return now
}

// alertText says in a sentence what burns, how fast, and what is most to blame.
func alertText(o *rollup.SLORow, tier *slo.Alert) string {
	text := fmt.Sprintf("SLO %s burns its error budget %.1f times too fast over %s; ", o.Name, tier.Burn, shortDuration(tier.Long))
	if left := 100 * o.Status.Remaining; left >= 0 {
		text += fmt.Sprintf("%.0f %% of the budget is left", left)
	} else {
		text += fmt.Sprintf("the budget is overspent by %.0f %%", -left)
	}
	var blame []string
	for _, word := range []string{o.TopClass.String(), o.TopModel} {
		if word != "" {
			blame = append(blame, word)
		}
	}
	if len(blame) > 0 {
		text += ", mostly " + strings.Join(blame, " of ")
	}
	return text
}

func (s *EventsSink) budgetEvents(snap *rollup.Snapshot, out plog.LogRecordSlice) map[string]string {
	now := make(map[string]string, len(snap.Budgets))
	if snap.Scope == rollup.ScopeShare {
		return now
	}
	for i := range snap.Budgets {
		b := &snap.Budgets[i]
		now[b.Name] = b.State
		before, known := s.budgets[b.Name]
		if before == b.State || (!known && b.State == "ok") {
			continue
		}
		rec := eventRecord(out, snap, EventBudget)
		attrs := rec.Attributes()
		attrs.PutStr(attrBudget, b.Name)
		attrs.PutStr("state", b.State)
		attrs.PutStr(attrCurrency, b.Currency)
		attrs.PutStr("limit", b.Limit.String())
		attrs.PutStr("spent", b.Spent.String())
		attrs.PutDouble("priced_share", b.PricedShare)
		switch b.State {
		case "exceeded":
			severity(rec, plog.SeverityNumberError)
		case "ok":
			severity(rec, plog.SeverityNumberInfo)
		default:
			severity(rec, plog.SeverityNumberWarn)
		}
		rec.Body().SetStr(fmt.Sprintf("Budget %s is %s: %s of %s %s spent", b.Name, b.State, b.Spent, b.Limit, b.Currency))
	}
	return now
}

func eventRecord(out plog.LogRecordSlice, snap *rollup.Snapshot, name string) plog.LogRecord {
	rec := out.AppendEmpty()
	at := pcommon.NewTimestampFromTime(snap.At)
	rec.SetTimestamp(at)
	rec.SetObservedTimestamp(at)
	rec.SetEventName(name)
	return rec
}

func severity(rec plog.LogRecord, n plog.SeverityNumber) {
	rec.SetSeverityNumber(n)
	rec.SetSeverityText(n.String())
}

func alertSeverity(tier string) plog.SeverityNumber {
	if tier == "page" {
		return plog.SeverityNumberError
	}
	return plog.SeverityNumberWarn
}
