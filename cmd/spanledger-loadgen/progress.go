package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"time"
)

// progress tells a person how far a long run is, at most once a second. A
// total of math.MaxInt has no end.
type progress struct {
	out   io.Writer
	total int
	next  time.Time
	start time.Time
}

func newProgress(out io.Writer, total int) *progress {
	now := time.Now()
	return &progress{out: out, total: total, start: now, next: now.Add(time.Second)}
}

func (p *progress) at(sent int) {
	if now := time.Now(); now.After(p.next) {
		p.next = now.Add(time.Second)
		of := ""
		if p.total != math.MaxInt {
			of = fmt.Sprintf(" of %d", p.total)
		}
		fmt.Fprintf(p.out, "  %d%s user requests, %.0f a second\n", sent, of, float64(sent)/now.Sub(p.start).Seconds())
	}
}

func (p *progress) done(sent int) {
	fmt.Fprintf(p.out, "sent %d user requests in %s\n", sent, time.Since(p.start).Round(time.Millisecond))
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
