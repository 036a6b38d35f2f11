package fleet

import (
	"strings"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Aspect is what of a route's fleet an entry is about.
type Aspect uint8

// The aspects.
const (
	AspectModel        Aspect = iota // Maker: vendor, Name: canonical id, Version
	AspectPlatform                   // Name: platform, Version: region
	AspectPrompt                     // Name: prompt, Version
	AspectPrice                      // Maker: platform, Name: model with its snapshot, Version: price id
	AspectSubstitution               // Maker: model asked for, Name: model that answered, Version: by whom
	NumAspects
)

var aspectNames = [NumAspects]string{"model", "platform", "prompt", "price", "substitution"}

func (a Aspect) String() string {
	if a < NumAspects {
		return aspectNames[a]
	}
	return "invalid"
}

// Item is one member of a route's fleet; comparable.
type Item struct {
	Aspect               Aspect
	Maker, Name, Version string
}

// Figures are what calls amounted to. Cost adds the priced ones only, in the
// reporting currency; Nanos is the sum of the durations of answered ones.
type Figures struct {
	Calls, Failed, Priced int64
	Nanos                 int64
	Input, Output         int64 // tokens, all kinds
	Cached                int64 // of the input tokens, those read from a cache
	Cost                  money.Amount
	// Uncached text input and text output of priced calls and what they cost:
	// their quotients are the price of a token.
	TextIn, TextOut         int64
	TextInCost, TextOutCost money.Amount
	// Compared are the calls that another model answered and whose cost at the
	// model asked for is known; Difference is what they cost more in all.
	Compared   int64
	Difference money.Amount
}

// Add adds the figures of other calls.
func (f *Figures) Add(o *Figures) {
	f.Calls, f.Failed, f.Priced = f.Calls+o.Calls, f.Failed+o.Failed, f.Priced+o.Priced
	f.Nanos, f.Input, f.Output, f.Cached = f.Nanos+o.Nanos, f.Input+o.Input, f.Output+o.Output, f.Cached+o.Cached
	f.Cost = f.Cost.Add(o.Cost)
	f.TextIn, f.TextOut = f.TextIn+o.TextIn, f.TextOut+o.TextOut
	f.TextInCost, f.TextOutCost = f.TextInCost.Add(o.TextInCost), f.TextOutCost.Add(o.TextOutCost)
	f.Compared, f.Difference = f.Compared+o.Compared, f.Difference.Add(o.Difference)
}

// less takes away figures that are a part of these.
func (f *Figures) less(o *Figures) Figures {
	return Figures{
		Calls: f.Calls - o.Calls, Failed: f.Failed - o.Failed, Priced: f.Priced - o.Priced,
		Nanos: f.Nanos - o.Nanos, Input: f.Input - o.Input, Output: f.Output - o.Output, Cached: f.Cached - o.Cached,
		Cost:   f.Cost.Sub(o.Cost),
		TextIn: f.TextIn - o.TextIn, TextOut: f.TextOut - o.TextOut,
		TextInCost: f.TextInCost.Sub(o.TextInCost), TextOutCost: f.TextOutCost.Sub(o.TextOutCost),
		Compared: f.Compared - o.Compared, Difference: f.Difference.Sub(o.Difference),
	}
}

// ratio is not ok where there was nothing to divide by.
func ratio(sum float64, n int64) (float64, bool) {
	if n <= 0 {
		return 0, false
	}
	return sum / float64(n), true
}

// CostPerCall is the mean over priced calls.
func (f *Figures) CostPerCall() (float64, bool) { return ratio(f.Cost.Float64(), f.Priced) }

// TokensPerCall is the mean over answered calls, input and output together.
func (f *Figures) TokensPerCall() (float64, bool) {
	return ratio(float64(f.Input+f.Output), f.Calls-f.Failed)
}

// ErrorRate is the share of calls that failed.
func (f *Figures) ErrorRate() (float64, bool) { return ratio(float64(f.Failed), f.Calls) }

// Latency is the mean duration of answered calls, in seconds.
func (f *Figures) Latency() (float64, bool) { return ratio(float64(f.Nanos)/1e9, f.Calls-f.Failed) }

// InputPrice and OutputPrice are what a million text tokens cost.
func (f *Figures) InputPrice() (float64, bool) { return ratio(f.TextInCost.Float64()*1e6, f.TextIn) }

// OutputPrice is what a million text tokens of output cost.
func (f *Figures) OutputPrice() (float64, bool) { return ratio(f.TextOutCost.Float64()*1e6, f.TextOut) }

// DifferencePerCall is the mean over compared calls.
func (f *Figures) DifferencePerCall() (float64, bool) {
	return ratio(f.Difference.Float64(), f.Compared)
}

// Entry is what is remembered of an item on a route. It is a plain value: a
// list of entries is the whole state of an inventory.
type Entry struct {
	Route string
	Item  Item
	// First and Last are the earliest and the latest start of a call, Unix ns.
	First, Last int64
	Figures     Figures
	// Aside marks an item that was only ever fallen back to. Since is when it
	// became one of the route's own (Unix ns), Base its figures until then.
	Aside bool
	Since int64
	Base  Figures
	// Before is the item that the route used until this one appeared, with its
	// figures up to then; the zero Item where this was the route's first.
	Before        Item
	BeforeFigures Figures
	// Announced is set once the change from Before was reported, or was none.
	Announced bool
	Note      Note
}

// Note is what was last said of a model on its spans.
type Note struct {
	Lifecycle      stamp.Lifecycle
	RetirementDate string // ISO 8601 date, "" none
	Replacement    string
	// ContextMax is the fullest context window that was seen, as a share; 0
	// unknown.
	ContextMax float64
}

// Remark keeps what a span says of a model; it copies what it keeps.
func (n *Note) Remark(m *stamp.Model) {
	if m.Lifecycle != stamp.LifecycleUnknown {
		n.Lifecycle = m.Lifecycle
	}
	if m.RetirementDate != "" && m.RetirementDate != n.RetirementDate {
		n.RetirementDate = strings.Clone(m.RetirementDate)
	}
	if m.Replacement != "" && m.Replacement != n.Replacement {
		n.Replacement = strings.Clone(m.Replacement)
	}
	n.ContextMax = max(n.ContextMax, m.ContextRatio)
}

// Change says that a route began to use another item, with the figures of the
// old one until then and of the new one since.
type Change struct {
	Route         string
	At            int64 // first call of the new item, Unix ns
	From, To      Item
	Before, After Figures
}

// Kind names what changed: model, version, platform, region, prompt_version or
// price.
func (c *Change) Kind() string {
	same := c.From.Maker == c.To.Maker && c.From.Name == c.To.Name
	switch c.To.Aspect {
	case AspectModel:
		if same {
			return "version"
		}
	case AspectPlatform:
		if same {
			return "region"
		}
	case AspectPrompt:
		return "prompt_version"
	}
	return c.To.Aspect.String()
}

// real reports whether something changed: a version that became known is the
// same version, and a catalogue that was renewed is no other price where its
// tokens cost what they did.
func (c *Change) real() bool {
	if c.From.Maker == c.To.Maker && c.From.Name == c.To.Name && (c.From.Version == "" || c.To.Version == "") {
		return false
	}
	if c.To.Aspect != AspectPrice || rowOf(c.From.Version) != rowOf(c.To.Version) {
		return true
	}
	return differ(c.Before.InputPrice, c.After.InputPrice) || differ(c.Before.OutputPrice, c.After.OutputPrice)
}

// rowOf is a price id without the version of its catalogue:
// "embedded@7:openai/gpt-5" is the row openai/gpt-5 of the source embedded.
func rowOf(priceID string) [2]string {
	catalogue, row, _ := strings.Cut(priceID, ":")
	source, _, _ := strings.Cut(catalogue, "@")
	return [2]string{source, row}
}

// differ reports whether two known prices are further apart than rounding.
func differ(a, b func() (float64, bool)) bool {
	x, okX := a()
	y, okY := b()
	return okX && okY && (x-y > 1e-3*x || y-x > 1e-3*x)
}
