// Package e2e runs the built binary end to end: spans in over OTLP, books out
// over every door, held against a truth that the product had no part in.
package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// lean is the default distribution.
const lean = "otelcol-spanledger"

func binary(t *testing.T) string { return binaryOf(t, lean) }

func binaryOf(t *testing.T, distribution string) string {
	t.Helper()
	path := filepath.Join(root(), "build", distribution, distribution)
	_, err := os.Stat(path)
	require.NoError(t, err, "make build (and build-gateway) makes the collector that this test runs")
	return path
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// collector is the built binary under test.
type collector struct {
	t                              *testing.T
	cmd                            *exec.Cmd
	log                            *bytes.Buffer
	otlp, grpc, ui, prometheusAddr string
	exited                         chan error
}

// start runs the collector on a config and waits until it serves.
func start(t *testing.T, config string, env ...string) *collector {
	t.Helper()
	c := launch(t, config, env...)
	c.waitServing()
	return c
}

// launch runs the collector on a config.
func launch(t *testing.T, config string, env ...string) *collector {
	t.Helper()
	return launchOf(t, lean, config, env...)
}

// launchOf runs the collector of a distribution on a config.
func launchOf(t *testing.T, distribution, config string, env ...string) *collector {
	t.Helper()
	c := &collector{t: t, log: &bytes.Buffer{}, otlp: freeAddr(t), grpc: freeAddr(t), ui: freeAddr(t), prometheusAddr: freeAddr(t), exited: make(chan error, 1)}
	c.cmd = exec.Command(binaryOf(t, distribution), "--config", config)
	c.cmd.Env = append(os.Environ(), append(env, "SPANLEDGER_OTLP_HTTP="+c.otlp, "SPANLEDGER_OTLP_GRPC="+c.grpc, "SPANLEDGER_UI="+c.ui, "SPANLEDGER_PROMETHEUS="+c.prometheusAddr)...)
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	require.NoError(t, c.cmd.Start())
	go func() { c.exited <- c.cmd.Wait() }()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		if t.Failed() {
			<-c.exited
			t.Logf("the collector's log:\n%s", c.log)
		}
	})
	return c
}

// waitServing waits for the page.
func (c *collector) waitServing() {
	c.t.Helper()
	c.waitStatus("http://"+c.ui+"/api/v1/rollups", http.StatusOK)
}

// waitReceiving waits for the receiver, which answers a GET with a refusal.
func (c *collector) waitReceiving() {
	c.t.Helper()
	c.waitStatus("http://"+c.otlp+"/v1/traces", http.StatusMethodNotAllowed)
}

func (c *collector) waitStatus(url string, status int) {
	c.t.Helper()
	c.eventually(30*time.Second, "it serves "+url, func() bool {
		res, err := http.Get(url)
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == status
	})
}

// eventually waits for another process; nothing else can.
func (c *collector) eventually(within time.Duration, what string, ok func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(within); !ok(); {
		select {
		case err := <-c.exited:
			c.exited <- err
			c.t.Fatalf("the collector ended (%v) before %s", err, what)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("after %s still not: %s", within, what)
		}
	}
}

// stop ends the collector as an operator would and wants a clean exit.
func (c *collector) stop() {
	c.t.Helper()
	require.NoError(c.t, c.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-c.exited:
		c.exited <- err
		require.NoError(c.t, err, "a clean exit")
	case <-time.After(20 * time.Second):
		c.t.Fatal("the collector did not stop within 20 s")
	}
}

func (c *collector) send(td ptrace.Traces) {
	c.t.Helper()
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	require.NoError(c.t, err)
	res, err := http.Post("http://"+c.otlp+"/v1/traces", "application/x-protobuf", bytes.NewReader(body))
	require.NoError(c.t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, http.StatusOK, res.StatusCode, "%s", answer)
}

func (c *collector) get(path string) []byte {
	c.t.Helper()
	res, err := http.Get("http://" + path)
	require.NoError(c.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, http.StatusOK, res.StatusCode, "%s", body)
	return body
}

// books is what the tests look at in /api/v1/rollups.
type books struct {
	Totals struct {
		Spans, Calls, Attempts, Billed, Duplicates, Unpriced, Tokens, Pending int64
		Cost                                                                  []struct{ Currency, Total, Wasted, Naive string }
	}
	Routes []struct {
		Route          string
		Calls          map[string]int64
		AttemptsTotal  int64            `json:"attempts_total"`
		AttemptsFailed map[string]int64 `json:"attempts_failed"`
		Cost, Wasted   map[string]string
		Naive          map[string]string
	}
	Rows []struct {
		Route      string
		Dimensions map[string]string
		CostTotal  string `json:"cost_total"`
		Cost       map[string]string
		Calls      map[string]int64
		Statuses   map[string]int64
	}
	Unpriced []struct {
		Model, Reason, Override string
		Calls                   int64
	}
}

func (c *collector) books() books {
	c.t.Helper()
	var b books
	require.NoError(c.t, json.Unmarshal(c.get(c.ui+"/api/v1/rollups"), &b))
	return b
}

// backend is an OTLP destination that keeps the newest metrics it was sent.
type backend struct {
	*httptest.Server
	mu   sync.Mutex
	last pmetric.Metrics
	n    int
}

func newBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{last: pmetric.NewMetrics()}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		req := pmetricotlp.NewExportRequest()
		if err == nil {
			err = req.UnmarshalProto(body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		b.mu.Lock()
		b.last, b.n = req.Metrics(), b.n+1
		b.mu.Unlock()
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *backend) newest() (pmetric.Metrics, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last, b.n
}
