package llmspan

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/recorded"
)

// TestRecordedClients reads spans of real clients and holds every single one
// against the log of the provider they talked to: what it says of tokens is
// what was served to one request, its model is one that answered, a failure
// has its class, and nothing contradicts itself. The sums of whole recordings
// are the processor's to test.
func TestRecordedClients(t *testing.T) {
	all, err := recorded.All()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		r := &all[i]
		t.Run(r.Name(), func(t *testing.T) {
			calls := 0
			eachCall(t, r, func(c *llm.Call) {
				if c.Role != llm.RoleInference {
					return
				}
				calls++
				checkRecorded(t, r, c)
			})
			answers := 0
			for _, s := range r.Served {
				if s.Usage != nil && !s.Cut {
					answers++
				}
			}
			if calls < answers {
				t.Errorf("%d calls read, %d answers served", calls, answers)
			}
		})
	}
}

func checkRecorded(t *testing.T, r *recorded.Recording, c *llm.Call) {
	t.Helper()
	if c.Conflicts != 0 {
		t.Errorf("%s: %d conflicts", c.Name, c.Conflicts)
	}
	if c.Failed() && r.Scenario != "cut" {
		if c.Failure.Class != llm.ErrRateLimited {
			t.Errorf("%s: failed as %s", c.Name, c.Failure.Class)
		}
		return
	}
	if c.Usage.TotalInput()+c.Usage.TotalOutput() == 0 {
		if r.Deviation.Why == "" {
			t.Errorf("%s: no usage, and no deviation that says so", c.Name)
		}
		return
	}
	for i := range r.Served {
		s := &r.Served[i]
		if s.Usage == nil {
			continue
		}
		want := s.Usage.Tokens()
		if recorded.Tokens(c.Usage.Tokens) == want {
			return
		}
		if u := (llm.Usage{Tokens: want}); (c.Usage.TotalInput() == u.TotalInput() && c.Usage.TotalOutput() == u.TotalOutput() || s.Cut) && says(r, c) {
			return
		}
	}
	t.Errorf("%s: tokens %v were served to no request", c.Name, c.Usage.Tokens)
}

// says reports whether a call that tells less than was served is listed: a
// deviation, or one of several descriptions of which another tells all.
func says(r *recorded.Recording, c *llm.Call) bool {
	return r.Deviation.Why != "" || r.Client == "anthropic-0.137.0+openinference" || r.Client == "anthropic-0.137.0+openllmetry"
}

// eachCall visits the LLM spans of a recording.
func eachCall(t *testing.T, r *recorded.Recording, visit func(*llm.Call)) {
	t.Helper()
	reader, err := NewReader(Options{Hosts: []Host{{"127.0.0.1", "stand-in"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range r.Batches {
		td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(batch)
		if err != nil {
			t.Fatal(err)
		}
		for _, rs := range td.ResourceSpans().All() {
			res := ReadResource(rs)
			for _, ss := range rs.ScopeSpans().All() {
				scope := ReadScope(ss)
				for _, span := range ss.Spans().All() {
					if c := (llm.Call{}); reader.Read(&res, &scope, span, &c) {
						visit(&c)
					}
				}
			}
		}
	}
}
