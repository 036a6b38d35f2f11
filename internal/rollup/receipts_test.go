package rollup

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
)

func TestReceiptsAreTheRecentBills(t *testing.T) {
	cfg := storyConfig()
	cfg.Receipts = 3
	l := newLedger(t, cfg, "one")
	for i := range 5 {
		at := t0.Add(time.Duration(i) * time.Second)
		rec := parseRecord(t, []string{fmt.Sprint("span=s", i), fmt.Sprint("cost=", i), fmt.Sprintf("end=%ds", i), "took=2s"})
		l.Add([]Record{rec}, at)
		rec.Stamp.Route = "changed" // the ledger kept nothing of ours
	}
	list := l.Receipts(10)
	require.Len(t, list, 3)
	require.Equal(t, "4", list[0].Stamp.Cost.Total.String())
	require.Equal(t, "r", list[0].Route)
	require.Equal(t, 2*time.Second, list[0].Took)
	require.Equal(t, t0.Add(4*time.Second), list[0].At)
	require.Len(t, l.Receipts(2), 2)
	one, ok := l.Receipt(llm.TraceID{1}, llm.SpanID{'s', '3'})
	require.True(t, ok)
	require.Equal(t, list[1], one)
	_, ok = l.Receipt(llm.TraceID{1}, llm.SpanID{'s', '0'})
	require.False(t, ok, "overwritten")
}

// Heavy traffic does not wash the odd ones out.
func TestReceiptsRationASecond(t *testing.T) {
	cfg := storyConfig()
	cfg.Receipts = 100
	l := newLedger(t, cfg, "one")
	for second := range 8 {
		at := t0.Add(time.Duration(second) * time.Second)
		for i := range 500 {
			words := []string{fmt.Sprintf("span=%d.%d", second, i), "cost=1"}
			if i == 400 {
				words = append(words, "class=timeout")
			}
			l.Add([]Record{parseRecord(t, words)}, at)
		}
	}
	failed := 0
	list := l.Receipts(100)
	for _, r := range list {
		if r.Failed == llm.ErrTimeout {
			failed++
		}
	}
	require.Len(t, list, 88) // ten plain ones a second, and the odd one
	require.Equal(t, 8, failed)
}
