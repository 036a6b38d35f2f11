// Package crash kills the built collector at random moments, under a load
// that repeats what was not acknowledged, and holds its books against the
// true ledger of the simulated fleet.
package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// collector is one state directory and one set of addresses, on which the
// binary is started again and again.
type collector struct {
	t                     *testing.T
	env                   []string
	config                string // in testdata
	otlp, ui, scrape, own string
	client                http.Client

	cmd    *exec.Cmd
	exited chan struct{}
	log    tail
}

func newCollector(t *testing.T, durability string) *collector {
	t.Helper()
	c := &collector{
		t: t, config: "crash.yaml", otlp: freeAddr(t), ui: freeAddr(t), scrape: freeAddr(t), own: freeAddr(t),
		client: http.Client{Timeout: 10 * time.Second},
	}
	_, port, _ := net.SplitHostPort(c.own)
	c.env = append(os.Environ(), "SPANLEDGER_OTLP="+c.otlp, "SPANLEDGER_UI="+c.ui, "SPANLEDGER_PROMETHEUS="+c.scrape,
		"SPANLEDGER_SELF_PORT="+port, "SPANLEDGER_STATE="+t.TempDir(), "SPANLEDGER_DURABILITY="+durability)
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			t.Logf("the end of the collector's log:\n%s", c.log.String())
		}
	})
	return c
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// launch starts the binary and does not wait for it.
func (c *collector) launch() {
	c.t.Helper()
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(file)
	binary := os.Getenv("CRASH_BINARY")
	if binary == "" {
		binary = filepath.Join(dir, "..", "..", "build", "otelcol-spanledger", "otelcol-spanledger")
	}
	cmd := exec.Command(binary, "--config", filepath.Join(dir, "testdata", c.config))
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, &c.log, &c.log
	require.NoError(c.t, cmd.Start(), "make build makes the collector that this test runs")
	exited := make(chan struct{})
	c.cmd, c.exited = cmd, exited
	go func() { _ = cmd.Wait(); close(exited) }()
}

// serving waits until the books are open.
func (c *collector) serving() {
	c.t.Helper()
	c.eventually(30*time.Second, "the page is served", func() bool {
		_, err := c.fetch(c.ui + "/api/v1/rollups")
		return err == nil
	})
}

// kill is kill -9.
func (c *collector) kill() {
	if c.cmd == nil {
		return
	}
	_ = c.cmd.Process.Kill()
	<-c.exited
	c.cmd = nil
}

// stop ends the collector as an operator would.
func (c *collector) stop() {
	c.t.Helper()
	require.NoError(c.t, c.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-c.exited:
		require.True(c.t, c.cmd.ProcessState.Success(), "a clean exit, not %v", c.cmd.ProcessState)
	case <-time.After(20 * time.Second):
		c.t.Fatal("the collector did not stop within 20 s")
	}
	c.cmd = nil
}

// eventually waits for another process; nothing else can.
func (c *collector) eventually(within time.Duration, what string, ok func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(within); !ok(); {
		select {
		case <-c.exited:
			c.t.Fatalf("the collector ended before %s", what)
		case <-time.After(30 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("after %s still not: %s", within, what)
		}
	}
}

func (c *collector) fetch(path string) ([]byte, error) {
	res, err := c.client.Get("http://" + path)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", res.Status, body)
	}
	return body, err
}

// post sends one request; it is acknowledged or it was an error.
func (c *collector) post(body []byte) error {
	res, err := c.client.Post("http://"+c.otlp+"/v1/traces", "application/x-protobuf", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = errors.New(res.Status + string(answer))
	}
	return err
}

// books is what the tests look at in /api/v1/rollups.
type books struct {
	Instance, Start, Lost string
	Totals                struct {
		Spans, Calls, Attempts, Billed, Unpriced, Tokens, Pending int64
		Cost                                                      []struct{ Currency, Total, Wasted, Naive string }
	}
	Routes []struct {
		Route         string
		Calls         map[string]int64
		CallsTotal    int64 `json:"calls_total"`
		AttemptsTotal int64 `json:"attempts_total"`
		Tokens        map[string]int64
		Cost, Wasted  map[string]string
		Naive         map[string]string
	}
}

func (c *collector) books() (b books) {
	c.t.Helper()
	body, err := c.fetch(c.ui + "/api/v1/rollups")
	require.NoError(c.t, err)
	require.NoError(c.t, json.Unmarshal(body, &b))
	return b
}

// self reads one counter of the component's own telemetry.
func (c *collector) self(name string) int64 {
	c.t.Helper()
	body, err := c.fetch(c.own + "/metrics")
	require.NoError(c.t, err)
	families, err := parse(body)
	require.NoError(c.t, err)
	for family, f := range families {
		if strings.HasPrefix(family, "otelcol_exporter_gen_ai_rollup_"+name) {
			return int64(f.Metric[0].Counter.GetValue())
		}
	}
	c.t.Fatalf("no counter %s among %d families", name, len(families))
	return 0
}

func parse(body []byte) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(bytes.NewReader(body))
}

// tail keeps the end of a log.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	const most = 16 << 10
	if l.buf = append(l.buf, p...); len(l.buf) > most {
		l.buf = append(l.buf[:0], l.buf[len(l.buf)-most:]...)
	}
	return len(p), nil
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.buf)
}
