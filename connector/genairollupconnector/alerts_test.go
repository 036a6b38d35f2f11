package genairollupconnector

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// service is a route under a connector, on a clock of its own.
type service struct {
	t    *testing.T
	c    connector.Traces
	logs consumertest.LogsSink
	next uint64
	zero time.Time
	disk *memory
}

const twoSLOs = `
metrics_flush_interval: 30s
default_slos: {enabled: false}
slos:
  - {name: calls, where: {route: checkout}, objective: 0.99, window: {rolling: 30d}}
  - {name: attempts, where: {route: checkout}, sli: {scope: attempt}, objective: 0.99, window: {rolling: 30d}}
`

// run plays a story against a connector.
func run(t *testing.T, story func(*service)) {
	t.Helper()
	runWith(t, twoSLOs, story)
}

func runWith(t *testing.T, yaml string, story func(*service)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &service{t: t, zero: time.Now(), disk: &memory{data: map[string][]byte{}}}
		s.open(yaml)
		defer func() { require.NoError(t, s.c.Shutdown(context.Background())) }()
		story(s)
	})
}

// open starts the connector over what the disk holds.
func (s *service) open(yaml string) {
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(yaml))
	require.NoError(s.t, err)
	conf, err := retrieved.AsConf()
	require.NoError(s.t, err)
	f := NewFactory()
	cfg := f.CreateDefaultConfig()
	require.NoError(s.t, conf.Unmarshal(cfg))
	require.NoError(s.t, confmap.Validate(cfg))
	s.c, err = f.CreateTracesToLogs(s.t.Context(), connectortest.NewNopSettings(f.Type()), cfg, &s.logs)
	require.NoError(s.t, err)
	require.NoError(s.t, s.c.Start(s.t.Context(), s.disk))
}

// fate is how one call goes, an attempt a letter: k ok, x server error,
// r rate limited, f stopped by a filter; fallbacks follow their first attempt. A p is a failure that
// only a weak link ties to a later success.
func (s *service) call(fate string) { s.callAt(fate, time.Now()) }

// callAt is a call whose spans ended at a time, and come now.
func (s *service) callAt(fate string, now time.Time) {
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	s.next++
	var trace pcommon.TraceID
	binary.BigEndian.PutUint64(trace[8:], s.next)
	var group pcommon.SpanID
	for i, how := range []byte(fate) {
		s.next++
		var id pcommon.SpanID
		binary.BigEndian.PutUint64(id[:], s.next)
		if i == 0 {
			group = id
		}
		model := []string{"gpt-4o", "claude-sonnet-4-5"}[min(i, 1)]
		span := spans.AppendEmpty()
		span.SetTraceID(trace)
		span.SetSpanID(id)
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-time.Second)))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(now))
		a := span.Attributes()
		for k, v := range map[string]string{
			"gen_ai.operation.name": "chat", "gen_ai.request.model": model, "spanledger.model.id": model,
			"spanledger.model.vendor": "v", "spanledger.model.platform": "p", "spanledger.route": "checkout",
			"spanledger.cost.status": "no_usage",
		} {
			a.PutStr(k, v)
		}
		if class := map[byte]string{'x': "server_error", 'p': "server_error", 'r': "rate_limited", 'f': "content_filter"}[how]; class != "" {
			span.Status().SetCode(ptrace.StatusCodeError)
			a.PutStr("spanledger.error.class", class)
			a.PutStr("spanledger.cost.status", "not_billable")
		}
		if how == 'p' {
			a.PutBool("spanledger.attempt.probable", true)
		}
		if len(fate) > 1 {
			a.PutStr("spanledger.attempt.group_id", hex.EncodeToString(group[:]))
			a.PutInt("spanledger.attempt.number", int64(i+1))
			a.PutStr("spanledger.attempt.kind", []string{"first", "fallback"}[min(i, 1)])
			a.PutStr("spanledger.attempt.evidence", "explicit")
		}
	}
	require.NoError(s.t, s.c.ConsumeTraces(s.t.Context(), td))
}

// minutes lets time pass with ten calls a minute, of the fates in turn.
func (s *service) minutes(n int, fates ...string) {
	for range n {
		for i := range 10 {
			if len(fates) > 0 {
				s.call(fates[i%len(fates)])
			}
			time.Sleep(6 * time.Second)
		}
	}
	synctest.Wait()
}

