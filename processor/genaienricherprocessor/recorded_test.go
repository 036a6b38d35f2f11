package genaienricherprocessor

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/llmspan"
	"github.com/spanledger/spanledger/internal/recorded"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Every recording of a real client, through the public factory, makes the
// books that the provider's own log makes, but for what its spans leave out.
func TestRealClientsBooksEqualTheProvidersLog(t *testing.T) {
	all, err := recorded.All()
	require.NoError(t, err)
	var rows []recorded.Row
	for i := range all {
		r := &all[i]
		t.Run(r.Name(), func(t *testing.T) {
			want, got := r.Expected(), booksOf(t, "", batchesOf(t, r))
			rows = append(rows, recorded.Row{Recording: r, Got: got})
			require.Equal(t, want.Answers, got.Answers, "answers (%s)", r.Deviation.Why)
			require.Equal(t, want.Refused, got.Refused, "refused requests (%s)", r.Deviation.Why)
			require.Equal(t, want.Tokens, got.Tokens, "tokens (%s)", r.Deviation.Why)
			require.Equal(t, want.Cost.String(), got.Cost.String(), "cost (%s)", r.Deviation.Why)
			if d := r.Deviation; d.Why != "" {
				require.NotEqual(t, want, r.Truth(), "a deviation that deviates from nothing: %s", d.Why)
			}
		})
	}
	if file := os.Getenv("SPANLEDGER_CLIENTS_TABLE"); file != "" {
		require.NoError(t, os.WriteFile(file, []byte(recorded.Table(rows)), 0o600))
	}
}

// With wait, the books are the same in whatever order and batches the spans of
// a real client arrive.
func TestRealClientsBooksDoNotDependOnArrival(t *testing.T) {
	all, err := recorded.All()
	require.NoError(t, err)
	rapid.Check(t, func(rt *rapid.T) {
		r := &all[rapid.IntRange(0, len(all)-1).Draw(rt, "recording")]
		var spans []ptrace.Traces
		for _, td := range batchesOf(t, r) {
			spans = append(spans, single(td)...)
		}
		order := rapid.Permutation(indices(len(spans))).Draw(rt, "order")
		var batches []ptrace.Traces
		for _, i := range order {
			if len(batches) == 0 || rapid.Bool().Draw(rt, "next batch") {
				batches = append(batches, ptrace.NewTraces())
			}
			spans[i].ResourceSpans().MoveAndAppendTo(batches[len(batches)-1].ResourceSpans())
		}
		want, got := r.Expected(), booksOf(t, "attempts: {wait: 10s}", batches)
		if want != got {
			rt.Fatalf("%s: %+v, expected %+v (%s)", r.Name(), got, want, r.Deviation.Why)
		}
	})
}

// single makes a request of every span.
func single(td ptrace.Traces) (out []ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				one := ptrace.NewTraces()
				ownRS := one.ResourceSpans().AppendEmpty()
				rs.Resource().CopyTo(ownRS.Resource())
				ownSS := ownRS.ScopeSpans().AppendEmpty()
				ss.Scope().CopyTo(ownSS.Scope())
				span.CopyTo(ownSS.Spans().AppendEmpty())
				out = append(out, one)
			}
		}
	}
	return out
}

func batchesOf(t *testing.T, r *recorded.Recording) (out []ptrace.Traces) {
	t.Helper()
	var u ptrace.JSONUnmarshaler
	for _, b := range r.Batches {
		td, err := u.UnmarshalTraces(b)
		require.NoError(t, err)
		out = append(out, td)
	}
	return out
}

// booksOf sends batches through the public factory and makes books of what
// comes out.
func booksOf(t *testing.T, config string, batches []ptrace.Traces) recorded.Books {
	t.Helper()
	sink := new(consumertest.TracesSink)
	p := newFromYAML(t, []byte("endpoints: [{host: 127.0.0.1, platform: stand-in}]\n"+config), nil, sink)
	require.NoError(t, p.Start(t.Context(), nil))
	for _, td := range batches {
		require.NoError(t, p.ConsumeTraces(t.Context(), td))
	}
	require.NoError(t, p.Shutdown(t.Context()))
	reader, err := llmspan.NewReader(llmspan.Options{Hosts: []llmspan.Host{{Name: "127.0.0.1", Platform: "stand-in"}}})
	require.NoError(t, err)
	var b recorded.Books
	for _, td := range sink.AllTraces() {
		for _, rs := range td.ResourceSpans().All() {
			res := llmspan.ReadResource(rs)
			for _, ss := range rs.ScopeSpans().All() {
				scope := llmspan.ReadScope(ss)
				for _, span := range ss.Spans().All() {
					enter(&b, reader, &res, &scope, span)
				}
			}
		}
	}
	return b
}

// enter books one stamped span.
func enter(b *recorded.Books, reader *llmspan.Reader, res *llmspan.ResourceView, scope *llmspan.ScopeView, span ptrace.Span) {
	var c llm.Call
	var s stamp.Stamp
	stamped := llmspan.ReadStamp(span, &s)
	isLLM := reader.Read(res, scope, span, &c)
	if !isLLM && reader.ReadTransport(res, scope, span, &c) && c.Failure.HTTPStatus == 429 {
		b.Refused++
	}
	if !isLLM || !stamped || s.Cost.Status == stamp.StatusDuplicate || s.Cost.Status == stamp.StatusNotBillable {
		return
	}
	b.Answers++
	t := recorded.Tokens(c.Usage.Tokens)
	b.Tokens.Add(&t)
	b.Cost = b.Cost.Add(s.Cost.Total).Add(s.Cost.AtLeast)
}
