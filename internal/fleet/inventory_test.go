package fleet

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/money"
)

func call(costPico int64) *Figures {
	return &Figures{Calls: 1, Priced: 1, Nanos: 1e9, Input: 100, Output: 10, Cost: money.FromPico(costPico)}
}

func model(name, version string) Item {
	return Item{Aspect: AspectModel, Maker: "anthropic", Name: name, Version: version}
}

// A route moves to another model: reported once, with what it cost before and
// since, as soon as both sides have enough calls.
func TestAChangeIsReportedOnceWithItsFigures(t *testing.T) {
	inv := NewInventory(InventoryOptions{MinCalls: 5})
	var changes []Change
	see := func(item Item, from, n int, cost int64) {
		for i := range n {
			if c, ok := inv.Observe("checkout", item, int64(from+i), call(cost)); ok {
				changes = append(changes, c)
			}
		}
	}
	older, newer := model("claude-opus-4-6", "4.6"), model("claude-opus-4-7", "4.7")
	see(older, 100, 8, 3)
	assert.Empty(t, changes, "the first model of a route is no change")
	see(newer, 200, 4, 7)
	assert.Empty(t, changes, "four calls are not enough")
	see(newer, 204, 10, 7)
	require.Len(t, changes, 1)
	assert.Equal(t, Change{
		Route: "checkout", At: 200, From: older, To: newer,
		Before: Figures{Calls: 8, Priced: 8, Nanos: 8e9, Input: 800, Output: 80, Cost: money.FromPico(24)},
		After:  Figures{Calls: 5, Priced: 5, Nanos: 5e9, Input: 500, Output: 50, Cost: money.FromPico(35)},
	}, changes[0])
	see(older, 300, 50, 3)
	see(newer, 400, 50, 7)
	assert.Len(t, changes, 1, "going back and forth between known models is no news")
}

func TestAChangeFromAlmostNothingIsNoNews(t *testing.T) {
	inv := NewInventory(InventoryOptions{MinCalls: 5})
	inv.Observe("r", model("a", "1"), 1, call(1))
	for i := range 50 {
		_, ok := inv.Observe("r", model("b", "2"), int64(2+i), call(1))
		assert.False(t, ok)
	}
}

// What a route only falls back to is no change of it, until it is asked for.
func TestFallbacksAreNoChange(t *testing.T) {
	inv := NewInventory(InventoryOptions{MinCalls: 5})
	for i := range 9 {
		inv.Observe("r", model("a", "1"), int64(i), call(1))
	}
	b := inv.Find("r", model("b", "2"), 10)
	for i := range 50 {
		_, ok := inv.Count(b, int64(10+i), call(1), true)
		assert.False(t, ok)
	}
	var got []Change
	for i := range 20 {
		if c, ok := inv.Observe("r", model("b", "2"), int64(100+i), call(3)); ok {
			got = append(got, c)
		}
	}
	require.Len(t, got, 1)
	assert.EqualValues(t, 100, got[0].At)
	assert.EqualValues(t, 5, got[0].After.Calls, "the fallbacks are not in its figures")
}

// A failed call names no version: it counts for the one in use, and neither
// its version nor that of the first answer is news.
func TestAVersionThatIsNotToldIsNoChange(t *testing.T) {
	inv := NewInventory(InventoryOptions{MinCalls: 2})
	see := func(version string, n int) (changes int) {
		for range n {
			if _, ok := inv.Observe("r", model("a", version), 1, call(1)); ok {
				changes++
			}
		}
		return changes
	}
	assert.Zero(t, see("", 5)+see("1", 5)+see("", 5))
	assert.Equal(t, 1, see("2", 5))
	assert.Zero(t, see("", 5))
	assert.EqualValues(t, 10, inv.Entries()[2].Figures.Calls)
}

