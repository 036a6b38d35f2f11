package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/spanledger/spanledger/internal/cli"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/sim"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"spanledger-loadgen": main})
}

// The stories of the commands; each file is one.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       scenario.Updating(),
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": scenario.Exits},
	})
}

// inbox is a collector that keeps what it is sent, and refuses the first
// requests as one that is restarting does.
func inbox(t *testing.T, refuse int) (endpoint string, got *[]ptrace.Traces) {
	t.Helper()
	got = &[]ptrace.Traces{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		req := ptraceotlp.NewExportRequest()
		if err != nil || r.URL.Path != "/v1/traces" || req.UnmarshalProto(body) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if refuse--; refuse >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		*got = append(*got, req.Traces())
	}))
	t.Cleanup(srv.Close)
	return srv.URL, got
}

func run(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	root := command()
	root.SetArgs(args)
	root.SetOut(&o)
	root.SetErr(&e)
	return cli.Run(t.Context(), root), o.String(), e.String()
}

// Whole traces arrive in batches, once each though the first was refused, and
// the truth that is written is that of the same fleet.
func TestSendSendsWhatItsTruthSays(t *testing.T) {
	endpoint, got := inbox(t, 1)
	file := filepath.Join(t.TempDir(), "truth.json")
	code, out, errOut := run(t, "send", "--endpoint", endpoint+"/", "--requests", "25", "--batch", "10", "--seed", "7", "--truth", file)
	require.Equal(t, cli.ExitDone, code, errOut)
	require.Empty(t, out)
	require.Regexp(t, `^sent 25 user requests in .*\n$`, errOut)
	require.Len(t, *got, 3)

	fleet, spans := sim.New(sim.Config{Seed: 7}), 0
	for range 25 {
		spans += fleet.Next(scenario.Epoch).SpanCount()
	}
	sent := 0
	for _, td := range *got {
		sent += td.SpanCount()
	}
	require.Equal(t, spans, sent)
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	want, err := json.Marshal(fleet.Truth())
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(written))
}

// A collector that says no for good is a fault, said without delay.
func TestSendEndsWhereItIsRefused(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	code, _, errOut := run(t, "send", "--endpoint", srv.URL)
	require.Equal(t, cli.ExitFault, code)
	require.Equal(t, fmt.Sprintf("sending to %s/v1/traces: the collector answered 404 Not Found\n", srv.URL), errOut)
}

func TestRecordingsAreSentAsTheyAreButForTheirTimes(t *testing.T) {
	endpoint, got := inbox(t, 0)
	file := filepath.Join(t.TempDir(), "two.jsonl")
	const line = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":%q,"startTimeUnixNano":"%d","endTimeUnixNano":"%d"}]}]}]}` + "\n"
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, line+"\n"+line, "first", 1000, 2000, "last", 3000, 5000), 0o600))
	code, _, errOut := run(t, "send", "--endpoint", endpoint, "--file", file)
	require.Equal(t, cli.ExitDone, code, errOut)
	require.Equal(t, "sent 2 spans of "+file+"\n", errOut)
	require.Len(t, *got, 2)
	first := (*got)[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	last := (*got)[1].ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	require.Equal(t, "first", first.Name())
	require.EqualValues(t, 1000, first.EndTimestamp()-first.StartTimestamp())
	require.EqualValues(t, 3000, last.EndTimestamp()-first.EndTimestamp())
}
