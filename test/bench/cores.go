package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// cores prints what a second core is worth: how much faster two goroutines on
// two cores get through the same batches than one on one, for decoding and
// for a stage, and the one speed-up over the other. It is measured by the
// clock on the wall, best of the rounds: on a machine with other work to do
// it says little.
func cores(c *corpus, floor, s stage, rounds, batches int) error {
	if runtime.NumCPU() < 2 {
		return nil
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	faster := func(s stage) (float64, error) {
		var best [2]time.Duration
		for range rounds {
			for i := range best {
				took, err := sideBySide(c, s, i+1, batches)
				if err != nil {
					return 0, fmt.Errorf("%s on %d cores: %w", s.name, i+1, err)
				}
				if best[i] == 0 || took < best[i] {
					best[i] = took
				}
			}
		}
		return best[0].Seconds() / best[1].Seconds(), nil
	}
	decoding, err := faster(floor)
	if err != nil {
		return err
	}
	ours, err := faster(s)
	if err != nil {
		return err
	}
	fmt.Printf("\ntwo cores against one, by the clock: decoding %.2f times, %s %.2f times, ratio %.2f\n", decoding, s.name, ours, ours/decoding)
	return nil
}

// sideBySide runs batches on n cores at once, each its share.
func sideBySide(c *corpus, s stage, n, batches int) (time.Duration, error) {
	work := s.prepare(c, batches)
	if s.ready != nil {
		for i := range work {
			work[i] = s.ready(work[i])
		}
	}
	runtime.GOMAXPROCS(n)
	runtime.GC()
	errs := make([]error, n)
	var wg sync.WaitGroup
	start := time.Now()
	for k := range n {
		wg.Go(func() {
			for i := k; i < len(work) && errs[k] == nil; i += n {
				errs[k] = s.run(work[i])
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}
