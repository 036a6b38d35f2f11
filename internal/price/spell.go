package price

import (
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

// spelling is one way to write a model that a row may know it by.
type spelling struct {
	id string
	// raw: the id as emitted; it is looked up exactly, never by clauses.
	raw bool
	// plain: the variant suffix was left off, so its price is still to be found.
	plain bool
	// anyRegion: the region was left off.
	anyRegion bool
}

// spellings lists how a model may be written, the most specific first. A
// fine-tune is never spelled as its base model, and an opaque id only as
// itself: both would be a price of something else.
func spellings(m *llm.Model) []spelling {
	var out []spelling
	add := func(s spelling) {
		s.id = strings.ToLower(strings.TrimSpace(s.id))
		if s.id == "" {
			return
		}
		for _, o := range out {
			if o.id == s.id && (!o.raw || s.raw) {
				return
			}
		}
		out = append(out, s)
	}
	add(spelling{id: emitted(m), raw: true})
	if m.Opaque {
		return out
	}
	name := strings.ToLower(m.Name)
	if m.Region != "" && name != "" {
		add(spelling{id: m.Region + "/" + name})
	}
	add(spelling{id: name})
	if m.FineTuned {
		addFineTunes(add, m)
		return out
	}
	plain := trimVariant(name, strings.ToLower(m.Variant))
	if plain != name {
		add(spelling{id: plain, plain: true})
	}
	if bare := trimRegion(plain, strings.ToLower(m.Region)); bare != plain {
		add(spelling{id: bare, plain: plain != name, anyRegion: true})
	}
	if m.Vendor != "" && plain != "" && m.Platform == "aws.bedrock" && !strings.Contains(plain, m.Vendor+".") {
		add(spelling{id: m.Vendor + "." + plain, plain: plain != name})
	}
	for _, id := range [2]string{m.Snapshot, m.ID} {
		if !strings.EqualFold(id, m.Name) {
			add(spelling{id: id, plain: m.Variant != "" && !strings.Contains(strings.ToLower(id), strings.ToLower(m.Variant))})
		}
	}
	return out
}

// emitted is the id on the span that says which model answered; the one that
// was asked for stands in where none does.
func emitted(m *llm.Model) string {
	if m.Ref.Response != "" {
		return m.Ref.Response
	}
	return m.Ref.Request
}

// addFineTunes spells the base of a fine-tune the ways that price lists do:
// "ft:gpt-4o-2024-08-06", "ft:gpt-4o", "gpt-35-turbo-0613.ft".
func addFineTunes(add func(spelling), m *llm.Model) {
	base := strings.ToLower(m.Name)
	if after, ok := strings.CutPrefix(base, "ft:"); ok {
		base, _, _ = strings.Cut(after, ":")
		add(spelling{id: "ft:" + base})
	}
	for _, id := range [2]string{m.Snapshot, m.ID} {
		if id == "" || isFineTune(strings.ToLower(id)) {
			add(spelling{id: id})
			continue
		}
		add(spelling{id: "ft:" + id})
		add(spelling{id: id + ".ft"})
	}
}

func trimVariant(name, variant string) string {
	if variant == "" {
		return name
	}
	for _, sep := range [2]string{":", "-"} {
		if s, ok := strings.CutSuffix(name, sep+variant); ok {
			return s
		}
	}
	return name
}

func trimRegion(name, region string) string {
	if region == "" {
		return name
	}
	if s, ok := strings.CutPrefix(name, region+"."); ok {
		return s
	}
	if s, ok := strings.CutPrefix(name, region+"/"); ok {
		return s
	}
	return name
}

// variantKind says what may be done with a variant that no row is spelled with.
type variantKind uint8

const (
	variantPrices  variantKind = iota // it changes the price in ways unknown: no row fits
	variantTier                       // it is a service tier
	variantRoutes                     // it chooses how to route or how hard to think, at the model's price
	variantFeature                    // the model's price and something more
)

func kindOfVariant(v string) variantKind {
	switch strings.ToLower(v) {
	case "batch", "flex", "priority", "fast":
		return variantTier
	case "nitro", "floor", "exacto", "thinking", "minimal", "low", "medium", "high", "xhigh":
		return variantRoutes
	case "online":
		return variantFeature
	}
	return variantPrices
}

// normTier brings a service tier to one spelling; "" is standard service,
// which is also what unknown words for it mean.
func normTier(t string) string {
	switch t {
	case "", "batch", "flex", "priority", "fast":
		return t
	}
	switch t = strings.ToLower(t); t {
	case "auto", "default", "standard", "on_demand", "standard_only":
		return ""
	case "batches":
		return "batch"
	}
	return t
}
