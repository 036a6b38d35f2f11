package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/spanledger/spanledger/internal/sim"
)

// settings are the addresses of examples/quickstart.yaml, each of which the
// environment may move.
var settings = []struct{ env, addr, what string }{
	{"SPANLEDGER_OTLP_GRPC", "localhost:4317", "OTLP gRPC"},
	{"SPANLEDGER_OTLP_HTTP", "localhost:4318", "OTLP HTTP"},
	{"SPANLEDGER_PROMETHEUS", "localhost:9464", "Prometheus"},
	{"SPANLEDGER_UI", "localhost:9465", "the page"},
}

func address(env string) string {
	if v := os.Getenv(env); v != "" {
		return v
	}
	for _, s := range settings {
		if s.env == env {
			return s.addr
		}
	}
	return ""
}

// stage is what demo starts and feeds.
type stage struct {
	traffic
	collector, config string
	length            time.Duration
}

func demoCommand() *cobra.Command {
	var s stage
	var where strings.Builder
	for _, a := range settings {
		fmt.Fprintf(&where, "  %-21s  %-14s  %s\n", a.env, a.addr, a.what)
	}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Start a collector, feed it and show its books beside the truth",
		Long: `Start a collector, feed it and show its books beside the truth until Ctrl-C: per route
the calls, attempts, spend and waste, and whether the spend is exactly what the truth
says. The collector's log is written to the folder above that of its program.

The configuration takes its addresses from the environment, and so does demo:

` + where.String(),
		Example: `  spanledger-loadgen demo --collector build/otelcol-spanledger/otelcol-spanledger --config examples/quickstart.yaml
  spanledger-loadgen demo --scenario outage --for 2m`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			err := s.check()
			if s.length < 0 {
				err = errors.Join(err, fmt.Errorf("--for %s: at least 0s", s.length))
			}
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return s.demo(cmd.Context()) },
	}
	f := c.Flags()
	f.StringVar(&s.collector, "collector", "build/otelcol-spanledger/otelcol-spanledger", "the collector `program` to start")
	f.StringVar(&s.config, "config", "examples/quickstart.yaml", "its configuration `file`")
	f.DurationVar(&s.length, "for", 0, "stop after this long, such as 30s or 2m; 0 runs until Ctrl-C")
	s.flags(c, "is 20")
	_ = c.MarkFlagFilename("config", "yaml", "yml")
	return c
}

func (s *stage) demo(ctx context.Context) error {
	if s.rate == 0 {
		s.rate = 20
	}
	if err := portsFree(); err != nil {
		return err
	}
	if s.length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.length)
		defer cancel()
	}
	logPath := filepath.Join(filepath.Dir(filepath.Dir(s.collector)), "collector.log")
	proc, err := startCollector(s.collector, s.config, logPath)
	if err != nil {
		return err
	}
	fmt.Printf("\n  page        http://%s\n  Prometheus  http://%s/metrics\n  log         %s\n\n",
		address("SPANLEDGER_UI"), address("SPANLEDGER_PROMETHEUS"), logPath)
	err = proc.waitReady(ctx)
	if err == nil {
		err = feed(ctx, &s.traffic)
	}
	return errors.Join(err, proc.stop())
}

// feed sends and shows until the context ends. Between two looks nothing is on
// its way, so the books and the truth can be compared to the last unit.
func feed(ctx context.Context, t *traffic) error {
	out := newSender("http://" + address("SPANLEDGER_OTLP_HTTP"))
	view := newView(os.Stdout, "http://"+address("SPANLEDGER_UI"))
	if t.file != "" {
		n, err := replay(ctx, out, t.file, time.Now())
		if err != nil {
			return err
		}
		fmt.Printf("sent %d spans of %s; Ctrl-C stops\n", n, t.file)
		for ctx.Err() == nil {
			if err := view.show(nil); err != nil {
				return err
			}
			pause(ctx, 1, 2)
		}
		return nil
	}
	fleet := sim.New(t.cfg)
	next := time.Now()
	for ctx.Err() == nil {
		n := max(1, min(t.batch, int(t.rate/4)))
		if err := out.sendBatch(ctx, fleet, n); err != nil {
			return err
		}
		if now := time.Now(); now.After(next) {
			next = now.Add(view.every)
			if err := view.show(fleet.Truth()); err != nil {
				return err
			}
		}
		pause(ctx, t.rate, n)
	}
	return view.last(fleet.Truth())
}

// portsFree names every port that is taken before the collector does.
func portsFree() error {
	var errs []error
	for _, s := range settings {
		l, err := net.Listen("tcp", address(s.env))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s for %s is taken (%w); set %s to another address", address(s.env), s.what, err, s.env))
			continue
		}
		_ = l.Close()
	}
	return errors.Join(errs...)
}

// process is the running collector.
type process struct {
	cmd  *exec.Cmd
	log  string
	done chan error
}

func startCollector(binary, config, logPath string) (*process, error) {
	if _, err := exec.LookPath(binary); err != nil {
		return nil, fmt.Errorf("--collector: %w (make build makes it)", err)
	}
	log, err := os.Create(logPath)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the collector has its own handle
	cmd := exec.Command(binary, "--config", config)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = childAttributes()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the collector: %w", err)
	}
	p := &process{cmd, logPath, make(chan error, 1)}
	go func() { p.done <- cmd.Wait() }()
	return p, nil
}

func (p *process) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		res, err := http.Get("http://" + address("SPANLEDGER_UI") + "/api/v1/rollups")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-p.done:
			p.done <- err
			return fmt.Errorf("the collector ended before it was ready; its log is %s", p.log)
		case <-ctx.Done():
			return fmt.Errorf("the collector was not ready in time; its log is %s", p.log)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stop asks the collector to end and waits for it.
func (p *process) stop() error {
	select {
	case err := <-p.done:
		if err == nil {
			return nil // Ctrl-C reached it as well
		}
		return fmt.Errorf("the collector ended by itself: %w; its log is %s", err, p.log)
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.done:
		if err != nil {
			return fmt.Errorf("the collector did not end cleanly: %w; its log is %s", err, p.log)
		}
		fmt.Println("the collector stopped cleanly")
		return nil
	case <-time.After(20 * time.Second):
		return errors.Join(errors.New("the collector did not stop within 20 s and was killed; its log is "+p.log), p.cmd.Process.Kill())
	}
}
