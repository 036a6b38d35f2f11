package compile

import (
	"slices"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/fleet"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
)

// identifier names models the way the product does when it meets them.
type identifier struct{ fleet *fleet.Resolver }

func newIdentifier() (*identifier, error) {
	r, err := fleet.New(fleet.Options{})
	return &identifier{r}, err
}

func (i *identifier) model(platform, id string) *llm.Model {
	return i.fleet.Resolve(llm.ModelRef{Provider: platform, Request: id})
}

// vendor is who made the model of a row.
func (i *identifier) vendor(platform, id, declared string) string {
	id = strings.TrimPrefix(id, "regional.")
	if m := i.model(platform, id); m.Vendor != "" {
		return m.Vendor
	}
	return declared
}

// pricer answers what the rows taken so far say about an id.
type pricer struct {
	book *price.Book
	*identifier
}

func (s *state) pricer() (*pricer, error) {
	b, err := price.NewBook(price.Config{Layers: []price.Table{s.table()}})
	return &pricer{b, s.identify}, err
}

// verdict is what is known of an id on a platform: whether a row of that very
// platform prices it, and what a million tokens of each kind cost.
func (p *pricer) verdict(platform, id string, at time.Time) (own bool, cost string) {
	var u llm.Usage
	u.Known = true
	u.Tokens[llm.Input], u.Tokens[llm.Output], u.Tokens[llm.CacheRead] = 1000, 1000, 1000
	c := p.book.Cost(&u, p.model(platform, id), price.Query{At: at.UnixNano()})
	_, where, _ := strings.Cut(c.PriceID, ":")
	own = strings.HasPrefix(where, platform+"/")
	for _, m := range c.Modifiers {
		if strings.HasSuffix(m, "_fallback") {
			own = false
		}
	}
	return own, c.Total.String()
}

// addSpellings gives rows the canonical id of their model as an alias, so that
// every spelling of it that the fleet can read finds the row: "grok-4.1-fast"
// the row of "grok-4-1-fast", a bare "claude-sonnet-4-5" on Bedrock the one of
// its region. Where the id is taken, or two rows could claim it, nothing is
// added. Rows that name an organisation are left alone: another organisation's
// model of the same name is another model.
func (s *state) addSpellings() error {
	p, err := s.pricer()
	if err != nil {
		return err
	}
	type name struct{ platform, id string }
	claims := map[name][]*row{}
	for _, r := range s.rows {
		id := strings.TrimPrefix(r.ID, "regional.")
		m := s.identify.model(r.Platform, id)
		if strings.Contains(id, "/") || m.Vendor == "" || m.Variant != "" || m.Region != "" || m.FineTuned || m.Opaque || isMoving(r.ID) || len(r.Entries) == 0 {
			continue
		}
		spellings := []string{m.Snapshot}
		if r.Platform == "aws.bedrock" && m.Vendor == "anthropic" && m.ID != m.Snapshot {
			spellings = append(spellings, m.ID) // dated there alone; snapshots of one Claude cost the same
		}
		for _, id := range spellings {
			claims[name{r.Platform, id}] = append(claims[name{r.Platform, id}], r)
		}
	}
	for n, rows := range claims { // any order: each name is its own
		if taken := p.book.Rows(&llm.Model{Platform: n.platform, Name: n.id}); len(rows) == 1 && len(taken) == 0 {
			rows[0].Aliases = append(slices.Clip(rows[0].Aliases), n.id)
		}
	}
	return nil
}
