package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// figures is a table of numbers for people: they stand to the right, and the
// name that a line is of ends it.
type figures struct{ w *tabwriter.Writer }

func newFigures(out io.Writer, columns ...string) figures {
	t := figures{tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)}
	last := len(columns) - 1
	fmt.Fprintf(t.w, "%s\t  %s\n", strings.Join(columns[:last], "\t"), columns[last])
	return t
}

// line is a name and its numbers, in the order of the columns.
func (t figures) line(name string, cells ...any) {
	for _, c := range cells {
		fmt.Fprintf(t.w, "%v\t", c)
	}
	fmt.Fprintf(t.w, "  %s\n", name)
}

func (t figures) end() error { return t.w.Flush() }
