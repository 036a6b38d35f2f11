package rollupcomponent

import (
	"time"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/stamp"
)

// fixtureFleet is what the routes of the fixture use: an alias that moved, a
// model that ages, one that answered in another's place.
func fixtureFleet() Fleet {
	inv := fleet.NewInventory(fleet.InventoryOptions{})
	out := Fleet{Currency: "USD"}
	see := func(route string, item fleet.Item, calls int64, cost string, note stamp.Model, aside bool) {
		at := fixtureStart.Add(time.Duration(len(inv.Entries())) * 7 * time.Minute).UnixNano()
		f := fleet.Figures{
			Calls: calls, Failed: calls / 50, Priced: calls - calls/50, Nanos: (calls - calls/50) * 1_850_000_000,
			Input: calls * 1200, Cached: calls * 300, Output: calls * 240, Cost: usd(cost),
			TextIn: calls * 900, TextInCost: usd(cost), TextOut: calls * 240, TextOutCost: usd(cost),
		}
		if item.Aspect == fleet.AspectSubstitution {
			f.Compared, f.Difference = calls, usd("-0.33")
		}
		h := inv.Find(route, item, at)
		if c, ok := inv.Count(h, at, &f, aside); ok {
			out.Changes = append(out.Changes, FleetChange{Change: c, Number: uint64(len(out.Changes) + 1), Seen: at + int64(time.Minute)})
		}
		h.Note.Remark(&note)
	}
	model := func(vendor, id, version string) fleet.Item {
		return fleet.Item{Aspect: fleet.AspectModel, Maker: vendor, Name: id, Version: version}
	}
	active := stamp.Model{Lifecycle: stamp.LifecycleActive}
	see("checkout", model("openai", "gpt-4o", "gpt-4o-2024-05-13"), 2100, "17.55", stamp.Model{Lifecycle: stamp.LifecycleDeprecated, RetirementDate: "2026-10-25", Replacement: "gpt-5.1", ContextRatio: 0.41}, false)
	see("checkout", model("openai", "gpt-4o", "gpt-4o-2024-08-06"), 2321, "12.04", active, false)
	see("checkout", model("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929"), 61, "0.8715", active, true)
	see("checkout", fleet.Item{Aspect: fleet.AspectSubstitution, Maker: "gpt-4o", Name: "gpt-4o-mini", Version: "gateway"}, 40, "0.021", active, true)
	see("search", fleet.Item{Aspect: fleet.AspectPlatform, Name: "openai"}, 4000, "1.1", active, false)
	see("search", fleet.Item{Aspect: fleet.AspectPlatform, Name: "azure.ai.openai", Version: "eu"}, 18204, "4.398", active, false)
	see("search", model("openai", "gpt-4o-mini", ""), 22204, "5.498", active, false)
	see("search", fleet.Item{Aspect: fleet.AspectPrompt, Name: "rank", Version: "12"}, 100, "0.1", active, false)
	see("search", fleet.Item{Aspect: fleet.AspectPrompt, Name: "rank", Version: "13"}, 100, "0.17", active, false)
	see("search", fleet.Item{Aspect: fleet.AspectPrice, Maker: "openai", Name: "gpt-4o-mini", Version: "embedded@7:openai/gpt-4o-mini"}, 4000, "1.1", active, false)
	see("support-agent", model("openai", "gpt-4-0314", "gpt-4-0314"), 14, "1.9", stamp.Model{Lifecycle: stamp.LifecycleRetired, RetirementDate: "2026-09-30"}, false)
	see("support-agent", model("", "acme-tuned-7b", ""), 920, "0", stamp.Model{}, false)
	out.Entries, out.Overflow = inv.Entries(), 37
	return out
}
