package genaienricherprocessor

import (
	"cmp"
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/price"
	"github.com/spanledger/spanledger/internal/stamp"
)

// commitment is a contract bought by the hour, for the account of how much of
// it is used: what an hour costs is one metric, what calls were charged
// another, and the rest of the one over the other is idle. Several collectors
// that share a contract add up on the side of the charges alone.
type commitment struct {
	modifier string
	perHour  float64
	from, to time.Time // zero is open
	attrs    metric.MeasurementOption
}

func commitmentsOf(contracts []price.Contract) (out []commitment) {
	for i := range contracts {
		c := &contracts[i]
		if c.Commitment == nil {
			continue
		}
		hour, _ := c.Commitment.PerHour.Cost(1, money.One)
		out = append(out, commitment{
			modifier: price.ContractModifier(c.Name), perHour: hour.Float64(), from: c.ValidFrom, to: c.ValidTo,
			attrs: metric.WithAttributeSet(attribute.NewSet(
				attribute.String("contract", c.Name), attribute.String("currency", cmp.Or(c.Currency, "USD")))),
		})
	}
	return out
}

// countCommitted adds what calls were charged of each commitment.
func (t *telemetry) countCommitted(ctx context.Context, bought []commitment, rulings []ruling) {
	for i := range bought {
		charged := 0.0
		for _, r := range rulings {
			if c := &r.e.stamp.Cost; c.Status == stamp.StatusPriced && bought[i].applied(c.Modifiers) {
				charged += c.Total.Float64()
			}
		}
		if charged > 0 {
			t.builder.ProcessorGenAiEnricherCommitmentCharged.Add(ctx, charged, bought[i].attrs)
		}
	}
}

// applied: the contract is the last of the modifiers.
func (c *commitment) applied(modifiers []string) bool {
	return len(modifiers) > 0 && modifiers[len(modifiers)-1] == c.modifier
}

// observeCommitments says what an hour of each costs now; nothing outside its
// time.
func (p *enricher) observeCommitments(_ context.Context, o metric.Float64Observer) error {
	now := p.now()
	for i := range p.prices.bought {
		if c := &p.prices.bought[i]; !now.Before(c.from) && (c.to.IsZero() || now.Before(c.to)) {
			o.Observe(c.perHour, c.attrs)
		}
	}
	return nil
}
