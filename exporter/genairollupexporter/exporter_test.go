package genairollupexporter

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"google.golang.org/grpc"

	"github.com/spanledger/spanledger/exporter/genairollupexporter/internal/metadatatest"
)

const both = `
prometheus: {endpoint: "localhost:0"}
ui: {endpoint: "localhost:0"}
`

// The same spend, to the cent and beyond, on every way out: the API, the
// scrape and the push.
func TestScrapeAndPushEqualTheAPI(t *testing.T) {
	sink := newReceiver(t)
	e := start(t, componenttest.NewNopHost(), both+`otlp_http: {endpoint: "`+sink.URL+`", compression: none}`)
	<-sink.seen // zeros at the start
	e.send(t, call(1, "checkout", 0.1), call(2, "checkout", 0.2), call(3, "search", 0.000000000001), call(3, "search", 0.000000000001))

	api := e.rollups(t)
	require.Equal(t, "0.300000000001", api.Totals.Cost[0].Total, "exact, and the redelivered span once")
	require.Equal(t, int64(3), api.Totals.Calls)

	scraped := map[string]float64{}
	for lines := bufio.NewScanner(bytes.NewReader(get(t, "http://"+e.inner.promAddr+"/metrics"))); lines.Scan(); {
		line := lines.Text()
		name, _, _ := strings.Cut(line, "{")
		if name == "spanledger_cost_total" || name == "spanledger_calls_total" {
			v, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
			require.NoError(t, err)
			route := line[strings.Index(line, `route="`)+len(`route="`):]
			scraped[name+" "+route[:strings.IndexByte(route, '"')]] += v
		}
	}
	for _, r := range api.Routes {
		want, err := strconv.ParseFloat(r.Cost["USD"], 64)
		require.NoError(t, err)
		require.InDelta(t, want, scraped["spanledger_cost_total "+r.Route], 0)
		require.InDelta(t, float64(r.CallsTotal), scraped["spanledger_calls_total "+r.Route], 0)
	}
	require.Len(t, scraped, 4)

	require.NoError(t, e.Shutdown(t.Context()))
	require.InDelta(t, 0.300000000001, spent(sink.last(t)), 1e-15, "the last cut is pushed at shutdown")
	instance, _ := sink.last(t).ResourceMetrics().At(0).Resource().Attributes().Get("service.instance.id")
	require.Equal(t, api.Instance, instance.Str())
}

// What a receiver did not take is in the next push, and pushing again never
// counts spend twice.
func TestDeltaSurvivesAReceiverThatIsDown(t *testing.T) {
	sink := newReceiver(t)
	e := start(t, componenttest.NewNopHost(), `
metrics_flush_interval: 1s
aggregation_temporality: delta
otlp_http: {endpoint: "`+sink.URL+`", compression: none, retry_on_failure: {enabled: false}}
`)
	<-sink.seen
	sink.set(true)
	e.send(t, call(1, "checkout", 0.5))
	<-sink.seen // refused
	<-sink.seen
	sink.set(false)
	e.send(t, call(2, "checkout", 0.25))
	<-sink.seen
	<-sink.seen
	require.NoError(t, e.Shutdown(t.Context()))

	sum := 0.0
	for _, md := range sink.got {
		sum += spent(md)
		for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
			if m.Type() == pmetric.MetricTypeSum {
				require.Equal(t, pmetric.AggregationTemporalityDelta, m.Sum().AggregationTemporality())
			}
		}
	}
	require.InDelta(t, 0.75, sum, 0)
	require.Positive(t, e.inner.engine.Stats().PushFailures)
}

// Odd spans are counted, never refused: an error would only bring them back.
func TestOddSpansAreNoErrors(t *testing.T) {
	e := start(t, componenttest.NewNopHost(), both)
	odd := ptrace.NewTraces()
	span := odd.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.Attributes().PutStr("spanledger.cost.status", "priced")
	span.Attributes().PutStr("spanledger.cost.total", "a lot")
	span.Attributes().PutBool("gen_ai.usage.input_tokens", true)
	unstamped := ptrace.NewTraces()
	span = unstamped.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetTraceID([16]byte{9})
	span.SetSpanID([8]byte{9})
	span.Attributes().PutStr("gen_ai.operation.name", "chat")
	span.Attributes().PutStr("gen_ai.request.model", "gpt-4o")
	e.send(t, odd, unstamped, ptrace.NewTraces())

	metadatatest.AssertEqualExporterGenAiRollupUnstampedSpans(t, e.own,
		[]metricdata.DataPoint[int64]{{Value: 1}}, metricdatatest.IgnoreTimestamp())
	require.NotContains(t, string(get(t, "http://"+e.inner.promAddr+"/metrics")), "NaN")
}

// No content leaves by the page, the API or the scrape.
func TestNoContentIsShown(t *testing.T) {
	e := start(t, componenttest.NewNopHost(), both)
	e.send(t, call(1, "checkout", 0.5))
	for _, path := range []string{"/api/v1/rollups", "/api/v1/receipts", "/api/v1/receipts/01000000000000000000000000000001/0000000000000001"} {
		require.NotContains(t, string(get(t, "http://"+e.inner.pageAddr+path)), "secret", path)
	}
	require.NotContains(t, string(get(t, "http://"+e.inner.promAddr+"/metrics")), "secret")
}

func TestStartFailsWhereAPortIsTaken(t *testing.T) {
	first := start(t, componenttest.NewNopHost(), `ui: {endpoint: "localhost:0"}`)
	cfg, err := load(t, `ui: {endpoint: "`+first.inner.pageAddr+`"}`)
	require.NoError(t, err)
	second, err := NewFactory().CreateTraces(t.Context(), exportertest.NewNopSettings(NewFactory().Type()), cfg)
	require.NoError(t, err)
	require.ErrorContains(t, second.Start(t.Context(), componenttest.NewNopHost()), "ui: ")
	require.NoError(t, second.Shutdown(t.Context()))
	require.NoError(t, second.Shutdown(t.Context()))
}

// The page keeps to itself: nothing from elsewhere may be loaded by it.
func TestPageHeaders(t *testing.T) {
	e := start(t, componenttest.NewNopHost(), both)
	res, err := http.Get("http://" + e.inner.pageAddr + "/") //nolint:noctx // a test's own server
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Contains(t, res.Header.Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
}

// The gRPC push is the core's own exporter with its keys.
func TestPushOverGRPC(t *testing.T) {
	listener, err := net.Listen("tcp", "localhost:0") //nolint:noctx // a test's own server
	require.NoError(t, err)
	server, got := grpc.NewServer(), &grpcReceiver{seen: make(chan pmetric.Metrics, 10)}
	pmetricotlp.RegisterGRPCServer(server, got)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	defer func() {
		server.Stop()
		require.NoError(t, <-done)
	}()

	e := start(t, componenttest.NewNopHost(), `otlp_grpc: {endpoint: "`+listener.Addr().String()+`", tls: {insecure: true}}`)
	require.Zero(t, spent(<-got.seen))
	e.send(t, call(1, "checkout", 0.5))
	require.NoError(t, e.Shutdown(t.Context()))
	require.InDelta(t, 0.5, spent(<-got.seen), 0)
}

type grpcReceiver struct {
	pmetricotlp.UnimplementedGRPCServer
	seen chan pmetric.Metrics
}

func (r *grpcReceiver) Export(_ context.Context, in pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	r.seen <- in.Metrics()
	return pmetricotlp.NewExportResponse(), nil
}
