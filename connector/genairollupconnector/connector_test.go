package genairollupconnector

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func stamped(id byte) ptrace.Traces {
	td := ptrace.NewTraces()
	span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetTraceID([16]byte{15: id})
	span.SetSpanID([8]byte{7: id})
	span.Attributes().PutStr("gen_ai.request.model", "m")
	span.Attributes().PutStr("spanledger.cost.status", "priced")
	span.Attributes().PutDouble("spanledger.cost.total", 0.5)
	span.Attributes().PutDouble("spanledger.cost.input", 0.5)
	span.Attributes().PutStr("spanledger.cost.currency", "USD")
	span.Attributes().PutStr("spanledger.model.id", "m")
	span.Attributes().PutStr("spanledger.route", "r")
	return td
}

// Whatever the order in which the collector stops the two halves, each hands
// its last cut to its own pipeline and the books are closed once.
func TestHalvesShareOneLedger(t *testing.T) {
	for name, order := range map[string][]int{"metrics first": {0, 1}, "logs first": {1, 0}} {
		t.Run(name, func(t *testing.T) {
			f, set := NewFactory(), connectortest.NewNopSettings(NewFactory().Type())
			cfg := f.CreateDefaultConfig()
			metrics, logs := &consumertest.MetricsSink{}, &consumertest.LogsSink{}
			m, err := f.CreateTracesToMetrics(t.Context(), set, cfg, metrics)
			require.NoError(t, err)
			l, err := f.CreateTracesToLogs(t.Context(), set, cfg, logs)
			require.NoError(t, err)
			halves := []connector.Traces{m, l}
			for _, h := range halves {
				require.NoError(t, h.Start(t.Context(), componenttest.NewNopHost()))
			}
			for _, h := range halves {
				require.NoError(t, h.ConsumeTraces(t.Context(), stamped(1)))
			}
			for _, i := range order {
				require.NoError(t, halves[i].Shutdown(t.Context()))
				require.NoError(t, halves[i].Shutdown(t.Context()), "a second shutdown is none")
			}
			all := metrics.AllMetrics()
			require.NotEmpty(t, all)
			for _, md := range all[len(all)-1].ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
				if md.Name() == "spanledger.calls" {
					require.Equal(t, int64(1), md.Sum().DataPoints().At(0).IntValue(), "both halves got the batch, one booked it")
				}
			}
		})
	}
}

// Two connectors of one process keep books of their own.
func TestConnectorsDoNotShare(t *testing.T) {
	f, set := NewFactory(), connectortest.NewNopSettings(NewFactory().Type())
	a, err := f.CreateTracesToMetrics(t.Context(), set, f.CreateDefaultConfig(), consumertest.NewNop())
	require.NoError(t, err)
	b, err := f.CreateTracesToMetrics(t.Context(), set, f.CreateDefaultConfig(), consumertest.NewNop())
	require.NoError(t, err)
	require.NotSame(t, a.(*half).Engine, b.(*half).Engine)
	require.NoError(t, a.Shutdown(context.Background()))
	require.NoError(t, b.Shutdown(context.Background()))
}

func TestPageOfTheConnector(t *testing.T) {
	f := NewFactory()
	cfg := f.CreateDefaultConfig().(*Config)
	cfg.UI.GetOrInsertDefault().NetAddr.Endpoint = "localhost:0"
	c, err := f.CreateTracesToLogs(t.Context(), connectortest.NewNopSettings(f.Type()), cfg, consumertest.NewNop())
	require.NoError(t, err)
	require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, c.ConsumeTraces(t.Context(), stamped(1)))
	res, err := http.Get("http://" + c.(*half).page.Addr() + "/api/v1/rollups") //nolint:noctx // a test's own server
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Contains(t, string(body), `"total":"0.5"`)
	require.NoError(t, c.Shutdown(t.Context()))
}
