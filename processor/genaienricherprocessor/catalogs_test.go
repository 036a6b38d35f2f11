package genaienricherprocessor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/spanledger/spanledger/internal/scenario"
)

// priceList is a catalogue of ours in which a million input tokens of the
// house model cost what is said.
func priceList(input string) []byte {
	return []byte("source: house\nprices:\n  - {platform: openai, model: house-1, input: \"" + input + "\", output: \"1\"}\n")
}

// stand is a started enricher and what it says of itself.
type stand struct {
	*enricher
	tel  *componenttest.Telemetry
	logs *observer.ObservedLogs
}

// stand builds an enricher of a configuration; it is not started.
func newStand(t *testing.T, yaml string) *stand {
	t.Helper()
	cfg, err := configOf([]byte(yaml))
	require.NoError(t, err)
	tel := componenttest.NewTelemetry()
	core, logs := observer.New(zap.InfoLevel)
	set := processortest.NewNopSettings(NewFactory().Type())
	set.TelemetrySettings = tel.NewTelemetrySettings()
	set.Logger = zap.New(core)
	set.ID = component.NewID(NewFactory().Type())
	p, err := newEnricher(set, cfg, new(consumertest.TracesSink))
	require.NoError(t, err)
	return &stand{p, tel, logs}
}

func (s *stand) run(t *testing.T, host component.Host) *stand {
	t.Helper()
	require.NoError(t, s.start(t.Context(), host))
	t.Cleanup(func() { require.NoError(t, s.shutdown(context.Background())) })
	return s
}

// look asks the only catalogue once, as its ticker does.
func (s *stand) look(t *testing.T) *stand {
	t.Helper()
	s.prices.refresh(t.Context(), s.prices.feeds[0])
	return s
}

// costs says what a million input tokens of the house model cost.
func (s *stand) costs(t *testing.T) string {
	t.Helper()
	return totalOf(t, s.enricher, "house-1")
}

func totalOf(tb testing.TB, p *enricher, model string) string {
	tb.Helper()
	td, err := p.consume(context.Background(), callOf(tb, model))
	require.NoError(tb, err)
	a := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes()
	total, ok := a.Get("spanledger.cost.total")
	if !ok {
		status, _ := a.Get("spanledger.cost.status")
		return status.Str()
	}
	return fmt.Sprint(total.Double())
}

func callOf(tb testing.TB, model string) ptrace.Traces {
	tb.Helper()
	spans, err := scenario.ParseSpans([]byte(`
- id: a
  name: chat
  kind: CLIENT
  start_ms: 0
  end_ms: 900
  attributes:
    gen_ai.operation.name: chat
    gen_ai.provider.name: openai
    gen_ai.request.model: ` + model + `
    gen_ai.usage.input_tokens: 1000000
    gen_ai.usage.output_tokens: 0
`))
	require.NoError(tb, err)
	return scenario.Traces(spans, scenario.Epoch)
}

func (s *stand) reloads(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	for _, r := range []string{reloadLoaded, reloadRefused, reloadUnreachable} {
		m, err := s.tel.GetMetric("otelcol_processor_gen_ai_enricher_catalog_reloads")
		if err != nil {
			return "none"
		}
		fmt.Fprintf(&out, "%s %d ", r, valueOf(m, "result", r))
	}
	return strings.TrimSpace(out.String())
}

// priceServer serves one price list with an ETag, or a failure.
type priceServer struct {
	mu     sync.Mutex
	body   []byte
	etag   string
	status int
	spare  int // requests that were answered 304
}

func (p *priceServer) set(body []byte, etag string, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.body, p.etag, p.status = body, etag, status
}

// spared is how many requests needed no content.
func (p *priceServer) spared() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.spare
}

func (p *priceServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.status != http.StatusOK:
		w.WriteHeader(p.status)
	case p.etag != "" && r.Header.Get("If-None-Match") == p.etag:
		p.spare++
		w.WriteHeader(http.StatusNotModified)
	default:
		w.Header().Set("ETag", p.etag)
		_, _ = w.Write(p.body)
	}
}

