package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/spanledger/spanledger/internal/sim"
)

// sender posts OTLP over HTTP and repeats a request, byte for byte, until it
// is acknowledged: a collector that is restarted loses nothing on our side.
type sender struct {
	url    string
	client *http.Client
	// patience is how long one request is repeated.
	patience time.Duration
}

func newSender(endpoint string) *sender {
	return &sender{url: strings.TrimSuffix(endpoint, "/") + "/v1/traces", client: &http.Client{Timeout: 10 * time.Second}, patience: 30 * time.Second}
}

// sendBatch sends n user requests of the fleet in one OTLP request.
func (s *sender) sendBatch(ctx context.Context, fleet *sim.Sim, n int) error {
	batch := ptrace.NewTraces()
	for range n {
		fleet.Next(time.Now()).ResourceSpans().MoveAndAppendTo(batch.ResourceSpans())
	}
	return s.send(ctx, batch)
}

func (s *sender) send(ctx context.Context, td ptrace.Traces) error {
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	if err != nil {
		return err
	}
	for wait, until := 50*time.Millisecond, time.Now().Add(s.patience); ; wait = min(2*wait, time.Second) {
		again, err := s.post(ctx, body)
		if err == nil {
			return nil
		}
		if !again || time.Now().After(until) {
			return fmt.Errorf("sending to %s: %w", s.url, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stopped with a batch not acknowledged: %w", err)
		case <-time.After(wait):
		}
	}
}

// post sends once; again says whether repeating may help.
func (s *sender) post(ctx context.Context, body []byte) (again bool, err error) {
	// A batch that is on its way is finished even while stopping, so that what
	// the truth holds and what was acknowledged stay the same.
	req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	res, err := s.client.Do(req)
	if err != nil {
		return true, err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return true, err
	}
	switch res.StatusCode {
	case http.StatusOK:
		return false, nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true, fmt.Errorf("the collector answered %s", res.Status)
	}
	return false, fmt.Errorf("the collector answered %s", res.Status)
}

// maxLine bounds one recorded request.
const maxLine = 1 << 20

// replay sends recordings, one OTLP/JSON request a line, moved in time as a
// whole so that their last span ends now. It returns the spans that were sent.
func replay(ctx context.Context, out *sender, path string, now time.Time) (int, error) {
	requests, last, err := readRecordings(path)
	if err != nil {
		return 0, err
	}
	sent, shift := 0, now.UnixNano()-last
	for _, td := range requests {
		sim.Shift(td, shift)
		if err := out.send(ctx, td); err != nil {
			return sent, err
		}
		sent += td.SpanCount()
	}
	return sent, nil
}

func readRecordings(path string) (requests []ptrace.Traces, last int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	line := 0
	for lines.Scan() {
		line++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		req := ptraceotlp.NewExportRequest()
		if err := req.UnmarshalJSON(lines.Bytes()); err != nil {
			return nil, 0, fmt.Errorf("%s:%d: no OTLP/JSON trace request: %w", path, line, err)
		}
		td := req.Traces()
		last = max(last, sim.LastEnd(td))
		requests = append(requests, td)
	}
	if err := lines.Err(); err != nil {
		return nil, 0, fmt.Errorf("%s:%d: %w (one request a line, each under 1 MiB)", path, line+1, err)
	}
	if len(requests) == 0 {
		return nil, 0, fmt.Errorf("%s: holds no request", path)
	}
	return requests, last, nil
}
