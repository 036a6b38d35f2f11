package genairollupconnector

import (
	"context"
	"maps"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// memory is a storage extension that outlives the connectors of a test.
type memory struct {
	component.StartFunc
	component.ShutdownFunc
	data map[string][]byte
}

func (m *memory) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return memoryClient{m}, nil
}

func (m *memory) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{component.MustNewID("file_storage"): m}
}

type memoryClient struct{ *memory }

func (c memoryClient) Get(_ context.Context, key string) ([]byte, error) { return c.data[key], nil }

func (c memoryClient) Set(_ context.Context, key string, value []byte) error {
	c.data[key] = append([]byte(nil), value...)
	return nil
}

func (c memoryClient) Delete(_ context.Context, key string) error {
	delete(c.data, key)
	return nil
}

func (c memoryClient) Batch(ctx context.Context, ops ...*storage.Operation) error {
	for _, op := range ops {
		switch op.Type {
		case storage.Get:
			op.Value, _ = c.Get(ctx, op.Key)
		case storage.Set:
			_ = c.Set(ctx, op.Key, op.Value)
		case storage.Delete:
			_ = c.Delete(ctx, op.Key)
		}
	}
	return nil
}

func (memoryClient) Close(context.Context) error { return nil }

// receiver takes events unless it is down.
type receiver struct {
	consumertest.LogsSink
	down atomic.Bool
}

func (r *receiver) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	if r.down.Load() {
		return consumererror.NewPermanent(context.DeadlineExceeded)
	}
	return r.LogsSink.ConsumeLogs(ctx, ld)
}

// changes are the events of changes that were taken.
func (r *receiver) changes() (out []plog.LogRecord) {
	for _, ld := range r.AllLogs() {
		for _, rec := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			if rec.EventName() == "spanledger.fleet.change" {
				out = append(out, rec)
			}
		}
	}
	return out
}

func open(t *testing.T, disk *memory, logs *receiver) connector.Traces {
	t.Helper()
	f := NewFactory()
	cfg := f.CreateDefaultConfig().(*Config)
	id := component.MustNewID("file_storage")
	cfg.Rollup.Storage, cfg.Rollup.FlushInterval = &id, 10*time.Second
	require.NoError(t, cfg.Rollup.Validate())
	c, err := f.CreateTracesToLogs(t.Context(), connectortest.NewNopSettings(f.Type()), cfg, logs)
	require.NoError(t, err)
	host := componenttest.NewNopHost()
	if disk != nil {
		host = disk
	}
	require.NoError(t, c.Start(t.Context(), host))
	return c
}

// world makes calls to the alias gpt-4o.
type world struct {
	t    *testing.T
	next byte
}

// calls sends n calls that a snapshot answers at a cost; "" is a failure,
// which names none.
func (w *world) calls(c connector.Traces, n int, answered, prompt string, cost float64) {
	w.t.Helper()
	for range n {
		w.next++
		td := ptrace.NewTraces()
		span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetTraceID([16]byte{14: 1, 15: w.next})
		span.SetSpanID([8]byte{7: w.next})
		now := time.Now()
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-2 * time.Second)))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(now))
		a := span.Attributes()
		for k, v := range map[string]string{
			"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
			"gen_ai.prompt.name": prompt, "gen_ai.prompt.version": "",
			"spanledger.model.id": "gpt-4o", "spanledger.model.vendor": "openai", "spanledger.model.platform": "openai",
			"spanledger.route": "checkout",
		} {
			if v != "" {
				a.PutStr(k, v)
			}
		}
		if answered == "" {
			span.Status().SetCode(ptrace.StatusCodeError)
			a.PutStr("error.type", "429")
			a.PutStr("spanledger.error.class", "rate_limited")
			a.PutStr("spanledger.cost.status", "not_billable")
		} else {
			a.PutStr("gen_ai.response.model", answered)
			a.PutInt("gen_ai.usage.input_tokens", 1000)
			a.PutInt("gen_ai.usage.output_tokens", 100)
			a.PutStr("spanledger.cost.status", "priced")
			a.PutStr("spanledger.cost.currency", "USD")
			a.PutStr("spanledger.cost.price_id", "embedded@7:openai/"+answered)
			a.PutDouble("spanledger.cost.total", cost)
			a.PutDouble("spanledger.cost.input", cost)
		}
		require.NoError(w.t, c.ConsumeTraces(w.t.Context(), td))
	}
}

