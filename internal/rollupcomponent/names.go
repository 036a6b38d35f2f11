package rollupcomponent

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/slo"
	"github.com/spanledger/spanledger/internal/stamp"
)

// PublishedMetric is one metric as a Prometheus user meets it.
type PublishedMetric struct {
	// Name in Prometheus; a histogram has _bucket, _sum and _count behind it.
	Name string
	// Kind is sum, gauge or histogram.
	Kind string
	// Labels in Prometheus, those of the default dimensions included.
	Labels []string
	// Values are the possible values of the labels that have a closed set.
	Values map[string][]string
	// Whole metrics are not published with scope: share.
	Whole bool
}

// PublishedMetrics lists what the exporter and the connector publish, in the
// order of the catalogue, so that dashboards and rules can be held against it.
func PublishedMetrics() []PublishedMetric {
	out := make([]PublishedMetric, 0, len(catalogue))
	for _, m := range catalogue {
		p := PublishedMetric{Name: m.promName(), Kind: kindNames[m.kind], Values: map[string][]string{}, Whole: m.whole}
		for _, a := range m.attrs {
			if a == dimensions {
				for _, d := range NewDefaultConfig().Dimensions {
					p.Labels = append(p.Labels, promLabel(d.Name))
				}
				continue
			}
			p.Labels = append(p.Labels, promLabel(a))
			if values := closedSet(m, a); values != nil {
				p.Values[promLabel(a)] = values
			}
		}
		out = append(out, p)
	}
	return out
}

// closedSet lists the values that an attribute can have on a metric; nil where
// they are open.
func closedSet(m *metric, attr string) []string {
	switch attr {
	case attrOutcome:
		if m == mProvider {
			return providerOutcomes[:]
		}
		if m == mSLOEvents {
			return wordsOf(slo.Good, slo.Excluded+1)
		}
		return wordsOf(stamp.OutcomeSuccess, stamp.NumOutcomes)
	case attrErrorClass:
		return wordsOf(llm.ErrNone+1, llm.NumErrorClasses)
	case attrKind:
		return wordsOf(stamp.KindFirst, stamp.NumKinds)
	case attrTokenType:
		return wordsOf(llm.Bucket(0), llm.NumBuckets)
	case attrUse:
		return wordsOf(stamp.UseDelivered, stamp.NumUses)
	case attrComponent:
		return wordsOf(stamp.Component(0), stamp.NumComponents)
	case attrReason:
		if m == mSLOEvents {
			return wordsOf(slo.ReasonNone+1, slo.NumReasons)
		}
		return []string{stamp.StatusPartial.String(), stamp.StatusUnpricedModel.String(), stamp.StatusNoUsage.String()}
	case attrScope:
		return wordsOf(slo.ScopeCall, slo.NumScopes)
	case attrLifecycle:
		return wordsOf(stamp.LifecycleUnknown, stamp.NumLifecycles)
	case attrOverflow:
		return []string{"true"}
	}
	return nil
}

// wordsOf lists the words of an enumeration from first up to, not including,
// end.
func wordsOf[E interface {
	~uint8
	String() string
}](first, end E) []string {
	var words []string
	for e := first; e < end; e++ {
		words = append(words, e.String())
	}
	return words
}
