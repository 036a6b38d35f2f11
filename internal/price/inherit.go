package price

import (
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/money"
	"github.com/spanledger/spanledger/internal/stamp"
)

func (l *line) put(rate money.Rate, f money.Factor) {
	if rate.IsSet() {
		l.rate, l.factor, l.set, l.paid = rate, f, true, rate.Femto > 0 && (f == money.Factor{} || f.Num > 0)
	}
}

// parents are whose price an unpriced bucket takes, nearest first. A cached
// token of another kind costs what it costs uncached, if that has a price:
// without a word on the discount there is none.
var parents = [llm.NumBuckets][]llm.Bucket{
	llm.CacheRead:      {llm.Input},
	llm.CacheWrite:     {llm.Input},
	llm.CacheWrite1h:   {llm.CacheWrite, llm.Input},
	llm.InputAudio:     {llm.Input},
	llm.CacheReadAudio: {llm.InputAudio, llm.CacheRead, llm.Input},
	llm.InputImage:     {llm.Input},
	llm.CacheReadImage: {llm.InputImage, llm.CacheRead, llm.Input},
	llm.InputVideo:     {llm.Input},
	llm.Reasoning:      {llm.Output},
	llm.OutputAudio:    {llm.Output},
	llm.OutputImage:    {llm.Output},
	llm.OutputVideo:    {llm.Output},
	llm.Citation:       {llm.Output},
}

// inherit gives unpriced buckets the price of an ancestor.
func (b *band) inherit(vendor string) {
	var own [llm.NumBuckets]bool
	for i := range own {
		own[i] = b.lines[i].set
	}
	if !own[llm.CacheWrite1h] && own[llm.Input] && vendor == "anthropic" {
		in := &b.lines[llm.Input] // Claude's hour costs twice the input
		if f, ok := in.factor.Times(money.Factor{Num: 2, Den: 1}); ok {
			b.lines[llm.CacheWrite1h].put(in.rate, f)
			b.lines[llm.CacheWrite1h].from = Tokens(llm.Input)
		}
	}
	for i := range own {
		if b.lines[i].set {
			continue
		}
		for _, p := range parents[i] {
			if own[p] {
				b.lines[i].put(b.lines[p].rate, b.lines[p].factor)
				b.lines[i].from = Tokens(p)
				break
			}
		}
	}
}

// unify brings the lines of each component to one divisor.
func (b *band) unify() {
	var groups [stamp.NumComponents][]*money.Scaled
	for i := range b.lines {
		l := &b.lines[i]
		if !l.set {
			continue
		}
		b.priced = true
		scaled, ok := l.rate.Scale(l.factor)
		if !ok {
			b.wide = true
			continue
		}
		l.scaled = scaled
		groups[l.comp] = append(groups[l.comp], &l.scaled)
	}
	for c := range groups {
		div, ok := money.Common(groups[c])
		b.div[c], b.wide = div, b.wide || !ok
	}
}
