package compile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/pricefile"
)

// takeBase reads the base as the catalogue file that it was, one model a
// line, through the same parser that reads the files of users.
func (s *state) takeBase() error {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, l := range s.base {
		if l.ID == "" {
			if i > 0 {
				b.WriteString("]},\n")
			}
			fmt.Fprintf(&b, `{"id":%q,"models":[`, l.Provider)
			continue
		}
		if s.base[i-1].ID != "" {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		model := map[string]any{"id": l.ID, "match": l.Match, "prices": l.Prices, "context_window": l.ContextWindow, "deprecated": l.Deprecated}
		if string(l.Prices) == "{}" && (l.Free || strings.HasSuffix(l.ID, ":free")) {
			model["prices"] = map[string]int{"input_mtok": 0, "output_mtok": 0}
		}
		data, err := json.Marshal(model)
		if err != nil {
			return err
		}
		b.Write(data)
	}
	b.WriteString("]}]\n")
	t, err := pricefile.Parse(b.Bytes(), "genai-prices")
	if err != nil {
		return err
	}
	for _, r := range t.Rows {
		if strings.HasPrefix(r.ID, "~") || s.overlay.drops(base, r.Platform, r.ID) {
			continue
		}
		s.rows = append(s.rows, &row{Row: r, source: base})
	}
	return nil
}

// piPlatforms are the providers of pi-ai whose prices are those of a public
// price list, by platform. The others are subscriptions, plans and resellers
// of plans, whose calls are not billed by the token.
var piPlatforms = map[string][]string{
	"amazon-bedrock": {"aws.bedrock"}, "ant-ling": {"ant_ling"}, "anthropic": {"anthropic"}, "azure": {"azure.ai.openai"},
	"baseten": {"baseten"}, "cerebras": {"cerebras"}, "cloudflare-ai-gateway": {"cloudflare_ai_gateway"},
	"cloudflare-workers-ai": {"cloudflare"}, "deepseek": {"deepseek"}, "fireworks": {"fireworks_ai"}, "google": {"gcp.gemini"},
	"google-vertex": {"gcp.vertex_ai"}, "groq": {"groq"}, "huggingface": {"huggingface"}, "meta": {"meta"}, "minimax": {"minimax"},
	"mistral": {"mistral_ai"}, "moonshotai": {"moonshot_ai"}, "openai": {"openai"}, "openrouter": {"openrouter"},
	"together": {"together_ai"}, "vercel-ai-gateway": {"vercel"}, "xai": {"x_ai"}, "xiaomi": {"xiaomi"}, "zai": {"z_ai"},
}

// takeGlobal takes the global profiles first: regional rows are made of them.
func (s *state) takeGlobal() error {
	return s.takePi(func(l *piLine) bool { return strings.HasPrefix(l.ID, "global.") })
}

// takeExtra takes what the base, corrected and extended, still lacks.
func (s *state) takeExtra() error {
	return s.takePi(func(l *piLine) bool { return !strings.HasPrefix(l.ID, "global.") })
}

func (s *state) takePi(which func(*piLine) bool) error {
	p, err := s.pricer()
	if err != nil {
		return err
	}
	at, err := time.Parse(time.DateOnly, s.sources[1].CheckedAt)
	if err != nil {
		return err
	}
	var errs []error
	var taken []*row
	for i := range s.extra {
		l := &s.extra[i]
		if !which(l) || s.overlay.drops(extra, l.Provider, l.ID) {
			continue
		}
		rates, err := l.rates()
		if err != nil {
			errs = append(errs, fmt.Errorf("pi-ai %s/%s: %w", l.Provider, l.ID, err))
			continue
		}
		for _, platform := range piPlatforms[l.Provider] {
			if len(rates) == 0 || s.spelled(platform, l.ID) || p.agrees(platform, l.ID, rates, at) {
				continue
			}
			e := price.Entry{Rates: rates}
			if isMoving(l.ID) {
				e.When.From = at
			}
			taken = append(taken, &row{
				Row: price.Row{
					Platform: platform, ID: l.ID, Entries: []price.Entry{e}, ContextWindow: l.ContextWindow, MaxOutput: l.MaxOutput,
				},
				source: extra,
			})
		}
	}
	s.rows = append(s.rows, taken...)
	return errors.Join(errs...)
}

// isMoving reports whether an id is an alias that is moved to newer models: it
// is priced from the day on which it was looked at, not before.
func isMoving(id string) bool { return strings.HasSuffix(id, "-latest") }

// agrees reports whether the catalogue already prices the id by a row of the
// platform itself, and prices it as pi-ai does.
func (p *pricer) agrees(platform, id string, rates price.Rates, at time.Time) bool {
	own, cost := p.verdict(platform, id, at)
	if !own {
		return false
	}
	read := rates.Get(price.Tokens(llm.CacheRead))
	if !read.IsSet() {
		read = rates.Get(price.Tokens(llm.Input))
	}
	var total money.Amount
	for _, r := range []money.Rate{rates.Get(price.Tokens(llm.Input)), rates.Get(price.Tokens(llm.Output)), read} {
		if a, ok := r.Cost(1000, money.One); ok {
			total = total.Add(a)
		}
	}
	return total.String() == cost
}

// rates makes a price list. A price of nothing for both directions is free
// only where the id says so, else it is not known; a cached price of nothing
// is one that does not exist.
func (l *piLine) rates() (price.Rates, error) {
	var out price.Rates
	if l.Cost.Input == "0" && l.Cost.Output == "0" {
		if strings.HasSuffix(l.ID, ":free") {
			out.Set(price.Tokens(llm.Input), money.Rate{Per: 1e6})
			out.Set(price.Tokens(llm.Output), money.Rate{Per: 1e6})
		}
		return out, nil
	}
	err := l.Cost.into(&out)
	for i := range l.Cost.Tiers {
		err = errors.Join(err, l.Cost.Tiers[i].into(&out))
	}
	return out, err
}

func (c *piCost) into(rates *price.Rates) error {
	for _, p := range []struct {
		bucket llm.Bucket
		amount json.Number
		must   bool
	}{{llm.Input, c.Input, true}, {llm.Output, c.Output, true}, {llm.CacheRead, c.CacheRead, false}, {llm.CacheWrite, c.CacheWrite, false}} {
		if !p.must && p.amount == "0" || p.amount == "" {
			continue
		}
		rate, err := money.NewRate(p.amount.String(), 1e6)
		if err != nil {
			return err
		}
		rates.SetAbove(price.Tokens(p.bucket), c.Above, rate)
	}
	return nil
}

// regional makes one row for all geographic profiles of a model, and the bare
// id, which is served in the caller's region.
func (s *state) regional() error {
	g := s.overlay.Regional
	factor, err := money.NewFactor(g.Factor)
	if err != nil {
		return err
	}
	geos := slices.Clone(g.Geos)
	for i := range geos {
		geos[i] = regexp.QuoteMeta(geos[i])
	}
	var errs []error
	for _, id := range g.IDs {
		from := s.find(g.Platform, "global."+id)
		if len(from) != 1 {
			errs = append(errs, fmt.Errorf("regional %s: there are %d global rows", id, len(from)))
			continue
		}
		r := &row{Row: from[0].Row, source: byHand, note: g.Why}
		r.ID, r.Aliases = "regional."+id, []string{id}
		match := price.Regex(`^((` + strings.Join(geos, "|") + `)\.)?` + regexp.QuoteMeta(id) + `(-\d{8})?(-v\d+(:\d+)?)?$`)
		r.Match = &match
		r.Entries = slices.Clone(r.Entries)
		for i := range r.Entries {
			rates := slices.Clone(r.Entries[i].Rates)
			for k := range rates {
				if rates[k].Item.IsTokens() {
					var err error
					rates[k].Rate, err = times(rates[k].Rate, factor)
					errs = append(errs, err)
				}
			}
			r.Entries[i].Rates = rates
		}
		s.rows = append(s.rows, r)
	}
	return errors.Join(errs...)
}