func TestACatalogueByURLThroughItsLife(t *testing.T) {
	prices := &priceServer{}
	prices.set(priceList("3"), `"v1"`, http.StatusOK)
	web := httptest.NewServer(prices)
	defer web.Close()
	s := newStand(t, "catalogs: [{url: {endpoint: \""+web.URL+"/p.yaml?key=secret\"}}]").run(t, componenttest.NewNopHost())
	require.Equal(t, "3", s.costs(t), "fetched at start")

	s.look(t)
	require.Equal(t, 1, prices.spared(), "asked by its ETag")
	require.Equal(t, "loaded 1 refused 0 unreachable 0", s.reloads(t))

	prices.set(priceList("4"), `"v2"`, http.StatusOK)
	require.Equal(t, "4", s.look(t).costs(t), "new prices")

	bad := []byte("source: house\nprices:\n  - {platform: openai, model: house-1, input: \"-4\"}\n")
	prices.set(bad, "", http.StatusOK)
	require.Equal(t, "4", s.look(t).costs(t), "the last good prices stay")
	require.Equal(t, "4", s.look(t).costs(t))
	require.Equal(t, "loaded 2 refused 1 unreachable 0", s.reloads(t), "one version is refused once")
	refused := s.logs.FilterLevelExact(zap.ErrorLevel).All()
	require.Len(t, refused, 1)
	require.Contains(t, fmt.Sprint(refused[0].ContextMap()["error"]), "/p.yaml:3: ")

	prices.set(nil, "", http.StatusServiceUnavailable)
	require.Equal(t, "4", s.look(t).look(t).costs(t))
	require.Equal(t, "loaded 2 refused 1 unreachable 2", s.reloads(t))
	require.Len(t, s.logs.FilterLevelExact(zap.ErrorLevel).All(), 2, "every try is counted, one is logged")

	prices.set(priceList("5"), `"v3"`, http.StatusOK)
	require.Equal(t, "5", s.look(t).costs(t))
	for _, entry := range s.logs.All() {
		require.NotContains(t, fmt.Sprint(entry.Message, entry.ContextMap()), "secret")
	}
}

func TestAStartWithoutNetworkHasTheLastGoodPrices(t *testing.T) {
	prices := &priceServer{}
	prices.set(priceList("3"), `"v1"`, http.StatusOK)
	web := httptest.NewServer(prices)
	defer web.Close()
	config := "storage: file_storage\ncatalogs: [{url: {endpoint: \"" + web.URL + "\"}}]"
	disk := hostWith(newDisk())

	first := newStand(t, config)
	require.NoError(t, first.start(t.Context(), disk))
	require.Equal(t, "3", first.costs(t))
	require.NoError(t, first.shutdown(t.Context()))

	prices.set(nil, "", http.StatusBadGateway)
	second := newStand(t, config).run(t, disk)
	require.Equal(t, "3", second.costs(t), "from the storage")

	prices.set(priceList("3"), `"v1"`, http.StatusOK)
	spared := prices.spared()
	second.look(t)
	require.Greater(t, prices.spared(), spared, "the ETag was kept as well")
}

func TestAStartWithNothingRunsOnTheOtherPrices(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	s := newStand(t, "catalogs: [{url: {endpoint: \""+web.URL+"\"}}]").run(t, componenttest.NewNopHost())
	require.Equal(t, "unpriced_model", s.costs(t))
	require.Equal(t, "2.5", totalOf(t, s.enricher, "gpt-4o"), "the embedded catalogue prices")
	require.Equal(t, "loaded 0 refused 0 unreachable 1", s.reloads(t))
	require.Contains(t, s.logs.FilterLevelExact(zap.ErrorLevel).All()[0].Message, "never loaded")
}

func TestStoredRubbishIsNotUsed(t *testing.T) {
	prices := &priceServer{}
	prices.set(priceList("3"), `"v1"`, http.StatusOK)
	web := httptest.NewServer(prices)
	defer web.Close()
	for name, value := range map[string]string{"no head": "x", "no JSON": "{\n", "no gzip": "{}\nrubbish"} {
		d := newDisk()
		cfg := "storage: file_storage\ncatalogs: [{url: {endpoint: \"" + web.URL + "\"}}]"
		s := newStand(t, cfg)
		d.data[storageKey(s.prices.feeds[0].source.(*urlSource))] = []byte(value)
		require.Equal(t, "3", s.run(t, hostWith(d)).costs(t), name)
	}
}

func TestAFetchIsBounded(t *testing.T) {
	release := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			select {
			case <-release:
			case <-r.Context().Done():
			}
			return
		}
		for range 65 {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	}))
	defer web.Close()
	defer close(release)
	for path, want := range map[string]string{"/slow": "(Timeout|deadline) exceeded", "/large": "more than the 67108864 bytes"} {
		s := newStand(t, "catalogs: [{url: {endpoint: \""+web.URL+path+"\"}}]")
		if path == "/slow" {
			s.cfg.Catalogs[0].URL.Get().ClientConfig.Timeout = 50 * time.Millisecond
		}
		s.run(t, componenttest.NewNopHost())
		require.Regexp(t, want, s.logs.FilterLevelExact(zap.ErrorLevel).All()[0].ContextMap()["error"])
	}
}

