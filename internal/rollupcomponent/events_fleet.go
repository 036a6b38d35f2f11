package rollupcomponent

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/rollup"
)

// EventChange says that a route began to use another model, version, platform,
// region, prompt version or price.
const EventChange = "spanledger.fleet.change"

// changeEvents writes the changes that were not sent yet and returns the
// number of the last one, 0 none. A share says nothing: the others saw the
// same change.
func (s *EventsSink) changeEvents(snap *rollup.Snapshot, out plog.LogRecordSlice) (last uint64) {
	if s.fleet == nil || snap.Scope == rollup.ScopeShare {
		return 0
	}
	for _, c := range s.fleet.unsent() {
		last = c.Number
		rec := out.AppendEmpty()
		rec.SetTimestamp(pcommon.NewTimestampFromTime(time.Unix(0, c.Seen)))
		rec.SetObservedTimestamp(pcommon.NewTimestampFromTime(snap.At))
		rec.SetEventName(EventChange)
		severity(rec, plog.SeverityNumberWarn)
		attrs := rec.Attributes()
		attrs.PutStr("change", c.Kind())
		attrs.PutInt("number", int64(c.Number))
		attrs.PutStr(attrRoute, c.Route)
		attrs.PutStr("since", timestamp(time.Unix(0, c.At)))
		attrs.PutStr(attrCurrency, s.fleet.currency)
		putItem(attrs, "from", &c.From)
		putItem(attrs, "to", &c.To)
		putFigures(attrs, "before", &c.Before)
		putFigures(attrs, "after", &c.After)
		rec.Body().SetStr(changeText(&c.Change, s.fleet.currency))
	}
	return last
}

func putItem(attrs pcommon.Map, key string, i *fleet.Item) {
	for _, p := range [...]struct{ name, value string }{{"name", i.Name}, {"maker", i.Maker}, {"version", i.Version}} {
		if p.value != "" {
			attrs.PutStr(key+"."+p.name, p.value)
		}
	}
}

func putFigures(attrs pcommon.Map, key string, f *fleet.Figures) {
	attrs.PutInt(key+".calls", f.Calls)
	for _, p := range [...]struct {
		name string
		of   func() (float64, bool)
	}{
		{"cost_per_call", f.CostPerCall},
		{"tokens_per_call", f.TokensPerCall},
		{"error_rate", f.ErrorRate},
		{"latency", f.Latency},
		{"input_price_per_million", f.InputPrice},
		{"output_price_per_million", f.OutputPrice},
	} {
		if v, ok := p.of(); ok {
			attrs.PutDouble(key+"."+p.name, v)
		}
	}
}

// changeText says a change in a sentence.
func changeText(c *fleet.Change, currency string) string {
	from, to := c.From.Name, c.To.Name
	what := map[string]string{"prompt_version": "prompt " + c.To.Name, "price": "price row of " + c.To.Name}[c.Kind()]
	switch c.Kind() {
	case "version", "region", "prompt_version", "price":
		from, to = orUnknown(c.From.Version), orUnknown(c.To.Version)
	}
	if what == "" {
		what = c.Kind()
	}
	text := fmt.Sprintf("Route %s changed its %s from %s to %s", c.Route, what, from, to)
	before, okB := perCallAmount(&c.Before)
	after, okA := perCallAmount(&c.After)
	if okA && okB {
		text += fmt.Sprintf("; a call costs %s %s, before %s", after, currency, before)
	}
	return text
}

func orUnknown(v string) string {
	if v == "" {
		return "unknown"
	}
	return v
}

// perCallAmount is the mean cost of a call, to the pico-unit.
func perCallAmount(f *fleet.Figures) (money.Amount, bool) {
	mean, ok := f.CostPerCall()
	if !ok {
		return money.Amount{}, false
	}
	return money.FromFloat64(mean)
}
