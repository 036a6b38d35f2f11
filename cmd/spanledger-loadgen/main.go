// Command spanledger-loadgen sends LLM spans to a collector and knows the
// truth about them: a simulated fleet with its true ledger, or recordings of
// real clients with their times moved to the present.
//
//	spanledger-loadgen send  --endpoint http://localhost:4318 --requests 1000 --truth truth.json
//	spanledger-loadgen send  --follow --rate 20 --scenario outage
//	spanledger-loadgen send  --file traces.jsonl
//	spanledger-loadgen demo  --collector ./otelcol-spanledger --config examples/quickstart.yaml
//
// send writes the true ledger of what it sent; demo starts a collector, feeds
// it, and shows its books beside the truth until Ctrl-C.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spanledger/spanledger/internal/sim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "spanledger-loadgen:", err)
		}
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("say what to do: send or demo (with -h for their flags)")
	}
	switch args[0] {
	case "send":
		return send(ctx, args[1:])
	case "demo":
		return demo(ctx, args[1:])
	}
	return fmt.Errorf("unknown command %q: send or demo", args[0])
}

// traffic is what both commands can send.
type traffic struct {
	cfg   sim.Config
	rate  float64
	batch int
	file  string
}

func (t *traffic) flags(fs *flag.FlagSet) {
	fs.Uint64Var(&t.cfg.Seed, "seed", 1, "seed of the simulation; the same seed sends the same spans")
	fs.StringVar(&t.cfg.Scenario, "scenario", "", `"outage": one provider rate-limits and routes fall back`)
	fs.Float64Var(&t.rate, "rate", 0, "user requests a second; 0 as fast as they are taken")
	fs.IntVar(&t.batch, "batch", 10, "user requests (whole traces) in one OTLP request")
	fs.StringVar(&t.file, "file", "", "send these OTLP/JSON recordings instead, one request a line")
}

func (t *traffic) check() error {
	var errs []error
	if !slices.Contains(sim.Scenarios, t.cfg.Scenario) {
		errs = append(errs, fmt.Errorf("--scenario %q: there is %q", t.cfg.Scenario, sim.Scenarios[1:]))
	}
	if t.batch < 1 {
		errs = append(errs, fmt.Errorf("--batch %d: at least 1", t.batch))
	}
	if t.rate < 0 {
		errs = append(errs, fmt.Errorf("--rate %g: at least 0", t.rate))
	}
	return errors.Join(errs...)
}

func send(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("send", flag.ContinueOnError)
	var t traffic
	t.flags(fs)
	endpoint := fs.String("endpoint", "http://localhost:4318", "OTLP/HTTP endpoint")
	requests := fs.Int("requests", 1000, "user requests to send")
	follow := fs.Bool("follow", false, "send until interrupted, at --rate (20 if not given)")
	truthFile := fs.String("truth", "", "write the true ledger to this file (JSON, money as exact decimals)")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	out := newSender(*endpoint)
	if t.file != "" {
		n, err := replay(ctx, out, t.file, time.Now())
		if err == nil {
			fmt.Printf("sent %d spans of %s\n", n, t.file)
		}
		return err
	}
	if *follow && t.rate == 0 {
		t.rate = 20
	}
	fleet := sim.New(t.cfg)
	progress := newProgress(os.Stderr, *requests)
	sent := 0
	for ctx.Err() == nil && (*follow || sent < *requests) {
		n := t.batch
		if !*follow {
			n = min(n, *requests-sent)
		}
		if err := out.sendBatch(ctx, fleet, n); err != nil {
			return err
		}
		sent += n
		progress.at(sent)
		pause(ctx, t.rate, n)
	}
	progress.done(sent)
	return writeTruth(*truthFile, fleet.Truth())
}

// pause keeps the rate by waiting for as long as n requests should take.
func pause(ctx context.Context, rate float64, n int) {
	if rate <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(float64(n) / rate * float64(time.Second))):
	}
}

func writeTruth(path string, truth *sim.Truth) error {
	if path == "" {
		return nil
	}
	data, err := truth.MarshalJSON()
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}
