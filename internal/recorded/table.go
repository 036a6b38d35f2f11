package recorded

import (
	"fmt"
	"strings"
)

// Row is what one recording was read as.
type Row struct {
	Recording *Recording
	Got       Books
}

// Table prints, for every client, what the books say against what the
// provider's log says, and below it every deviation with its reason. A row
// that differs from both the truth and the table of deviations says WRONG.
func Table(rows []Row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-33s %9s  %9s  %9s  %15s  %23s\n", "books / provider's log", "scenarios", "answers", "refused", "tokens", "USD")
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Recording.Client == rows[0].Recording.Client {
			n++
		}
		client(&b, rows[:n])
		rows = rows[n:]
	}
	return b.String()
}

func client(b *strings.Builder, rows []Row) {
	var got, want Books
	for i := range rows {
		truth := rows[i].Recording.Truth()
		got.add(&rows[i].Got)
		want.add(&truth)
	}
	verdict := ""
	if got == want {
		verdict = "  equal"
	}
	fmt.Fprintf(b, "%-33s %9d  %4d/%-4d  %4d/%-4d  %7d/%-7d  %11s/%-11s%s\n", rows[0].Recording.Client, len(rows),
		got.Answers, want.Answers, got.Refused, want.Refused, got.Tokens.Total(), want.Tokens.Total(), got.Cost, want.Cost, verdict)
	for i := range rows {
		r := rows[i].Recording
		truth, expected := r.Truth(), r.Expected()
		switch {
		case rows[i].Got != expected:
			fmt.Fprintf(b, "    %-10s WRONG: %s, expected %s\n", r.Scenario, rows[i].Got.line(), expected.line())
		case r.Deviation.Why != "":
			fmt.Fprintf(b, "    %-10s %s, served %s: %s\n", r.Scenario, rows[i].Got.line(), truth.line(), r.Deviation.Why)
		}
	}
}

func (b *Books) add(o *Books) {
	b.Answers += o.Answers
	b.Refused += o.Refused
	b.Tokens.Add(&o.Tokens)
	b.Cost = b.Cost.Add(o.Cost)
}

func (b *Books) line() string {
	return fmt.Sprintf("%d+%d calls %d tokens %s", b.Answers, b.Refused, b.Tokens.Total(), b.Cost)
}