func TestAFileIsWatched(t *testing.T) {
	file := filepath.Join(t.TempDir(), "prices.yaml")
	require.NoError(t, os.WriteFile(file, priceList("3"), 0o600))
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, "catalogs: [{file: \""+file+"\", refresh: 10s}]")
		require.NoError(t, s.start(t.Context(), componenttest.NewNopHost()))
		later := func() { time.Sleep(11 * time.Second); synctest.Wait() }
		require.Equal(t, "3", s.costs(t))
		require.NoError(t, os.WriteFile(file, priceList("3.25"), 0o600))
		later()
		require.Equal(t, "3.25", s.costs(t))
		require.NoError(t, os.WriteFile(file, []byte("half a li"), 0o600))
		later()
		later()
		require.Equal(t, "3.25", s.costs(t), "the last good prices stay")
		require.NoError(t, os.Remove(file))
		later()
		require.Equal(t, "3.25", s.costs(t))
		require.NoError(t, os.WriteFile(file, priceList("3.125"), 0o600))
		later()
		require.Equal(t, "3.125", s.costs(t))
		require.Equal(t, "loaded 2 refused 1 unreachable 1", s.reloads(t))
		require.NoError(t, s.shutdown(t.Context()))
		require.NoError(t, s.shutdown(t.Context()), "twice is once")
	})
}

// A catalogue of the user's says how long a model is served, too; the next
// version of the file says it anew.
func TestACatalogueTellsOfLifecycles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "litellm.json")
	entry := `{"gpt-house": {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "deprecation_date": %q}}`
	write := func(date string) {
		require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, entry, date), 0o600))
	}
	write("2020-01-01")
	p := newStand(t, "catalogs: [{file: "+file+"}]")
	stage := func() string {
		td, err := p.consume(context.Background(), callOf(t, "gpt-house"))
		require.NoError(t, err)
		a := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes()
		stage, _ := a.Get("spanledger.model.lifecycle")
		date, _ := a.Get("spanledger.model.retirement_date")
		return stage.Str() + " " + date.Str()
	}
	require.Equal(t, "retired 2020-01-01", stage())
	write("2999-01-01")
	p.look(t)
	require.Equal(t, "unknown 2999-01-01", stage())
}

func TestABadFileIsRefusedAtStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "prices.yaml")
	require.NoError(t, os.WriteFile(file, []byte("source: house\nprices:\n  - {model: a, input: 1}\n  - {model: b, input: -1}\n"), 0o600))
	cfg, err := configOf([]byte("catalogs: [{file: \"" + file + "\"}, {file: \"" + file + ".none\"}]"))
	require.NoError(t, err)
	_, err = newEnricher(processortest.NewNopSettings(NewFactory().Type()), cfg, new(consumertest.TracesSink))
	require.ErrorContains(t, err, "catalogs[0]: "+file+":4: ")
	require.ErrorContains(t, err, "negative")
	require.ErrorIs(t, err, os.ErrNotExist, "all faults at once")
}

// A thousand reloads, one in three of them bad, while spans flow: every span
// is priced by one list or the other, and none goes unpriced.
func TestReloadUnderLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "prices.yaml")
	require.NoError(t, os.WriteFile(file, priceList("3"), 0o600))
	s := newStand(t, "catalogs: [{file: \""+file+"\", refresh: 24h}]").run(t, componenttest.NewNopHost())
	stop := make(chan struct{})
	var load sync.WaitGroup
	failures := make(chan string, 4)
	spans := make([]int, 2)
	for w := range spans {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				spans[w]++
				if got := totalOf(t, s.enricher, "house-1"); got != "3" && got != "4.5" {
					failures <- got
					return
				}
			}
		})
	}
	for i := range 1000 {
		list := priceList([]string{"3", "4.5", "-x"}[i%3])
		require.NoError(t, os.WriteFile(file, append(list, fmt.Sprintf("# %d\n", i)...), 0o600))
		s.prices.feeds[0].source.(*fileSource).seen = nil // as if time had passed
		s.look(t)
	}
	close(stop)
	load.Wait()
	select {
	case got := <-failures:
		t.Fatalf("a span was priced at %s", got)
	default:
	}
	require.Equal(t, "loaded 667 refused 333 unreachable 0", s.reloads(t))
	require.Positive(t, spans[0])
	t.Logf("%d spans priced during 1,000 reloads", spans[0]+spans[1])
}

// disk is a storage extension that outlives the processors of a test.
type disk struct {
	component.StartFunc
	component.ShutdownFunc
	mu   sync.Mutex
	data map[string][]byte
}

func newDisk() *disk { return &disk{data: map[string][]byte{}} }

func (d *disk) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return d, nil
}

func (d *disk) Get(_ context.Context, key string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.data[key], nil
}

func (d *disk) Set(_ context.Context, key string, value []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.data[key] = value
	return nil
}

func (d *disk) Delete(context.Context, string) error { return errors.ErrUnsupported }
func (d *disk) Batch(context.Context, ...*storage.Operation) error {
	return errors.ErrUnsupported
}
func (d *disk) Close(context.Context) error { return nil }

type extensionHost map[component.ID]component.Component

func (h extensionHost) GetExtensions() map[component.ID]component.Component { return h }

func hostWith(d *disk) component.Host {
	return extensionHost{component.MustNewID("file_storage"): d}
}
