package price

import (
	"testing"

	"github.com/spanledger/spanledger/internal/llm"
)

// A renewed book prices as one built from nothing, and the old one goes on as
// before: rules of a table that left do not stay on rows that remain.
func TestARenewedBookIsABookOfItsOwn(t *testing.T) {
	house := Table{Source: "house", Rows: []Row{row("openai", "m", perMillion(t, "input", "10"))}}
	ruled := Table{
		Source: "ruled", Rows: []Row{row("openai", "other", perMillion(t, "input", "1"))},
		Rules: []Rule{{Sources: []string{"house"}, Uplifts: []Uplift{{Name: "double", Factor: pct(200)}}}},
	}
	old := bookOf(t, Config{Layers: []Table{house, ruled}})
	renewed, err := old.Renew(Config{Layers: []Table{house}})
	if err != nil {
		t.Fatal(err)
	}
	fresh := bookOf(t, Config{Layers: []Table{house}})
	u, m := used(llm.Input, 1_000_000), model("openai", "m")
	for _, c := range []struct {
		name, want string
		b          *Book
	}{{"old", "20", old}, {"renewed", "10", renewed}, {"fresh", "10", fresh}} {
		if got := c.b.Cost(u, m, Query{At: 1}).Total.String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Each table says what it knows of a model, priced by it or not.
func TestRowsAreThoseOfEveryTable(t *testing.T) {
	known := row("openai", "gpt-4", nil)
	known.RetirementDate = "2026-12-01"
	b := bookOf(t, Config{Layers: []Table{
		{Source: "overrides", Rows: []Row{row("openai", "other", perMillion(t, "input", "1"))}},
		{Source: "mine", Rows: []Row{known}},
		{Source: "embedded", Rows: []Row{row("openai", "gpt-4", perMillion(t, "input", "2")), row("azure.ai.openai", "gpt-4", nil)}},
	}})
	rows := b.Rows(model("openai", "gpt-4"))
	if len(rows) != 2 || rows[0].Source != "mine" || rows[0].Row.RetirementDate != "2026-12-01" || rows[1].Source != "embedded" {
		t.Errorf("%+v", rows)
	}
	if rows := b.Rows(model("groq", "gpt-4")); len(rows) != 0 {
		t.Errorf("of another platform: %+v", rows)
	}
}