// told lists what was said since the last time, to the minute.
func (s *service) told() (out []string) {
	for _, ld := range s.logs.AllLogs() {
		for _, rec := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			if rec.EventName() != "spanledger.slo.alert" {
				continue
			}
			a := rec.Attributes().AsRaw()
			line := fmt.Sprintf("%s %s %s active=%v", rec.SeverityText(), a["slo"], a["tier"], a["active"])
			if a["active"] == true {
				line += fmt.Sprintf(" %v %v", a["error.class"], a["spanledger.model.id"])
				require.Equal(s.t, "checkout", a["route"])
				require.Greater(s.t, a["burn_rate"], a["factor"])
				require.Contains(s.t, a, "error_budget.remaining")
			}
			out = append(out, line)
		}
	}
	s.logs.Reset()
	return out
}

const healthy = "k"

// A total outage pages within minutes, and clears once it is over; the ticket
// tier goes on for as long as its long windows remember.
func TestFastBurnPagesAndRecoveryClears(t *testing.T) {
	run(t, func(s *service) {
		s.minutes(180, healthy)
		require.Empty(s.t, s.told(), "nothing burns")
		s.minutes(15, "x")
		require.Contains(s.t, s.told(), "Error calls page active=true server_error gpt-4o")
		s.minutes(15, healthy)
		s.minutes(60, healthy)
		told := s.told()
		require.Contains(s.t, told, "Info calls page active=false", "the short window has recovered")
		pages := 0
		for _, line := range told {
			if line == "Error calls page active=true server_error gpt-4o" {
				pages++
			}
		}
		require.Zero(s.t, pages, "it does not flap")
	})
}

// A slow leak is worth a ticket and wakes nobody.
func TestSlowBurnTickets(t *testing.T) {
	run(t, func(s *service) {
		// One call in twenty fails: 5 times too fast, less than the 6 that pages.
		for range 3 * 60 {
			s.minutes(1, healthy)
			s.minutes(1, healthy, healthy, healthy, healthy, healthy, healthy, healthy, healthy, healthy, "x")
		}
		told := s.told()
		require.Contains(s.t, told, "Warn calls ticket active=true server_error gpt-4o")
		require.NotContains(s.t, fmt.Sprint(told), "page")
	})
}

// A deployment without traffic says nothing, and neither do a few failures.
func TestNoTrafficStaysQuiet(t *testing.T) {
	run(t, func(s *service) {
		s.minutes(120)
		s.minutes(1, "x")
		s.minutes(120)
		require.Empty(s.t, s.told())
	})
}

// An outage that fallbacks cover is the provider's, not the users'.
func TestFallbacksCoverAnOutage(t *testing.T) {
	run(t, func(s *service) {
		s.minutes(120, healthy)
		s.minutes(60, "xk")
		told := s.told()
		require.Contains(s.t, told, "Error attempts page active=true server_error gpt-4o")
		require.NotContains(s.t, fmt.Sprint(told), " calls ")
		var good, bad int64
		for _, o := range s.c.(*half).Snapshot().SLOs {
			if o.Name == "calls" {
				good, bad = o.Good, o.Bad
			}
		}
		require.EqualValues(s.t, 1800, good)
		require.Zero(s.t, bad)
	})
}

// Rate limits that fallbacks cover burn neither: they are the caller's pace.
func TestRateLimitsAreApart(t *testing.T) {
	run(t, func(s *service) {
		s.minutes(120, healthy)
		s.minutes(60, "rk")
		require.Empty(s.t, s.told())
	})
}

// A failure that was probably recovered is neither good nor bad.
func TestProbableRecoveriesNeverPage(t *testing.T) {
	run(t, func(s *service) {
		s.minutes(120, healthy)
		s.minutes(60, "p", "k")
		for _, line := range s.told() {
			require.NotContains(s.t, line, " calls ")
		}
		for _, o := range s.c.(*half).Snapshot().SLOs {
			if o.Name == "calls" {
				require.Zero(s.t, o.Bad)
				require.EqualValues(s.t, 300, o.Excluded)
			}
		}
	})
}