// A provider silently moves an alias to a new version in mid-run. The event
// names the route, the two versions and the change in cost per call, and comes
// once: also where the receiver is down at first, and after a restart.
func TestAnAliasThatMovesIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk, logs, w := &memory{data: map[string][]byte{}}, &receiver{}, &world{t: t}
		c := open(t, disk, logs)
		w.calls(c, 1, "", "", 0)
		w.calls(c, 40, "gpt-4o-2024-05-13", "", 0.0065)
		w.calls(c, 9, "", "", 0)
		time.Sleep(15 * time.Second)
		require.Empty(t, logs.changes(), "failures name no version, and are no other one")

		logs.down.Store(true)
		w.calls(c, 19, "gpt-4o-2024-08-06", "", 0.0035)
		w.calls(c, 5, "", "", 0)
		time.Sleep(15 * time.Second)
		w.calls(c, 30, "gpt-4o-2024-08-06", "", 0.0035)
		time.Sleep(15 * time.Second)
		require.Empty(t, logs.changes())
		logs.down.Store(false)
		time.Sleep(10 * time.Second)
		require.Len(t, logs.changes(), 1, "what was not taken is sent again")
		rec := logs.changes()[0]
		require.Equal(t, "Route checkout changed its version from gpt-4o-2024-05-13 to gpt-4o-2024-08-06; a call costs 0.0035 USD, before 0.0065", rec.Body().Str())
		got := rec.Attributes().AsRaw()
		for key, want := range map[string]any{
			"change": "version", "route": "checkout", "from.version": "gpt-4o-2024-05-13", "to.version": "gpt-4o-2024-08-06",
			"before.calls": int64(49), "after.calls": int64(20), "before.tokens_per_call": 1100.0, "after.tokens_per_call": 1100.0,
			"before.latency": 2.0, "after.error_rate": 0.0,
		} {
			require.Equal(t, want, got[key], key)
		}
		require.InDelta(t, 0.0065, got["before.cost_per_call"], 1e-12)
		require.InDelta(t, 0.0035, got["after.cost_per_call"], 1e-12)
		require.InDelta(t, 9.0/49, got["before.error_rate"], 1e-12)

		require.NoError(t, c.Shutdown(t.Context()))
		c = open(t, disk, logs)
		w.calls(c, 30, "gpt-4o-2024-08-06", "", 0.0035)
		w.calls(c, 30, "gpt-4o-2024-05-13", "", 0.0065)
		time.Sleep(15 * time.Second)
		require.Len(t, logs.changes(), 1, "a restart tells nothing again, and a known version is no news")
		w.calls(c, 25, "gpt-4o-2024-11-20", "", 0.0035)
		time.Sleep(15 * time.Second)
		require.Len(t, logs.changes(), 2)
		require.EqualValues(t, 2, logs.changes()[1].Attributes().AsRaw()["number"])
		require.NoError(t, c.Shutdown(t.Context()))

		// An event that only the shutdown delivered is not told again either.
		c = open(t, disk, logs)
		w.calls(c, 25, "gpt-4o-2025-02-02", "", 0.0035)
		require.NoError(t, c.Shutdown(t.Context()))
		require.Len(t, logs.changes(), 3)
		c = open(t, disk, logs)
		require.NoError(t, c.Shutdown(t.Context()))
		require.Len(t, logs.changes(), 3)
	})
}

// An inventory that cannot be read is kept for a human, and the books stand.
func TestAnUnreadableInventoryIsSetAside(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"flipped": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"version": func(b []byte) []byte { b[0] = 9; return b },
		"short":   func(b []byte) []byte { return b[:3] },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				disk, logs, w := &memory{data: map[string][]byte{}}, &receiver{}, &world{t: t}
				c := open(t, disk, logs)
				w.calls(c, 40, "gpt-4o-2024-05-13", "", 0.0065)
				require.NoError(t, c.Shutdown(t.Context()))
				disk.data["inventory"] = spoil(disk.data["inventory"])
				spoiled := maps.Clone(disk.data)["inventory"]

				c = open(t, disk, logs)
				require.Empty(t, c.(*half).Fleet().Entries)
				require.Equal(t, int64(40), c.(*half).Snapshot().Totals.Spans)
				require.Equal(t, spoiled, disk.data["inventory.unreadable"])
				require.NoError(t, c.Shutdown(t.Context()))
			})
		})
	}
}
