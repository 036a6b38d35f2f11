package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// verdict is how one case came out.
type verdict struct {
	id   string
	mark mark
	// want and got say what a miss differs in; why says why a case is not
	// applicable.
	want, got, why string
}

type mark uint8

const (
	miss mark = iota // the zero verdict is no praise
	right
	notApplicable
)

func missed(want, got string) verdict { return verdict{want: want, got: got} }

// guarded turns a panic into a miss of the one case that caused it.
func guarded(check func() verdict) (v verdict) {
	defer func() {
		if p := recover(); p != nil {
			v = missed("an answer", fmt.Sprint("panic: ", p))
		}
	}()
	return check()
}

// tally is the verdicts on one file.
type tally struct {
	name, form string
	verdicts   []verdict
}

func (t *tally) count(m mark) (n int) {
	for i := range t.verdicts {
		if t.verdicts[i].mark == m {
			n++
		}
	}
	return n
}

// line says how many of the applicable cases are right.
func (t *tally) line() string {
	na := t.count(notApplicable)
	return fmt.Sprintf("accuracy %s %d/%d (%d not applicable)", t.name, t.count(right), len(t.verdicts)-na, na)
}

// write lists every case that is not right.
func (t *tally) write(dir string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nread as: %s\n", t.line(), t.form)
	for i := range t.verdicts {
		switch v := &t.verdicts[i]; v.mark {
		case miss:
			fmt.Fprintf(&b, "\nmiss %s\n  expected: %s\n  got:      %s\n", v.id, v.want, v.got)
		case notApplicable:
			fmt.Fprintf(&b, "\nnot applicable %s\n  because: %s\n", v.id, v.why)
		}
	}
	return os.WriteFile(filepath.Join(dir, t.name+".txt"), []byte(b.String()), 0o644)
}
