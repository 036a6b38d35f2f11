// Command bench says what spanledger costs beside what every pipeline pays: it
// prints medians and ratios to protobuf decoding, of our parts and of what a
// user would run instead, all measured in turn in one run.
//
//	go run ./bench [-rounds 15] [-batches 40] [-only NAME] [-cpuprofile FILE]
//
// Figures are processor time of one thread, for batches of 100 spans. As in a
// pipeline each batch is handed on right after it was decoded (and, for the
// rollup, enriched), which is not timed. A ratio is to decoding the same corpus
// in the same round; the median over rounds is printed, and beside it the ratio of the fastest round of each, which says
// more where the machine is shared. Absolute times say something about the
// machine, ratios about the code.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/spanledger/spanledger/test/internal/progress"
)

// stage is one thing that is measured: prepare makes the input of n runs,
// untimed, and run is timed.
type stage struct {
	name    string
	prepare func(c *corpus, n int) []any
	run     func(any) error
	// ready, where there is one, does untimed what comes right before a run in a
	// pipeline, so that its result is as near at hand as there.
	ready func(any) any
	// only names the one corpus that the stage is for; "" all.
	only string
}

type result struct {
	nanos, ratio, allocs []float64
}

func main() {
	rounds := flag.Int("rounds", 15, "rounds; every stage is measured once in each")
	batches := flag.Int("batches", 40, "batches of 100 spans for one measurement")
	only := flag.String("only", "", "measure the stages and corpora alone whose name, \"corpus: stage\", matches this expression, beside decoding")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the whole run to this file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	wanted, err := regexp.Compile(*only)
	if err == nil {
		err = bench(*rounds, *batches, wanted)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(rounds, batches int, only *regexp.Regexp) error {
	ctx := context.Background()
	stages, stop, err := newStages(ctx)
	if err != nil {
		return err
	}
	defer stop()
	corpora, err := newCorpora()
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d processors, GOMAXPROCS 1, %d rounds of %d batches of 100 spans\n", runtime.Version(), runtime.NumCPU(), rounds, batches)
	runtime.GOMAXPROCS(1)
	told := progress.New()
	for _, c := range corpora {
		results := make([]result, len(stages))
		for r := range rounds + 1 {
			var floor float64
			for i, s := range stages {
				if s.only != "" && s.only != c.name || i > 0 && !only.MatchString(c.name+": "+s.name) {
					continue
				}
				nanos, allocs, err := measure(s, c, batches)
				if err != nil {
					return fmt.Errorf("%s: %w", s.name, err)
				}
				if i == 0 {
					floor = nanos
				}
				if r == 0 {
					continue // warm-up
				}
				results[i].nanos = append(results[i].nanos, nanos)
				results[i].ratio = append(results[i].ratio, nanos/floor)
				results[i].allocs = append(results[i].allocs, allocs)
			}
			told.Say("%s: round %d of %d", c.name, r, rounds)
		}
		told.Clear()
		print(c, stages, results)
	}
	for _, s := range stages {
		if s.name == enriching && only.MatchString("two cores: "+s.name) {
			return cores(corpora[0], stages[0], s, rounds, 4*batches)
		}
	}
	return nil
}

func print(c *corpus, stages []stage, results []result) {
	fmt.Printf("\ncorpus: %s (%d spans, %d bytes and %.1f attributes a span)\n", c.name, c.spans, c.bytes/c.spans, float64(c.attributes)/float64(c.spans))
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "what\tCPU ns/span\tratio to decoding\tfastest rounds\tallocs/span\t")
	for i, s := range stages {
		if len(results[i].nanos) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s\t%.0f\t%.3f\t%.3f\t%.1f\t\n", s.name, median(results[i].nanos), median(results[i].ratio),
			slices.Min(results[i].nanos)/slices.Min(results[0].nanos), median(results[i].allocs))
	}
	w.Flush()
}

// measure returns nanoseconds and allocations a span.
func measure(s stage, c *corpus, n int) (nanos, allocs float64, err error) {
	work := s.prepare(c, n)
	runtime.GC()
	made, start, untimed := allocated(), cpuTime(), time.Duration(0)
	// A profile tells the stages apart by this label: pprof -tagfocus.
	pprof.Do(context.Background(), pprof.Labels("stage", s.name), func(context.Context) {
		for _, w := range work {
			if s.ready != nil {
				objects, began := allocated(), cpuTime()
				w = s.ready(w)
				untimed += cpuTime() - began
				made += allocated() - objects
			}
			if err = s.run(w); err != nil {
				return
			}
		}
	})
	took := cpuTime() - start - untimed
	if err != nil {
		return 0, 0, err
	}
	made = allocated() - made
	spans := float64(0)
	for i := range n {
		spans += float64(c.batches[i%len(c.batches)].SpanCount())
	}
	return float64(took.Nanoseconds()) / spans, float64(made) / spans, nil
}

// cpuTime is what the process has used of its processors, collecting garbage
// included; unlike the time on the wall it does not count what other processes
// took from us.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it has no way to fail
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// allocated is how many objects the process has allocated.
func allocated() uint64 {
	s := [2]metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/tiny/allocs:objects"}}
	metrics.Read(s[:])
	return s[0].Value.Uint64() + s[1].Value.Uint64()
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// fresh gives n batches as they come from the wire, with trace ids that were
// never seen, so that nothing is taken for a redelivery.
func fresh(c *corpus, n int) []any {
	out := make([]any, n)
	for i := range n {
		body, err := ptraceotlp.NewExportRequestFromTraces(c.fresh(i)).MarshalProto()
		if err != nil {
			panic(err) // spans that were made here
		}
		out[i] = body
	}
	return out
}
