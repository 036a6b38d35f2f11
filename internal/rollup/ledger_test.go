package rollup

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

var t0 = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestFirstCut(t *testing.T) {
	l, err := New(DefaultConfig(), "ledger-1", t0)
	require.NoError(t, err)
	c := &llm.Call{Trace: llm.TraceID{1}, Span: llm.SpanID{1}, Start: t0.UnixNano(), End: t0.Add(time.Second).UnixNano(), Role: llm.RoleInference}
	c.Usage.Known = true
	c.Usage.Tokens[llm.Input] = 10
	st := &stamp.Stamp{Route: "checkout"}
	st.Cost.Status, st.Cost.Currency, st.Cost.Total = stamp.StatusPriced, "USD", money.FromPico(5)
	recs := []Record{{Call: c, Stamp: st, Dims: []string{"openai", "openai", "gpt-4o"}, Weight: 1}}
	res := l.Add(append(recs, recs...), t0.Add(2*time.Second))
	require.Equal(t, AddResult{Accepted: 1, Redelivered: 1}, res)
	s := l.Cut(t0.Add(3 * time.Second))
	require.Len(t, s.Rows, 1)
	require.Equal(t, int64(1), s.Rows[0].Calls[stamp.OutcomeSuccess])
	require.Equal(t, money.FromPico(5), s.Rows[0].Cost[stamp.UseDelivered])
	require.Len(t, s.SLOs, 2)
	require.Len(t, l.Receipts(10), 1)
}