// A renewed catalogue is news only where its tokens cost something else.
func TestARenewedCatalogueIsNoOtherPrice(t *testing.T) {
	inv := NewInventory(InventoryOptions{MinCalls: 2})
	see := func(id string, pico int64) (changes int) {
		f := &Figures{Calls: 1, Priced: 1, TextIn: 10, TextInCost: money.FromPico(pico), Cost: money.FromPico(pico)}
		for range 5 {
			if _, ok := inv.Observe("r", Item{Aspect: AspectPrice, Maker: "openai", Name: "m", Version: id}, 1, f); ok {
				changes++
			}
		}
		return changes
	}
	assert.Zero(t, see("embedded@7:openai/m", 1000)+see("embedded@8:openai/m", 1000))
	assert.Equal(t, 1, see("embedded@9:openai/m", 1500))
	assert.Equal(t, 1, see("overrides@1:openai/m", 1500))
}

// Prompts change by version, each on its own; routes know nothing of one another.
func TestScopesAreApart(t *testing.T) {
	inv := NewInventory(InventoryOptions{MinCalls: 1})
	prompt := func(name, version string) Item {
		return Item{Aspect: AspectPrompt, Name: name, Version: version}
	}
	for i, step := range []struct {
		route string
		item  Item
		want  bool
	}{
		{"a", prompt("greet", "1"), false},
		{"a", prompt("bye", "1"), false},
		{"b", prompt("greet", "2"), false},
		{"a", prompt("greet", "2"), true},
		{"a", prompt("bye", "2"), true},
		{"a", model("m", "1"), false},
		{"a", Item{Aspect: AspectPlatform, Name: "aws.bedrock", Version: "us"}, false},
		{"a", Item{Aspect: AspectPlatform, Name: "aws.bedrock", Version: "eu"}, true},
		{"a", Item{Aspect: AspectModel}, false},
	} {
		_, ok := inv.Observe(step.route, step.item, int64(i), call(1))
		assert.Equal(t, step.want, ok, "step %d", i)
	}
}

func TestTheInventoryIsBoundedAndForgets(t *testing.T) {
	inv := NewInventory(InventoryOptions{MaxEntries: 10, MinCalls: 3, Expiry: 100})
	for range 3 {
		inv.Observe("r", model("steady", ""), 0, call(1))
	}
	for i := range 1000 {
		inv.Observe("r", model(fmt.Sprint("junk", i), ""), int64(i), call(1))
		require.LessOrEqual(t, len(inv.Entries()), 10)
	}
	kept := int64(0)
	for _, e := range inv.Entries() {
		kept += e.Figures.Calls
	}
	assert.Equal(t, "steady", inv.Entries()[0].Item.Name, "junk pushes out junk only")
	assert.EqualValues(t, 1003, kept+inv.Overflow())
	assert.LessOrEqual(t, len(inv.scopes), 1)

	assert.Equal(t, 1, inv.Expire(105), "what was not seen for long goes")
	known := model("junk999", "")
	f := call(1)
	assert.Zero(t, testing.AllocsPerRun(100, func() { inv.Observe("r", known, 50, f) }))
}

// Stopping and going on from the exported entries makes no difference to what
// is remembered, and every call is counted exactly once.
func TestStateSurvivesARestart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		straight := NewInventory(InventoryOptions{MinCalls: 3})
		broken := NewInventory(InventoryOptions{MinCalls: 3})
		n := rapid.IntRange(1, 60).Draw(t, "calls")
		stop := rapid.IntRange(0, n).Draw(t, "stop")
		var a, b []Change
		for i := range n {
			if i == stop {
				list := broken.Entries()
				broken = NewInventory(InventoryOptions{MinCalls: 3})
				broken.Restore(list)
			}
			route := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "route")
			item := model(rapid.SampledFrom([]string{"m1", "m2", "m3"}).Draw(t, "model"), "")
			if c, ok := straight.Observe(route, item, int64(i), call(int64(i))); ok {
				a = append(a, c)
			}
			if c, ok := broken.Observe(route, item, int64(i), call(int64(i))); ok {
				b = append(b, c)
			}
		}
		assert.Equal(t, straight.Entries(), broken.Entries())
		assert.Equal(t, a, b)
		var calls int64
		for _, e := range straight.Entries() {
			calls += e.Figures.Calls
		}
		assert.EqualValues(t, n, calls)
	})
}
