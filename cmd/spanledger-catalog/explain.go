package main

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// explain prices one call the way the processor does and shows the working.
func explain(e *env, args []string) error {
	f := e.flags("explain")
	var ref llm.ModelRef
	f.StringVar(&ref.Provider, "provider", "", "provider, as a span would name it")
	f.StringVar(&ref.Request, "model", "", "model that was asked for")
	f.StringVar(&ref.Response, "response", "", "model that answered, where it differs")
	f.StringVar(&ref.Server, "server", "", "server address")
	usage := f.String("usage", "", "what was used: input=1000,cache_read=0,output=200,web_searches=1 (disjoint)")
	var q price.Query
	f.StringVar(&q.Tier, "tier", "", "service tier that served the call")
	f.StringVar(&q.Geo, "geo", "", "the provider's inference geography")
	when := f.String("at", "", "start of the call (RFC 3339; default now)")
	file := f.String("catalog", "", "a catalogue file that comes before the embedded one")
	terms := f.String("contracts", "", "contracts as in the processor's configuration (YAML)")
	f.StringVar(&q.Route, "route", "", "route of the call, for contracts")
	f.StringVar(&q.Quality, "quality", "", "quality or resolution of media")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	u, err := parseUsage(*usage)
	if err != nil {
		return err
	}
	at, err := timeOf(*when)
	if err != nil {
		return fmt.Errorf("-at: %w", err)
	}
	q.At = at.UnixNano()
	tables, err := layers(*file)
	if err != nil {
		return err
	}
	var contracts []price.Contract
	if *terms != "" {
		if contracts, err = readContracts(*terms); err != nil {
			return err
		}
	}
	book, err := price.NewBook(price.Config{Layers: tables, Contracts: contracts})
	if err != nil {
		return err
	}
	resolver, err := fleet.New(fleet.Options{})
	if err != nil {
		return err
	}
	m := resolver.Resolve(ref)
	e.identity(m)
	e.line("call at", at.UTC().Format(time.RFC3339))
	r := book.Explain(&u, m, q)
	e.receipt(&r)
	return nil
}

// parseUsage reads "input=10,output=20"; the names are those of buckets and units.
func parseUsage(s string) (u llm.Usage, err error) {
	if s == "" {
		return u, errors.New("-usage is needed: input=1000,output=200")
	}
	u.Known = true
	for _, part := range strings.Split(s, ",") {
		name, digits, ok := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.ParseInt(digits, 10, 64)
		if !ok || err != nil {
			return u, fmt.Errorf("usage %q: want name=count, and the count as a whole number", part)
		}
		if err := count(&u, name, n); err != nil {
			return u, err
		}
	}
	return u, nil
}

// counted are the names that a usage may give.
func counted() (names []string) {
	for item := price.Item(0); item < price.PerRequest; item++ {
		names = append(names, item.String())
	}
	return names
}

// count adds n of a bucket or unit to a usage.
func count(u *llm.Usage, name string, n int64) error {
	item, ok := price.ParseItem(name)
	switch {
	case n < 0:
		return fmt.Errorf("usage %s=%d: is less than nothing", name, n)
	case !ok || item >= price.PerRequest: // fees count themselves
		return fmt.Errorf("usage %q: nothing of that name is counted; there is %s", name, strings.Join(counted(), ", "))
	case item.IsTokens():
		u.Tokens[item] = n
	default:
		u.Units[item-price.Units(0)] = n
	}
	return nil
}

func (e *env) line(name, value string) {
	if value != "" {
		_, _ = fmt.Fprintf(e.out, "%-18s%s\n", name, value)
	}
}

func (e *env) identity(m *llm.Model) {
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

// receipt prints where a price is from, what changed it and every line.
func (e *env) receipt(r *price.Receipt) {
	e.line("status", r.Cost.Status.String())
	if r.Row == nil {
		e.line("tried", strings.Join(slices.Compact(slices.Clone(r.Tried)), ", "))
		return
	}
	e.line("price", r.Cost.PriceID)
	e.line("row", provenance(r))
	e.line("holds", period(r.From, r.To))
	e.line("modifiers", strings.Join(r.Cost.Modifiers, " "))
	for i := range r.Lines {
		e.line("  "+lineName(&r.Lines[i]), working(&r.Lines[i]))
	}
	for i := stamp.Component(0); i < stamp.NumComponents; i++ {
		if a := r.Cost.Components[i]; !a.IsZero() {
			e.line(i.String(), a.String())
		}
	}
	switch {
	case r.Cost.Status == stamp.StatusPriced:
		e.line("total", r.Cost.Total.String()+" "+r.Cost.Currency)
	case !r.Cost.AtLeast.IsZero():
		e.line("at least", r.Cost.AtLeast.String()+" "+r.Cost.Currency)
	}
	if r.Cost.HasList {
		e.line("list", r.Cost.List.String())
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
		out += " x " + strings.TrimSuffix(strings.TrimRight(big.NewRat(l.Factor.Num, l.Factor.Den).FloatString(6), "0"), ".")
	}
	out += " = " + l.Amount.String()
	if l.From != l.Item && l.Item != price.Surcharge {
		out += " (at the price of " + l.From.String() + ")"
	}
	return out
}
