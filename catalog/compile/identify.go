package compile

import (
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
