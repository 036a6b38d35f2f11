// Package progress tells a person how far long work is: one line that is
// rewritten on a terminal, a plain line now and then in a log.
package progress

import (
	"fmt"
	"os"
	"time"
)

// On a terminal the line is renewed so often, elsewhere a line is written so
// often.
const (
	everyOnTerminal = 200 * time.Millisecond
	everyInLog      = 10 * time.Second
)

// Line is the progress of one run, on standard error.
type Line struct {
	terminal bool
	shown    time.Time
}

// New looks whether standard error is a terminal.
func New() *Line {
	info, err := os.Stderr.Stat()
	return &Line{terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, shown: time.Now()}
}

// Say shows how far the work is, unless something was shown just before.
func (l *Line) Say(format string, args ...any) {
	now := time.Now()
	switch since := now.Sub(l.shown); {
	case l.terminal && since >= everyOnTerminal:
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	case !l.terminal && since >= everyInLog:
		fmt.Fprintf(os.Stderr, format+"\n", args...)
	default:
		return
	}
	l.shown = now
}

// Clear removes the line, so that a result can be printed.
func (l *Line) Clear() {
	if l.terminal {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
}
