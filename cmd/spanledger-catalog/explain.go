package main

import (
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

func explainCommand() *cobra.Command {
	var list priceList
	var ref llm.ModelRef
	var usage llm.Usage
	var q price.Query
	var at time.Time
	c := &cobra.Command{
		Use:   "explain",
		Short: "Price one call and show the working",
		Long: `Price one call as the collector would and show the working: which model it is, which
row of which catalogue prices it, what changes the price, and every line of the sum.
Amounts are exact; a rate is the price of one token, one call or one of what is counted.

Usage counts each thing once: input does not include what was read from a cache.
What can be counted:

` + countedHelp(),
		Example: `  spanledger-catalog explain --provider anthropic --model claude-opus-5 --usage input=1000,cache_read=5000,output=200
  spanledger-catalog explain --provider bedrock --model us.anthropic.claude-opus-5 --usage input=1000 \
      --contracts terms.yaml --route checkout --at 2026-10-01`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := list.read()
			if err != nil {
				return err
			}
			at := orNow(at)
			q.At = at.UnixNano()
			return explain(cmd.OutOrStdout(), p, ref, &usage, q, at)
		},
	}
	f := c.Flags()
	f.StringVar(&ref.Provider, "provider", "", "`provider` as a span names it, such as openai or aws.bedrock")
	f.StringVar(&ref.Request, "model", "", "`model` that was asked for; this or --response is required")
	f.StringVar(&ref.Response, "response", "", "`model` that answered, where it is another")
	f.StringVar(&ref.Server, "server", "", "server `address` of the call")
	f.Func("usage", "what was used, each thing once: `counts` like input=1000,output=200 (required)", func(s string) (err error) {
		usage, err = parseUsage(s)
		return err
	})
	f.StringVar(&q.Tier, "tier", "", "service `tier` that served the call, such as batch")
	f.StringVar(&q.Geo, "geo", "", "the provider's inference `geography`, such as us")
	f.StringVar(&q.Route, "route", "", "`route` of the call, for contracts")
	f.StringVar(&q.Quality, "quality", "", "`quality` or resolution of media")
	timeFlag(f, &at, "at", "start of the call, default now")
	list.flags(c, false)
	c.MarkFlagsOneRequired("model", "response")
	_ = c.MarkFlagRequired("usage")
	_ = c.RegisterFlagCompletionFunc("usage", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return counted(), cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	})
	return c
}

func explain(out io.Writer, p *pricer, ref llm.ModelRef, u *llm.Usage, q price.Query, at time.Time) error {
	m := p.fleet.Resolve(ref)
	r := p.book.Explain(u, m, q)
	e := receipt{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	e.identity(m)
	e.line("call at", at.UTC().Format(time.RFC3339))
	e.line("status", r.Cost.Status.String())
	if r.Row == nil {
		e.line("because", "no catalogue has a price that held then under a name that was tried")
		e.line("tried", strings.Join(r.Tried, ", "))
	} else {
		e.price(&r)
		e.cost(&r.Cost)
	}
	return e.w.Flush()
}

// receipt prints names and values below each other.
type receipt struct{ w *tabwriter.Writer }

func (e receipt) line(name, value string) {
	if value != "" {
		fmt.Fprintf(e.w, "%s\t%s\n", name, value)
	}
}

func (e receipt) identity(m *llm.Model) {
	e.line("model", m.ID)
	e.line("vendor", m.Vendor)
	e.line("platform", m.Platform)
	e.line("region", m.Region)
	e.line("version", m.Version)
	e.line("variant", m.Variant)
	if m.Opaque {
		e.line("opaque", "a name of the user's own: map it by an alias")
	}
}

// price prints where a price is from, what changed it and every line.
func (e receipt) price(r *price.Receipt) {
	e.line("price", r.Cost.PriceID)
	e.line("row", provenance(r))
	e.line("holds", period(r.From, r.To))
	e.line("modifiers", strings.Join(r.Cost.Modifiers, " "))
	for i := range r.Lines {
		e.line("  "+lineName(&r.Lines[i]), working(&r.Lines[i]))
	}
}

// cost prints the components and their sum, which is a lower bound where some
// of what was used has no price.
func (e receipt) cost(c *stamp.Cost) {
	for i := stamp.Component(0); i < stamp.NumComponents; i++ {
		if a := c.Components[i]; !a.IsZero() {
			e.line(i.String(), a.String())
		}
	}
	switch {
	case c.Status == stamp.StatusPriced:
		e.line("total", c.Total.String()+" "+c.Currency)
	case !c.AtLeast.IsZero():
		e.line("at least", c.AtLeast.String()+" "+c.Currency)
	}
	if c.HasList {
		e.line("list", c.List.String()+" "+c.Currency)
	}
}

func provenance(r *price.Receipt) string {
	if r.File != "" {
		return r.File + ":" + r.Row.Pos.String()
	}
	out := r.Row.PriceSource
	if r.Row.SourceVersion != "" {
		out += " " + r.Row.SourceVersion
	}
	if !r.Row.CheckedAt.IsZero() {
		out += ", checked " + r.Row.CheckedAt.Format(time.DateOnly)
	}
	return out
}

func period(from, to time.Time) string {
	var parts []string
	if !from.IsZero() {
		parts = append(parts, "from "+from.UTC().Format(time.RFC3339))
	}
	if !to.IsZero() {
		parts = append(parts, "until "+to.UTC().Format(time.RFC3339))
	}
	return strings.Join(parts, " ")
}

func lineName(l *price.Line) string {
	if l.Item == price.Surcharge {
		return "surcharge"
	}
	return l.Item.String()
}

// working is "1000 x 0.000003 x 1.1 = 0.0033".
func working(l *price.Line) string {
	switch {
	case l.Covered:
		return fmt.Sprintf("%d, charged by another line", l.Count)
	case !l.Rate.IsSet():
		return fmt.Sprintf("%d x no price", l.Count)
	}
	out := fmt.Sprintf("%d x %s", l.Count, l.Rate)
	if !l.Factor.IsOne() {
		out += " x " + decimal(big.NewRat(l.Factor.Num, l.Factor.Den))
	}
	out += " = " + l.Amount.String()
	if l.From != l.Item && l.Item != price.Surcharge {
		out += " (at the price of " + l.From.String() + ")"
	}
	return out
}

// decimal is a number in full, as a fraction where it has no end.
func decimal(r *big.Rat) string {
	if n, exact := r.FloatPrec(); exact {
		return r.FloatString(n)
	}
	return r.RatString()
}

// countedHelp lists what a usage may count, some to a line.
func countedHelp() string {
	var lines []string
	for some := range slices.Chunk(counted(), 5) {
		lines = append(lines, "  "+strings.Join(some, ", "))
	}
	return strings.Join(lines, ",\n")
}
