package price

import "github.com/spanledger/spanledger/internal/llm"

// items is a set of items.
type items uint64

func (s items) has(i Item) bool { return s&(1<<i) != 0 }
func (s *items) add(i ...Item) {
	for _, k := range i {
		*s |= 1 << k
	}
}

// covered returns the items of a usage that describe something that another
// item already charges: the same picture as tokens, pixels and a count, the
// same speech as tokens and seconds. They are neither charged nor missed.
//
// Tokens with a price of their own come first, then the finer unit, then
// tokens at their parent's price (reference pricing 3.10).
func (b *band) covered(u *llm.Usage) (skip items) {
	if u.Units == ([llm.NumUnits]int64{}) {
		return 0
	}
	b.images(u, &skip)
	b.seconds(u, &skip)
	b.video(u, &skip)
	b.text(u, &skip)
	if b.lines[PerSearchRequest].set {
		skip.add(Units(llm.WebSearches))
	}
	return skip
}

// uses reports whether the usage counts the item and the band prices it.
func (b *band) uses(u *llm.Usage, i Item) bool { return i.count(u) > 0 && b.lines[i].set }

// pays reports whether the item is used at a price above nothing.
func (b *band) pays(u *llm.Usage, i Item) bool { return i.count(u) > 0 && b.lines[i].paid }

func (b *band) images(u *llm.Usage, skip *items) {
	tokens, pixels, count := Tokens(llm.OutputImage), Units(llm.OutputPixels), Units(llm.OutputImages)
	switch {
	case b.uses(u, tokens) && b.own(tokens):
		skip.add(pixels, count)
	case b.paints(u, Tokens(llm.Output), tokens, pixels, count):
		skip.add(pixels, count)
	case b.uses(u, pixels):
		skip.add(tokens, count)
	case b.uses(u, count):
		skip.add(tokens, pixels)
	case b.uses(u, tokens):
		skip.add(pixels, count)
	}
	tokens, pixels, count = Tokens(llm.InputImage), Units(llm.InputPixels), Units(llm.InputImages)
	cached := Tokens(llm.CacheReadImage)
	switch {
	case b.uses(u, tokens) && b.own(tokens), b.uses(u, cached) && b.own(cached):
		skip.add(pixels, count)
	case b.generates() && b.paints(u, Tokens(llm.Input), tokens, pixels, count):
		skip.add(pixels, count)
	case b.uses(u, pixels):
		skip.add(tokens, count)
	case b.uses(u, count):
		skip.add(tokens, pixels)
	case b.uses(u, tokens), b.uses(u, cached), b.uses(u, Tokens(llm.Input)):
		skip.add(pixels, count) // pictures that are part of the prompt's tokens
	}
}

// paints reports whether the plain tokens of one direction are the pictures
// that pixels and counts describe again: they are paid, and the model has no
// other price for tokens of pictures.
func (b *band) paints(u *llm.Usage, text, tokens, pixels, count Item) bool {
	return b.pays(u, text) && !b.own(tokens) && (b.uses(u, pixels) || b.uses(u, count))
}

// generates tells a model that makes something from one that embeds: an
// embedding charges the picture beside the text.
func (b *band) generates() bool {
	return b.lines[Tokens(llm.Output)].paid || b.lines[Units(llm.OutputImages)].paid || b.lines[Units(llm.OutputPixels)].paid
}

func (b *band) seconds(u *llm.Usage, skip *items) {
	tokens, millis, text := Tokens(llm.OutputAudio), Units(llm.OutputAudioMillis), Tokens(llm.Output)
	switch {
	case b.uses(u, tokens) && b.own(tokens), b.pays(u, text):
		skip.add(millis)
	case b.uses(u, millis):
		skip.add(tokens)
	case b.uses(u, tokens), b.uses(u, Units(llm.InputCharacters)), b.pays(u, Tokens(llm.Input)):
		skip.add(millis) // speech charged by its text
	}
	tokens, millis, text = Tokens(llm.InputAudio), Units(llm.InputAudioMillis), Tokens(llm.Input)
	cached := Tokens(llm.CacheReadAudio)
	switch {
	case b.uses(u, tokens) && b.own(tokens), b.uses(u, cached) && b.own(cached), b.pays(u, text):
		skip.add(millis)
	case b.uses(u, millis):
		skip.add(tokens)
	case b.uses(u, tokens), b.uses(u, cached):
		skip.add(millis)
	}
}

func (b *band) video(u *llm.Usage, skip *items) {
	for _, v := range [2]struct{ tokens, millis Item }{
		{Tokens(llm.OutputVideo), Units(llm.OutputVideoMillis)},
		{Tokens(llm.InputVideo), Units(llm.InputVideoMillis)},
	} {
		switch {
		case b.uses(u, v.tokens) && b.own(v.tokens):
			skip.add(v.millis)
		case b.uses(u, v.millis):
			skip.add(v.tokens)
		case b.uses(u, v.tokens):
			skip.add(v.millis)
		}
	}
	if in := Units(llm.InputVideoMillis); !b.lines[in].set && b.pays(u, Tokens(llm.Input)) {
		skip.add(in) // film that is part of the prompt's tokens
	}
}

// text prefers tokens over characters, and lets pages and rerank searches go
// unpriced where the model charges their tokens.
func (b *band) text(u *llm.Usage, skip *items) {
	for _, c := range [2]struct{ tokens, chars Item }{
		{Tokens(llm.Input), Units(llm.InputCharacters)},
		{Tokens(llm.Output), Units(llm.OutputCharacters)},
	} {
		switch {
		case b.pays(u, c.tokens), b.uses(u, c.tokens) && !b.lines[c.chars].set:
			skip.add(c.chars)
		case b.uses(u, c.chars):
			skip.add(c.tokens)
		}
	}
	for _, i := range [2]Item{Units(llm.Pages), Units(llm.RerankSearches)} {
		if !b.lines[i].set && b.pays(u, Tokens(llm.Input)) {
			skip.add(i)
		}
	}
}
