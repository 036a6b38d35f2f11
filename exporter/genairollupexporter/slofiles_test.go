package genairollupexporter

import (
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const openSLO = `apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout-open}
spec:
  indicator: {spec: {ratioMetric: {good: {metricSource: {type: spanledger, spec: {where: {route: checkout}}}}, total: {metricSource: {type: spanledger, spec: {where: {route: checkout}}}}}}}
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: elsewhere}
spec:
  indicator: {spec: {ratioMetric: {good: {metricSource: {type: prometheus, spec: {query: up}}}, total: {metricSource: {type: prometheus, spec: {query: up}}}}}}
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
`

// ended makes answered and failed calls on checkout that ended at a time; the
// failures are final.
func ended(seed uint64, at time.Time, good, bad int) ptrace.Traces {
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for i := range good + bad {
		span := spans.AppendEmpty()
		var trace pcommon.TraceID
		var id pcommon.SpanID
		binary.BigEndian.PutUint64(trace[:], seed)
		binary.BigEndian.PutUint64(id[:], seed<<32|uint64(i+1))
		span.SetTraceID(trace)
		span.SetSpanID(id)
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(at.Add(-time.Second)))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(at))
		a := span.Attributes()
		for k, v := range map[string]string{
			"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "spanledger.route": "checkout",
			"spanledger.model.id": "gpt-4o", "spanledger.model.vendor": "openai", "spanledger.model.platform": "openai",
			"spanledger.cost.status": "no_usage",
		} {
			a.PutStr(k, v)
		}
		if i >= good {
			a.PutStr("spanledger.error.class", "server_error")
			a.PutStr("spanledger.cost.status", "not_billable")
			span.Status().SetCode(ptrace.StatusCodeError)
			a.PutStr("spanledger.attempt.group_id", hex.EncodeToString(id[:]))
			a.PutStr("spanledger.attempt.kind", "first")
			a.PutStr("spanledger.attempt.evidence", "explicit")
			a.PutInt("spanledger.attempt.number", 1)
			a.PutBool("spanledger.attempt.final", true)
		}
	}
	return td
}

// Objectives are read from OpenSLO files, and published in the words of our
// own, of Sloth and of Pyrra at once.
func TestOpenSLOFilesAndCompatibleSeries(t *testing.T) {
	file := filepath.Join(t.TempDir(), "slo.yaml")
	require.NoError(t, os.WriteFile(file, []byte(openSLO), 0o600))
	e := start(t, componenttest.NewNopHost(), `
prometheus: {endpoint: "localhost:0"}
default_slos: {enabled: false}
compatibility: [sloth, pyrra]
slos:
  - {name: month, where: {route: checkout}, objective: 0.9, window: {calendar: month}}
slo_files: ["`+filepath.Dir(file)+`/*.yaml"]
`)
	scrape := func() string { return string(get(t, "http://"+e.inner.promAddr+"/metrics")) }
	empty := scrape()
	require.Contains(t, empty, `spanledger_slo_events_total{outcome="bad",reason="server_error",scope="call",slo="checkout-open"} 0`)
	require.NotContains(t, empty, "slo:sli_error", "no events, no ratio")
	require.NotContains(t, empty, "elsewhere")

	e.send(t, ended(1, time.Now().Add(-3*time.Minute), 97, 3))
	text := scrape()
	id := `{sloth_id="checkout-checkout-open",sloth_service="checkout",sloth_slo="checkout-open"`
	for _, line := range []string{
		"slo:sli_error:ratio_rate5m" + id + `,sloth_window="5m"} 0.03`,
		"slo:sli_error:ratio_rate28d" + id + `,sloth_window="28d"} 0.03`,
		"slo:objective:ratio" + id + "} 0.99",
		"slo:error_budget:ratio" + id + "} 0.01",
		"slo:time_period:days" + id + "} 28",
		"slo:current_burn_rate:ratio" + id + "} 3",
		"slo:period_burn_rate:ratio" + id + "} 3",
		"slo:period_error_budget_remaining:ratio" + id + "} -2",
		`sloth_slo_info{sloth_id="checkout-checkout-open",sloth_objective="99",sloth_service="checkout",sloth_slo="checkout-open"} 1`,
		`pyrra_objective{slo="checkout-open"} 0.99`,
		`pyrra_window{slo="checkout-open"} 2.4192e+06`,
		`pyrra_availability{slo="checkout-open"} 0.97`,
		`pyrra_requests:rate5m{slo="checkout-open"} 0.3333333333333333`,
		`pyrra_errors:rate5m{slo="checkout-open"} 0.01`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.NotContains(t, text, `sloth_slo="month"`, "neither product knows calendars")
}

func TestSLOFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.yaml")
	require.NoError(t, os.WriteFile(bad, []byte(strings.Replace(openSLO, "target: 0.99", "target: 1", 1)), 0o600))
	taken := filepath.Join(dir, "taken.yaml")
	require.NoError(t, os.WriteFile(taken, []byte(openSLO), 0o600))
	for _, c := range []struct{ yaml, says string }{
		{`slo_files: ["` + dir + `/none*.yaml"]`, "there is no such file"},
		{`slo_files: ["` + bad + `"]`, `slo "checkout-open": objective`},
		{"slos: [{name: checkout-open, objective: 0.9}]\nslo_files: [\"" + taken + `"]`, `the name "checkout-open" is taken`},
		{"compatibility: [slothy]", `compatibility[0]: "slothy" is not one of [sloth pyrra]`},
		{"scope: share\ncompatibility: [sloth]", "one writer"},
	} {
		_, err := load(t, "ui: {}\n"+c.yaml)
		require.ErrorContains(t, err, c.says, c.yaml)
	}
}
