package price

import (
	"strconv"
	"time"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Table is one catalogue: rows in the order of their source.
type Table struct {
	// Source names the catalogue in price ids ("litellm", "genai-prices",
	// "overrides"); Version is its version or a digest of its content.
	Source, Version string
	// File is where errors point to; "" for embedded data.
	File string
	// Checked is when the prices were last compared with their publishers;
	// zero where the format does not say.
	Checked time.Time
	// Wary says that the clauses of the rows were written for the models that
	// there were: a longer name that adds a word, a size or a revision by which
	// makers tell models apart is then another model ("gemini-9-flash-lite" is
	// not what starts_with "gemini-9-flash" means). Of one's own clauses every
	// word is meant.
	Wary bool
	Rows []Row
	// Rules add variants and uplifts to many rows at once.
	Rules []Rule
	// Aliases name models by ids of the user's own; they are tried before
	// everything else.
	Aliases []Alias
}

// Row is the price list of one model on one platform.
//
// Strings that are matched (Platform, Vendor, ID, Aliases, clause literals) are
// compared without regard to case.
type Row struct {
	// Platform is where the model is served, in the vocabulary of llm.Model
	// ("openai", "gcp.gemini", "aws.bedrock"); "" is any platform.
	Platform string
	// Vendor is who made the model; "" unknown.
	Vendor string
	// ID is the model as the platform's price list spells it, without the
	// platform; it names the row in price ids. An id may occur more than once
	// in a table: the first row in order wins.
	ID string
	// Aliases are further exact spellings.
	Aliases []string
	// Match claims further spellings; nil: ID and Aliases only. Exact spellings
	// of any row are tried before the clauses, and clauses in row order.
	Match *Clause
	// Currency is ISO 4217; "" is USD.
	Currency string
	// Entries are the prices through time: the last entry whose period holds
	// at the time of the call wins.
	Entries []Entry
	// Variants replace prices for a service tier and the like: the last one
	// that matches wins.
	Variants []Variant
	// Uplifts are factors on token prices; all that match apply.
	Uplifts []Uplift
	// Surcharge marks a router's fee: where the row's id was asked for and
	// another model answered, its input price is charged on top of the model's.
	Surcharge bool

	ContextWindow, MaxOutput int64 // tokens; 0 unknown
	Lifecycle                stamp.Lifecycle
	RetirementDate           string // ISO 8601 date; "" none
	Replacement              string

	// PriceSource, SourceVersion and CheckedAt are the provenance of this row
	// where it differs from its table's.
	PriceSource, SourceVersion string
	CheckedAt                  time.Time
	// Pos is where the row stands in its file.
	Pos Pos
}

// Pos is a place in a catalogue file; lines count from 1, 0 is unknown.
type Pos struct{ Line, Column int }

func (p Pos) String() string {
	if p.Line == 0 {
		return "?"
	}
	return strconv.Itoa(p.Line)
}

// Entry is the price list of a row for one period.
type Entry struct {
	When Period
	// RecordedAt is when the entry came to be known; calls that are booked
	// before do not see it. Zero: always known.
	RecordedAt time.Time
	Rates      Rates
}

// Variant replaces prices where its conditions hold: a service tier, a speed,
// a quality. Items that it does not list keep the standard price.
type Variant struct {
	// Name is written as a modifier; "" takes the values of the conditions.
	Name string
	// If are conditions that must all hold; none at all never holds.
	If   []Condition
	When Period
	// Rates replace the whole ladder of each item that they list.
	Rates Rates
	// Factor multiplies the standard token prices that Rates does not list;
	// the zero Factor is 1.
	Factor money.Factor
	// Flat switches context thresholds off, also for items that are not listed.
	Flat bool
}

// Uplift multiplies token prices; searches, tools and requests are not uplifted.
type Uplift struct {
	Name string // the modifier: "geo:us", "off_peak"
	// If are conditions that must all hold; none always holds.
	If     []Condition
	When   Period
	Factor money.Factor
}

// Rule adds variants and uplifts to the rows that it matches. A row's own
// variant or uplift of the same name wins over a rule's.
type Rule struct {
	Platform, Vendor string   // "" any
	Sources          []string // sources of the tables whose rows are meant; none: the rule's own table
	Match            *Clause  // on the row's id; nil any
	Variants         []Variant
	Uplifts          []Uplift
	Pos              Pos
}

// Alias says that the id From, as it stands on the span, is priced as To: the
// id of a row, or "platform/id".
type Alias struct {
	From, To string
	Pos      Pos
}

// Param is what a condition looks at.
type Param uint8

// The parameters. ParamUnknown stands for parameters of a format that we do
// not know: it never holds.
const (
	ParamUnknown Param = iota
	ParamTier          // service tier that served the call: batch, flex, priority, fast
	ParamGeo           // inference geography, else the model's region
	ParamRegion        // the model's region alone
	ParamQuality       // resolution or quality of media
)

// Condition holds where the parameter is one of the values, case ignored.
type Condition struct {
	Param Param
	AnyOf []string
}

// Tier is the condition that one of the service tiers served the call.
func Tier(anyOf ...string) Condition { return Condition{ParamTier, anyOf} }

// Geo is the condition that one of the geographies served the call.
func Geo(anyOf ...string) Condition { return Condition{ParamGeo, anyOf} }
