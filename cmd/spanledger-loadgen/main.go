// Command spanledger-loadgen sends LLM spans to a collector and knows the
// truth about them: a simulated fleet with its true ledger, or recordings of
// real clients with their times moved to the present.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spanledger/spanledger/internal/cli"
	"github.com/spanledger/spanledger/internal/sim"
)

func main() { cli.Main(command()) }

func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "spanledger-loadgen",
		Short: "Send LLM spans to a collector and know the truth about them",
		Long: `Send LLM spans to a collector and know the truth about them: those of a simulated fleet,
with its true ledger, or recordings of real clients with their times moved to the present.

Exit: 0 done, 1 something is wrong with a file or the collector, 2 wrong usage.`,
	}
	root.AddCommand(sendCommand(), demoCommand())
	return root
}

// traffic is what both commands can send.
type traffic struct {
	cfg   sim.Config
	rate  float64
	batch int
	file  string
}

// simulated are the flags that say nothing to recordings.
var simulated = []string{"seed", "scenario", "rate", "batch", "requests", "follow", "truth"}

// flags adds those of both commands; what a rate of 0 means differs.
func (t *traffic) flags(c *cobra.Command, rateOfZero string) {
	f := c.Flags()
	f.Uint64Var(&t.cfg.Seed, "seed", 1, "seed of the simulation; the same seed sends the same spans")
	f.StringVar(&t.cfg.Scenario, "scenario", "", "`name` of what happens; outage: one provider rate-limits and routes fall back (default none)")
	f.Float64Var(&t.rate, "rate", 0, "user requests a second; 0 "+rateOfZero)
	f.IntVar(&t.batch, "batch", 10, "user requests (whole traces) in one OTLP request")
	f.StringVar(&t.file, "file", "", "send the recordings in this `file` instead: OTLP/JSON, one request a line")
	_ = c.MarkFlagFilename("file", "jsonl", "json")
	_ = c.RegisterFlagCompletionFunc("scenario", cobra.FixedCompletions(sim.Scenarios[1:], cobra.ShellCompDirectiveNoFileComp))
	for _, name := range simulated {
		if f.Lookup(name) != nil {
			c.MarkFlagsMutuallyExclusive("file", name)
		}
	}
}

func (t *traffic) check() error {
	var errs []error
	if !slices.Contains(sim.Scenarios, t.cfg.Scenario) {
		errs = append(errs, fmt.Errorf("--scenario %q: there is %s", t.cfg.Scenario, strings.Join(sim.Scenarios[1:], ", ")))
	}
	if t.batch < 1 {
		errs = append(errs, fmt.Errorf("--batch %d: at least 1", t.batch))
	}
	if !(t.rate >= 0) || math.IsInf(t.rate, 0) {
		errs = append(errs, fmt.Errorf("--rate %g: a number of at least 0", t.rate))
	}
	return errors.Join(errs...)
}

// job is what send does.
type job struct {
	traffic
	endpoint, truth string
	requests        int
	follow          bool
}

func sendCommand() *cobra.Command {
	var j job
	c := &cobra.Command{
		Use:   "send",
		Short: "Send traffic to a collector that runs already",
		Long: `Send traffic to a collector that runs already, over OTLP/HTTP. A request is repeated
until it is acknowledged, for at most 30 seconds. Interrupted, it finishes what is on
its way and writes the truth of what was sent.`,
		Example: `  spanledger-loadgen send --endpoint http://localhost:4318 --requests 1000 --truth truth.json
  spanledger-loadgen send --follow --rate 20 --scenario outage
  spanledger-loadgen send --file traces.jsonl`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			err := j.check()
			if j.requests < 0 {
				err = errors.Join(err, fmt.Errorf("--requests %d: at least 0", j.requests))
			}
			if u, bad := url.Parse(j.endpoint); bad != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
				err = errors.Join(err, fmt.Errorf("--endpoint %q: want a URL like http://localhost:4318", j.endpoint))
			}
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return j.send(cmd.Context(), cmd.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.StringVar(&j.endpoint, "endpoint", "http://localhost:4318", "OTLP/HTTP `URL` of the collector, without /v1/traces")
	f.IntVar(&j.requests, "requests", 1000, "user requests to send")
	f.BoolVar(&j.follow, "follow", false, "send until interrupted, at --rate (20 a second if not given)")
	f.StringVar(&j.truth, "truth", "", "write the true ledger to this `file` (JSON, money as exact decimals)")
	j.flags(c, "as fast as they are taken")
	c.MarkFlagsMutuallyExclusive("follow", "requests")
	return c
}

func (j *job) send(ctx context.Context, log io.Writer) error {
	out := newSender(j.endpoint)
	if j.file != "" {
		n, err := replay(ctx, out, j.file, time.Now())
		if err == nil {
			fmt.Fprintf(log, "sent %d spans of %s\n", n, j.file)
		}
		return err
	}
	total := j.requests
	if j.follow {
		total = math.MaxInt
		if j.rate == 0 {
			j.rate = 20
		}
	}
	fleet := sim.New(j.cfg)
	progress := newProgress(log, total)
	sent := 0
	for ctx.Err() == nil && sent < total {
		n := min(j.batch, total-sent)
		if err := out.sendBatch(ctx, fleet, n); err != nil {
			return err
		}
		sent += n
		progress.at(sent)
		pause(ctx, j.rate, n)
	}
	progress.done(sent)
	return writeTruth(j.truth, fleet.Truth())
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
