package genairollupexporter

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/exporter/genairollupexporter/internal/metadatatest"
)

// call is one priced span.
func call(id byte, route string, cost float64) ptrace.Traces {
	td := ptrace.NewTraces()
	span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetTraceID(pcommon.TraceID{0: 1, 15: id})
	span.SetSpanID(pcommon.SpanID{7: id})
	span.SetName("chat gpt-4o")
	span.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(-2 * time.Second)))
	span.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(-time.Second)))
	a := span.Attributes()
	for k, v := range map[string]string{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
		"gen_ai.input.messages":  `[{"role":"user","parts":[{"type":"text","content":"a secret prompt"}]}]`,
		"spanledger.cost.status": "priced", "spanledger.cost.currency": "USD", "spanledger.cost.price_id": "openai/gpt-4o@1",
		"spanledger.model.id": "gpt-4o", "spanledger.model.vendor": "openai", "spanledger.model.platform": "openai",
		"spanledger.route": route,
	} {
		a.PutStr(k, v)
	}
	a.PutInt("gen_ai.usage.input_tokens", 1000)
	a.PutInt("gen_ai.usage.output_tokens", 100)
	a.PutDouble("spanledger.cost.total", cost)
	a.PutDouble("spanledger.cost.input", cost)
	td.MarkReadOnly()
	return td
}

// running is a started exporter with its addresses.
type running struct {
	exporter.Traces
	inner *rollupExporter
	own   *componenttest.Telemetry
}

// start makes the exporter as the factory does, and keeps hold of its inside
// for the addresses that the system chose.
func start(t *testing.T, host component.Host, yaml string) *running {
	t.Helper()
	cfg, err := load(t, yaml)
	require.NoError(t, err)
	own := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, own.Shutdown(context.Background())) })
	set := metadatatest.NewSettings(own)
	inner, err := newExporter(t.Context(), set, cfg)
	require.NoError(t, err)
	traces, err := inner.traces(t.Context(), cfg)
	require.NoError(t, err)
	require.NoError(t, traces.Start(t.Context(), host))
	t.Cleanup(func() { require.NoError(t, traces.Shutdown(context.Background()), "a second shutdown is none") })
	return &running{traces, inner, own}
}

func (r *running) send(t *testing.T, batches ...ptrace.Traces) {
	t.Helper()
	for _, td := range batches {
		require.NoError(t, r.ConsumeTraces(t.Context(), td))
	}
}

func (r *running) rollups(t *testing.T) (out rollups) {
	t.Helper()
	require.NoError(t, json.Unmarshal(get(t, "http://"+r.inner.pageAddr+"/api/v1/rollups"), &out))
	return out
}

// rollups is the part of the API that the tests look at.
type rollups struct {
	Instance, Start string
	Totals          struct {
		Spans, Calls int64
		Cost         []struct{ Currency, Total string }
	}
	Routes []struct {
		Route      string
		CallsTotal int64 `json:"calls_total"`
		Cost       map[string]string
	}
	Budgets []struct{ Name, State string }
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	res, err := http.Get(url) //nolint:noctx // a test's own server
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode, "%s", body)
	return body
}

// receiver takes OTLP metrics over HTTP; it answers 503 while it is down.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	down bool
	got  []pmetric.Metrics
	seen chan struct{}
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{seen: make(chan struct{}, 100)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		defer func() { r.seen <- struct{}{} }()
		if r.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(req.Body)
		in := pmetricotlp.NewExportRequest()
		if err == nil {
			err = in.UnmarshalProto(body)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.got = append(r.got, in.Metrics())
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) set(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

func (r *receiver) last(t *testing.T) pmetric.Metrics {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.NotEmpty(t, r.got)
	return r.got[len(r.got)-1]
}

// spent sums spanledger.cost over all series of a push.
func spent(md pmetric.Metrics) (sum float64) {
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if m.Name() == "spanledger.cost" {
			for _, p := range m.Sum().DataPoints().All() {
				sum += p.DoubleValue()
			}
		}
	}
	return sum
}

// disk is a storage extension that outlives the exporters of a test.
type disk struct {
	component.StartFunc
	component.ShutdownFunc
	mu     sync.Mutex
	data   map[string][]byte
	second map[string][]byte // of the client that only knows whether there were books
	broken bool
	open   int
	gate   sync.RWMutex // held: the disk does not answer
	note   func(string) // what happens, in order
}

func newDisk() *disk { return &disk{data: map[string][]byte{}, second: map[string][]byte{}} }

// copied is what a crash would leave.
func (d *disk) copied() *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &disk{data: maps.Clone(d.data), second: maps.Clone(d.second)}
}

func (d *disk) host() component.Host {
	return extensionHost{component.MustNewID("file_storage"): d}
}

type extensionHost map[component.ID]component.Component

func (h extensionHost) GetExtensions() map[component.ID]component.Component { return h }

func (d *disk) GetClient(_ context.Context, kind component.Kind, _ component.ID, name string) (storage.Client, error) {
	if kind != component.KindExporter || name == "" {
		return nil, fmt.Errorf("%v %q is not who was expected", kind, name)
	}
	d.open++
	if name == "witness" {
		return client{d, d.second}, nil
	}
	return client{d, d.data}, nil
}

type client struct {
	*disk
	keys map[string][]byte
}

func (c client) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := c.Batch(ctx, op)
	return op.Value, err
}

func (c client) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

func (c client) Delete(ctx context.Context, key string) error {
	return c.Batch(ctx, storage.DeleteOperation(key))
}

func (c client) Batch(_ context.Context, ops ...*storage.Operation) error {
	c.gate.RLock()
	defer c.gate.RUnlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		return storage.ErrStorageFull
	}
	for _, op := range ops {
		switch op.Type {
		case storage.Get:
			op.Value = c.keys[op.Key]
		case storage.Set:
			if c.note != nil && strings.HasPrefix(op.Key, "books.") {
				c.note("stored")
			}
			c.keys[op.Key] = append([]byte(nil), op.Value...)
		case storage.Delete:
			delete(c.keys, op.Key)
		}
	}
	return nil
}

func (c client) Close(context.Context) error {
	c.gate.RLock()
	defer c.gate.RUnlock()
	if c.open--; c.note != nil && c.open == 0 {
		c.note("closed")
	}
	return nil
}
