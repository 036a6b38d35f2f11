package fleet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// What the user says of a lifecycle stands above the catalogue, and moves on by
// the user's dates.
func TestLifecycleOverrides(t *testing.T) {
	listed := Info{ContextWindow: 1000, Lifecycle: stamp.LifecycleRetired, DeprecationDate: "2026-01-01", RetirementDate: "2026-06-01", Replacement: "new"}
	on := func(day string) int64 {
		at, err := time.Parse(time.DateOnly, day)
		require.NoError(t, err)
		return at.UnixNano()
	}
	for _, c := range []struct {
		name     string
		o        Override
		at       string
		want     stamp.Lifecycle
		date, by string
	}{
		{"later than its maker", Override{RetirementDate: "2026-12-01"}, "2026-11-30", stamp.LifecycleDeprecated, "2026-12-01", "new"},
		{"until the day begins", Override{RetirementDate: "2026-12-01"}, "2026-12-01", stamp.LifecycleRetired, "2026-12-01", "new"},
		{"a stage voids the dates", Override{Lifecycle: stamp.LifecycleActive}, "2026-11-30", stamp.LifecycleActive, "", "new"},
		{"a stage with a date of its own", Override{Lifecycle: stamp.LifecycleActive, RetirementDate: "2027-01-01"}, "2026-11-30", stamp.LifecycleActive, "2027-01-01", "new"},
		{"a replacement alone", Override{Replacement: "ours"}, "2026-11-30", stamp.LifecycleRetired, "2026-06-01", "ours"},
		{"another platform", Override{Platform: "azure.ai.openai", Lifecycle: stamp.LifecycleActive}, "2026-11-30", stamp.LifecycleRetired, "2026-06-01", "new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Model = "openai/gpt-?"
			r, err := New(Options{
				Source:     SourceFunc(func(string, string) (Info, bool) { return listed, true }),
				Lifecycles: []Override{c.o},
			})
			require.NoError(t, err)
			m := r.Resolve(llm.ModelRef{Provider: "openai", Request: "gpt-4"})
			s := r.Stamp(m, "", "", on(c.at))
			require.Equal(t, c.want, s.Lifecycle, s.Lifecycle.String())
			require.Equal(t, c.date, s.RetirementDate)
			require.Equal(t, c.by, s.Replacement)
			info, _ := r.Info(m)
			require.EqualValues(t, 1000, info.ContextWindow, "limits are the catalogue's")
		})
	}
}

// Of several entries the first that covers a model applies, alone.
func TestTheFirstOverrideApplies(t *testing.T) {
	r, err := New(Options{Lifecycles: []Override{
		{Model: "claude-*", Replacement: "first"}, {Model: "anthropic/*", Lifecycle: stamp.LifecycleRetired, Replacement: "second"},
	}})
	require.NoError(t, err)
	s := r.Stamp(r.Resolve(llm.ModelRef{Provider: "anthropic", Request: "claude-sonnet-4-5"}), "", "", 1)
	require.Equal(t, "first", s.Replacement)
	require.Equal(t, stamp.LifecycleUnknown, s.Lifecycle)
}

// What the user's own catalogues say of a model stands above the embedded one
// and below what the configuration says, and a changed catalogue is asked again.
func TestOnesOwnCatalogueIsBelievedFirst(t *testing.T) {
	own := Info{RetirementDate: "2026-12-01", ContextWindow: 2000}
	r, err := New(Options{
		Source: SourceFunc(func(string, string) (Info, bool) {
			return Info{Lifecycle: stamp.LifecycleActive, ContextWindow: 1000, MaxOutput: 10, Replacement: "new"}, true
		}),
		Said:       func(*llm.Model) Info { return own },
		Lifecycles: []Override{{Model: "openai/gpt-4", Platform: "Azure OpenAI", Replacement: "ours"}},
	})
	require.NoError(t, err)
	day := func(s string) int64 {
		at, err := time.Parse(time.DateOnly, s)
		require.NoError(t, err)
		return at.UnixNano()
	}
	m := r.Resolve(llm.ModelRef{Provider: "openai", Request: "gpt-4"})
	info, _ := r.Info(m)
	require.Equal(t, Info{Lifecycle: stamp.LifecycleActive, RetirementDate: "2026-12-01", ContextWindow: 2000, MaxOutput: 10, Replacement: "new"}, info)
	require.Equal(t, stamp.LifecycleActive, r.Stamp(m, "", "", day("2026-11-30")).Lifecycle)
	require.Equal(t, stamp.LifecycleRetired, r.Stamp(m, "", "", day("2026-12-01")).Lifecycle)
	azure := r.Resolve(llm.ModelRef{Provider: "azure", Request: "gpt-4"})
	require.Equal(t, "ours", r.Stamp(azure, "", "", 1).Replacement)

	own = Info{}
	r.Forget()
	info, _ = r.Info(m)
	require.Equal(t, Info{Lifecycle: stamp.LifecycleActive, ContextWindow: 1000, MaxOutput: 10, Replacement: "new"}, info)
}
